"""`crm worksheet write`: ticks and filled blanks in a copy, every other byte as it was, and read back unchanged."""

import difflib
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from plan_support import database, document

from crm.actions.import_rows import import_rows
from crm.actions.merging import Moment
from crm.actions.worksheet_write import updated
from crm.importers import worksheet
from crm.importers.worksheet import write
from crm.models import (
    Activity,
    ActivityTarget,
    Answer,
    Availability,
    Contact,
    Plan,
    Question,
    QuestionAudience,
    Review,
    Tag,
    Task,
)
from crm.store import records

SAMPLE = (Path(__file__).parent.parent / "data" / "samples" / "worksheet.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)
MOMENT = Moment(NOW, date(2026, 1, 5))
NAMES = ("Ada Winter", "Bela", "Cato Ruiz", "\u00d1usta Quispe-O'Neil", "Dora de la Cruz", "\u738b\u5c0f\u660e")
STAGES = ("to-contact", "contacted", "replied", "scheduled", "met", "dormant")
WORDS = (
    *("by mail", "after dinner", "How did you begin?", "*stars* and _lines_", "a: b", "- a dash", "1. one", "# no"),
    *("[later]", "TBD", "___", "two\nlines", " spaces ", "`code`", "<b>", "Wilma | Uwe", "\u202eodd", "x" * 3000),
    *("I could ask Zoe Kern for a referral", "what\u2019s next \u2014 and why?", "12", "50%", "Monday", "2026-02-03"),
)


def some(chance: random.Random, of: Sequence[str], most: int, least: int = 0) -> list[str]:
    """So many of these, each any number of times."""
    return [chance.choice(of) for _ in range(chance.randint(least, most))]


def sheet(chance: random.Random) -> list[str]:
    """A worksheet of the usual shape, some of it filled in, its parts in any order."""
    start = chance.choice(["", " ", " ______ ", " 2026-01-12"])
    days = some(chance, ["", "  ", " 2", " 1-2"], 4)
    acts = some(chance, ["", " 40%", " ____ "], 4)
    people = chance.sample(NAMES, chance.randint(1, 5))
    boxes = some(chance, ["[ ]", "[]", "[x]", "[?]"], 4, 1)
    slots = chance.randint(0, 3)
    fields = ("Name:", "How to reach:", "What to ask: ", "Status:  ")
    parts = [
        ["## Part 5: Time", "", "### 5.1 Available Time Audit", ""]
        + [
            line
            for at, hours in enumerate(days)
            for line in (
                f"- **{['Monday', 'Tuesday', 'Friday', 'Sunday'][at]}:**",
                f"  - Available hours:{hours}",
                "  - Best time of day:",
                "  - Notes:",
            )
        ]
        + ["- **TOTAL:**", "  - Hours per week: "],
        ["### 5.2 Time Allocation", ""]
        + [
            line
            for at, share in enumerate(acts)
            for line in (f"- **Activity {'abcd'[at]}:**", f"  - % of time:{share}", "  - Hours/week:")
        ]
        + ["- **TOTAL:**", "  - Should equal 100%:", "  - Total hours/week: ____"],
        ["### 6.2 Accountability", "", "- [ ] **Learning partner/study group:**", "  - Who: TBD"],
        [
            "### 7.1 Questions for Experts",
            "",
            *(f"- {name}" for name in people),
            "",
            "Draft 3 specific questions:",
            "",
            "1.",
            "2. ",
            "3. What is hard?",
            "   - Answer:",
        ],
        ["### 7.2 People to Contact", ""]
        + [line for at in range(slots) for line in (f"- **Person {at}:**", *(f"  - {each}" for each in fields))],
        ["## Action Items", "", "### Immediate", "", *(f"- {box} Do thing {at}  " for at, box in enumerate(boxes))],
        ["### My Goal in One Sentence:", "-"],
        ["### My Weekly Commitment:", "- Hours per week:", "- For how many months:"],
        ["## Review Schedule", "", "- [] **Week 2:** look \u2014 back", "- [ ] **Month 1:** look"],
    ]
    chance.shuffle(parts)
    head = ["# My worksheet", "", f"**Date Started:**{start}", "**Date Completed:** ____", ""]
    return head + [line for part in parts for line in (*part, "")]


def live(session, drawn) -> None:
    """What a person does in the program after reading: anything at all, said in any words."""
    coin, word = drawn
    for task in [*records.every(session, Task), *records.every(session, Review)]:
        if coin():
            setattr(task, "done_at" if isinstance(task, Task) else "completed_at", NOW)
    plan = next(iter(records.every(session, Plan)), None) or records.add(session, Plan())
    plan.start_on = date(2026, 1, 5) if coin() else plan.start_on
    plan.goal, plan.partner = (word() if coin() else None), (word() if coin() else None)
    plan.weekly_hours, plan.months = (10.5 if coin() else None), (6 if coin() else None)
    known = {each.weekday: each for each in records.every(session, Availability)}
    for weekday in (0, 1, 4, 6):
        if coin():
            each = known.get(weekday) or records.add(session, Availability(weekday=weekday))
            each.minutes, each.best_time, each.notes = 100, word(), word()
    for each in records.every(session, Activity):
        if coin():
            target = ActivityTarget(activity_id=each.id, from_on=date(2026, 1, 5), weekly_minutes=95)
            target.share_percent = 33.25 if coin() else None
            records.add(session, target)
    experts = next((each for each in records.every(session, Tag) if each.name == "experts"), None)
    for each in records.every(session, Contact):
        each.stage = STAGES[len(each.name) % len(STAGES)] if coin() else each.stage
        each.how_to_reach = word() if coin() else None
        each.status_text = word() if coin() else None
        each.private_notes = "SECRET"
        if coin():
            ask(session, word(), contact_id=each.id)
    if experts is not None and coin():
        ask(session, word(), tag_id=experts.id)
        hard = next(each for each in records.every(session, Question) if each.text == "What is hard?")
        whose = records.every(session, Contact)[0]
        records.add(session, Answer(question_id=hard.id, contact_id=whose.id, text=word(), asked_at=NOW))
    session.flush()


def ask(session, text: str, **audience: int) -> None:
    """A question for a contact or a tag."""
    question = records.add(session, Question(text=text))
    records.add(session, QuestionAudience(question_id=question.id, **audience))


def facts(session) -> list[tuple[object, ...]]:
    """Every column that a reading could change."""
    models = (Task, Review, Plan, Availability, Activity, ActivityTarget, Contact, Question, QuestionAudience, Tag)
    return [tuple(each.model_dump().items()) for model in models for each in records.every(session, model)]


@settings(max_examples=settings.default.max_examples // 6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 1_000_000))
def test_the_written_worksheet_is_read_back_without_a_change(home, seed):
    """Whatever was filled in, lived through and typed: only the named lines differ, and a reading changes nothing."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    lines = sheet(chance)
    line_end, encoding = chance.choice(["\n", "\r\n", "\r"]), chance.choice(["utf-8", "utf-8-sig", "utf-16"])
    before = (line_end.join(lines) + chance.choice(["", line_end])).encode(encoding)
    with database(home) as session:
        import_rows(session, worksheet.read(before, name="mine.md"), file="mine.md", moment=MOMENT)
        live(session, (lambda: chance.random() < 0.6, lambda: chance.choice(WORDS)))
        made = updated(session, before, name="mine.md")
        expect_only(made.edits, before, made.data, line_end, encoding)
        was = facts(session)
        again = import_rows(session, worksheet.read(made.data, name="new.md"), file="new.md", moment=MOMENT)
        session.flush()
        assert facts(session) == was
        assert {each.what for each in again.changes} <= {"same"}
        twice = updated(session, made.data, name="new.md")
        assert (twice.edits, twice.data) == ([], made.data)
        assert b"SECRET" not in made.data
        session.rollback()


def expect_only(edits, before: bytes, after: bytes, line_end: str, encoding: str) -> None:
    """The bytes after are those before with just these lines exchanged."""
    lines = before.decode(encoding).split(line_end)
    for each in edits:
        assert lines[each.line - 1] in {each.old, each.old.removeprefix("\ufeff")}
        lines[each.line - 1] = each.new
    assert after == line_end.join(lines).encode(encoding)


@given(value=st.text(max_size=20), line=st.text(max_size=30))
def test_any_line_is_filled_without_losing_any_of_it(value, line):
    """Whatever the line and the value: the line is left alone, or keeps its words before and after the value."""
    for fill in (write.after_label, write.after_marker):
        made = fill(line, value)
        if made is not None:
            assert value in made
            kept = [each for each in line if each.isalnum()]
            rest = iter(made)
            assert all(any(each == letter for letter in rest) for each in kept if each not in value)


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("**Date Started:** ______  ", "**Date Started:** 7  "),
        ("**Date Started**: ", "**Date Started**: 7"),
        ("  - Name:", "  - Name: 7"),
        ("\t- Name:\t", "\t- Name:\t7"),
        ("- [ ] **Who:** TBD", "- [ ] **Who:** 7"),
        ("Link: https://example.org", None),
        ("- Name: Ada", None),
        ("no label", None),
    ],
)
def test_a_blank_is_filled_in_the_lines_own_style(line, new):
    """Emphasis, tabs, boxes and trailing spaces stay; a filled line or one without a label is left alone."""
    assert write.after_label(line, "7") == new


@pytest.mark.parametrize(
    ("line", "new"),
    [
        ("- [ ] a", "- [x] a"),
        ("- [] a", "- [x] a"),
        ("* \u2610 a", "* \u2611 a"),
        ("- [x] a", None),
        ("- [b](c)", None),
    ],
)
def test_only_an_open_box_is_ticked(line, new):
    """However the box is drawn, it is ticked; one that is ticked, and a link, are left alone."""
    assert write.ticked(line) == new


@pytest.fixture
def mine(crm, tmp_path):
    """The sample worksheet, read, with one task done since."""
    file = tmp_path / "mine.md"
    file.write_text(SAMPLE, encoding="utf-8")
    crm("init", "--worksheet", str(file))
    crm("done", "t2")
    return file


def test_a_copy_is_written_and_the_original_left_alone(crm, mine, tmp_path):
    """Each line written is named, old and new; the file is private, the original untouched, the copy read back."""
    new = tmp_path / "new.md"
    told = crm("worksheet", "write", str(mine), "-o", str(new), "--json").json
    assert [(each["old"], each["new"]) for each in told["items"]] == [
        ("- [ ] Analyze 5 job postings", "- [x] Analyze 5 job postings")
    ]
    assert mine.read_text(encoding="utf-8") == SAMPLE
    assert new.stat().st_mode & 0o777 == 0o600
    changed = [line for line in difflib.ndiff(SAMPLE.splitlines(), new.read_text().splitlines()) if line[0] in "+-"]
    assert changed == ["- - [ ] Analyze 5 job postings", "+ - [x] Analyze 5 job postings"]
    before = {key: value for key, value in document(crm).items() if key != "worksheet_baseline"}
    assert crm("init", "--worksheet", str(new), "--json").json["changes"] == []
    assert {key: value for key, value in document(crm).items() if key != "worksheet_baseline"} == before


def test_the_original_is_changed_only_when_asked_to(crm, mine):
    """Without a target it is wrong usage, onto itself it is refused, in place a backup stays beside it."""
    crm("worksheet", "write", str(mine), code=2)
    refused = crm("worksheet", "write", str(mine), "-o", str(mine), code=5)
    assert "--in-place" in refused.err
    assert mine.read_text(encoding="utf-8") == SAMPLE
    told = crm("worksheet", "write", str(mine), "--in-place", "--json").json
    assert Path(told["backup"]).read_text(encoding="utf-8") == SAMPLE
    assert Path(told["backup"]).parent == mine.parent
    assert "- [x] Analyze 5 job postings" in mine.read_text(encoding="utf-8")


def test_what_a_copy_replaces_is_kept(crm, mine, tmp_path):
    """A worksheet that says something else is replaced, and not lost: it stays beside the new one."""
    new = tmp_path / "new.md"
    new.write_text(SAMPLE.replace("after dinner", "before dinner"))
    shown = crm("worksheet", "write", str(mine), "-o", str(new)).out
    assert "What new.md said before" in " ".join(shown.split())
    (backup,) = tmp_path.glob("new.md.*.bak")
    assert "before dinner" in backup.read_text()


@pytest.mark.parametrize("there", [b"my notes", b"\x00\x01\xff", b"# Shopping\n\n- [ ] milk\n", b""])
def test_a_file_that_is_no_worksheet_is_not_replaced(crm, mine, tmp_path, there):
    """It is refused with the way round, and stays; with --force it is replaced, and a backup of it kept."""
    precious = tmp_path / "precious.txt"
    precious.write_bytes(there)
    refused = crm("worksheet", "write", str(mine), "-o", str(precious), code=5)
    assert "--force" in refused.err
    crm("worksheet", "write", str(mine), "-o", str(precious), "--dry-run", code=5)
    assert precious.read_bytes() == there
    assert list(tmp_path.glob("*.bak")) == []
    told = crm("worksheet", "write", str(mine), "-o", str(precious), "--force", "--json").json
    assert Path(told["backup"]).read_bytes() == there
    assert "- [x] Analyze 5 job postings" in precious.read_text()


def written(crm, file) -> tuple[str, dict]:
    """A worksheet after it was brought up to date in place, and what the command told."""
    told = crm("worksheet", "write", str(file), "--in-place", "--json").json
    return file.read_text(encoding="utf-8"), told


def test_what_was_read_and_changed_here_is_brought_up_to_date(crm, mine):
    """Hours, their sum, a status and an address that the worksheet says as it was read are said as they are now."""
    days = SAMPLE.replace("hours: 1-2", "hours: 1  ").replace("hours:\n", "hours: 2h\n")
    mine.write_text(days.replace("per week:\n\n### 5.2", "per week: 5\n\n### 5.2"), encoding="utf-8")
    crm("init", "--worksheet", str(mine))
    crm("hours", "available", "tue", "2")
    crm("hours", "target", "Retrieval practice", "3")
    crm("contact", "edit", "Pia Holm", "--how-to-reach", "by phone", "--status", "met her")
    text, told = written(crm, mine)
    lines = {(each["old"].strip(), each["new"].strip()) for each in told["items"]}
    assert lines == {
        ("- [ ] Analyze 5 job postings", "- [x] Analyze 5 job postings"),
        ("- Available hours: 1", "- Available hours: 2"),
        ("- Hours per week: 5", "- Hours per week: 6"),
        ("- Hours/week: 2", "- Hours/week: 3"),
        ("- How to reach: pia@example.org", "- How to reach: by phone"),
        ("- Status: wrote to her in March", "- Status: met her"),
    }
    assert told["differing"] == []
    assert "  - Available hours: 2  \n" in text
    assert crm("init", "--worksheet", str(mine), "--json").json["changes"] == []
    assert written(crm, mine)[1]["items"] == []


def test_a_status_that_was_written_moves_on_with_the_person(crm, mine):
    """The program's own word for how far one has come is exchanged for a later one, and a check tells of it."""
    crm("contact", "add", "Ilka Brand")
    crm("log-contact", "Ilka Brand", "--kind", "email")
    assert "  - Status: contacted" in written(crm, mine)[0]
    crm("init", "--worksheet", str(mine))
    crm("log-contact", "Ilka Brand", "--kind", "coffee")
    checked = crm("worksheet", "check", str(mine), "--json").json["differences"]
    assert [(each["key"], each["file"], each["here"]) for each in checked] == [("Ilka Brand", "contacted", "met")]
    assert "  - Status: met" in written(crm, mine)[0]
    assert crm("worksheet", "check", str(mine), "--json").json["differences"] == []


def test_what_differs_and_was_left_is_named(crm, mine):
    """What cannot be written, and what both sides changed, is left as it is, and said with its names."""
    mine.write_text(SAMPLE.replace("hours: 2\n", "hours: 4\n"), encoding="utf-8")
    crm("hours", "available", "mon", "3")
    crm("plan", "set", "--partner", "Quinn")
    shown = " ".join(crm("worksheet", "write", str(mine), "--dry-run").out.split())
    assert "2 fields differ here and were left: plan, partner; Monday, available hours" in shown
    assert "Would write 1 line " in shown


def test_a_dry_run_shows_and_writes_nothing(crm, mine, tmp_path):
    """The lines are shown, and no file is made."""
    there = set(tmp_path.iterdir())
    shown = crm("worksheet", "write", str(mine), "--dry-run").out
    assert "Would write 1 line" in shown
    assert "[x] Analyze 5 job postings" in shown
    assert set(tmp_path.iterdir()) == there


def test_what_the_program_has_not_read_is_named(crm, mine, tmp_path):
    """A worksheet edited since its last reading is written all the same, and the remark says to read it."""
    mine.write_text(SAMPLE.replace("Notes: after dinner", "Notes: before dinner"), encoding="utf-8")
    assert "has not read" in crm("worksheet", "write", str(mine), "-o", str(tmp_path / "new.md")).err
