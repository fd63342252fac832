"""The year of hours, day by day: whose day an entry counts on, levels that read without colour, streaks and labels."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plan_support import database, on

from crm.actions.heatmap import heatmap
from crm.date_words import MONTHS, WEEKDAYS
from crm.heatmap import STEPS, TOP_LEVEL, Streak, level, weeks, year_hours
from crm.models import Activity, TimeEntry
from crm.store import records

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ZONES = ("America/Los_Angeles", "Pacific/Apia", "Pacific/Kiritimati", "America/Havana", "Asia/Kathmandu", "UTC")
SHADES = "·░▒▓█"

years = st.integers(1900, 9998)
minutes_of_days = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 1440), max_size=60)
instants = st.one_of(
    st.integers(0, 3 * 365 * 1440).map(lambda ahead: new_year(2025, ahead)),
    st.integers(-2000, 2000).map(lambda ahead: new_year(2026, ahead)),
)


def new_year(year, minutes):
    """So many minutes after a year began in UTC."""
    return datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)


@given(st.lists(st.tuples(st.integers(0, 1), instants, st.integers(1, 1440)), max_size=15), st.sampled_from(ZONES))
@example([(0, datetime(2026, 1, 1, 7, 59, tzinfo=UTC), 30), (0, datetime(2026, 1, 1, 8, tzinfo=UTC), 7)], ZONES[0])
def test_each_minute_is_in_the_year_of_its_local_day(home, entries, zone):
    """In any zone and around any change of clocks or year, every entry counts whole on the local day it starts."""
    tz = ZoneInfo(zone)
    with database(home) as session:
        made = [records.add(session, Activity(name=f"Activity {number}")) for number in range(2)]
        for number, at, minutes in entries:
            session.add(TimeEntry(activity_id=made[number].id, started_at=at, minutes=minutes))
        session.flush()
        found = [heatmap(session, year, activity=None, now=NOW, tz=tz) for year in range(2023, 2029)]
        only = heatmap(session, 2026, activity=made[1], now=NOW, tz=tz)
        session.rollback()
    by_day = {}
    for _number, at, minutes in entries:
        day = at.astimezone(tz).date()
        by_day[day] = by_day.get(day, 0) + minutes
    assert {each.date: each.minutes for year in found for each in year.days if each.minutes} == by_day
    assert sum(each.minutes for each in found) == sum(minutes for _number, _at, minutes in entries)
    mine = [minutes for number, at, minutes in entries if number == 1 and at.astimezone(tz).year == 2026]
    assert only.minutes == sum(mine)


@given(years, st.integers(0, 6))
def test_the_weeks_hold_every_day_once_in_order(year, first_weekday):
    """Each day stands once, in its weekday's row; the weeks begin on the day that is set and are at most 54."""
    found = list(weeks(year_hours(year, {}).days, first_weekday=first_weekday))
    days = [each.date for week in found for each in week if each]
    assert days == [date(year, 1, 1) + timedelta(days=ahead) for ahead in range(len(days))]
    assert days[-1] == date(year, 12, 31)
    assert {len(week) for week in found} == {7}
    assert len(found) in {53, 54}
    for week in found:
        assert all(each is None or (each.date.weekday() - first_weekday) % 7 == row for row, each in enumerate(week))


@given(minutes_of_days)
def test_the_longest_streak_is_the_longest_run(by_day):
    """No run of days with time is longer, and every day of the streak has time."""
    found = year_hours(2026, by_day).longest_streak()
    runs = [0]
    for ahead in range(365):
        runs.append(runs[-1] + 1 if on("2026-01-01") + timedelta(days=ahead) in by_day else 0)
    assert max(runs) == (found.days if found else 0)
    if found:
        assert all(found.from_on + timedelta(days=ahead) in by_day for ahead in range(found.days))
        assert found.to_on == found.from_on + timedelta(days=found.days - 1)


def test_a_streak_crosses_both_changes_of_clocks_and_ends_with_the_year():
    """The first of two equal runs is told, and days of other years are none of this one's."""
    days = ("2025-12-31", "2026-01-01", "2026-03-07", "2026-03-08", "2026-03-09", "2026-10-31", "2026-11-01")
    found = year_hours(2026, {on(day): 10 for day in (*days, "2026-11-02")})
    assert found.longest_streak() == Streak(on("2026-03-07"), on("2026-03-09"), 3)
    assert (found.minutes, found.active_days) == (70, 7)


@given(minutes_of_days)
def test_levels_rise_with_the_minutes(by_day):
    """More minutes never look less, only no time looks like none, and half of the days stand out."""
    found = year_hours(2026, by_day)
    step = found.step()
    levels = [level(minutes, step) for minutes in range(1441)]
    assert step in STEPS
    assert levels == sorted(levels)
    assert [at for at, each in enumerate(levels) if each == 0] == [0]
    assert levels[-1] == TOP_LEVEL
    active = sorted(each.minutes for each in found.days if each.minutes)
    if active and active[(len(active) - 1) // 2] >= STEPS[0]:
        assert level(active[(len(active) - 1) // 2], step) >= 2


@pytest.fixture
def logged(home):
    """2026 with a few days on two activities, one entry minutes before New Year in Los Angeles."""
    with database(home) as session:
        made = [records.add(session, Activity(name=name, role="other")) for name in ("Writing", "Reading/research")]
        for number, at, minutes in (
            (0, datetime(2026, 1, 1, 7, 50, tzinfo=UTC), 999),
            (0, datetime(2026, 1, 1, 8, 0, tzinfo=UTC), 60),
            (0, datetime(2026, 1, 4, 20, tzinfo=UTC), 120),
            (1, datetime(2026, 1, 5, 7, 59, tzinfo=UTC), 60),
            (1, datetime(2026, 1, 5, 8, 0, tzinfo=UTC), 30),
        ):
            session.add(TimeEntry(activity_id=made[number].id, started_at=at, minutes=minutes))


def told(crm, *arguments):
    """The days with time, and everything else as JSON."""
    found = crm("hours", "heatmap", *arguments, "--json").json
    return {each["date"]: each["minutes"] for each in found["days"] if each["minutes"]}, found


def test_the_year_is_told_day_by_day(crm, logged):
    """Scripts get every day of the year with whole minutes, and the figures that the screen prints."""
    days, found = told(crm)
    assert days == {"2026-01-01": 60, "2026-01-04": 180, "2026-01-05": 30}
    assert len(found.pop("days")) == 365
    assert found == {
        "year": 2026, "activity": None, "week_starts_on": "monday", "minutes": 270, "active_days": 3,
        "longest_streak": {"from_on": "2026-01-04", "to_on": "2026-01-05", "days": 2},
    }  # fmt: skip
    printed = crm("hours", "heatmap").out
    assert "4 h 30 min on 3 days." in printed
    assert "Longest streak: 2 days in a row, Sun 4 Jan 2026 to Mon 5 Jan 2026." in printed


def test_another_zone_moves_the_days(crm, logged, monkeypatch):
    """Seen from UTC the same entries lie on other days, and the one before New Year within the year."""
    monkeypatch.setenv("CRM_TIMEZONE", "UTC")
    assert told(crm)[0] == {"2026-01-01": 1059, "2026-01-04": 120, "2026-01-05": 90}
    assert told(crm, "--year", "2025")[0] == {}


def test_a_year_and_an_activity_can_be_chosen(crm, logged):
    """--year takes any year, --activity a word of a name."""
    assert told(crm, "--year", "2025")[0] == {"2025-12-31": 999}
    days, found = told(crm, "--activity", "research")
    assert days == {"2026-01-04": 60, "2026-01-05": 30}
    assert found["activity"] == crm("hours", "list", "--json").json["items"][1]["uid"]
    assert "Hours of 2026 on Reading/research" in crm("hours", "heatmap", "--activity", "reading").out


@pytest.mark.parametrize("first", ["monday", "saturday", "sunday"])
def test_the_rows_begin_with_the_first_day_of_the_week(crm, logged, first):
    """With another first day the same day moves to its row and week; to come is blank, and a day without time a dot."""
    crm("config", "set", "week_starts_on", first)
    lines = crm("hours", "heatmap").out.splitlines()
    rows = {line[:3]: line[4:].rstrip() for line in lines if line[:3].lower() in {day[:3] for day in WEEKDAYS}}
    assert next(iter(rows)).lower() == first[:3]
    # 60 minutes are the middle day's, and so the step; at 100 columns a day takes one character.
    grid = {
        "monday": {"Thu": "▒", "Fri": "·", "Sat": "·", "Sun": "█", "Mon": " ░", "Tue": "", "Wed": ""},
        "saturday": {"Thu": "▒", "Fri": "·", "Sat": " ·", "Sun": " █", "Mon": " ░", "Tue": "", "Wed": ""},
        "sunday": {"Thu": "▒", "Fri": "·", "Sat": "·", "Sun": " █", "Mon": " ░", "Tue": "", "Wed": ""},
    }
    assert rows == grid[first]


def test_the_legend_says_the_minutes_of_each_level(crm, logged):
    """Each character is explained; the steps are those the levels use."""
    assert "· none   ░ under 1h   ▒ 1h to 2h   ▓ 2h to 3h   █ 3h and more" in crm("hours", "heatmap").out


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_a_full_year_fits_and_reads_without_colour(crm, home, monkeypatch, columns):
    """54 weeks fit at any width, no line is wider than the terminal, and from 80 columns on each month is named."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    crm("config", "set", "week_starts_on", "sunday")
    with database(home) as session:
        activity = records.add(session, Activity(name="\x1b[2J[red]Deep\u202e" + "work " * 50))
        for ahead in range(366):
            at = datetime(2000, 1, 1, 20, tzinfo=UTC) + timedelta(days=ahead)
            session.add(TimeEntry(activity_id=activity.id, started_at=at, minutes=15 * (1 + ahead % 16)))
    printed = crm("hours", "heatmap", "--year", "2000", "--activity", "deep").out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "\x1b" not in printed
    assert "\u202e" not in printed
    rows = [line[4:] for line in printed.splitlines() if line[:3].lower() in {day[:3] for day in WEEKDAYS}]
    assert sum(len(row.replace(" ", "")) for row in rows) == 366 * (2 if columns == "120" else 1)
    assert set("".join(rows)) <= {*SHADES[1:], " "}
    assert "Longest streak: 366 days in a row" in " ".join(printed.split())
    if columns != "40":
        names = [name[:3].capitalize() for name in MONTHS]
        assert names in [line.split() for line in printed.splitlines()]


def test_an_empty_year_says_what_to_type(crm, logged):
    """A year without time names the year of the newest; without any time, how to log it."""
    assert "crm hours heatmap --year 2026" in crm("hours", "heatmap", "--year", "2024").out
    assert told(crm, "--year", "2024")[1]["longest_streak"] is None


def test_without_any_time_it_says_how_to_log_it(crm):
    """In an empty database the year is all blank."""
    assert "crm log-hours 1h30 ACTIVITY" in crm("hours", "heatmap").out
    days, found = told(crm)
    assert (days, found["minutes"], found["active_days"]) == ({}, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--year", "1899"), 2), (("--year", "9999"), 2), (("--year", "soon"), 2), (("--activity", "cooking"), 3)],
)
def test_what_is_no_year_or_activity_is_refused(crm, logged, arguments, code):
    """A year out of the calendar is a usage error, an unknown activity is not found."""
    crm("hours", "heatmap", *arguments, code=code)


@pytest.mark.parametrize("year", ["1900", "9998"])
def test_the_calendars_ends_are_no_error(crm, logged, year):
    """The first and the last year there are can be shown."""
    assert told(crm, "--year", year)[0] == {}
