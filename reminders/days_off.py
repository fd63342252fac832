"""Days off: what has a day by which it is to be done is said on the last working day before it, and not after."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

EVERY_DAY: Final = frozenset(range(7))
_DAY: Final = timedelta(days=1)


def worked_on(day: date, working: Collection[int]) -> date:
    """The day itself if it is worked on, else the last one before it that is.

    Args:
        day: any day.
        working: the weekdays that are worked on, Monday is 0; at least one.
    """
    while day.weekday() not in working:
        day -= _DAY
    return day


def reach(day: date, working: Collection[int]) -> date:
    """The last day whose matters are said on this one or before: the last of the days off that follow it."""
    while (day + _DAY).weekday() not in working:
        day += _DAY
    return day
