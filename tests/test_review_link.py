"""crm review link: what is to have happened by a review, and how that moves people up in `crm next`."""

import pytest
from outreach_support import document, undone


@pytest.fixture
def month(crm):
    """Month 1 on 5 February 2026; Ann, Ben, a question and a task."""
    crm("review", "add", "Month 1", "--months", "1")
    crm("plan", "start", "2026-01-05")
    for name in ("Ann Ash", "Ben Bay"):
        crm("contact", "add", name, "--tag", "experts")
    crm("question", "add", "What would you learn first?", "--for", "@experts")
    crm("task", "add", "Write to the meetup", "--for", "ben")
    return crm


def links(crm, **options):
    """What Month 1 waits for: for each whether it happened."""
    return [bool(each["done_at"]) for each in crm("review", "show", "month-1", "--json", **options).json["links"]]


def reasons(crm, name, **options):
    """Why somebody comes up in `crm next`, if they do."""
    found = crm("next", "-n", "9", "--json", **options).json["items"]
    return next((each["reasons"] for each in found if each["contact"]["name"] == name), None)


def test_people_questions_and_tasks_are_linked_at_once(month):
    """Each is said back; a second time changes nothing."""
    said = month("review", "link", "month-1", "ann", "q1", "t1").out
    assert "To happen by Month 1, Thu 5 Feb 2026: talk with Ann Ash" in said
    assert "an answer to q1" in said
    assert len(document(month)["review_links"]) == 3
    assert "nothing was changed" in month("review", "link", "Month 1", "Q1").out
    told = month("review", "link", "month-1", "@experts", "q1", "--json").json
    assert (told["name"], len(told["links"])) == ("Month 1", 4)


def test_a_link_is_taken_off(month):
    """With the same words and --off; the others stay."""
    month("review", "link", "month-1", "@experts", "q1", "t1")
    month("review", "link", "month-1", "ann", "t1", "--off")
    assert [each["contact"] is None for each in document(month)["review_links"]] == [False, True]
    assert "nothing was changed" in month("review", "link", "month-1", "ann", "--off").out


@pytest.mark.parametrize("words", [("ann",), ("q1",), ("t1",), ("@experts", "q1", "t1")])
def test_it_can_be_undone(month, words):
    """One command, one undo, off or on."""
    undone(month, "review", "link", "month-1", *words)
    month("review", "link", "month-1", *words)
    undone(month, "review", "link", "month-1", *words, "--off")


@pytest.mark.parametrize(("words", "code"), [(("q9",), 3), (("t9",), 3), (("nobody",), 3), (("ann", "q9"), 3), ((), 2)])
def test_what_is_not_there_is_not_linked(month, words, code):
    """Nothing is written if any of it is unknown."""
    before = document(month)
    month("review", "link", "month-1", *words, code=code)
    month("review", "link", "week-9", "ann", code=3)
    assert document(month) == before


def test_a_completed_review_waits_for_nothing(month):
    """It is refused; taking off what was linked is not."""
    month("review", "link", "month-1", "ann")
    month("review", "complete", "month-1", "--note", "Done")
    assert "crm review list" in month("review", "link", "month-1", "ben", code=5).err
    month("review", "link", "month-1", "ann", "--off")
    assert document(month)["review_links"] == []


def test_a_review_shows_what_happened(month):
    """A talk, an answer and a task done count from the linking on; what was before was known then."""
    month("log-contact", "ann", "--kind", "coffee", "--at", "2026-01-04 12:00", "--answer", "q1=before")
    month("review", "link", "month-1", "ann", "q1", "t1", now="2026-01-05T18:00:00Z")
    assert links(month) == [False, False, False]
    month("log-contact", "ann", "--kind", "message", now="2026-01-06T18:00:00Z")
    assert links(month) == [False, False, False]
    month("log-contact", "ann", "--kind", "coffee", "--answer", "q1=after", now="2026-01-07T18:00:00Z")
    month("done", "t1")
    assert links(month) == [True, True, True]
    said = month("review", "show", "month-1").out
    assert "3 of 3 done" in said
    assert "done Wed 7 Jan 2026" in said


def test_without_links_the_command_is_named(month):
    """An empty state says what to type."""
    assert "crm review link month-1" in month("review", "show", "month-1").out


def test_a_review_that_comes_soon_moves_people_up(month):
    """From four weeks before it on, whatever the cadence says; a talk settles it, and so does the review itself."""
    month("log-contact", "ben", "--kind", "coffee")
    month("review", "link", "month-1", "ben", now="2026-01-06T17:00:00Z")
    assert reasons(month, "Ben Bay", now="2026-01-07T17:00:00Z") is None
    assert "to have talked with by Month 1, Thu 5 Feb 2026" in reasons(month, "Ben Bay", now="2026-01-08T17:00:00Z")
    assert reasons(month, "Ben Bay", now="2026-02-10T17:00:00Z")[-1].startswith("you meant to have talked with them")
    month("review", "complete", "month-1", "--note", "Not yet")
    assert "Month 1" not in " ".join(reasons(month, "Ben Bay") or [])


def test_questions_and_tasks_count_for_whom_they_concern(month):
    """A question for whoever it is for and has not answered, until somebody has; a task for whom it is about."""
    month("review", "link", "month-1", "q1", "t1", now="2026-01-10T17:00:00Z")
    assert "q1 is wanted by Month 1, Thu 5 Feb 2026" in reasons(month, "Ann Ash")
    assert "t1 is wanted by Month 1, Thu 5 Feb 2026" in reasons(month, "Ben Bay")
    month("log-contact", "ann", "--kind", "coffee", "--answer", "q1=the basics", now="2026-01-11T17:00:00Z")
    month("done", "t1")
    assert "wanted" not in " ".join(reasons(month, "Ben Bay"))


def test_many_links_are_cut_and_hostile_ones_harmless(month):
    """A long list says how to see all of it."""
    for number in range(45):
        month("contact", "add", f"Person{number} \x1b[31mRoe", "--tag", "crowd")
    assert "and 38 more" in month("review", "link", "month-1", "@crowd").out
    said = month("review", "show", "month-1").out
    assert "and 5 more" in said
    assert "\x1b" not in said
