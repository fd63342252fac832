"""`crm init`: from the lists or a worksheet, once or many times, without doubling or losing anything."""

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "samples" / "worksheet.md"
LISTS = ("contacts", "organizations", "tags", "relationships", "introductions", "referrals", "questions", "tasks")
PLAN = ("reviews", "activities", "availability", "commitments", "plan")


def document(crm):
    return crm("export", "json").json


def state(crm):
    """The document without what every reading may touch: times, revisions and where something was read."""
    told = document(crm)
    return {key: told[key] for key in (*LISTS, *PLAN)}


def test_the_built_in_lists_make_a_plan(bare_crm):
    """From nothing: fourteen people, nine of them experts, fourteen items, four dated reviews, five activities."""
    bare_crm("init", "--start", "2026-01-05")
    told = document(bare_crm)
    people = {each["name"]: each for each in told["contacts"]}
    assert len(people) == 14
    assert sum("experts" in each["tags"] for each in people.values()) == 9
    assert [name for name, each in people.items() if each["kind"] == "source"] == ["Ray Fu"]
    assert {"Mario", "Marco"} <= set(people)
    due = [each["due_on"] for each in told["tasks"]]
    assert [due.count(day) for day in ("2026-01-11", "2026-01-18", None)] == [4, 5, 5]
    assert {each["name"]: each["due_on"] for each in told["reviews"]} == {
        "Week 2": "2026-01-19",
        "Month 1": "2026-02-05",
        "Month 3": "2026-04-05",
        "Month 6": "2026-07-05",
    }
    assert [each["role"] for each in told["activities"]] == ["projects", "drills", "reading", "retrieval", "networking"]
    assert [(each["state"], each["times"], each["per"]) for each in told["commitments"]] == [("proposed", 2, "week")]


def test_the_lists_hold_no_way_to_reach_anybody(bare_crm):
    """data/seed has names and words, no addresses or numbers, and nothing on pay or health."""
    bare_crm("init")
    told = document(bare_crm)
    assert all(each["methods"] == [] for each in told["contacts"])
    keys = ("name", "context", "how_to_reach", "status_text", "notes", "title", "note")
    words = " ".join(str(each.get(key)) for table in LISTS for each in told[table] for key in keys)
    assert not re.search(r"surgery|\$|salary|@\w+\.\w|\d{3}[-. ]\d{4}", words)


def test_reviews_count_from_the_start_and_are_clamped(bare_crm):
    """From 31 January: 14 Feb, 28 Feb, 30 Apr, 31 Jul."""
    bare_crm("init", "--start", "2026-01-31")
    due = [each["due_on"] for each in document(bare_crm)["reviews"]]
    assert due == ["2026-02-14", "2026-02-28", "2026-04-30", "2026-07-31"]


def test_without_a_start_reviews_have_no_dates_yet(bare_crm):
    """No start date is never today's: reviews are listed without dates, and the screen says how to give one."""
    shown = bare_crm("init")
    assert "crm plan start" in shown.out
    assert {each["due_on"] for each in document(bare_crm)["reviews"]} == {None}
    assert "crm plan start" in bare_crm("review", "list").out


@pytest.mark.parametrize("source", [(), ("--worksheet", str(SAMPLE))], ids=["lists", "worksheet"])
def test_again_changes_nothing(bare_crm, source):
    """The same source read again doubles nothing and reports nothing but sameness."""
    bare_crm("init", *source, "--start", "2026-01-05")
    before = document(bare_crm)
    report = bare_crm("init", *source, "--json", now="2026-01-07T17:00:00Z").json
    assert report["changes"] == []
    after = document(bare_crm)
    assert {**after, "exported_at": 0} == {**before, "exported_at": 0}


def test_an_edited_worksheet_is_merged(bare_crm, tmp_path):
    """A new person and a changed word come in; what the person edited, and what they removed, stays so."""
    sheet = tmp_path / "mine.md"
    words = SAMPLE.read_text(encoding="utf-8")
    sheet.write_text(words, encoding="utf-8")
    bare_crm("init", "--worksheet", str(sheet))
    bare_crm("contact", "edit", "Jo de la Cruz", "--context", "my own words")
    bare_crm("contact", "remove", "Bela", "--with-history", "--yes")
    sheet.write_text(words.replace("- Ada Winter\n", "- Ada Winter\n- Zuzana Nová (Brno)\n"), encoding="utf-8")
    report = bare_crm("init", "--worksheet", str(sheet), "--json").json
    people = {each["name"]: each for each in document(bare_crm)["contacts"]}
    assert people["Jo de la Cruz"]["context"] == "my own words"
    assert "Bela" not in people
    assert people["Zuzana Nová"]["context"] == "Brno"
    assert {(each["what"], each["name"]) for each in report["changes"] if each["kind"] == "contact"} >= {
        ("new", "Zuzana Nová"),
        ("removed", "Bela"),
    }


def test_undo_takes_a_whole_init_back(bare_crm):
    """After `crm undo` the lists are gone; after another init they are back."""
    bare_crm("init", "--start", "2026-01-05")
    bare_crm("undo")
    assert not any(state(bare_crm).values())
    bare_crm("init")
    assert len(document(bare_crm)["contacts"]) == 14


def test_an_empty_one_with_a_start_says_what_is_there(bare_crm):
    """Nothing is promised that is not there, and how to add it is said; begun again, it is not called empty."""
    told = bare_crm("init", "--empty", "--start", "2026-01-12").out
    assert "Your database is ready, without any people yet." in told
    assert 'starts on Mon 12 Jan 2026; it has no reviews yet: crm review add "Week 2" --weeks 2' in told
    assert 'crm contact add "Jane Roe"' in told
    assert bare_crm("history", "--json").json["items"][0]["summary"] == "no lists read, starting Mon 12 Jan 2026"
    bare_crm("review", "add", "Week 2", "--weeks", "2")
    bare_crm("contact", "add", "Kim Poe")
    again = bare_crm("init", "--empty").out
    assert "Your database is ready; no lists were read." in again
    assert "its reviews are dated: crm review list" in again
    assert "crm next" in again
    assert "contact add" not in again


def test_the_zone_is_kept(bare_crm, bare_home, monkeypatch):
    """--timezone is written to config.toml and counts from then on."""
    monkeypatch.delenv("CRM_TIMEZONE")
    bare_crm("init", "--empty", "--timezone", "Asia/Kathmandu")
    items = {each["name"]: each for each in bare_crm("config", "show", "--json").json["items"]}
    assert (items["timezone"]["value"], items["timezone"]["origin"]) == ("Asia/Kathmandu", "config.toml")
    assert document(bare_crm)["plan"]["timezone"] == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--worksheet", "nowhere.md"], 3, "nowhere.md"),
        (["--worksheet", "/"], 2, "/"),
        (["--worksheet", "{prose}"], 2, "prose.md"),
        (["--worksheet", "{latin}"], 2, "UTF-8"),
        (["--worksheet", "{sample}", "--empty"], 2, "--empty"),
        (["--start", "3/4/2026"], 2, "3 apr"),
        (["--start", "someday"], 2, "someday"),
        (["--start", "1926-01-05"], 2, "1926"),
        (["--timezone", "Mars/Olympus"], 2, "Europe/Berlin"),
    ],
)
def test_a_wrong_source_or_day_makes_nothing(bare_crm, bare_home, tmp_path, arguments, code, said):
    """A file that is no worksheet, a day nobody understands: one or two lines, and not a single record."""
    (tmp_path / "prose.md").write_text("# Diary\n\nDear diary.\n", encoding="utf-8")
    (tmp_path / "latin.md").write_bytes("## 7.1 Questions for Experts\n- José\n".encode("latin-1"))
    files = {"prose": tmp_path / "prose.md", "latin": tmp_path / "latin.md", "sample": SAMPLE}
    failed = bare_crm("init", *(each.format(**files) for each in arguments), code=code)
    assert said in failed.err
    assert len(failed.err.strip().splitlines()) <= 2
    assert not (bare_home / "crm.db").exists() or not any(state(bare_crm).values())


def type_into(arguments, answers, home):
    """Run crm on a real terminal of 100 columns and type the answers as the questions come."""
    leader, follower = pty.openpty()
    environment = os.environ | {"CRM_HOME": str(home), "TERM": "dumb", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crm", *arguments], stdin=follower, stdout=follower, stderr=follower, env=environment
    )
    os.close(follower)
    shown = ""
    for question, answer in [*answers, (None, "")]:
        while question is None or question not in shown:
            ready, _, _ = select.select([leader], [], [], 30)
            try:
                shown += os.read(leader, 65536).decode() if ready else ""
            except OSError:
                break
            assert ready, shown
        if question is not None:
            shown = shown.rpartition(question)[2]
            os.write(leader, f"{answer}\n".encode())
    assert process.wait() == 0, shown
    os.close(leader)
    return shown


def test_a_terminal_is_asked(bare_crm, bare_home):
    """On a terminal `crm init` asks for the source and the start, and asks again when it does not understand."""
    answers = [("1, 2 or 3", "9"), ("1, 2 or 3", "2"), ("start?", "3/4/2026"), ("start?", "next mon")]
    shown = type_into(["init"], answers, bare_home)
    assert "Mon 12 Jan 2026" in shown
    assert {each["due_on"] for each in document(bare_crm)["reviews"]} - {None}


def test_what_somebody_used_to_do_is_no_present_position(bare_crm, tmp_path):
    """`used to work at` gives a former position, and reading it again leaves it so."""
    sheet = tmp_path / "mine.md"
    sheet.write_text("## 7.1 Questions for Experts\n\n- Ada Winter, used to work at Initech\n", encoding="utf-8")
    for _ in range(2):
        bare_crm("init", "--worksheet", str(sheet))
        (ada,) = document(bare_crm)["contacts"]
        assert ada["organization"] is None
        assert [each["current"] for each in ada["positions"]] in ([], [False])


def test_another_spelling_of_a_company_is_an_alias_and_told_once(bare_crm, tmp_path):
    """The lists' OpenAI is found by the worksheet's OpnAI; what is reported as changed was changed."""
    sheet = tmp_path / "mine.md"
    targets = "- **Company type (startup/FAANG/research lab):**\n  - top companies, like Acme, OpnAI, etc.\n"
    sheet.write_text(f"## Part 1: WHY\n\n{targets}\n## 7.1 Questions for Experts\n\n- Ada Winter\n", encoding="utf-8")
    bare_crm("init")
    report = bare_crm("init", "--worksheet", str(sheet), "--json").json
    assert [each["name"] for each in report["changes"] if each["kind"] == "organization"] == ["Acme"]
    names = [each["name"] for each in document(bare_crm)["organizations"]]
    assert ("OpenAI" in names, "OpnAI" in names, "Acme" in names) == (True, False, True)
