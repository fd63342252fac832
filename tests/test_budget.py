"""The plan's hours as a budget: what is done and needed, the line, the pace, the forecast, and metalearning's band."""

import json
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_support import database, on

from crm.actions import budget as actions
from crm.actions import hours
from crm.budget import Goal, band, forecast, goal, line_on, needed_weekly, reckon
from crm.date_words import WEEKDAYS
from crm.models import Activity, Plan, TimeEntry
from crm.store import records

TODAY = date(2026, 6, 10)
ROLES = ("projects", "networking", "metalearning")
ZONES = ("America/Los_Angeles", "Pacific/Auckland", "America/Havana", "Asia/Kathmandu", "UTC")

near = st.dates(TODAY - timedelta(days=200), TODAY + timedelta(days=200))
totals = st.integers(1, 1000 * 60)
logged = st.dictionaries(st.dates(TODAY - timedelta(days=120), TODAY), st.integers(1, 600), max_size=40)
goals = st.builds(
    goal,
    total_hours=st.none() | st.integers(0, 800),
    weekly_hours=st.none() | st.integers(0, 40),
    months=st.none() | st.integers(1, 24),
    start_on=st.none() | near,
    deadline_on=st.none() | near,
)


@given(goals, logged, st.integers(0, 6))
def test_every_figure_equals_an_independent_reckoning(aim, by_day, first_weekday):
    """Whatever the plan says or leaves out, each figure is what fractions and a walk day by day give."""
    found = reckon(aim, by_day, today=TODAY, first_weekday=first_weekday)
    begun = aim.start_on or min(by_day, default=None)
    walked = [begun + timedelta(days=ahead) for ahead in range((TODAY - begun).days + 1)] if begun else []
    done = sum(by_day.get(day, 0) for day in walked)
    assert found.minutes == done
    assert found.weeks[-1].total_minutes == sum(each.minutes for each in found.weeks) == done if walked else True
    firsts = [day for day in walked if day.weekday() == first_weekday]
    full = [[day + timedelta(days=ahead) for ahead in range(7)] for day in firsts if day + timedelta(days=6) < TODAY]
    spent = sum(by_day.get(day, 0) for week in full[-4:] for day in week)
    assert found.pace_weeks == len(full[-4:])
    assert (found.pace_weekly_minutes is None) is (not full)
    if full:
        assert found.pace_weekly_minutes == pytest.approx(Fraction(spent, len(full[-4:])), abs=0.5)
    if not aim.total_minutes:
        assert (found.rest_minutes, found.line_minutes, found.forecast_on, found.reached_on) == (None,) * 4
        return
    rest = max(0, aim.total_minutes - done)
    assert found.rest_minutes == rest
    assert (found.reached_on is None) is (rest > 0)
    if found.reached_on:
        until = sum(minutes for day, minutes in by_day.items() if begun <= day <= found.reached_on)
        assert until >= aim.total_minutes > until - by_day[found.reached_on]
    if rest and spent:
        day, brought = TODAY, Fraction(0)
        while (brought := brought + Fraction(spent, 7 * len(full[-4:]))) < rest and day < date(2400, 1, 1):
            day += timedelta(days=1)
        assert found.forecast_on == day or day == date(2400, 1, 1)
    else:
        assert found.forecast_on is None
    if found.line_minutes is not None:
        assert [each.line_minutes for each in found.weeks[-1:]] in ([], [found.line_minutes])
        share = Fraction(min(max((TODAY - aim.start_on).days, 0), aim.days), aim.days)
        assert found.line_minutes == pytest.approx(aim.total_minutes * share, abs=0.5)
        assert found.ahead_minutes - found.behind_minutes == done - found.line_minutes
        assert min(found.ahead_minutes, found.behind_minutes) == 0


@given(st.integers(0, 60_000), near, near)
def test_what_is_needed_brings_the_rest(rest, from_on, last_on):
    """Needed a week, times the weeks that are left, is the rest, rounded up by less than a minute a week."""
    needed = needed_weekly(rest, from_on=from_on, last_on=last_on)
    days = (last_on - from_on).days + 1
    if days < 1:
        assert needed is None
    else:
        weeks = Fraction(max(7, days), 7)
        assert rest <= needed * weeks < rest + weeks


@given(st.integers(1, 60_000), st.integers(1, 60_000), st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 4))
def test_the_forecast_is_monotone(rest, more, spent, faster, weeks):
    """More to go is never done earlier, and a faster pace never later."""
    usual = forecast(rest, spent=spent, weeks=weeks, from_on=TODAY)
    assert TODAY <= usual <= forecast(rest + more, spent=spent, weeks=weeks, from_on=TODAY)
    assert usual >= forecast(rest, spent=spent + faster, weeks=weeks, from_on=TODAY)


@given(st.integers(1, 60_000), st.integers(6, 400))
def test_who_does_what_is_needed_is_told_the_last_day(rest, ahead):
    """The pace that is needed forecasts the last day or before, and a minute a week less never an earlier day."""
    last_on = TODAY + timedelta(days=ahead)
    needed = needed_weekly(rest, from_on=TODAY, last_on=last_on)
    assert forecast(rest, spent=needed, weeks=1, from_on=TODAY) <= last_on
    if needed > 1:
        assert forecast(rest, spent=needed - 1, weeks=1, from_on=TODAY) > last_on


def test_no_pace_has_no_forecast_and_a_crawl_leaves_the_calendar():
    """A pace of nothing has no day, and neither has one that the calendar ends before."""
    assert forecast(60, spent=0, weeks=4, from_on=TODAY) is None
    assert forecast(6_000_000, spent=1, weeks=4, from_on=TODAY) is None


@given(totals, near, st.integers(0, 800))
def test_the_line_rises_from_nothing_to_the_total(total, start_on, ahead):
    """On the first day nothing is asked for, the day after the last all, and no day less than the day before."""
    aim = Goal(total, None, start_on, start_on + timedelta(days=ahead))
    line = [line_on(aim, start_on + timedelta(days=day)) for day in range(-1, ahead + 3)]
    assert line[:2] == [0, 0]
    assert line[-2:] == [total, total]
    assert line == sorted(line)


def test_what_gives_the_last_day():
    """A deadline comes before months, months before hours a week; without a start only a deadline counts."""
    start = {"total_hours": 100, "weekly_hours": 10, "start_on": on("2026-01-05")}
    assert goal(**start, months=3, deadline_on=on("2026-02-01")).deadline_on == on("2026-02-01")
    assert goal(**start, months=3).deadline_on == on("2026-04-05")
    assert goal(**start).deadline_on == on("2026-03-15")
    assert goal(**start).days == 70
    assert goal(total_hours=100, weekly_hours=10, months=3).deadline_on is None
    assert goal(total_hours=1e9, weekly_hours=0.02, start_on=on("2026-01-05")).deadline_on is None
    assert goal(total_hours=1, months=200_000, start_on=on("2026-01-05")).deadline_on is None


@given(totals, st.integers(0, 10_000))
def test_the_band_is_5_to_10_percent(total, minutes):
    """The band lies at 5 and 10 % of the total, and its top warns."""
    found = band(minutes, total)
    assert found.from_minutes == pytest.approx(total * 0.05, abs=0.5)
    assert found.to_minutes == pytest.approx(total * 0.10, abs=0.5)
    assert (found.state == "top") is (minutes >= found.to_minutes)
    assert (found.state == "below") is (minutes < min(found.from_minutes, found.to_minutes))


def test_the_band_of_400_hours_is_20_to_40():
    """400 hours have 20 to 40 for metalearning."""
    assert band(0, 400 * 60).from_minutes == 20 * 60
    assert [band(hours * 60, 400 * 60).state for hours in (19, 20, 39, 40, 41)] == [
        "below", "within", "within", "top", "top",
    ]  # fmt: skip


@st.composite
def travels(draw):
    """Entries over both changes of the clocks in two zones, the instant of looking, and the zone one is in then."""
    hour = st.integers(0, 340 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
    entries = draw(st.lists(st.tuples(st.integers(0, 2), hour, st.integers(1, 600)), min_size=1, max_size=25))
    now = max(at for _number, at, _minutes in entries) + timedelta(hours=draw(st.integers(0, 24 * 60)))
    return entries, now, ZoneInfo(draw(st.sampled_from(ZONES))), draw(st.sampled_from(WEEKDAYS))


@given(travels())
def test_the_budget_and_the_week_tell_the_same_hours(home, drawn):
    """In any zone and week, burn-up by week equals `crm week`, and metalearning has all of its own entries."""
    entries, now, tz, starts_on = drawn
    start_on = date(2026, 2, 4)
    with database(home) as session:
        made = [records.add(session, Activity(name=role, role=role)) for role in ROLES]
        session.add(Plan(start_on=start_on, total_hours=100))
        for number, at, minutes in entries:
            session.add(TimeEntry(activity_id=made[number].id, started_at=at, minutes=minutes))
        session.flush()
        found = actions.budget(session, now=now, tz=tz, week_starts_on=starts_on)
        busy = [each for each in found.weeks[1:] if each.minutes][-3:]
        weeks = [
            hours.week_summary(session, day=each.from_on, now=now, tz=tz, week_starts_on=starts_on) for each in busy
        ]
        session.rollback()
    assert [(each.from_on, each.minutes) for each in busy] == [(each.from_on, each.minutes) for each in weeks]
    since = [(n, m) for n, at, m in entries if start_on <= at.astimezone(tz).date()]
    assert found.minutes == sum(minutes for _number, minutes in since)
    assert found.minutes + found.before_minutes == sum(minutes for _number, _at, minutes in entries)
    assert found.metalearning.minutes == sum(minutes for number, _at, minutes in entries if number == 2)
    assert all((later.from_on - earlier.to_on).days == 1 for earlier, later in pairwise(found.weeks))
    assert {WEEKDAYS[each.from_on.weekday()] for each in found.weeks} <= {starts_on}


@pytest.fixture
def planned(home):
    """100 hours from 5 January to 15 March 2026 (70 days), with three activities to log on."""
    with database(home) as session:
        for role in ROLES:
            records.add(session, Activity(name=f"All {role}", role=role))
        session.add(Plan(start_on=on("2026-01-05"), total_hours=100, deadline_on=on("2026-03-15")))


@pytest.fixture
def log(home, planned):
    """Log the same time on each day, at noon in Los Angeles unless an hour is said."""

    def run(*days, minutes=240, role="projects", at=time(12)):
        with database(home) as session:
            for day in days:
                started_at = datetime.combine(on(day), at, tzinfo=ZoneInfo("America/Los_Angeles"))
                number = ROLES.index(role) + 1
                session.add(TimeEntry(activity_id=number, started_at=started_at, minutes=minutes))

    return run


def budget(crm, *, now="2026-02-09T18:00:00Z"):
    """The budget as JSON, and as it is shown."""
    return crm("hours", "budget", "--json", now=now).json, " ".join(crm("hours", "budget", now=now).out.split())


def test_behind_the_line_is_said_in_words(crm, log):
    """After 35 of 70 days half of the total is the line; needed, pace and forecast follow from the same figures."""
    log("2026-01-06", "2026-01-13", "2026-01-20", "2026-01-27", "2026-02-03")
    told, said = budget(crm)
    assert (told["minutes"], told["line_minutes"], told["behind_minutes"]) == (1200, 3000, 1800)
    assert (told["rest_minutes"], told["needed_weekly_minutes"]) == (4800, 960)
    assert (told["pace_weekly_minutes"], told["pace_weeks"], told["forecast_on"]) == (240, 4, "2026-06-28")
    assert "30 h behind the line; 16 h a week needed, you do 4 h (the last 4 full weeks)." in said
    assert "reached on Sun 28 Jun 2026, 105 days after the last day." in said
    assert "20 h, 20 %" in said


def test_ahead_of_the_line(crm, log):
    """More than the line asks for is ahead, with a forecast before the last day."""
    log(*(f"2026-01-{day}" for day in range(10, 20)))
    told, said = budget(crm, now="2026-01-20T18:00:00Z")
    assert (told["ahead_minutes"], told["behind_minutes"]) == (2400 - round(6000 * 15 / 70), 0)
    assert "18 h 34 min ahead of the line" in said
    assert "before the last day" in said


def test_a_logged_chat_counts_once(crm, planned):
    """A chat's minutes are networking hours, and counted a single time."""
    crm("contact", "add", "Robin Vale")
    crm("log-contact", "Robin Vale", "--kind", "coffee", "--duration", "45m", "--at", "2026-01-05 8:00")
    told, _said = budget(crm, now="2026-01-06T18:00:00Z")
    assert told["minutes"] == told["weeks"][0]["minutes"] == 45


def test_hours_before_the_start_do_not_count(crm, log):
    """Only what was logged from the plan's first local day on is counted."""
    log("2026-01-04", minutes=60, at=time(23, 59))
    log("2026-01-05", minutes=30, at=time(0))
    told, said = budget(crm)
    assert (told["minutes"], told["before_minutes"]) == (30, 60)
    assert "1 h before the plan's start are not among the hours done." in said


def test_metalearning_before_the_start_counts_for_its_band(crm, log):
    """What was learned about learning up front is no part of the plan's hours, but had its time."""
    log("2026-01-04", minutes=120, role="metalearning")
    told, said = budget(crm, now="2026-01-05T18:00:00Z")
    assert (told["minutes"], told["metalearning"]["minutes"]) == (0, 120)
    assert "Metalearning has had 2 h;" in said


def test_metalearning_warns_at_the_top_of_its_band(crm, log):
    """Below 10 % it says how much; at 10 % it warns."""
    log("2026-01-06", "2026-01-07", role="metalearning")
    told, said = budget(crm)
    assert told["metalearning"] == {"minutes": 480, "from_minutes": 300, "to_minutes": 600, "state": "within"}
    assert "Metalearning has had 8 h; its band is 5 h to 10 h (5 to 10 % of the total)." in said
    assert "top of its band" not in said
    log("2026-01-08", minutes=120, role="metalearning")
    told, said = budget(crm)
    assert told["metalearning"]["state"] == "top"
    assert "That is the top of its band" in said
    log("2026-01-09", minutes=180, role="metalearning")
    assert "That is 3 h over its band" in budget(crm)[1]


def test_without_a_metalearning_activity_it_says_how_to_add_one(crm):
    """The band is told, with the command that lets time be logged on it."""
    crm("plan", "set", "--total-hours", "400")
    said = budget(crm)[1]
    assert "its band is 20 h to 40 h" in said
    assert "crm hours add Metalearning --role metalearning" in said


def test_an_empty_plan_says_what_to_type(crm):
    """Without total, start, deadline and hours every figure is blank and every remedy named; they work."""
    told, said = budget(crm)
    assert told["minutes"] == 0
    assert told["weeks"] == []
    assert {told[key] for key in ("total_minutes", "start_on", "deadline_on", "rest_minutes", "line_minutes")} == {None}
    assert {told[key] for key in ("needed_weekly_minutes", "forecast_on", "reached_on", "metalearning")} == {None}
    for remedy in ("plan set --total-hours 400", "plan start DATE", "plan set --deadline DATE"):
        assert f"crm {remedy}" in said
        crm(*remedy.replace("DATE", "2026-12-31" if "deadline" in remedy else "2026-01-05").split())
    told, said = budget(crm)
    assert "crm plan" not in said
    assert "crm log-hours" in said
    assert told["behind_minutes"] == told["line_minutes"] > 0


def test_hours_a_week_suggest_a_total(crm):
    """With hours a week and both days, what they come to is offered, not assumed."""
    crm("plan", "start", "2026-01-05")
    crm("plan", "set", "--weekly-hours", "10", "--deadline", "2026-03-15")
    told, said = budget(crm)
    assert told["total_minutes"] is None
    assert "The plan's 10 h a week come to 100 h: crm plan set --total-hours 100" in said


def test_nothing_logged_has_a_pace_of_nothing(crm, planned):
    """Full weeks without time are a pace of 0: it is said, and there is no forecast."""
    told, said = budget(crm)
    assert (told["pace_weekly_minutes"], told["forecast_on"]) == (0, None)
    assert "you do 0 min (the last 4 full weeks)" in said
    assert "never reached" in said


def test_the_first_week_has_no_pace_yet(crm, log):
    """Before a full week is over, there is neither pace nor forecast."""
    log("2026-01-06")
    told, said = budget(crm, now="2026-01-11T18:00:00Z")
    assert (told["pace_weekly_minutes"], told["pace_weeks"], told["forecast_on"]) == (None, 0, None)
    assert "after the first full week" in said


def test_a_deadline_in_the_past(crm, log):
    """What is to go is said, nothing is needed a week any more, and another deadline is asked for."""
    log("2026-03-10")
    told, said = budget(crm, now="2026-03-16T18:00:00Z")
    assert (told["needed_weekly_minutes"], told["line_minutes"]) == (None, 6000)
    assert "The last day has passed with 96 h to go" in said
    assert "crm plan set --deadline DATE" in said


def test_less_than_a_week_to_go(crm, planned):
    """In the last days all of the rest is needed till the last day."""
    told, said = budget(crm, now="2026-03-14T18:00:00Z")
    assert told["needed_weekly_minutes"] == 6000
    assert "100 h needed till Sun 15 Mar 2026, you do 0 min a week" in said


def test_a_total_that_is_reached(crm, log):
    """The day on which it was reached is named, with what came after; nothing is needed any more."""
    crm("plan", "set", "--total-hours", "7")
    log("2026-01-06", "2026-01-07", "2026-01-08")
    told, said = budget(crm)
    assert (told["reached_on"], told["rest_minutes"], told["needed_weekly_minutes"]) == ("2026-01-07", 0, 0)
    assert "The total was reached on Wed 7 Jan 2026; 5 h more since then." in said
    assert "behind" not in said


def test_a_start_in_the_future(crm, log):
    """Nothing counts yet; what will be needed is spread from the start."""
    log("2026-01-01")
    told, said = budget(crm, now="2026-01-02T18:00:00Z")
    assert (told["minutes"], told["needed_weekly_minutes"], told["weeks"]) == (0, 600, [])
    assert "The plan is still to start; 10 h a week needed." in said


def test_a_deadline_before_the_start(crm, home, planned):
    """Days the wrong way round, as a file may bring them, have no line, and it is said."""
    with database(home) as session:
        records.every(session, Plan)[0].deadline_on = on("2026-01-01")
    told, said = budget(crm)
    assert told["line_minutes"] is None
    assert "The deadline lies before the start." in said


def test_a_running_timer_counts_with_what_has_run(crm, planned):
    """As in the week, the minutes so far count."""
    crm("timer", "start", "projects", now="2026-02-09T17:00:00Z")
    assert budget(crm)[0]["minutes"] == 60


@pytest.mark.parametrize("columns", ["40", "80", "120"])
@pytest.mark.parametrize("last", ["2026-01-20", "2029-06-01"])
def test_the_screen_fits_and_reads_without_colour(crm, log, monkeypatch, columns, last):
    """However long the plan, the burn-up has few lines, none wider than the terminal, and no figure is cut."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    log("2026-01-06", "2026-01-13", minutes=24 * 60 - 1)
    printed = crm("hours", "budget", now=f"{last}T18:00:00Z").out
    assert max(map(len, printed.splitlines())) <= int(columns)
    assert "\x1b" not in printed
    assert len(printed.split("Burn-up")[1].splitlines()) <= 22
    assert "47h58" in printed
    assert "█ done   │ the line" in printed


def test_grouped_weeks_lose_no_minute(crm, log):
    """Where a line stands for several weeks, its hours are those of all of them."""
    log(*(f"2026-0{month}-1{day}" for month in (1, 2, 3) for day in range(3)), minutes=60)
    printed = crm("hours", "budget", now="2027-06-01T18:00:00Z").out.split("Burn-up")[1]
    assert "weeks from" in printed
    rows = [line.split() for line in printed.splitlines() if "202" in line]
    assert sum(int(row[3].removesuffix("h")) for row in rows) == 9
    assert rows[-1][4] == "9h"


def test_the_keys_are_stable(crm, planned):
    """Scripts find these keys; days are ISO days, and what is counted is whole minutes."""
    told = budget(crm)[0]
    assert list(told) == [
        "date", "total_minutes", "start_on", "deadline_on", "deadline_from", "minutes", "before_minutes",
        "rest_minutes", "line_minutes", "behind_minutes", "ahead_minutes", "needed_weekly_minutes",
        "pace_weekly_minutes", "pace_weeks", "forecast_on", "reached_on", "metalearning_minutes", "metalearning",
        "weeks",
    ]  # fmt: skip
    assert list(told["weeks"][0]) == ["from_on", "to_on", "minutes", "total_minutes", "line_minutes"]
    assert "." not in json.dumps(told)
