"""Follow-ups and other tasks with a day: on that day or so many days before, and open until they are done."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.models.words import TaskKind
from reminders import tasks
from reminders.days_off import EVERY_DAY
from reminders.reminder import Reminder

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "lead_days": 0,
    "working_days": EVERY_DAY,
}
KINDS = (TaskKind.FOLLOW_UP, TaskKind.OTHER)


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each open task with a day that is neither a promise nor on the checklist."""
    return tasks.plan(session, rule="follow_up", kinds=KINDS, now=now, tz=tz, options=options)
