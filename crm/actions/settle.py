"""Tasks and reminders alike: finding one by its short id, finishing it, putting it off."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import reminders, tasks
from crm.actions.checked import brief
from crm.cadence import day_of
from crm.dates import parse_day, parse_instant
from crm.errors import BadValueError, NotFoundError
from crm.escaping import quote, refuse_unstorable
from crm.models import Reminder, Task
from crm.store import journal, records


def find(session: Session, text: str) -> Task | Reminder:
    """The task (`t5`) or reminder (`r5`) with that short id or uid.

    Raises:
        BadValueError: it is a bare number, which could be either.
        NotFoundError: there is none.
    """
    wanted = refuse_unstorable(text, what="The id").strip().lower()
    if wanted.isdecimal():
        raise BadValueError(f"{quote(text)} could be a task or a reminder; write t{wanted:.18} or r{wanted:.18}.")
    kinds: tuple[type[Task | Reminder], ...] = (Task, Reminder)
    for kind in kinds:
        with suppress(NotFoundError):
            return records.by_ref(session, kind, wanted)
    raise NotFoundError(f"there is no task or reminder {quote(text)}; see: crm task list, crm reminder list")


def finish(session: Session, found: Sequence[Task | Reminder], *, now: datetime) -> list[bool]:
    """Mark each as done; False for one that was already."""
    fresh = [tasks.finish(each, now=now) if isinstance(each, Task) else reminders.finish(each) for each in found]
    named = (f"{each.ref} {brief(each.title)}" for each, new in zip(found, fresh, strict=True) if new)
    journal.summarize(session, f"Done: {'; '.join(named)}")
    return fresh


def still_open(session: Session, found: Sequence[Task | Reminder]) -> list[str]:
    """What to say of a finished reminder whose task is not: the one does not finish the other."""
    tasks_meant = (
        records.by_ref(session, Task, each.subject_uid)
        for each in found
        if isinstance(each, Reminder) and each.subject_table == "task" and each.subject_uid
    )
    return [f"the task itself is still open: crm done {task.ref}" for task in tasks_meant if task.done_at is None]


def snooze(
    session: Session, found: Task | Reminder, when: str, *, at: time, now: datetime, tz: ZoneInfo
) -> Task | Reminder:
    """Put one off: a task until a day, a reminder until a time, on a day without a time of day until `at`.

    Raises:
        BadValueError: it is no day or time that fits, or not a later one.
        RefusedError: it is done already.
    """
    if isinstance(found, Task):
        until_on = parse_day(when, now=now, tz=tz)
        return tasks.snooze(session, found, until_on, today=day_of(now, tz))
    until_at = parse_instant(when, now=now, tz=tz, default_time=at)
    return reminders.snooze(session, found, until_at, now=now, tz=tz)
