"""Checklist items: on the last day of their horizon, and open until they are ticked."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.models.words import TaskKind
from reminders import tasks
from reminders.reminder import Reminder

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8)}


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each open checklist item with a day."""
    return tasks.plan(session, rule="checklist", kinds=(TaskKind.CHECKLIST,), now=now, tz=tz, options=options)
