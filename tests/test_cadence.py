"""Day arithmetic: months, weeks, reviews, horizons, cadences, and wall time turned into instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.cadence import (
    LONGEST_CADENCE_DAYS,
    add_months,
    day_of,
    days_between,
    horizon_due,
    local_instant,
    parse_cadence,
    review_due,
    say_cadence,
    week_bounds,
)
from crm.clock import YEARS
from crm.errors import BadValueError

DAYS = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
ZONES = st.sampled_from(
    [
        "Africa/Casablanca",
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Pacific/Apia",
        "UTC",
    ]
).map(ZoneInfo)
JUMP_DAYS = st.sampled_from(
    [
        date(2011, 12, 29),
        date(2011, 12, 30),
        date(2026, 3, 8),
        date(2026, 11, 1),
        date(2024, 3, 10),
        date(2024, 4, 14),
        date(2018, 11, 4),
        date(2026, 4, 5),
        date(1986, 1, 1),
    ]
)
WALL_TIMES = st.times().map(lambda at: at.replace(microsecond=0))


def instants_showing(wall, tz):
    """Every instant at which clocks in the zone show that wall time, found by trying each offset used near it."""
    near = [wall.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-72, 73)]
    tried = {(wall - each.astimezone(tz).utcoffset()).replace(tzinfo=UTC) for each in near}
    return sorted(each for each in tried if each.astimezone(tz).replace(tzinfo=None) == wall)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("America/Los_Angeles", "2026-01-05 09:00", "2026-01-05T17:00:00Z"),
        ("America/Los_Angeles", "2026-03-08 02:30", "2026-03-08T10:30:00Z"),  # skipped: becomes 3:30
        ("America/Los_Angeles", "2026-11-01 01:30", "2026-11-01T08:30:00Z"),  # shown twice: the first
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04T03:00:00Z"),  # midnight skipped: becomes 1:00
        ("Africa/Casablanca", "2024-04-14 02:30", "2024-04-14T02:30:00Z"),  # skipped at the end of Ramadan
        ("Africa/Casablanca", "2024-03-10 02:30", "2024-03-10T01:30:00Z"),  # shown twice at its beginning
        ("Asia/Kathmandu", "2026-01-05 09:00", "2026-01-05T03:15:00Z"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z"),  # a day skipped whole: becomes the 31st
    ],
)
def test_wall_time_is_one_instant(zone, wall, instant):
    """A wall time inside a gap moves forward; of a doubled one the first counts."""
    local = datetime.fromisoformat(wall)
    assert local_instant(local.date(), local.time(), ZoneInfo(zone)) == datetime.fromisoformat(instant)


@given(JUMP_DAYS | DAYS, WALL_TIMES, ZONES)
@example(date(2026, 11, 1), time(1, 30, fold=1), ZoneInfo("America/Los_Angeles"))
def test_each_wall_time_gives_its_first_instant(day, at, tz):
    """If clocks ever show the wall time, it is the first instant at which they do; if not, they show a later time."""
    instant = local_instant(day, at, tz)
    wall = datetime.combine(day, at.replace(fold=0))
    shown = instants_showing(wall, tz)
    assert instant.tzinfo is UTC
    if shown:
        assert instant == shown[0]
    else:
        assert instant.astimezone(tz).replace(tzinfo=None) > wall


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Los_Angeles", "2026-01-04"), ("UTC", "2026-01-05"), ("Asia/Kathmandu", "2026-01-05")]
)
def test_an_instant_falls_on_a_local_day(zone, day):
    """Two in the morning UTC is still the day before in Los Angeles."""
    assert day_of(datetime(2026, 1, 5, 2, tzinfo=UTC), ZoneInfo(zone)) == date.fromisoformat(day)


def test_days_between_instants_are_local_midnights():
    """Ten minutes around midnight are a day, a nearly full day is none, and a day of 23 hours is one."""
    tz = ZoneInfo("America/Los_Angeles")
    late, early = local_instant(date(2026, 1, 5), time(23, 55), tz), local_instant(date(2026, 1, 6), time(0, 5), tz)
    assert days_between(late, early, tz) == 1
    assert days_between(early, late, tz) == -1
    assert days_between(early, early + timedelta(hours=23), tz) == 0
    spring = local_instant(date(2026, 3, 8), time(0), tz)
    assert days_between(spring, spring + timedelta(hours=23), tz) == 1


@pytest.mark.parametrize(
    ("anchor", "months", "day"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-01-31", 6, "2026-07-31"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-01-05", 0, "2026-01-05"),
    ],
)
def test_months_are_clamped_to_the_end_of_the_month(anchor, months, day):
    """The same day of the month, or the last one if the month is too short."""
    assert add_months(date.fromisoformat(anchor), months) == date.fromisoformat(day)


@given(DAYS.filter(lambda day: day.year < 9900), st.integers(0, 1000))
def test_months_never_leave_their_month(anchor, months):
    """Each step of a month lands in the next month, on the anchor's day or on the month's last."""
    day = add_months(anchor, months)
    assert (day.year * 12 + day.month) - (anchor.year * 12 + anchor.month) == months
    assert day.day == anchor.day or (day.day < anchor.day and (day + timedelta(days=1)).day == 1)


@pytest.mark.parametrize("months", [12 * 8000, -12 * 8000, 10**9, 10**30])
def test_months_beyond_the_calendar_are_refused(months):
    """No number of months ends in anything but an answer or a refusal."""
    with pytest.raises(BadValueError, match="outside the calendar"):
        add_months(date(2026, 1, 5), months)


@pytest.mark.parametrize(
    ("start_on", "due"),
    [
        ("2026-01-05", ["2026-01-19", "2026-02-05", "2026-04-05", "2026-07-05"]),
        ("2026-01-31", ["2026-02-14", "2026-02-28", "2026-04-30", "2026-07-31"]),
        ("2024-01-31", ["2024-02-14", "2024-02-29", "2024-04-30", "2024-07-31"]),
    ],
)
def test_reviews_are_counted_from_the_start(start_on, due):
    """Week 2 and months 1, 3 and 6 are each counted from the start, never from one another."""
    start = date.fromisoformat(start_on)
    days = [review_due(start, weeks=2), *(review_due(start, months=months) for months in (1, 3, 6))]
    assert days == [date.fromisoformat(day) for day in due]


def test_horizons_end_with_their_weeks():
    """A checklist of this week is due on the seventh day, of two weeks on the fourteenth; a gate has no day."""
    start = date(2026, 1, 5)
    assert horizon_due(start, "this-week") == date(2026, 1, 11)
    assert horizon_due(start, "next-two-weeks") == date(2026, 1, 18)
    assert horizon_due(start, "before-start") is None
    with pytest.raises(BadValueError, match="choose one of this-week, next-two-weeks, before-start"):
        horizon_due(start, "some\x1bday")


@given(DAYS, st.integers(0, 6))
def test_a_week_holds_its_day_and_begins_on_its_weekday(day, first_weekday):
    """Seven days, the first on the weekday asked for, the day among them."""
    first, last = week_bounds(day, first_weekday=first_weekday)
    assert first <= day <= last
    assert last - first == timedelta(days=6)
    assert first.weekday() == first_weekday


def test_a_week_begins_on_monday():
    """Unless asked otherwise, Sunday ends the week."""
    assert week_bounds(date(2026, 1, 11)) == (date(2026, 1, 5), date(2026, 1, 11))


@pytest.mark.parametrize(
    ("text", "days", "said"),
    [
        ("4w..6w", (28, 42), "4w..6w"),
        ("30d", (30, 30), "30d"),
        ("2m..3m", (60, 90), "60d..90d"),
        (" 2W .. 1 M ", (14, 30), "14d..30d"),
        ("10d..2w", (10, 14), "10d..14d"),
        ("1d", (1, 1), "1d"),
        ("3650d", (3650, 3650), "3650d"),
    ],
)
def test_cadences_are_read_and_said(text, days, said):
    """Days, weeks and months of 30 days, one or a range; said in weeks or days, never in months."""
    assert parse_cadence(text) == days
    assert say_cadence(*days) == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no cadence; write 4w..6w"),
        ("weekly", "is no cadence"),
        ("4..6w", "is no cadence"),
        ("4w-6w", "is no cadence"),
        ("-4w", "is no cadence"),
        ("1.5w", "is no cadence"),
        ("٤w", "is no cadence"),
        ("4w..", "is no cadence"),
        ("0d", "is out of range"),
        ("0w..2w", "is out of range"),
        ("1d..3651d", "is out of range"),
        ("999999m", "is out of range"),
        ("6w..4w", "runs backwards"),
    ],
)
def test_other_cadences_are_refused(text, why):
    """What is no cadence is refused with the reason and a form that works."""
    with pytest.raises(BadValueError, match=why):
        parse_cadence(text)


@given(st.lists(st.integers(1, LONGEST_CADENCE_DAYS), min_size=2, max_size=2).map(sorted))
def test_a_cadence_said_can_be_typed(days):
    """What is said is read back as the same days."""
    assert parse_cadence(say_cadence(*days)) == tuple(days)


@given(st.text() | st.from_regex(r"[0-9]{1,12}[dwm](\.\.[0-9]{1,12}[dwm])?", fullmatch=True))
def test_any_text_is_a_cadence_or_refused(text):
    """Nothing but a refusal is raised, and what is read is a range of days."""
    try:
        least, most = parse_cadence(text)
    except BadValueError:
        return
    assert 1 <= least <= most <= LONGEST_CADENCE_DAYS
