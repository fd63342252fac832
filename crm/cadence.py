"""Pure arithmetic with days and instants: months, weeks, reviews, cadences, and wall time turned into instants.

Days and cadences are counted in local wall time and then turned into UTC, so that neither DST nor a move to another
zone shifts a day. Nothing here reads a clock.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from crm.errors import BadValueError
from crm.escaping import quote

LONGEST_CADENCE_DAYS: Final = 3650
_CADENCE_DAYS: Final = {"d": 1, "w": 7, "m": 30}
_CADENCE = re.compile(r"(\d{1,6}) ?([dwm])(?: ?\.\. ?(\d{1,6}) ?([dwm]))?", re.ASCII)

_HORIZON_DAYS: Final = {"this-week": 6, "next-two-weeks": 13, "before-start": None}


def local_instant(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The one instant (aware UTC) at which clocks in `tz` show that wall time.

    A wall time that the clock skips moves forward by as much as was skipped; of one that it shows twice, the first is
    taken (PEP 495, fold=0; the same rule as RFC 5545 section 3.3.5). `day` lies in `YEARS`.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=tz).astimezone(UTC)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which the day begins in `tz`; where the clock skips midnight, see `local_instant`."""
    return local_instant(day, time.min, tz)


def day_of(instant: datetime, tz: ZoneInfo) -> date:
    """The calendar day in `tz` on which the aware instant falls."""
    return instant.astimezone(tz).date()


def days_between(earlier: datetime, later: datetime, tz: ZoneInfo) -> int:
    """How many times midnight passed in `tz` between two aware instants; negative when `later` is the earlier one."""
    return (day_of(later, tz) - day_of(earlier, tz)).days


def add_months(anchor: date, months: int) -> date:
    """The same day of the month so many months on (or back), clamped to the month's last day.

    Count each month from the one anchor and never from the result before: 31 Jan gives 28 Feb and then 30 Apr.

    Raises:
        BadValueError: the calendar ends before that month.
    """
    try:
        return anchor + relativedelta(months=months)
    except (OverflowError, ValueError):
        raise BadValueError(f"{months} months from {anchor} is outside the calendar; count fewer months.") from None


def review_due(start_on: date, *, weeks: int = 0, months: int = 0) -> date:
    """The day of a review so many weeks or calendar months after the plan's start (week 2 of 5 Jan is 19 Jan)."""
    return add_months(start_on, months) + timedelta(weeks=weeks)


def horizon_due(start_on: date, horizon: str) -> date | None:
    """The last day of a checklist's horizon: start + 6 days, start + 13 days, or none for `before-start`.

    Raises:
        BadValueError: there is no such horizon.
    """
    if horizon not in _HORIZON_DAYS:
        raise BadValueError(f"There is no horizon {quote(horizon)}; choose one of {', '.join(_HORIZON_DAYS)}.")
    days = _HORIZON_DAYS[horizon]
    return None if days is None else start_on + timedelta(days=days)


def week_bounds(day: date, *, first_weekday: int = 0) -> tuple[date, date]:
    """First and last day of the week that holds `day`; `first_weekday` 0 is Monday (ISO 8601), 6 is Sunday."""
    first = day - timedelta(days=(day.weekday() - first_weekday) % 7)
    return first, first + timedelta(days=6)


def parse_cadence(text: str) -> tuple[int, int]:
    """How often to be in touch, as (least, most) days: `4w..6w`, `2m..3m`, `30d`; a month (`m`) is 30 days.

    Raises:
        BadValueError: it is no cadence, is empty or runs backwards, or is longer than `LONGEST_CADENCE_DAYS`.
    """
    found = _CADENCE.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise BadValueError(f"{quote(text)} is no cadence; write 4w..6w, 2m..3m or 30d (d days, w weeks, m 30 days).")
    least = int(found[1]) * _CADENCE_DAYS[found[2]]
    most = int(found[3]) * _CADENCE_DAYS[found[4]] if found[3] else least
    if not 1 <= least <= LONGEST_CADENCE_DAYS or not 1 <= most <= LONGEST_CADENCE_DAYS:
        raise BadValueError(f"{quote(text)} is out of range; a cadence is 1 to {LONGEST_CADENCE_DAYS} days.")
    if least > most:
        raise BadValueError(f"{quote(text)} runs backwards; put the shorter time first, as in 4w..6w.")
    return least, most


def say_cadence(min_days: int, max_days: int) -> str:
    """The cadence as one types it, in weeks if both ends are whole weeks, else in days: `4w..6w`, `60d..90d`."""
    unit = "d" if min_days % 7 or max_days % 7 else "w"
    least, most = (f"{days // _CADENCE_DAYS[unit]}{unit}" for days in (min_days, max_days))
    return least if least == most else f"{least}..{most}"
