"""`crm commitment list`, `show` and `check-ins`: this period, the streak, the last periods, and what proves them."""

from datetime import UTC, date, datetime

import pytest
from plan_support import database, document, undone

from crm.models import CheckIn, Commitment, CommitmentVersion
from crm.store import records

ADD = "commitment add 'Post on LinkedIn' 2/week --accept"
DAYS = ("05", "06", "08", "13", "14", "21", "27", "28")
LATER = "2026-02-05T17:00:00Z"  # a Thursday


@pytest.fixture
def posting(prepared, home):
    """A month of posts: three in the first week, two in the second, one in the third, two in the fourth."""
    ready = prepared(ADD)
    with database(home) as session:
        for day in DAYS:
            at = datetime(2026, 1, int(day), 20, tzinfo=UTC)
            session.add(CheckIn(commitment_id=1, done_at=at, url=f"https://example.org/{day}"))
        ill_at = datetime(2026, 2, 2, 20, tzinfo=UTC)
        records.add(session, CheckIn(commitment_id=1, done_at=ill_at, skip_reason="was ill"))
    return ready


def test_the_list_tells_how_it_stands(posting):
    """Counts, the days that matter, and the streaks."""
    (told,) = posting("commitment", "list", "--json", now=LATER).json["items"]
    names = ("done", "skipped", "left", "act_by_on", "safe_until_on", "streak", "best_streak")
    assert [told[each] for each in names] == [0, 1, 1, "2026-02-08", "2026-02-07", 1, 2]


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_list_draws_week_by_week(posting, monkeypatch, columns):
    """Boxes for the last weeks and for this one, in words too; no colour is needed, and it fits."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    printed = posting("commitment", "list", now=LATER).out
    assert "●●○●·" in printed
    assert "-○  0 of 2 this week, safe until Saturday" in printed
    assert "1 in a row, best 2" in printed
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "\x1b" not in printed


def test_show_tells_the_last_periods_and_what_proves_them(posting):
    """Newest week last in JSON, each judged; the check-ins with their addresses, newest first."""
    told = posting("commitment", "show", "m1", "--json", now=LATER).json
    assert [(each["from_on"], each["done"], each["kept"]) for each in told["periods"]] == [
        ("2026-01-05", 3, True),
        ("2026-01-12", 2, True),
        ("2026-01-19", 1, False),
        ("2026-01-26", 2, True),
        ("2026-02-02", 0, False),
    ]
    assert told["check_ins"][0]["skip_reason"] == "was ill"
    assert told["check_ins"][1]["url"] == "https://example.org/28"
    printed = posting("commitment", "show", "m1", now=LATER).out
    assert "Mon 19 Jan 2026 to Sun 25 Jan 2026" in printed
    assert "not kept" in printed
    assert "under way" in printed
    assert "skipped: was ill" in printed


def test_show_is_cut_after_twelve_periods(posting):
    """A year later the last twelve weeks are told, and what is older still counts for the best streak."""
    told = posting("commitment", "show", "m1", "--json", now="2027-01-05T17:00:00Z").json
    assert len(told["periods"]) == 12
    assert (told["streak"], told["best_streak"]) == (0, 2)


def test_many_check_ins_are_cut_and_how_to_see_all_is_said(posting):
    """Twenty are shown; --all shows every one."""
    for _time in range(15):
        posting("check-in", "m1", "--note", "again", now=LATER)
    assert "4 more: crm commitment check-ins m1 --all" in posting("commitment", "show", "m1", now=LATER).out
    assert posting("commitment", "check-ins", "m1", "--all", now=LATER).out.count("again") == 15
    assert len(posting("commitment", "check-ins", "m1", "--json", now=LATER).json["items"]) == 24


def test_a_check_in_can_be_taken_back(posting):
    """By its id, whatever was done since, and so that undo brings it back; that of another commitment is not there."""
    told = posting("commitment", "check-ins", "m1", "--remove", "k4", "--json", now=LATER).json
    assert told["url"] == "https://example.org/13"
    assert posting("commitment", "show", "m1", "--json", now=LATER).json["best_streak"] == 1
    posting("commitment", "add", "Read", "1/day", "--accept")
    posting("commitment", "check-ins", "m2", "--remove", "k5", code=3)
    posting("commitment", "check-ins", "m1", "--remove", "k4", code=3)
    undone(posting, "commitment", "check-ins", "m1", "--remove", "k5")


def test_without_check_ins_it_says_what_to_type(crm, prepared):
    """An empty list names the command."""
    prepared(ADD)
    before = document(crm)
    assert "crm check-in m1" in crm("commitment", "check-ins", "m1").out
    assert "crm check-in m1" in crm("commitment", "show", "m1").out
    assert crm("commitment", "check-ins", "m1", "--json").json == {"items": []}
    assert document(crm) == before


def test_a_proposed_one_can_be_shown(crm):
    """It has periods to come only."""
    crm("commitment", "add", "Read", "1/day")
    assert "proposed" in crm("commitment", "show", "m1").out


def test_taken_up_again_it_goes_on(posting):
    """Ended and taken up again in the same week, nothing is lost."""
    posting("commitment", "remove", "m1", now=LATER)
    posting("commitment", "accept", "m1", now=LATER)
    (told,) = posting("commitment", "list", "--json", now=LATER).json["items"]
    assert (told["streak"], told["best_streak"]) == (1, 2)


def test_what_has_ended_is_shown_up_to_its_last_check_in(posting):
    """It is listed with --all, and weeks without it are not held against it."""
    posting("commitment", "remove", "m1", now="2026-03-05T17:00:00Z")
    assert "1 more: crm commitment list --all" in posting("commitment", "list").out
    assert "Ended" in posting("commitment", "list", "--all").out
    told = posting("commitment", "show", "m1", "--json").json
    assert told["periods"][-1]["from_on"] == "2026-02-02"
    assert "done" not in told
    assert "Now" not in posting("commitment", "show", "m1").out


def test_a_long_list_is_cut(crm, home):
    """Twenty are drawn, and how to see all is said."""
    with database(home) as session:
        for number in range(25):
            made = records.add(session, Commitment(title=f"Habit {number}", state="accepted"))
            session.add(CommitmentVersion(commitment_id=made.id, from_on=date(2026, 1, 5), times=1, per="day"))
    printed = crm("commitment", "list").out
    assert "5 more: crm commitment list --all" in printed
    assert "Habit 24" not in printed
    assert "Habit 24" in crm("commitment", "list", "--all").out


def test_a_check_in_that_keeps_the_week_says_the_streak(posting):
    """The other one of this week: two weeks in a row."""
    assert "kept, 1 skipped; 2 in a row" in posting("check-in", "m1", now=LATER).out


def test_many_times_are_a_bar(crm):
    """Where so many boxes would not fit, a bar stands for them."""
    crm("commitment", "add", "Sketch", "30/month", "--accept")
    crm("check-in", "sketch")
    assert "░" in crm("commitment", "list").out
