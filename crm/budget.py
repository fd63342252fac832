"""The plan's hours as a budget: what is done, where the line to the deadline stands, what is needed, and the forecast.

Definitions, in whole minutes:

* `done` is what was logged from the plan's start to today, each entry on the local day it starts; with no start said,
  everything that was logged.
* Metalearning comes up front: its minutes are all that were logged on it up to today, also before the plan's start.
* The last day is the plan's deadline; without one, so many months after the start; without those, the day on which the
  plan's hours a week, from the start, have brought the total.
* The line rises evenly from the start to the last day. Days that have passed should have brought their part; today is
  not asked for before it is over.
* `needed` spreads the rest over the days from today (or the start, if that is to come) to the last day. With less than
  a week to go, all of it is needed within the week.
* The pace is the mean of the last full weeks, at most `PACE_WEEKS`, that lie wholly after the start; there is none
  before the first such week is over.
* The forecast goes on from today by that pace, so that whoever does what is needed is told the last day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import accumulate
from typing import Final, Literal

from crm.cadence import add_months, week_bounds
from crm.errors import BadValueError

PACE_WEEKS: Final = 4
BAND_PERCENT: Final = (5, 10)
"""The part of the total that metalearning should have."""

DeadlineFrom = Literal["deadline_on", "months", "weekly_hours"]
BandState = Literal["below", "within", "top"]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the plan says of hours and days; None where it says nothing. `deadline_from` is what gave the last day."""

    total_minutes: int | None = None
    weekly_minutes: int | None = None
    start_on: date | None = None
    deadline_on: date | None = None
    deadline_from: DeadlineFrom | None = None

    @property
    def days(self) -> int:
        """The days from the start to the last day, both counted; 0 if either is unknown or they are the wrong way."""
        if self.start_on is None or self.deadline_on is None:
            return 0
        return max(0, (self.deadline_on - self.start_on).days + 1)


@dataclass(frozen=True, slots=True)
class BurnWeek:
    """A week: minutes of its days since the start, all minutes up to its end, and the line then (today at the latest).

    `line_minutes` is None where there is no line.
    """

    from_on: date
    to_on: date
    minutes: int
    total_minutes: int
    line_minutes: int | None


@dataclass(frozen=True, slots=True)
class Band:
    """Metalearning: its minutes, the band it should end in, and where it stands; `top` warns that it has had all."""

    minutes: int
    from_minutes: int
    to_minutes: int
    state: BandState


@dataclass(frozen=True, slots=True)
class Budget:
    """The plan's hours today, by the definitions at the head of this module; None where a figure can't be told.

    `before_minutes` were logged before the plan's start and are not among `minutes`. `metalearning_minutes` is known
    without a total, `metalearning` is its band.
    """

    today: date
    goal: Goal
    minutes: int
    before_minutes: int
    rest_minutes: int | None
    line_minutes: int | None
    needed_weekly_minutes: int | None
    pace_weekly_minutes: int | None
    pace_weeks: int
    forecast_on: date | None
    reached_on: date | None
    metalearning_minutes: int
    metalearning: Band | None
    weeks: tuple[BurnWeek, ...]

    @property
    def behind_minutes(self) -> int | None:
        """What is missing to the line, never below 0."""
        return None if self.line_minutes is None else max(0, self.line_minutes - self.minutes)

    @property
    def ahead_minutes(self) -> int | None:
        """What is done beyond the line, never below 0."""
        return None if self.line_minutes is None else max(0, self.minutes - self.line_minutes)

    def told(self) -> dict[str, object]:
        """The budget as `crm hours budget --json` tells it."""
        plan = {each.name: getattr(self.goal, each.name) for each in fields(self.goal) if each.name != "weekly_minutes"}
        names = ("minutes", "before_minutes", "rest_minutes", "line_minutes", "behind_minutes", "ahead_minutes")
        more = ("needed_weekly_minutes", "pace_weekly_minutes", "pace_weeks", "forecast_on", "reached_on")
        last = ("metalearning_minutes", "metalearning", "weeks")
        mine = {name: getattr(self, name) for name in (*names, *more, *last)}
        return {"date": self.today, **plan, **mine}


def goal(
    *,
    total_hours: float | None = None,
    weekly_hours: float | None = None,
    months: int | None = None,
    start_on: date | None = None,
    deadline_on: date | None = None,
) -> Goal:
    """What a plan with these facts aims at; any may be missing, and 0 hours are as none."""
    total, weekly = _minutes(total_hours), _minutes(weekly_hours)
    if deadline_on is not None:
        return Goal(total, weekly, start_on, deadline_on, "deadline_on")
    if start_on is None:
        return Goal(total, weekly)
    if months and (last := _months_on(start_on, months)):
        return Goal(total, weekly, start_on, last, "months")
    if total and weekly and (last := _days_on(start_on, _ceil(7 * total, weekly) - 1)):
        return Goal(total, weekly, start_on, last, "weekly_hours")
    return Goal(total, weekly, start_on)


def reckon(
    aim: Goal, by_day: Mapping[date, int], *, today: date, first_weekday: int = 0, metalearning_minutes: int = 0
) -> Budget:
    """The budget today.

    Args:
        aim: what the plan says.
        by_day: minutes by local day; days before the start are counted apart, those after today are left out.
        today: the local day.
        first_weekday: on which weeks begin (0 = Monday).
        metalearning_minutes: how many minutes went to metalearning, before the start too.
    """
    counted = {day: by_day[day] for day in sorted(by_day) if (aim.start_on or day) <= day <= today}
    weeks = tuple(_weeks(aim, counted, today=today, first_weekday=first_weekday))
    done = sum(counted.values())
    rest = None if aim.total_minutes is None else max(0, aim.total_minutes - done)
    full = _full_weeks(weeks, begun_on=aim.start_on or min(counted, default=today), today=today)
    spent = sum(each.minutes for each in full)
    return Budget(
        today=today,
        goal=aim,
        minutes=done,
        before_minutes=sum(by_day[day] for day in by_day if aim.start_on and day < aim.start_on and day <= today),
        rest_minutes=rest,
        line_minutes=line_on(aim, today),
        needed_weekly_minutes=needed_weekly(rest, from_on=max(today, aim.start_on or today), last_on=aim.deadline_on),
        pace_weekly_minutes=_half_up(spent, len(full)) if full else None,
        pace_weeks=len(full),
        forecast_on=forecast(rest, spent=spent, weeks=len(full), from_on=today) if rest else None,
        reached_on=reached(counted, aim.total_minutes),
        metalearning_minutes=metalearning_minutes,
        metalearning=band(metalearning_minutes, aim.total_minutes) if aim.total_minutes else None,
        weeks=weeks,
    )


def line_on(aim: Goal, day: date) -> int | None:
    """What the days before `day` should have brought; None without total, start and a last day after it."""
    if aim.total_minutes is None or aim.start_on is None or not aim.days:
        return None
    passed = min(aim.days, max(0, (day - aim.start_on).days))
    return _half_up(aim.total_minutes * passed, aim.days)


def needed_weekly(rest: int | None, *, from_on: date, last_on: date | None) -> int | None:
    """The minutes a week that bring the rest by the last day, rounded up; None if that is unknown or has passed."""
    if rest is None or last_on is None or last_on < from_on:
        return None
    return _ceil(7 * rest, max(7, (last_on - from_on).days + 1))


def forecast(rest: int, *, spent: int, weeks: int, from_on: date) -> date | None:
    """The day on which the rest (above 0) is done by the pace of `spent` minutes in so many weeks.

    None without a pace, or when the calendar ends before.
    """
    return _days_on(from_on, _ceil(7 * rest * weeks, spent) - 1) if spent else None


def reached(by_day: Mapping[date, int], total: int | None) -> date | None:
    """The day on which the total was reached, of days in their order."""
    if total is None:
        return None
    sums = zip(by_day, accumulate(by_day.values()), strict=True)
    return next((day for day, done in sums if done >= total), None)


def band(minutes: int, total: int) -> Band:
    """Where metalearning stands in its part of the total (above 0)."""
    least, most = (_half_up(total * percent, 100) for percent in BAND_PERCENT)
    return Band(minutes, least, most, "top" if minutes >= most else "within" if minutes >= least else "below")


def _weeks(aim: Goal, by_day: Mapping[date, int], *, today: date, first_weekday: int) -> Iterator[BurnWeek]:
    """Every week from the start, or else from the first day with time, to this one."""
    begun_on = aim.start_on or min(by_day, default=None)
    if begun_on is None or begun_on > today:
        return
    sums: dict[date, int] = {}
    for day, minutes in by_day.items():
        first = week_bounds(day, first_weekday=first_weekday)[0]
        sums[first] = sums.get(first, 0) + minutes
    total = 0
    from_on = week_bounds(begun_on, first_weekday=first_weekday)[0]
    while from_on <= today:
        to_on, minutes = from_on + timedelta(days=6), sums.get(from_on, 0)
        total += minutes
        yield BurnWeek(from_on, to_on, minutes, total, line_on(aim, min(today, to_on + timedelta(days=1))))
        from_on += timedelta(days=7)


def _full_weeks(weeks: Sequence[BurnWeek], *, begun_on: date, today: date) -> Sequence[BurnWeek]:
    return [each for each in weeks if begun_on <= each.from_on and each.to_on < today][-PACE_WEEKS:]


def _minutes(hours: float | None) -> int | None:
    return round(hours * 60) or None if hours and hours > 0 else None


def _half_up(part: int, whole: int) -> int:
    return (2 * part + whole) // (2 * whole)


def _ceil(part: int, whole: int) -> int:
    return -(-part // whole)


def _days_on(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _months_on(day: date, months: int) -> date | None:
    try:
        return add_months(day, months)
    except BadValueError:
        return None
