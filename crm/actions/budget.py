"""The plan's hours as a budget, reckoned from what was logged."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm import budget as sums
from crm.cadence import day_of, midnight
from crm.date_words import WEEKDAYS
from crm.models import Plan
from crm.models.words import ActivityRole
from crm.store import logged, plan


def aim(session: Session) -> sums.Goal:
    """What the plan says of hours and days; nothing where there is no plan."""
    found = plan.current(session) or Plan()
    return sums.goal(
        total_hours=found.total_hours,
        weekly_hours=found.weekly_hours,
        months=found.months,
        start_on=found.start_on,
        deadline_on=found.deadline_on,
    )


def budget(session: Session, *, now: datetime, tz: ZoneInfo, week_starts_on: str) -> sums.Budget:
    """The plan's budget today, as crm.budget defines it.

    Args:
        session: where the hours are.
        now: the present instant, aware UTC.
        tz: the person's zone, by whose days the hours are counted.
        week_starts_on: `monday` to `sunday`.
    """
    today, goal = day_of(now, tz), aim(session)
    entries = logged.spent(session, now=now, to_at=midnight(today + timedelta(days=1), tz))
    metalearning = logged.ids_of_role(session, ActivityRole.METALEARNING)
    return sums.reckon(
        goal,
        by_day(entries, tz),
        today=today,
        first_weekday=WEEKDAYS.index(week_starts_on),
        metalearning_minutes=sum(each.minutes for each in entries if each.activity_id in metalearning),
    )


def has_metalearning(session: Session) -> bool:
    """Whether any activity is there to log metalearning on."""
    return bool(logged.ids_of_role(session, ActivityRole.METALEARNING))


def by_day(entries: Iterable[logged.Spent], tz: ZoneInfo) -> dict[date, int]:
    """Minutes by the local day on which the entries start."""
    found: dict[date, int] = {}
    for each in entries:
        day = day_of(each.started_at, tz)
        found[day] = found.get(day, 0) + each.minutes
    return found
