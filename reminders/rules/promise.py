"""Promises with a day, by the person and to them: on that day or so many days before, and open until they are kept."""

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


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each promise with a day that is not kept."""
    return tasks.plan(session, rule="promise", kinds=(TaskKind.PROMISE,), now=now, tz=tz, options=options)
