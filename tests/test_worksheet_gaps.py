"""`crm worksheet gaps` and `check`: every blank with its line, contradictions, and what differs here and there."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import NOW, Typed, database, on

from crm.actions.import_rows import import_rows
from crm.actions.merging import Moment
from crm.actions.worksheet_conflicts import conflicts, decided
from crm.commands.base import App
from crm.commands.worksheet_conflicts import settled
from crm.errors import BadValueError
from crm.importers import worksheet
from crm.importers.worksheet.blanks import blanks
from crm.importers.worksheet.page import Page
from crm.models import Contact, Plan
from crm.settings import load
from crm.store import records

SAMPLE = (Path(__file__).parent.parent / "data" / "samples" / "worksheet.md").read_text(encoding="utf-8")
PIA = "# People to Contact\n- Person 1:\n  - Name: Pia Holm\n  - How to reach: pia@example.org\n"
HEAD = "# Worksheet\n\n## Part 1: Why\n\n"


def found(text: str) -> list[tuple[str, int, str]]:
    """The blanks of a worksheet that says this below its headings, counted from its first line."""
    return [(each.kind, each.line - 4, each.text) for each in blanks(Page("mine.md", (HEAD + text).encode()))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Date Started:** ____\n**Date Completed:** 2026-01-05", [("label", 1, "Date Started")]),
        ("- **Monday:**\n  - Available hours:\n  - Notes: none so far", [("label", 2, "Monday: Available hours")]),
        ("- **Job title:**\n  -Engineer", []),
        ("- Resource 1:\n  - URL:", [("label", 1, "Resource 1"), ("label", 2, "Resource 1: URL")]),
        ("- Person 1:\n  - Name:", [("label", 2, "Person 1: Name")]),
        ("- **Person 2:** [LEFT OFF]\n  - Name: Ada", [("placeholder", 1, "Person 2: [LEFT OFF]")]),
        ("Draft questions:\n\n1. Why?\n2.", [("numbered", 4, "2. Draft questions:")]),
        ("### My Goal:\n-", [("bullet", 2, "My Goal:")]),
        ("- [ ] a\n- [x] b\n- [] c", [("box", 1, "a"), ("box", 3, "c")]),
        ("**Question:** Which?\n\n- [ ] a\n- [x] b", []),
        ("**Question:** Why?\n\n*Suggestion: think.*", [("question", 1, "Why?")]),
        ("**Question:** Why?\n- Because.", []),
        ("**Your answer:**\n- so", []),
        (
            "| what | level | why |\n|---|---|---|\n| SQL |  | \\| |\n| Go | 2 | |",
            [("cell", 3, "SQL / level"), ("cell", 4, "Go / why")],
        ),
        ("Only words, and a [link](https://example.org).", []),
    ],
)
def test_every_blank_has_its_kind_and_line(text, expected):
    """Labels, numbers, bullets, boxes, questions, placeholders and cells with nothing in them, and nothing else."""
    assert found(text) == expected


def test_blanks_are_listed_by_part_without_a_database(bare_crm, tmp_path):
    """Each has kind, part, line and text; the screen groups them, and no database is needed or made."""
    file = tmp_path / "mine.md"
    file.write_text(SAMPLE, encoding="utf-8")
    items = bare_crm("worksheet", "gaps", str(file), "--json").json["items"]
    assert {key: items[1 + 1][key] for key in ("kind", "part", "line")} == {
        "kind": "placeholder",
        "part": "Part 3: HOW - Research Learning Methods",
        "line": 44,
    }
    assert [each["line"] for each in items] == sorted(each["line"] for each in items)
    shown = bare_crm("worksheet", "gaps", str(file)).out
    assert "Review Schedule  4" in shown
    assert f"{len(items)} blanks" in shown


@pytest.mark.parametrize("text", ["", "just words", "# A recipe\n\n- Flour:\n", "\0"])
@pytest.mark.parametrize("verb", ["gaps", "check"])
def test_what_is_no_worksheet_is_refused(bare_crm, tmp_path, text, verb):
    """A file without a worksheet's headings is a bad value, one that is not there is not found."""
    file = tmp_path / "other.md"
    file.write_text(text, encoding="utf-8")
    bare_crm("worksheet", verb, str(file), code=2)
    bare_crm("worksheet", verb, str(tmp_path / "none.md"), code=3)


@given(text=st.text(st.sampled_from("ab:|-*_ []1.\n#x>\t"), max_size=80))
def test_blanks_of_any_text_stand_on_its_lines(text):
    """Whatever stands in a worksheet, its blanks have lines that it has."""
    page = Page("mine.md", f"# Worksheet\n{text}".encode())
    try:
        lines = [each.line for each in blanks(page)]
    except BadValueError:
        return
    assert all(1 <= line <= len(page) for line in lines)


def check(crm, file: Path, text: str):
    """What a check of a worksheet that says this finds."""
    file.write_text(text, encoding="utf-8")
    return crm("worksheet", "check", str(file), "--json").json


def test_contradictions_are_named_with_their_lines(bare_crm, tmp_path):
    """Two start dates, an end before the start, a weekday twice, shares that are not 100: each at its line."""
    text = SAMPLE.replace("**Date Completed:** _______________", "**Date Completed:** 2026-01-01")
    text = text.replace("% of time: 60%", "% of time: 70%").replace("- **Tuesday:**", "- **Monday:**")
    text = text.replace("Available hours: 1-2", "Available hours: 3") + "\n**Date Started:** 2026-03-01\n"
    told = check(bare_crm, tmp_path / "mine.md", text)
    said = {each["line"]: each["text"] for each in told["warnings"]}
    assert "before the start" in said[6]
    assert "add up to 110 %" in said[77]
    assert "others on line" in said[65]
    assert 'but "2026-02-02" on line 5' in said[len(text.splitlines())]
    assert all(each["remedy"] for each in told["warnings"])
    assert told["differences"] is None
    assert told["counts"]["contact"] == 10


def test_a_check_tells_who_changed_what(crm, tmp_path):
    """Changed in the file, here, or in both since the last reading; new, gone and removed things too."""
    file = tmp_path / "mine.md"
    file.write_text(SAMPLE, encoding="utf-8")
    crm("init", "--worksheet", str(file))
    assert check(crm, file, SAMPLE)["differences"] == []
    crm("contact", "edit", "Pia Holm", "--how-to-reach", "by phone")
    crm("plan", "set", "--months", "9")
    text = SAMPLE.replace("pia@example.org", "at work").replace("evening", "noon") + "- [ ] **Month 9:** look\n"
    told = check(crm, file, text.replace("- [ ] Analyze 5 job postings\n", ""))
    sides = {(each["side"], each["key"], each["field"]) for each in told["differences"]}
    assert sides == {
        ("both", "Pia Holm", "how_to_reach"),
        ("program", "plan", "months"),
        ("file", "0", "best_time"),
        ("new", "Month 9", ""),
    }
    assert [each["key"] for each in told["gone"]] == ["Analyze 5 job postings"]
    shown = crm("worksheet", "check", str(file)).out
    assert "here by phone" in " ".join(shown.split())


def take(home, text: str, choose=None):
    """Read a worksheet that says this, conflicts decided by `choose`; the report's changed and kept rows."""
    rows = worksheet.read(text.encode(), name="mine.md")
    with database(home) as session:
        choices = decided(conflicts(session, rows), choose) if choose else {}
        report = import_rows(session, rows, file="mine.md", moment=Moment(NOW, on("2026-01-05")), decided=choices)
    return [(each.what, each.name) for each in report.changes if each.what not in {"same", "new"}]


def test_a_conflict_is_kept_until_it_is_decided(home):
    """Not decided, what the person wrote here stays and is named each time; decided, it is settled either way."""

    def reached() -> str | None:
        with database(home) as session:
            return next(each.how_to_reach for each in records.every(session, Contact) if each.name == "Pia Holm")

    def reach(text: str) -> None:
        with database(home) as session:
            next(each for each in records.every(session, Contact) if each.name == "Pia Holm").how_to_reach = text

    take(home, PIA)
    reach("by phone")
    edited = PIA.replace("pia@example.org", "at work")
    assert take(home, edited) == take(home, edited) == [("kept", "Pia Holm")]
    assert take(home, edited, lambda _conflict: None) == [("kept", "Pia Holm")]
    assert take(home, edited, lambda _conflict: False) == [("kept", "Pia Holm")]
    assert reached() == "by phone"
    assert take(home, edited) == []
    again = PIA.replace("pia@example.org", "on the train")
    assert take(home, again, lambda _conflict: True) == [("changed", "Pia Holm")]
    assert reached() == "on the train"
    assert take(home, again) == []


def test_what_the_person_emptied_or_set_first_is_an_edit_too(home):
    """A field emptied here is not filled again behind one's back, nor is what was set before the first reading lost."""
    with database(home) as session:
        records.add(session, Plan(goal="Mine"))
    assert ("kept", "plan") in take(home, SAMPLE)
    with database(home) as session:
        plan = records.every(session, Plan)[0]
        assert plan.goal == "Mine"
        plan.months = None
    assert ("kept", "plan") in take(home, SAMPLE.replace("For how many months: 6", "For how many months: 7"))
    with database(home) as session:
        assert records.every(session, Plan)[0].months is None


def test_json_is_whole_even_where_the_screen_is_cut(bare_crm, tmp_path):
    """A thousand blanks are all in the JSON; the screen shows the first of a part and says how to see all."""
    file = tmp_path / "mine.md"
    file.write_text(HEAD + "".join(f"- Thing {at}:\n" for at in range(1000)), encoding="utf-8")
    assert len(json.loads(bare_crm("worksheet", "gaps", str(file), "--json").out)["items"]) == 1000
    shown = bare_crm("worksheet", "gaps", str(file)).out
    assert "--all" in shown
    assert len(shown.splitlines()) < 30


def test_fields_are_named_as_a_person_says_them(home, crm, tmp_path, monkeypatch, capsys):
    """Weekdays by name, minutes as hours, done and open, percent: in a check, in the report and in the question."""
    file = tmp_path / "mine.md"
    file.write_text(SAMPLE, encoding="utf-8")
    crm("init", "--worksheet", str(file))
    crm("hours", "available", "mon", "3")
    crm("done", "t2")
    crm("hours", "target", "Retrieval practice", "2", "--share", "25")
    text = SAMPLE.replace("hours: 2\n", "hours: 4\n")
    file.write_text(text, encoding="utf-8")
    shown = " ".join(crm("worksheet", "check", str(file)).out.split())
    assert "Monday, available hours: worksheet 4 h (was 2 h), here 3 h" in shown
    assert "Analyze 5 job postings, done: worksheet open, here done" in shown
    assert "Retrieval practice, share: worksheet 20 %, here 25 %" in shown
    with monkeypatch.context() as terminal:
        terminal.setattr("sys.stdin", Typed("\n"))
        settled(App(False, True, NOW, load()), worksheet.read(text.encode(), name="mine.md"))
    assert 'Monday, available hours: here "3 h", the worksheet says "4 h"' in " ".join(capsys.readouterr().err.split())
    read = " ".join(crm("init", "--worksheet", str(file)).out.split())
    assert "Monday: kept your available hours 3 h; the file says 4 h" in read


@pytest.mark.parametrize(("typed", "choice"), [("w", {True}), ("k", {False}), ("?\nk", {False}), ("", set())])
def test_a_conflict_is_asked_about_on_a_terminal_only(home, monkeypatch, capsys, typed, choice):
    """Both values are shown with the line; w takes the worksheet's, k keeps, Enter decides nothing; else none asks."""
    take(home, PIA)
    with database(home) as session:
        next(each for each in records.every(session, Contact) if each.name == "Pia Holm").how_to_reach = "by phone"
    rows = worksheet.read(PIA.replace("pia@example.org", "at work").encode(), name="mine.md")
    monkeypatch.setattr("sys.stdin", Typed(f"{typed}\n"))
    assert set(settled(App(False, True, NOW, load()), rows).values()) == choice
    asked = capsys.readouterr().err
    assert 'here "by phone", the worksheet says "at work"' in asked
    assert settled(App(False, False, NOW, load()), rows) == {}
