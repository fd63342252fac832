"""The week against its targets: what was done, how far behind the pace that is, and what room is left."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plan_support import NOW, database

from crm.actions import hours as actions
from crm.date_words import WEEKDAYS
from crm.models import Activity, ActivityTarget, Availability, Plan, TimeEntry
from crm.store import records
from crm.week_hours import ActivityWeek, counted_minutes, expected_minutes, room_left, rooms_of_week

ZONES = ("America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu", "America/Havana", "UTC")
# Spring and autumn changes of Los Angeles and of Havana (at midnight), and the day that Apia skipped.
CHANGES = (date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 30), date(2026, 1, 1))

rooms = st.lists(st.integers(0, 24 * 60), min_size=7, max_size=7)
targets = st.integers(0, 168 * 60)


@given(targets, rooms)
def test_the_pace_rises_from_nothing_to_the_whole_target(target, room):
    """Before the week nothing is expected, after it all, and in between never less than the day before."""
    expected = [expected_minutes(target, rooms=room, passed=passed) for passed in range(8)]
    assert expected[0] == 0
    assert expected[7] == target
    assert expected == sorted(expected)


@given(targets, st.integers(0, 7), st.integers(1, 24 * 60))
def test_without_room_the_pace_is_even(target, passed, each):
    """No known room is the same as the same room on every day."""
    assert expected_minutes(target, rooms=[0] * 7, passed=passed) == expected_minutes(
        target, rooms=[each] * 7, passed=passed
    )


@given(rooms, st.integers(0, 7), st.integers(0, 3000))
def test_room_is_never_negative_and_never_more_than_the_days_left(room, passed, done):
    """What was done today takes from today's room only."""
    left = room_left(room, passed=passed, done_today=done)
    assert sum(room[passed + 1 :]) <= left <= sum(room[passed:])


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=6))
def test_time_over_one_target_does_not_count_for_another(pairs):
    """Each activity counts up to its target; without any target, everything counts."""
    week = [ActivityWeek("a", minutes, target) for minutes, target in pairs]
    if any(target for _minutes, target in pairs):
        assert counted_minutes(week) + sum(max(0, t - m) for m, t in pairs) == sum(t for _m, t in pairs)
    else:
        assert counted_minutes(week) == sum(minutes for minutes, _target in pairs)


def test_a_week_may_begin_on_any_day():
    """The days' room is in the week's own order."""
    room = {0: 10, 5: 60, 6: 70}
    assert rooms_of_week(room, first_weekday=0) == [10, 0, 0, 0, 0, 60, 70]
    assert rooms_of_week(room, first_weekday=6) == [70, 10, 0, 0, 0, 0, 60]


@st.composite
def weeks(draw):
    """A zone, a day near a change of its clocks, first weekday, entries around it, and an instant of that week."""
    tz = ZoneInfo(draw(st.sampled_from(ZONES)))
    day = draw(st.sampled_from(CHANGES)) + timedelta(days=draw(st.integers(-9, 9)))
    noon = datetime.combine(day, time(12), tzinfo=tz).astimezone(UTC)
    near = st.integers(-14 * 24 * 4, 14 * 24 * 4).map(lambda quarter: noon + timedelta(minutes=15 * quarter))
    entries = draw(st.lists(st.tuples(st.integers(0, 2), near, st.integers(1, 24 * 60)), max_size=12))
    return tz, day, draw(st.sampled_from(WEEKDAYS)), entries, draw(near)


@given(weeks(), st.lists(targets, min_size=3, max_size=3), st.dictionaries(st.integers(0, 6), st.integers(0, 24 * 60)))
@example(
    (ZoneInfo("Pacific/Apia"), date(2011, 12, 31), "monday", [(0, datetime(2011, 12, 30, 9, 59, tzinfo=UTC), 60)], NOW),
    [60, 0, 0],
    {},
)
def test_every_figure_equals_an_independent_reckoning(home, drawn, weekly, room):
    """In any zone, across changes of the clocks: entries count on the local day they start, to the minute."""
    tz, day, starts_on, entries, now = drawn
    with database(home) as session:
        made = [records.add(session, Activity(name=f"Activity {number}")) for number in range(3)]
        for each, minutes in zip(made, weekly, strict=True):
            session.add(ActivityTarget(activity_id=each.id, from_on=date(2000, 1, 1), weekly_minutes=minutes))
        for number, started_at, minutes in entries:
            session.add(TimeEntry(activity_id=made[number].id, started_at=started_at, minutes=minutes))
        session.add_all(Availability(weekday=weekday, minutes=minutes) for weekday, minutes in room.items())
        session.flush()
        found = actions.week_summary(session, day=day, now=now, tz=tz, week_starts_on=starts_on)
        session.rollback()
    week = [found.from_on + timedelta(days=ahead) for ahead in range(7)]
    assert day in week
    assert (WEEKDAYS[found.from_on.weekday()], found.to_on) == (starts_on, week[-1])
    by_day = [(number, at.astimezone(tz).date(), minutes) for number, at, minutes in entries]
    done = [sum(m for n, d, m in by_day if n == number and d in week) for number in range(3)]
    assert [each.minutes for each in found.activities] == done
    assert [each.target_minutes for each in found.activities] == weekly
    assert (found.minutes, found.target_minutes) == (sum(done), sum(weekly))
    today = now.astimezone(tz).date()
    past = [each for each in week if each < today]
    share = {each: room.get(each.weekday(), 0) for each in week}
    if not sum(share.values()):
        share = dict.fromkeys(week, 1)
    expected = sum(weekly) * sum(share[each] for each in past) / sum(share.values())
    counted = sum(map(min, done, weekly)) if sum(weekly) else sum(done)
    assert found.behind_minutes == pytest.approx(max(0, expected - counted), abs=0.5)
    done_today = sum(minutes for _number, d, minutes in by_day if d == today)
    left = [room.get(each.weekday(), 0) for each in week if each >= today]
    if today in week:
        left[0] = max(0, left[0] - done_today)
    assert found.available_minutes == sum(left)


@pytest.fixture
def planned(crm):
    """Projects 6 h and reading 2 h a week; room for 1 h on weekdays and 3 h on Saturday."""
    crm("hours", "add", "Building projects", "--role", "projects")
    crm("hours", "add", "Reading/research", "--role", "reading")
    crm("hours", "target", "projects", "6")
    crm("hours", "target", "reading", "2")
    for day in WEEKDAYS[:5]:
        crm("hours", "available", day, "1")
    crm("hours", "available", "saturday", "3")


def week(crm, *arguments, now=None):
    """The week as JSON."""
    return crm("week", *arguments, "--json", now=now).json


def test_the_week_is_told_with_stable_keys(crm, planned):
    """Scripts find exactly these keys, minutes as whole numbers."""
    crm("log-hours", "1h30", "projects")
    assert week(crm) == {
        "from_on": "2026-01-05",
        "to_on": "2026-01-11",
        "activities": [
            {"name": "Building projects", "minutes": 90, "target_minutes": 360},
            {"name": "Reading/research", "minutes": 0, "target_minutes": 120},
        ],
        "behind_minutes": 0,
        "available_minutes": 420,
    }


def test_behind_counts_the_days_that_have_passed(crm, planned):
    """On Thursday the three hours of Monday to Wednesday, of eight in the week, should have brought 3/8 of 8 h."""
    crm("log-hours", "1h", "projects")
    found = week(crm, now="2026-01-08T17:00:00Z")
    assert (found["behind_minutes"], found["available_minutes"]) == (120, 300)
    printed = crm("week").out
    assert "2 h behind, 5 h of room by Sunday; 7 h to go, more than there is room for." in printed


@pytest.mark.parametrize(
    ("logged", "now", "says"),
    [
        ("1h", "2026-01-05T17:00:00Z", "On pace, 7 h of room by Sunday; 7 h to go."),
        ("2h30", "2026-01-08T17:00:00Z", "30 min behind, 5 h of room by Sunday; 5.5 h to go, more than"),
        ("30m", "2026-01-08T17:00:00Z", "2.5 h behind, 5 h of room by Sunday; 7.5 h to go, more than"),
        ("5h", "2026-01-11T17:00:00Z", "3 h behind, 0 min of room today; 3 h to go, more than"),
        ("8h", "2026-01-11T17:00:00Z", "2 h behind"),
    ],
)
def test_the_pace_is_said_in_words(crm, planned, logged, now, says):
    """How far behind, what room is left by when, and what is still to do; more than an activity's target is no help."""
    crm("log-hours", logged, "projects")
    assert says in crm("week", now=now).out


def test_a_week_that_is_over_lacks_what_each_activity_lacks(crm, planned):
    """After the week `behind` is the sum of what is missing, and there is no room any more."""
    crm("log-hours", "8h", "projects")
    crm("log-hours", "30m", "reading")
    found = week(crm, "--at", "2026-01-07", now="2026-01-13T17:00:00Z")
    assert (found["behind_minutes"], found["available_minutes"]) == (90, 0)
    assert "1 h 30 min short" in crm("week", "--at", "2026-01-07").out


def test_a_week_to_come_asks_for_nothing_yet(crm, planned):
    """Next week nobody is behind, and all of its room is left."""
    crm("log-hours", "2h", "projects")
    found = week(crm, "--at", "2026-01-14")
    assert (found["from_on"], found["behind_minutes"], found["available_minutes"]) == ("2026-01-12", 0, 480)


@pytest.mark.parametrize(("starts_on", "from_on"), [("sunday", "2026-01-04"), ("saturday", "2026-01-03")])
def test_the_week_begins_on_the_configured_day(home, crm, planned, starts_on, from_on):
    """`week_starts_on` moves the week's bounds."""
    (home / "config.toml").write_text(f'week_starts_on = "{starts_on}"\n')
    crm("log-hours", "1h", "projects", "--at", "2026-01-04")
    found = week(crm)
    assert found["from_on"] == from_on
    assert found["activities"][0]["minutes"] == 60


def test_time_across_midnight_counts_where_it_began(crm, planned):
    """Three hours from Sunday 23:00 belong to the week that ends."""
    crm("log-hours", "3h", "projects", "--at", "2026-01-11 23:00", now="2026-01-12T20:00:00Z")
    assert week(crm)["activities"][0]["minutes"] == 0
    assert week(crm, "--at", "2026-01-11")["activities"][0]["minutes"] == 180


def test_midnight_belongs_to_the_day_it_begins(crm, planned):
    """Time from 0:00 on Monday counts in the new week, not in the old one."""
    crm("log-hours", "1h", "projects", "--at", "2026-01-12 0:00", now="2026-01-12T20:00:00Z")
    assert week(crm)["activities"][0]["minutes"] == 60
    assert week(crm, "--at", "2026-01-11")["activities"][0]["minutes"] == 0


def test_a_running_timer_counts_so_far(crm, planned):
    """What a timer has run counts towards the week, and takes from today's room."""
    crm("timer", "start", "projects")
    found = week(crm, now="2026-01-05T17:45:30Z")
    assert found["activities"][0]["minutes"] == 45
    assert found["available_minutes"] == 435
    assert "Timing Building projects since Mon 5 Jan 2026 09:00" in crm("week").out


def test_targets_count_from_their_day(crm, planned):
    """A past week keeps the target it had; this week has today's; one to come has the one that is set for it."""
    crm("hours", "target", "projects", "8", "--from", "2026-01-19")
    targets = [
        week(crm, "--at", day)["activities"][0]["target_minutes"] for day in ("2026-01-04", "2026-01-12", "2026-01-19")
    ]
    assert targets == [0, 360, 480]
    assert week(crm, "--at", "2026-01-12", now="2026-02-01T12:00:00Z")["activities"][0]["target_minutes"] == 360


def test_a_target_of_later_this_week_does_not_count_yet(crm, planned):
    """Today's target stands until the day of the next one; a week that is over has its last day's."""
    crm("hours", "target", "projects", "8", "--from", "2026-01-09")
    assert week(crm)["activities"][0]["target_minutes"] == 360
    assert week(crm, now="2026-01-09T17:00:00Z")["activities"][0]["target_minutes"] == 480
    assert week(crm, "--at", "2026-01-05", now="2026-02-01T17:00:00Z")["activities"][0]["target_minutes"] == 480


def test_no_targets_at_all(crm):
    """Without activities, targets and room every figure is 0 and the next command is named."""
    found = week(crm)
    assert found == {
        "from_on": "2026-01-05",
        "to_on": "2026-01-11",
        "activities": [],
        "behind_minutes": 0,
        "available_minutes": 0,
    }
    assert "crm hours add" in crm("week").out
    crm("hours", "add", "Writing")
    crm("log-hours", "1h", "writing")
    assert week(crm)["behind_minutes"] == 0
    assert "crm hours target" in crm("week").out
    assert "had no targets" in crm("week", "--at", "2025-12-01").out


def test_a_share_is_taken_of_the_plans_hours(home):
    """A target that says only a share asks for that part of the plan's hours per week."""
    tz = ZoneInfo("UTC")
    with database(home) as session:
        activity = records.add(session, Activity(name="Writing"))
        session.add(ActivityTarget(activity_id=activity.id, from_on=date(2026, 1, 1), share_percent=25))
        session.flush()
        without = actions.week_summary(session, day=NOW.date(), now=NOW, tz=tz, week_starts_on="monday")
        session.add(Plan(weekly_hours=10))
        session.flush()
        found = actions.week_summary(session, day=NOW.date(), now=NOW, tz=tz, week_starts_on="monday")
    assert (without.target_minutes, found.target_minutes) == (0, 150)


def test_the_plans_hours_are_the_target_where_no_activity_has_one(crm):
    """With nothing but hours per week, everything that is done counts towards them."""
    crm("hours", "add", "Writing")
    crm("plan", "set", "--weekly-hours", "7")
    crm("log-hours", "1h", "writing")
    found = week(crm, now="2026-01-08T17:00:00Z")
    assert (found["behind_minutes"], found["activities"][0]["target_minutes"]) == (120, 0)
    assert "6 h to go" in crm("week").out


def test_the_plans_hours_ask_for_nothing_before_it_starts(crm):
    """A week before the plan's start, or with no start a week that is over, has no target."""
    crm("hours", "add", "Writing")
    crm("plan", "set", "--weekly-hours", "7")
    assert week(crm, "--at", "2026-01-04")["behind_minutes"] == 0
    crm("plan", "start", "2026-01-07")
    assert week(crm, "--at", "2026-01-04")["behind_minutes"] == 0
    assert week(crm, "--at", "2026-01-11", now="2026-01-20T12:00:00Z")["behind_minutes"] == 420


@pytest.mark.parametrize("at", ["soon", "1/5/2026", "2026-01-05 9:00"])
def test_a_week_of_no_day_is_refused(crm, at):
    """--at takes a day and nothing else."""
    crm("week", "--at", at, code=2)


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_the_screen_fits_and_reads_without_colour(crm, planned, monkeypatch, columns):
    """No line is wider than the terminal, and the bars are characters, not colours."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    crm("commitment", "add", "Post about what I am building, once it can be shown to somebody", "2/week", "--accept")
    crm("hours", "add", "A " + "very " * 30 + "long name")
    crm("log-hours", "3h", "projects")
    printed = crm("week").out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "\x1b" not in printed
    assert "projects" in printed
    assert ("█" * 20 in printed) is (columns == "120")
    if columns != "40":
        assert "██████████░░░░░░░░░░" in printed
        assert "○○" in printed
