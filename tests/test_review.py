"""Reviews: found by name, completed with a note, moved without shifting the others."""

import pytest
from plan_support import Typed, database, document, on, undone

from crm.store import reviews


@pytest.fixture
def milestones(crm):
    """Week 2 and Month 1 of a plan that started on 5 January 2026."""
    crm("review", "add", "Week 2", "--weeks", "2", "--text", "Adjust—early learning")
    crm("review", "add", "Month 1", "--months", "1")
    crm("plan", "start", "2026-01-05")


@pytest.mark.parametrize("name", ["Week 2", "week-2", "WEEK-2", "week 2", " week  2 ", "week_2", "v1"])
def test_a_review_answers_to_its_name(crm, milestones, name):
    """Case, blanks and dashes do not matter; the short id does as well."""
    found = crm("review", "show", name, "--json").json
    assert (found["name"], found["due_on"], found["text"]) == ("Week 2", "2026-01-19", "Adjust—early learning")


@pytest.mark.parametrize("name", ["week", "week-22", "month 2", "", "v9", "m1"])
def test_an_unknown_review_is_not_found(crm, milestones, name):
    """A name is never completed or guessed: exit 3, and the reviews are listed."""
    assert crm("review", "show", name, "--json", code=3).error["candidates"] == ["Week 2", "Month 1"]


def test_the_list_tells_day_distance_and_state(crm, milestones):
    """Each review stands with its weekday and in how many days it is due, or how long it is overdue."""
    printed = crm("review", "list").out
    assert "Mon 19 Jan 2026" in printed
    assert "in 14 days" in printed
    assert "1 day overdue" in crm("review", "list", now="2026-01-20T20:00:00Z").out
    assert "today" in crm("review", "list", now="2026-01-19T20:00:00Z").out
    assert "tomorrow" in crm("review", "list", now="2026-01-18T20:00:00Z").out


@pytest.mark.parametrize(
    ("zone", "says"), [("Pacific/Apia", "today"), ("Asia/Kathmandu", "tomorrow"), ("America/Los_Angeles", "tomorrow")]
)
def test_today_is_the_persons_own(crm, milestones, monkeypatch, zone, says):
    """Whether a review is due depends on the day where the person is."""
    monkeypatch.setenv("CRM_TIMEZONE", zone)
    assert f"Mon 19 Jan 2026   {says}" in crm("review", "list", now="2026-01-18T17:00:00Z").out


def test_without_a_start_reviews_are_listed_without_days(crm):
    """Until the plan starts they show how long after it they are due, and what to type."""
    crm("review", "add", "Week 2", "--weeks", "2")
    printed = crm("review", "list").out
    assert "2 weeks after the start" in printed
    assert "crm plan start" in printed
    assert crm("review", "list", "--json").json["items"][0]["due_on"] is None


def test_an_empty_list_says_what_to_type(crm):
    """Without reviews the command that adds one is named."""
    assert "crm review add" in crm("review", "list").out


@pytest.mark.parametrize("note", [(), ("--note", ""), ("--note", " \n"), ("--note", "a\0b")])
def test_a_review_cannot_be_completed_empty(crm, milestones, note):
    """Completing takes a note with something in it."""
    before = document(crm)
    crm("review", "complete", "week-2", *note, code=2)
    assert document(crm) == before


def test_completing_keeps_note_and_moment(crm, milestones):
    """The note is kept exactly, and the next review stays where it is however late this one is."""
    note = "Mornings work.\nDrills: [bold]no[/]."
    told = crm("review", "complete", "week-2", "--note", note, "--json", now="2026-02-04T17:00:00Z").json
    assert (told["note"], told["completed_at"]) == (note, "2026-02-04T17:00:00Z")
    assert crm("review", "show", "month-1", "--json").json["due_on"] == "2026-02-05"
    assert "completed Wed 4 Feb 2026" in crm("review", "list").out


def test_a_person_is_asked_for_the_note(crm, milestones, monkeypatch):
    """On a terminal the review's own words are shown and the note is typed."""
    monkeypatch.setattr("sys.stdin", Typed("Mornings work\n"))
    assert "Adjust—early learning" in crm("review", "complete", "week-2").out
    assert crm("review", "show", "week-2", "--json").json["note"] == "Mornings work"


def test_a_completed_review_is_not_completed_twice(crm, milestones):
    """The second time is refused and names how to change the note."""
    crm("review", "complete", "week-2", "--note", "Mornings work")
    assert "crm review edit week-2 --note" in crm("review", "complete", "week-2", "--note", "Evenings", code=5).err
    told = crm("review", "edit", "week-2", "--note", "Evenings", "--json").json
    assert told["note"] == "Evenings"
    crm("review", "edit", "week-2", "--note", " ", code=2)
    crm("review", "edit", "week-2", code=2)


def test_moving_keeps_the_day_it_was_due(crm, milestones):
    """`scheduled_on` changes, `due_on` and the other reviews stay; the new day is said back."""
    assert "Wed 21 Jan 2026 (in 16 days)" in crm("review", "move", "week-2", "2026-01-21").out
    told = crm("review", "show", "week-2", "--json").json
    assert (told["due_on"], told["scheduled_on"]) == ("2026-01-19", "2026-01-21")
    assert crm("review", "show", "month-1", "--json").json["scheduled_on"] is None
    assert "moved from Mon 19 Jan 2026" in crm("review", "list").out


def test_moving_back_leaves_no_trace(crm, milestones):
    """Moved to the day it is due anyway, a review is no longer moved."""
    crm("review", "move", "week-2", "2026-01-21")
    assert crm("review", "move", "week-2", "2026-01-19", "--json").json["scheduled_on"] is None


@pytest.mark.parametrize("day", ["2025-01-21", "soon", "1/21/2026", "2026-01-21 9:00"])
def test_a_review_moves_to_a_day_to_come(crm, milestones, day):
    """The past, a time of day, and what is no day are refused."""
    crm("review", "move", "week-2", day, code=2)


def test_a_completed_review_is_not_moved(crm, milestones):
    """What is done stays where it was."""
    crm("review", "complete", "week-2", "--note", "Mornings work")
    crm("review", "move", "week-2", "2026-01-21", code=5)


def test_an_own_review_is_dated_at_once(crm, milestones):
    """A review added to a plan that has started gets its day; weeks and months add up."""
    told = crm("review", "add", "Half time", "--months", "4", "--weeks", "1", "--json").json
    assert (told["due_on"], told["offset_months"], told["offset_weeks"]) == ("2026-05-12", 4, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("Half time",),
        ("week-2", "--weeks", "3"),
        ("...", "--weeks", "3"),
        ("", "--weeks", "3"),
        ("x", "--weeks", "-1"),
        ("a\0b", "--weeks", "1"),
    ],
)
def test_an_own_review_needs_a_name_and_a_time(crm, milestones, arguments):
    """Without an offset, or with a name that is taken or none, nothing is added."""
    before = document(crm)
    crm("review", "add", *arguments, code=2)
    assert document(crm) == before


def test_upcoming_are_the_open_ones_up_to_a_day(home, crm, milestones):
    """By their day, moved ones by where they were moved to, overdue ones first, completed ones left out."""
    crm("review", "add", "Week 1", "--weeks", "1")
    crm("review", "add", "Week 3", "--weeks", "3")
    crm("review", "complete", "week-3", "--note", "Done early")
    crm("review", "move", "week-2", "2026-02-05")
    with database(home) as session:
        assert [each.name for each in reviews.upcoming(session, until=on("2026-02-05"))] == [
            "Week 1",
            "Week 2",
            "Month 1",
        ]
        assert [each.name for each in reviews.upcoming(session, until=on("2026-02-04"))] == ["Week 1"]


@pytest.mark.parametrize(
    "command",
    [
        ("review", "complete", "week-2", "--note", "Mornings work"),
        ("review", "move", "week-2", "2026-01-21"),
        ("review", "edit", "week-2", "--text", "Look at the hours"),
        ("review", "add", "Half time", "--months", "4"),
    ],
)
def test_every_write_can_be_undone(crm, milestones, command):
    """Undo brings the document back to what it was before."""
    undone(crm, *command)


def test_a_review_that_was_started_says_so(crm, milestones):
    """In the list and by itself, also where it was moved."""
    crm("review", "start", "week-2")
    crm("review", "move", "week-2", "2026-01-21")
    assert "started Mon 5 Jan 2026, moved from Mon 19 Jan 2026" in crm("review", "list").out
    assert "started Mon 5 Jan 2026" in crm("review", "show", "week-2").out


def test_a_long_name_is_cut_and_the_commands_that_are_shown_can_be_typed(crm, milestones):
    """They name the review by its short id then."""
    crm("review", "add", "Look back " + "long " * 2000, "--weeks", "3")
    printed = crm("review", "start", "v3").out + crm("review", "list").out + crm("history").out
    assert "crm review start v3 --answer" in printed
    assert "long " * 60 not in printed


def test_on_its_day_everything_leads_to_the_form(crm, milestones):
    """Today's screen and the reminder name the command that begins the form, by its id where the name is long."""
    day = {"now": "2026-01-19T20:00:00Z"}
    assert "crm review start week-2" in crm("today", **day).out
    assert "Begin: crm review start week-2" in crm("reminder", "tick", **day).out
    crm("review", "add", "Week 2 " + "and so on " * 9, "--weeks", "2", **day)
    assert "crm review start v3" in crm("today", **day).out
