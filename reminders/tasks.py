"""What the rules on tasks say alike."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models.words import Owner, TaskKind
from crm.store import due
from crm.store.due import DueTask
from reminders.reminder import Reminder, occurrence_key


def plan(
    session: Session,
    *,
    rule: str,
    kinds: Collection[TaskKind],
    now: datetime,
    tz: ZoneInfo,
    options: Mapping[str, Any],
) -> Iterator[Reminder]:
    """One for each open task of these kinds, on the day it is due or was put off to."""
    until = now + options["ahead"]
    for each in due.tasks(session, kinds=kinds, until=day_of(until, tz)):
        due_at = local_instant(each.day, options["at"], tz)
        if due_at <= until:
            yield Reminder(
                key=occurrence_key(rule, each.task.uid, each.day),
                rule=rule,
                title=each.task.title,
                body=f"{_about(each)}\nDone: crm done {each.task.ref}. Later: crm snooze {each.task.ref} 'in 3 days'.",
                subject_table="task",
                subject_uid=each.task.uid,
                local_on=each.day,
                due_at=due_at,
            )


def _about(due_task: DueTask) -> str:
    task, name = due_task.task, due_task.contact.name if due_task.contact else None
    by = f"by {say_day(due_task.day)}"
    if task.kind == TaskKind.PROMISE and task.owner == Owner.THEM:
        return f"{name or 'Somebody'} promised you this {by}."
    if task.kind == TaskKind.PROMISE:
        return f"You promised {name} this {by}." if name else f"You promised this {by}."
    return f"With {name}, {by}." if name else f"To be done {by}."
