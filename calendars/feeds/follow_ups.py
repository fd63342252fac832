"""Open follow-ups and promises on the day they are due; done ones drop out."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import window
from calendars.entry import Entry
from calendars.identity import identity
from calendars.wording import introduce, paragraphs
from crm.dates import say_day
from crm.folding import fold
from crm.models import Task
from crm.models.words import Owner, TaskKind
from crm.store import feeds

TITLE = "Follow-ups"
FILLED_BY = "crm log-contact Jane --follow-up fri"

_CATEGORIES = {TaskKind.FOLLOW_UP.value: "Follow-up", TaskKind.PROMISE.value: "Promise"}


def entries(session: Session, *, now: datetime, tz: ZoneInfo) -> Iterator[Entry]:
    """One whole day for each, on the day it is due or was put off to."""
    first, last = window.days(now, tz)
    for each in feeds.follow_ups(session, from_on=first, to_on=last):
        yield Entry(
            **identity("task", each.task, others=[each.person.contact] if each.person else []),
            summary=_summary(each),
            starts=each.day,
            description=_description(each),
            categories=(_CATEGORIES[each.task.kind],),
        )


def _summary(each: feeds.FollowUp) -> str:
    """The task as it was worded, and the name of whom it is about where that does not say it."""
    title = each.task.title
    if each.person is None:
        return title
    name = each.person.contact.name
    if each.task.owner == Owner.THEM:
        return f"{name} promised: {title}"
    return title if fold(name) in fold(title) else f"{title} ({name})"


def _description(each: feeds.FollowUp) -> str:
    task = each.task
    return paragraphs(
        introduce(each.person) if each.person else "",
        _put_off(task),
        task.note,
        f"When it is done: crm done {task.ref}\nTo put it off: crm snooze {task.ref} WHEN",
    )


def _put_off(task: Task) -> str:
    return f"It was due on {say_day(task.due_on)}." if task.snoozed_until_on and task.due_on else ""
