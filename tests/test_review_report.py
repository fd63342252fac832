"""A review as a text: Markdown for oneself, plain words for the partner, and never sent by itself."""

import pytest
from plan_support import document

START = (
    "review add 'Week 2' --weeks 2 --text 'Does it work?'",
    "plan start 2026-01-05",
    "plan set --partner 'Kim Poe'",
    "contact add 'Ann Ash' --email ann.ash@example.org --private-note 'sick leave'",
    "contact add 'Kim Poe'",
    "log-contact ann --kind coffee --note 'quiet place' --private",
    "task add 'Ask Ann Ash' --for ann",
    "review link week-2 ann t1",
    "review start week-2 --answer '1=Yes, Ann Ash helped; ann.ash@example.org' --answer '6=Ship it' --answer '6=Rest'",
    "review complete week-2 --note 'My salary'",
)


@pytest.fixture
def done(prepared):
    """A completed review with facts about Ann."""
    return prepared(*START)


def test_the_report_for_oneself_is_markdown_with_all_of_it(done):
    """Facts, answers, priorities and the note."""
    said = done("review", "report", "week-2").out
    assert said.startswith("# Week 2, completed Mon 5 Jan 2026\n\nDoes it work?\n")
    assert "- Ann Ash, talked\n" in said
    assert "### Does it work?\n\nYes, Ann Ash helped; ann.ash@example.org\n" in said
    assert "\n- Ship it\n- Rest\n" in said
    assert "### Note\n\nMy salary\n" in said


def test_the_partner_hears_first_names_and_not_the_note(done):
    """Plain text, addressed to them; nothing private, no ways to reach anybody, no short ids."""
    found = done("review", "report", "week-2", "--for-partner")
    assert found.out.startswith("Hello Kim,\n\nhere is my review Week 2, completed Mon 5 Jan 2026.\n")
    assert "Yes, Ann helped" in found.out
    assert "- Ship it\n- Rest\n" in found.out
    assert not [each for each in ("Ash", "@", "salary", "sick", "quiet", "t1 ", "#") if each in found.out]
    assert "note was left out" in found.err


def test_without_a_partner_the_text_is_there_and_the_command_named(done):
    """A greeting without a name."""
    done("plan", "set", "--partner", "")
    found = done("review", "report", "week-2", "--for-partner")
    assert found.out.startswith("Hello,\n")
    assert "crm plan set --partner" in found.err


def test_it_is_written_to_a_file(done, home):
    """Whole, and only where there is a folder; nothing in the database changes."""
    before, path = document(done), home / "week-2.md"
    assert "Wrote" in done("review", "report", "week-2", "-o", str(path)).out
    assert path.read_text(encoding="utf-8") == done("review", "report", "week-2").out
    told = done("review", "report", "week-2", "--for-partner", "-o", str(path), "--json").json
    assert (told["name"], told["file"], told["text"]) == ("Week 2", str(path), path.read_text(encoding="utf-8"))
    done("review", "report", "week-2", "-o", str(home / "no" / "x.md"), code=3)
    done("review", "report", "week-9", code=3)
    assert document(done) == before


def test_what_is_written_down_is_whole(prepared):
    """Every line with its full words, however many there are; the screen is short."""
    titles = [
        f"Analyze 10 job postings, fill in the skills frequency sheet and learn from them, part {n}" for n in (1, 2)
    ]
    tasks = [f"task add 'Item {n}' --kind checklist" for n in range(12)]
    crm = prepared(
        "review add 'Week 2' --weeks 2",
        "plan start 2026-01-05",
        *tasks,
        *(f"task add '{each}'" for each in titles),
        "review link week-2 t13 t14",
        f"commitment add '{titles[0]}' 2/week --accept",
    )
    said = crm("review", "report", "week-2").out
    assert [n for n in range(12) if f" Item {n}: open\n" not in said] == []
    assert f"- t13 {titles[0]}: not yet\n- t14 {titles[1]}: not yet\n" in said
    assert f"{titles[0]}, 2 a week" in said
    assert "…" not in said
    assert "and 2 more" in crm("review", "show", "week-2").out
    assert titles[0] in crm("review", "report", "week-2", "--for-partner").out


def test_a_review_that_is_to_come_can_be_reported_on(done):
    """It says that it is not completed, and that nothing was written."""
    done("review", "add", "Month 1", "--months", "1")
    said = done("review", "report", "month-1").out
    assert said.startswith("# Month 1, due Thu 5 Feb 2026, not completed yet\n")
    assert "Nothing was written yet." in said


def test_hostile_names_are_no_markdown(prepared):
    """Names stand in one line in which nothing is markup, and nothing moves the cursor."""
    crm = prepared("review add 'Week *2*\n## x' --weeks 2", "contact add '[Ann](http://x)\n<b> \x1b[31m'")
    crm("log-contact", "c1", "--kind", "coffee")
    for words in ([], ["--for-partner"]):
        said = crm("review", "report", "v1", *words).out
        assert "\x1b" not in said
        assert "\n## x" not in said
    assert "\\[Ann\\](http://x) \\<b\\>" in crm("review", "report", "v1").out
