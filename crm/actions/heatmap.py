"""A year of logged hours, day by day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.budget import by_day
from crm.cadence import day_of, midnight
from crm.heatmap import YearHours, year_hours
from crm.models import Activity
from crm.store import logged


def heatmap(session: Session, year: int, *, activity: Activity | None, now: datetime, tz: ZoneInfo) -> YearHours:
    """What each day of a year (1900 to 9998) had, of one activity or of all, by the days of `tz`."""
    entries = logged.spent(
        session,
        now=now,
        from_at=midnight(date(year, 1, 1), tz),
        to_at=midnight(date(year + 1, 1, 1), tz),
        activity_id=activity.id if activity else None,
    )
    return year_hours(year, by_day(entries, tz))


def latest_year(session: Session, *, activity: Activity | None, tz: ZoneInfo) -> int | None:
    """The year of the newest entry; None where there is none."""
    latest = logged.latest_at(session, activity_id=activity.id if activity else None)
    return day_of(latest, tz).year if latest else None
