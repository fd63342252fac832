"""The checklist: all that is open of a horizon on its last day or so many days before, until each item is ticked.

The items of a horizon are due together, so they are said together: the key holds the horizon and its day, and the text
follows what is ticked. An item that was put off is said on its own day, and so is one that belongs to no horizon or is
about somebody. What is to be done before the start has no day, and is not spoken of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import local_instant
from crm.dates import say_day
from crm.models.words import TaskKind
from crm.store.due import DueTask
from reminders import tasks
from reminders.days_off import EVERY_DAY
from reminders.lines import line, offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "lead_days": 0,
    "working_days": EVERY_DAY,
}
MOST: Final = 10
_ALL: Final = "crm task list --kind checklist"


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each horizon's day with open items, and one for each open item that stands alone."""
    found = tasks.tasks(session, kinds=(TaskKind.CHECKLIST,), now=now, tz=tz, options=options)
    together = sorted((each for each in found if _is_of_horizon(each)), key=_horizon)
    reminders = [
        tasks.reminder(each, rule="checklist", tz=tz, options=options) for each in found if not _is_of_horizon(each)
    ]
    reminders += [_together(key, list(items), tz, options) for key, items in groupby(together, key=_horizon)]
    yield from (each for each in reminders if each.due_at <= now + options["ahead"])


def _is_of_horizon(each: DueTask) -> bool:
    return bool(each.task.horizon) and each.contact is None


def _horizon(each: DueTask) -> tuple[date, str]:
    return each.day, each.task.horizon or ""


def _together(
    horizon: tuple[date, str], items: Sequence[DueTask], tz: ZoneInfo, options: Mapping[str, Any]
) -> Reminder:
    day, name = horizon
    key = occurrence_key("checklist", name, day)
    first, *others = items
    if not others:
        return replace(tasks.reminder(first, rule="checklist", tz=tz, options=options), key=key)
    said_on = min(tasks.drawn_to(each, options) for each in items)
    return Reminder(
        key=key,
        rule="checklist",
        title=f"Checklist: {len(items):,} items by {say_day(day)}",
        body=_body(items),
        local_on=min(tasks.said_on(each, options) for each in items),
        due_at=local_instant(said_on, options["at"], tz),
    )


def _body(items: Sequence[DueTask]) -> str:
    told = [f"{each.task.ref} {line(each.task.title)}" for each in items[:MOST]]
    more = [f"and {len(items) - MOST:,} more: {_ALL}"] if len(items) > MOST else []
    ref = items[0].task.ref
    ways = {"Done with one": f"crm done {ref}", "One later": f"crm snooze {ref} 'in 3 days'", "All": _ALL}
    return "\n".join([*told, *more, offers(**ways)])
