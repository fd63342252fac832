"""Open follow-ups and promises on the day they are due; done ones drop out."""

import re
from collections.abc import Iterator
from typing import Final

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import identity, removed
from calendars.links import first_link
from calendars.window import Window
from calendars.wording import about, first_names, introduce, paragraphs
from crm.dates import say_day
from crm.folding import fold
from crm.models import Task
from crm.models.words import Owner, TaskKind
from crm.store import feed_history, feeds
from crm.store.told import OF_A_TASK

TITLE = "Follow-ups"
FILLED_BY = "crm log-contact Jane --follow-up fri"
COLOR = "mediumpurple"

_AT_NINE: Final = -9 * 60

_CATEGORIES = {
    TaskKind.FOLLOW_UP.value: "Follow-up",
    TaskKind.PROMISE.value: "Promise",
    TaskKind.CHECKLIST.value: "Checklist",
}


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One whole day for each, on the day it is due or was put off to; a removed one is cancelled."""
    first, last = window.days()
    for each in feeds.follow_ups(session, from_on=first, to_on=last):
        yield entry("task", each)
    for grave in feed_history.removed(session, OF_A_TASK, since=window.remembered_since()):
        day = grave.values["snoozed_until_on"] or grave.values["due_on"]
        told = grave.values["kind"] in feeds.TASK_KINDS and grave.values["done_at"] is None
        if told and day is not None and first <= day <= last:
            yield removed("task", grave, summary=category(grave.values["kind"]), starts=day)


def entry(kind: str, each: feeds.FollowUp) -> Entry:
    """What a calendar tells of a task; `kind` tells it apart from what other calendars tell of it."""
    return Entry(
        **identity(kind, each.task, each.version, others=[each.person.version] if each.person else []),
        summary=_summary(each),
        brief=_brief(each),
        typed=each.task.title,
        about=about(each.person) if each.person else None,
        unnamed=_unnamed(each),
        starts=each.day,
        description=_description(each),
        url=first_link(each.task.title, each.task.note),
        categories=(category(each.task.kind),),
        alarms=(_AT_NINE,),
    )


def category(kind: str) -> str:
    """The word for a task of this kind."""
    return _CATEGORIES.get(kind, "Task")


def _brief(each: feeds.FollowUp) -> str:
    """The task as it was worded, and the first name of whom it is about where that does not say it."""
    if each.person is None:
        return ""
    title, name = each.task.title, first_names([each.person])
    if each.task.owner == Owner.THEM:
        return f"{title} ({name} promised)"
    return title if _words(name) <= _words(title) else f"{title} ({name})"


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", fold(text)))


def _unnamed(each: feeds.FollowUp) -> str:
    """Without the task's own words."""
    if each.person is None:
        return category(each.task.kind)
    name = first_names([each.person])
    return f"Promise of {name}" if each.task.owner == Owner.THEM else f"{category(each.task.kind)}: {name}"


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
