"""A year of hours by days: the weeks it falls into, levels for how much a day had, and the longest streak."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from statistics import median_low
from typing import Final

from crm.cadence import week_bounds

STEPS: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120, 150, 180, 240, 300, 360)
"""Minutes from one level to the next; chosen so that half of the days reach at least the second."""
TOP_LEVEL: Final = 4


@dataclass(frozen=True, slots=True)
class DayMinutes:
    """A local day and the minutes logged on it."""

    date: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with time logged on each."""

    from_on: date
    to_on: date
    days: int


@dataclass(frozen=True, slots=True)
class YearHours:
    """Every day of a calendar year, in order, with its minutes."""

    year: int
    days: tuple[DayMinutes, ...]

    @property
    def minutes(self) -> int:
        """Everything logged in the year."""
        return sum(each.minutes for each in self.days)

    @property
    def active_days(self) -> int:
        """On how many days there was any time."""
        return sum(each.minutes > 0 for each in self.days)

    def longest_streak(self) -> Streak | None:
        """The longest run of days with time, within the year; the first of equal ones, None without any time."""
        runs = [list(run) for active, run in groupby(self.days, lambda each: each.minutes > 0) if active]
        longest = max(runs, key=len, default=[])
        return Streak(longest[0].date, longest[-1].date, len(longest)) if longest else None

    def step(self) -> int:
        """The minutes from one level to the next."""
        active = [each.minutes for each in self.days if each.minutes]
        middle = median_low(active) if active else 0
        return max((each for each in STEPS if each <= middle), default=STEPS[0])


def year_hours(year: int, by_day: Mapping[date, int]) -> YearHours:
    """The days of a year (1 to 9999) with what each had; days of other years are left out."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=ahead) for ahead in range((date(year, 12, 31) - first).days + 1))
    return YearHours(year, tuple(DayMinutes(day, by_day.get(day, 0)) for day in days))


def level(minutes: int, step: int) -> int:
    """0 for no time, 1 for less than a step, then one for each step, up to `TOP_LEVEL`."""
    return min(TOP_LEVEL, 1 + minutes // step) if minutes > 0 else 0


def weeks(days: Sequence[DayMinutes], *, first_weekday: int) -> Iterator[list[DayMinutes | None]]:
    """The days (at least one) in weeks from `first_weekday` (0 = Monday) on; None where the year has no day."""
    ahead = (days[0].date - week_bounds(days[0].date, first_weekday=first_weekday)[0]).days
    padded = [*[None] * ahead, *days]
    padded += [None] * (-len(padded) % 7)
    yield from (padded[place : place + 7] for place in range(0, len(padded), 7))
