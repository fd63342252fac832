"""What the rules on tasks say alike."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models.words import Owner, TaskKind
from crm.store import choice, due
from crm.store.due import DueTask
from reminders.days_off import reach, worked_on
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.naming import name as name_of
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
    """One for each open task of these kinds, so many days before it is due."""
    for each in tasks(session, kinds=kinds, now=now, tz=tz, options=options):
        found = reminder(each, rule=rule, tz=tz, options=options)
        if found.due_at <= now + options["ahead"]:
            yield found


def tasks(
    session: Session, *, kinds: Collection[TaskKind], now: datetime, tz: ZoneInfo, options: Mapping[str, Any]
) -> list[DueTask]:
    """The open tasks of these kinds that can be spoken of by now or soon."""
    latest = reach(day_of(now + options["ahead"], tz), options["working_days"])
    return due.tasks(session, kinds=kinds, until=latest + timedelta(days=options["lead_days"]))


def said_on(each: DueTask, options: Mapping[str, Any]) -> date:
    """The day for which a task is spoken of; one that was put off until a day is left alone until then."""
    return each.day if each.task.snoozed_until_on else each.day - timedelta(days=options["lead_days"])


def drawn_to(each: DueTask, options: Mapping[str, Any]) -> date:
    """The same day or, where it is a day off, the last working day before it."""
    day = said_on(each, options)
    return day if each.task.snoozed_until_on else worked_on(day, options["working_days"])


def reminder(each: DueTask, *, rule: str, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder:
    """One task; its key holds the day it is due, so that it is said once, however long before."""
    day, ref = drawn_to(each, options), each.task.ref
    ways = {
        "Once they have" if _is_theirs(each) else "Done": f"crm done {ref}",
        "Later": f"crm snooze {ref} 'in 3 days'",
    }
    return Reminder(
        key=occurrence_key(rule, each.task.uid, each.day),
        rule=rule,
        title=_title(each) + (f", by {say_day(each.day)}" if day < each.day else ""),
        body=f"{_about(each)}\n{offers(**ways)}",
        subject_table="task",
        subject_uid=each.task.uid,
        local_on=said_on(each, options),
        due_at=local_instant(day, options["at"], tz),
    )


def _title(each: DueTask) -> str:
    """What is to be done, and with whom where the words do not say so; what somebody else owes is no order."""
    title = line(each.task.title, LONGEST_TITLE)
    name = name_of(each.contact) if each.contact else ""
    is_named = not name or set(choice.words(name)) & set(choice.words(title))
    if _is_theirs(each):
        return f"Promised to you: {title}" if is_named else f"{name} promised you: {title}"
    return title if is_named else f"{title} ({name})"


def _is_theirs(each: DueTask) -> bool:
    return each.task.kind == TaskKind.PROMISE and each.task.owner == Owner.THEM


def _about(each: DueTask) -> str:
    name = name_of(each.contact) if each.contact else None
    by = f"by {say_day(each.day)}"
    if _is_theirs(each):
        return f"{name or 'Somebody'} promised you this {by}."
    if each.task.kind == TaskKind.PROMISE:
        return f"You promised {name} this {by}." if name else f"You promised this {by}."
    return f"With {name}, {by}." if name else f"To be done {by}."
