"""How much of the past and of what is to come stands in a calendar; a small feed is what keeps clients quick."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.cadence import day_of, local_instant

DAYS_BACK = 60
DAYS_AHEAD = 400
MOST_ENTRIES = 1000


def days(now: datetime, tz: ZoneInfo) -> tuple[date, date]:
    """First and last day of the window."""
    today = day_of(now, tz)
    return today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)


def instants(now: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """Where the window begins and, exclusively, ends: midnights, so that it moves once a day and not with each run."""
    first, last = days(now, tz)
    return local_instant(first, time(), tz), local_instant(last + timedelta(days=1), time(), tz)
