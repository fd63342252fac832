"""The hours of a week: as people type them, the pace a target asks for, and the room that is left.

Definitions, in whole minutes:

* `done` of an activity is what was logged on it; an entry counts on the day it starts, and a running timer with what
  has run so far.
* `target` of an activity is the one in force today; in a week that is over or to come, the one in force on its last
  day.
* The pace spreads the week's target over its days in proportion to the room each has, or evenly when no room is known.
  Days that have passed should have brought their part; today is not asked for before it is over.
* `behind` is what is missing to the pace, never below 0. Time beyond an activity's target does not make up for
  another's, so that in a week that is over, `behind` is the sum of what each activity lacks.
* `available` is the room from today to the week's last day; today's counts without what was logged today.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crm.durations import parse_duration
from crm.errors import BadValueError
from crm.escaping import quote

DAY_HOURS: Final = 24
WEEK_HOURS: Final = 168

_HOURS = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?) ?(?:h|hrs?|hours?)?", re.ASCII)


def parse_hours(text: str, *, most: int) -> int:
    """Hours as minutes, 0 to `most` hours: `5`, `2.5h`, `2,5`, `1h30`, `1:30`, `90m`; a bare number is hours.

    Raises:
        BadValueError: it is no number of hours, or more than `most`.
    """
    found = _HOURS.fullmatch(" ".join(text.lower().split()))
    minutes = int((Decimal(found[1].replace(",", ".")) * 60).to_integral_value(ROUND_HALF_UP)) if found else None
    if minutes is None:
        minutes = _with_minutes(text)
    if minutes > most * 60:
        raise BadValueError(f"{quote(text)} is too much; the most is {most} hours.")
    return minutes


def _with_minutes(text: str) -> int:
    try:
        return parse_duration(text)
    except BadValueError:
        raise BadValueError(f"{quote(text)} is no number of hours; write for example 5, 2.5 or 1h30.") from None


@dataclass(frozen=True, slots=True)
class ActivityWeek:
    """One activity in one week: minutes done, and the target in minutes (0: it has none)."""

    name: str
    minutes: int
    target_minutes: int


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """A week against its targets, by the definitions at the head of this module; all in minutes.

    `target_minutes` is the sum of the activities' targets or, if none has one, the plan's hours per week, which ask for
    nothing before the plan starts.
    `has_room` tells whether the room of any weekday is known; without, `available_minutes` is 0.
    """

    from_on: date
    to_on: date
    activities: tuple[ActivityWeek, ...]
    behind_minutes: int
    available_minutes: int
    target_minutes: int
    has_room: bool

    @property
    def minutes(self) -> int:
        """Everything done in the week."""
        return sum(each.minutes for each in self.activities)

    @property
    def to_go_minutes(self) -> int:
        """What the target still lacks; not above 0 where it is reached, or there is none."""
        return self.target_minutes - counted_minutes(self.activities)

    def told(self) -> dict[str, object]:
        """The week as `crm week --json` tells it."""
        names = ("from_on", "to_on", "activities", "behind_minutes", "available_minutes")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Timed:
    """What is being timed: the activity's name, since when, whole minutes so far, and whether those can't be right."""

    name: str
    started_at: datetime
    minutes: int
    is_doubtful: bool


def rooms_of_week(room: Mapping[int, int], *, first_weekday: int) -> list[int]:
    """The room in minutes of each day of a week, in order; a weekday that is not in `room` (0 = Monday) has none."""
    return [room.get((first_weekday + day) % 7, 0) for day in range(7)]


def expected_minutes(target_minutes: int, *, rooms: Sequence[int], passed: int) -> int:
    """What the first `passed` days (0 to 7) of a week should have brought; rounded, a half up."""
    shares = rooms if any(rooms) else [1] * 7
    whole = sum(shares)
    return (2 * target_minutes * sum(shares[:passed]) + whole) // (2 * whole)


def counted_minutes(activities: Sequence[ActivityWeek]) -> int:
    """What counts towards the week's target: each activity up to its own, or all if none has a target."""
    if any(each.target_minutes for each in activities):
        return sum(min(each.minutes, each.target_minutes) for each in activities)
    return sum(each.minutes for each in activities)


def room_left(rooms: Sequence[int], *, passed: int, done_today: int) -> int:
    """The room from today on, `passed` days (0 to 7) into the week; today's is what today has left of it."""
    today_and_on = rooms[passed:]
    return max(0, today_and_on[0] - done_today) + sum(today_and_on[1:]) if today_and_on else 0
