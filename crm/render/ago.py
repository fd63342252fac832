"""How long ago something was, in few words."""

from datetime import datetime
from zoneinfo import ZoneInfo

from crm.cadence import days_between


def ago(instant: datetime, *, now: datetime, tz: ZoneInfo) -> str:
    """The local days between an aware instant and now, in words: `yesterday`, `12 days ago`, `5 weeks ago`."""
    days = days_between(instant, now, tz)
    if days < 0:
        return "to come"
    if days < 2:
        return ("today", "yesterday")[days]
    for longest, length, unit in ((21, 1, "day"), (90, 7, "week"), (730, 30, "month")):
        if days < longest:
            return f"{days // length} {unit}s ago"
    return f"{days // 365} years ago"
