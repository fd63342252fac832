"""Commitments: proposed until accepted, counted per day, week or month, and skipped with a reason."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import database, document, undone

from crm.actions import commitments as actions
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError
from crm.models import CheckIn
from crm.models.words import Per

ZONES = ("America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu", "UTC")


@pytest.fixture
def posting(crm):
    """An accepted commitment to post twice a week."""
    return crm("commitment", "add", "Post on LinkedIn", "2/week", "--accept", "--json").json


def standing(crm, *, now=None):
    """The first commitment's count: done, skipped, left."""
    first = crm("commitment", "list", "--json", now=now).json["items"][0]
    return first["done"], first["skipped"], first["left"]


@pytest.mark.parametrize(
    ("typed", "often"),
    [
        ("2/week", (2, Per.WEEK)),
        ("1/day", (1, Per.DAY)),
        (" 12 / Month ", (12, Per.MONTH)),
        ("2 a week", (2, Per.WEEK)),
        ("3 per week", (3, Per.WEEK)),
        ("99/month", (99, Per.MONTH)),
    ],
)
def test_how_often_as_people_type_it(typed, often):
    """`n/day`, `n/week` and `n/month`, or with `per`."""
    assert actions.parse_often(typed) == often


@pytest.mark.parametrize(
    "typed",
    ["", "2", "week", "0/week", "100/week", "2/year", "-1/week", "two/week", "2/weeks/day", "٢/week", "2\n/week\0"],
)
def test_no_rhythm_is_refused(crm, typed):
    """What says no number of times and no period is exit 2, and nothing is made."""
    before = document(crm)
    if "\0" not in typed:
        crm("commitment", "add", "Post", typed, code=2)
    with pytest.raises(BadValueError):
        actions.parse_often(typed)
    assert document(crm) == before


def test_proposed_is_not_accepted(crm):
    """A new commitment is only proposed: checking in is refused and names the way to accept it."""
    made = crm("commitment", "add", "Post on LinkedIn", "2/week", "--json").json
    assert (made["state"], made["times"], made["per"]) == ("proposed", 2, "week")
    before = document(crm)
    assert "crm commitment accept m1" in crm("check-in", "m1", code=5).err
    assert document(crm) == before
    assert crm("commitment", "accept", "m1", "--json").json["state"] == "accepted"
    assert crm("check-in", "m1", "--json").json["commitment"] == made["uid"]


def test_accepting_again_changes_nothing(crm, posting):
    """Accepting twice raises no revision."""
    before = crm("export", "json").json
    crm("commitment", "accept", "m1")
    assert crm("export", "json").json == before


@pytest.mark.parametrize("words", ["m1", "Post on LinkedIn", "post on linkedin", "linkedin", "po link"])
def test_a_commitment_answers_to_id_title_and_words(crm, posting, words):
    """Short id, title and unique words find it, quoted or not."""
    assert crm("check-in", *words.split(" "), "--json").json["commitment"] == posting["uid"]
    assert crm("commitment", "show", words, "--json").json["uid"] == posting["uid"]


def test_unknown_and_ambiguous_words(crm, posting):
    """No match is exit 3, several are exit 4; both list what there is."""
    crm("commitment", "add", "Post on the blog", "1/month")
    assert crm("check-in", "post", "--json", code=4).error["candidates"] == [
        "m1 Post on LinkedIn",
        "m2 Post on the blog",
    ]
    assert crm("check-in", "run", "--json", code=3).error["candidates"]
    crm("check-in", "m9", code=3)


def test_a_check_in_counts(crm, posting):
    """Each one is counted in its week, and said back with day and count."""
    printed = crm("check-in", "linkedin", "--url", "https://example.org/1", "--note", "chess engine").out
    assert "Mon 5 Jan 2026 09:00" in printed
    assert "1 of 2 this week" in printed
    assert standing(crm) == (1, 0, 1)
    (told,) = crm("export", "json").json["check_ins"]
    assert (told["url"], told["note"], told["skip_reason"]) == ("https://example.org/1", "chess engine", None)


def test_more_than_promised_leaves_nothing(crm, posting):
    """Three of two leave nothing to do, never less than nothing."""
    for _time in range(3):
        crm("check-in", "linkedin")
    assert standing(crm) == (3, 0, 0)


def test_a_skip_is_neither_done_nor_left(crm, posting):
    """A skip needs a reason, which is kept; it counts apart."""
    told = crm("check-in", "linkedin", "--skip", "was ill", "--json").json
    assert told["skip_reason"] == "was ill"
    assert standing(crm) == (0, 1, 1)


def test_the_next_week_begins_at_nothing(crm, posting):
    """What was done counts in its own week only."""
    crm("check-in", "linkedin")
    crm("check-in", "linkedin", "--at", "sun")
    assert standing(crm) == (1, 0, 1)
    assert standing(crm, now="2026-01-12T12:00:00Z") == (0, 0, 2)


def test_midnight_belongs_to_the_day_it_begins(crm, posting):
    """A check-in at 0:00 on Monday counts in the new week, not in the old one."""
    crm("check-in", "linkedin", "--at", "2026-01-12 0:00", now="2026-01-12T12:00:00Z")
    assert standing(crm) == (1, 0, 1)
    assert standing(crm, now="2026-01-11T12:00:00Z") == (0, 0, 2)


def test_at_looks_back_and_says_the_week_it_counts_in(crm, posting):
    """A check-in of last week is counted there and says so."""
    printed = crm("check-in", "linkedin", "--at", "sat 14:00").out
    assert "1 of 2 from Mon 29 Dec 2025 to Sun 4 Jan 2026" in printed


@pytest.mark.parametrize(
    "options",
    [
        ("--at", "2026-01-06"),
        ("--at", "soon"),
        ("--url", "example.org/1"),
        ("--url", "javascript:alert(1)"),
        ("--url", "https://"),
        ("--url", "https://exa mple.org"),
        ("--skip", " "),
        ("--note", "a\0b"),
        ("--skip", "a\0b"),
    ],
)
def test_a_bad_check_in_is_refused(crm, posting, options):
    """The future, what is no web address, a skip without a reason, and text that can't be stored are exit 2."""
    before = document(crm)
    crm("check-in", "linkedin", *options, code=2)
    assert document(crm) == before


def test_how_often_changes_from_a_day_on(crm, posting):
    """An edit makes a dated version; another on the same day replaces it; the past keeps its own."""
    crm("commitment", "edit", "m1", "--often", "3/week", now="2026-01-14T17:00:00Z")
    told = crm("commitment", "edit", "linkedin", "--often", "4/month", "--json").json
    assert told["versions"] == [
        {"from_on": "2026-01-05", "times": 2, "per": "week"},
        {"from_on": "2026-01-14", "times": 4, "per": "month"},
    ]
    assert (told["times"], told["per"]) == (4, "month")
    assert "of 2 from Mon 5 Jan 2026" in crm("check-in", "m1", "--at", "2026-01-06").out
    assert standing(crm) == (1, 0, 3)


def test_the_title_changes_alone(crm, posting):
    """A new title keeps rhythm, state and uid."""
    told = crm("commitment", "edit", "m1", "--title", "Write in public", "--json").json
    assert (told["title"], told["uid"], told["versions"]) == ("Write in public", posting["uid"], posting["versions"])


@pytest.mark.parametrize(
    "command",
    [
        ("add", "", "2/week"),
        ("add", "POST on linkedin", "1/day"),
        ("add", "a\0b", "1/day"),
        ("edit", "m1"),
        ("edit", "m1", "--title", " "),
        ("edit", "m1", "--title", "Read"),
        ("edit", "m1", "--often", "often"),
    ],
)
def test_a_bad_title_or_an_empty_edit_is_refused(crm, posting, command):
    """Titles are not blank and not taken; an edit changes something."""
    crm("commitment", "add", "Read", "1/day")
    before = document(crm)
    crm("commitment", *command, code=2)
    assert document(crm) == before


def test_a_title_may_be_spelt_anew(crm, posting):
    """A commitment does not stand in its own way."""
    assert crm("commitment", "edit", "m1", "--title", "Post on linkedin", "--json").json["title"] == "Post on linkedin"


def test_removing_keeps_what_was_logged(crm, posting):
    """With check-ins it ends and they stay; it can be taken up again. Without any it is gone."""
    crm("commitment", "add", "Read", "1/day")
    crm("check-in", "linkedin")
    crm("commitment", "remove", "linkedin")
    crm("commitment", "remove", "read")
    assert [(each["title"], each["state"]) for each in crm("commitment", "list", "--json").json["items"]] == [
        ("Post on LinkedIn", "ended")
    ]
    assert "crm commitment accept m1" in crm("check-in", "linkedin", code=5).err
    crm("commitment", "accept", "linkedin")
    assert standing(crm) == (1, 0, 1)


def test_the_list_sets_proposed_ones_apart(crm, posting):
    """Accepted ones show this period's count, proposed ones how to accept them."""
    crm("commitment", "add", "Read", "1/day")
    crm("check-in", "linkedin")
    printed = crm("commitment", "list").out
    assert printed.index("1 of 2 this week") < printed.index("Proposed, not accepted") < printed.index("Read")
    assert "crm commitment accept m2" in printed


def test_an_empty_list_says_what_to_type(crm):
    """Without commitments the command that makes one is named."""
    assert 'crm commitment add "Post on LinkedIn" 2/week' in crm("commitment", "list").out
    assert crm("commitment", "list", "--json").json == {"items": []}


@pytest.mark.parametrize(
    "command",
    [
        ("commitment", "add", "Read", "1/day", "--accept"),
        ("commitment", "edit", "m1", "--often", "3/month", "--title", "Write"),
        ("commitment", "remove", "m1"),
        ("check-in", "m1", "--url", "https://example.org"),
        ("check-in", "m1", "--skip", "was ill"),
    ],
)
def test_every_write_can_be_undone(crm, posting, command):
    """Undo brings the document back to what it was before, a removed commitment and its versions too."""
    undone(crm, *command)


def test_accepting_and_ending_can_be_undone(crm):
    """Undo of a change of state brings the former state back."""
    crm("commitment", "add", "Read", "1/day")
    undone(crm, "commitment", "accept", "read")
    crm("commitment", "accept", "read")
    crm("check-in", "read")
    undone(crm, "commitment", "remove", "read")


@pytest.mark.parametrize("title", ["[bold]x[/]", "\x1b[31mPost\r\n", "a" * 10_000, "ציוץ", "'; DROP TABLE plan;--"])
def test_hostile_titles_are_kept_and_break_no_screen(crm, title):
    """A title comes back exactly, and no screen lets it through to the terminal."""
    crm("commitment", "add", title, "2/week", "--accept")
    for command in (("commitment", "list"), ("check-in", "m1"), ("week",), ("commitment", "show", "m1")):
        assert "\x1b" not in crm(*command).out
    assert crm("export", "json").json["commitments"][0]["title"] == title


@given(
    st.sampled_from(ZONES),
    st.sampled_from(list(Per)),
    st.sampled_from(WEEKDAYS),
    st.lists(st.tuples(st.integers(-40 * 24, 0), st.booleans()), max_size=15),
    st.integers(1, 9),
    st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 31), date(2026, 2, 28)]),
)
def test_the_count_equals_an_independent_reckoning(home, zone, per, starts_on, hours_ago, times, day):
    """In any zone and across changes of the clocks, check-ins count by the local day on which they were done."""
    tz = ZoneInfo(zone)
    now = datetime.combine(day, time(20), tzinfo=tz).astimezone(UTC)
    with database(home) as session:
        made = actions.add(session, "Own", times=times, per=per, accepted=True, today=day)
        marked = [(now + timedelta(hours=ago), skip) for ago, skip in hours_ago]
        for at, skip in marked:
            session.add(CheckIn(commitment_id=made.id, done_at=at, skip_reason="ill" if skip else None))
        session.flush()
        (found,) = actions.standing(session, now=now, tz=tz, week_starts_on=starts_on)
        session.rollback()
    days = {
        Per.DAY: [day],
        Per.WEEK: [
            day - timedelta(days=(day.weekday() - WEEKDAYS.index(starts_on)) % 7) + timedelta(n) for n in range(7)
        ],
        Per.MONTH: [day.replace(day=n + 1) for n in range(monthrange(day.year, day.month)[1])],
    }[per]
    assert (found.from_on, found.to_on) == (days[0], days[-1])
    here = [skip for at, skip in marked if at.astimezone(tz).date() in days]
    assert (found.done, found.skipped) == (here.count(False), here.count(True))
    assert found.left == max(0, times - len(here))
