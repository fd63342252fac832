"""What holds of days and instants whatever is typed, whenever and wherever."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from crm.cadence import add_months, day_of, local_instant
from crm.clock import YEARS
from crm.dates import parse_day, parse_instant, parse_when, say_day, say_instant
from crm.errors import BadValueError

DAYS = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31))
CLOCK_CHANGES = (
    *("2011-12-30T10:00Z", "2018-11-04T03:00Z", "2024-03-10T02:00Z", "2024-04-14T02:00Z", "2026-03-08T10:00Z"),
    *("2026-04-04T15:00Z", "2026-11-01T09:00Z"),
)
NOWS = st.builds(
    lambda around, seconds: datetime.fromisoformat(around) + timedelta(seconds=seconds),
    st.sampled_from(CLOCK_CHANGES),
    st.integers(-100_000, 100_000) | st.integers(-(10**9), 10**11),
)
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from(
    [
        "Africa/Casablanca",
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "UTC",
    ]
).map(ZoneInfo)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORDS = st.lists(
    st.sampled_from(
        [
            *("today", "now", "next", "last", "in", "ago", "at", "on", "a", "an", "the", "noon", "am", "pm"),
            *("fri", "tuesday", "feb", "29", "31", "0", "3rd", "2026", "0000", "9999", "9998", "1899", "1900", "12"),
            *("week", "days", "months", "years", "hours", "min", "m", "99999", "99999999999999999999", "-1", "1.5"),
            *("2026-01-05", "2026-02-30", "9999-12-31", "0001-01-01", "2026-13-01", "t", "z", "+14:00", "-99:99"),
            *("9:00", "24:00", "14:30:60", "14:30", "13pm", "12am", "2:30pm", "3/4/2026", "3.4.", ",", "\x1b[1m", "٣"),
        ]
    ),
    max_size=7,
)
HOSTILE = st.text() | st.tuples(WORDS, st.sampled_from(["", " ", "  "])).map(lambda parts: parts[1].join(parts[0]))


@given(DAYS, NOWS, ZONES, st.booleans())
def test_a_day_said_can_be_typed(day, now, tz, past):
    """What is said is read back as the same day, whenever, wherever and in whichever direction."""
    for text in (say_day(day), say_day(day).lower(), f" {day} ", f"{day:%d} {say_day(day).split()[2]} {day.year}"):
        assert parse_day(text, now=now, tz=tz, past=past) == day


@given(DAYS, CLOCKS, NOWS, ZONES, st.booleans())
def test_an_instant_said_can_be_typed(day, at, now, tz, past):
    """What is said is read back as the same minute; so is the ISO form."""
    instant = local_instant(day, at, tz)
    assume(day_of(instant, tz).year in YEARS)
    assert parse_instant(say_instant(instant, tz=tz), now=now, tz=tz, past=past) == instant
    assert parse_instant(instant.isoformat(), now=now, tz=tz, past=past) == instant


@given(HOSTILE, NOWS, ZONES, st.booleans())
def test_any_text_is_a_day_or_refused(text, now, tz, past):
    """Nothing but a refusal is raised, whatever is typed, and what is read lies in the years that are kept."""
    try:
        when = parse_when(text, now=now, tz=tz, past=past)
    except BadValueError:
        return
    assert when.day.year in YEARS
    assert when.at is None or (when.at.tzinfo is UTC and day_of(when.at, tz) == when.day)


@given(st.sampled_from(WEEKDAYS), NOWS, ZONES, st.booleans())
def test_a_weekday_is_at_most_six_days_away(name, now, tz, past):
    """It has that name, and no nearer day has it in that direction, today included."""
    day, today = parse_day(name, now=now, tz=tz, past=past), day_of(now, tz)
    assert WEEKDAYS[day.weekday()] == name
    assert 0 <= ((today - day) if past else (day - today)).days <= 6


@given(st.sampled_from(WEEKDAYS), CLOCKS, NOWS, ZONES, st.booleans())
def test_a_weekday_with_a_time_is_the_nearest_on_the_right_side(name, at, now, tz, past):
    """It is not on the wrong side of now, and the same weekday a week nearer would be."""
    found = parse_instant(f"{name} {at:%H:%M}", now=now, tz=tz, past=past)
    assert found <= now if past else found >= now
    day = day_of(found, tz) + timedelta(days=7 if past else -7)
    nearer = local_instant(day, at, tz)
    assume(day_of(nearer, tz) == day)  # the day that Samoa skipped is nobody's Friday
    assert nearer > now if past else nearer < now


@given(CLOCKS, NOWS, ZONES, st.booleans())
def test_a_bare_time_is_within_a_day(at, now, tz, past):
    """The next or the last time the clock shows it, an hour's change of the clock allowed for."""
    found = parse_instant(f"{at:%H:%M}", now=now, tz=tz, past=past)
    assert timedelta(0) <= (now - found if past else found - now) <= timedelta(hours=25)


@given(DAYS, NOWS, ZONES, st.booleans())
def test_a_day_without_its_year_is_the_nearest(day, now, tz, past):
    """It is that day and month, on the right side of today, and no such day lies between."""
    text = say_day(day).split(maxsplit=1)[1].rpartition(" ")[0]
    found, today = parse_day(text, now=now, tz=tz, past=past), day_of(now, tz)
    assert (found.day, found.month) == (day.day, day.month)
    between = range(
        *((found.toordinal() + 1, today.toordinal() + 1) if past else (today.toordinal(), found.toordinal()))
    )
    assert found <= today if past else found >= today
    assert not any((each.day, each.month) == (day.day, day.month) for each in map(date.fromordinal, between))


@given(st.sampled_from(WEEKDAYS), NOWS, ZONES, st.booleans())
def test_next_and_last_are_the_neighbouring_iso_weeks(name, now, tz, past):
    """`next tue` is in the ISO week of seven days from now, `last tue` in that of seven days ago."""
    today = day_of(now, tz)
    for which, days in (("next", 7), ("last", -7)):
        found = parse_day(f"{which} {name}", now=now, tz=tz, past=past)
        assert found.isocalendar()[:2] == (today + timedelta(days=days)).isocalendar()[:2]
        assert WEEKDAYS[found.weekday()] == name


@given(st.integers(0, 300), NOWS, ZONES)
def test_spans_are_counted_from_today_and_now(number, now, tz):
    """Days, weeks and months on the person's calendar; hours and minutes on the clock."""
    asked, today = {"now": now, "tz": tz}, day_of(now, tz)
    assert parse_day(f"in {number} days", **asked) == today + timedelta(days=number)
    assert parse_day(f"{number} weeks ago", **asked) == today - timedelta(weeks=number)
    assert parse_day(f"in {number} months", **asked) == add_months(today, number)
    assert parse_instant(f"in {number} minutes", **asked) == now + timedelta(minutes=number)
    assert parse_instant(f"{number} hours ago", **asked) == now - timedelta(hours=number)
