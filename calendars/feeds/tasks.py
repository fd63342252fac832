"""Tasks as things to do, also those that have no day; those done of late stand as completed.

Many programs show no things to do in a subscribed calendar; for those there is `follow-ups`.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import Session

from calendars.entry import Entry
from calendars.feeds.follow_ups import category, entry
from calendars.identity import removed
from calendars.window import Window
from crm.store import feed_history, feeds
from crm.store.told import OF_A_TASK

TITLE = "To-dos"
FILLED_BY = 'crm task add "Send the repo" --due fri'
COLOR = "slategray"

_KIND = "todo"


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each task, however long overdue, unless its day lies beyond the window; a removed one is cancelled."""
    _, last = window.days()
    for each in feeds.tasks(session, to_on=last, done_since=window.remembered_since()):
        done_at = each.task.done_at
        yield replace(entry(_KIND, each), to_do=True, status="done" if done_at else "confirmed", done_at=done_at)
    for grave in feed_history.removed(session, OF_A_TASK, since=window.remembered_since()):
        day = grave.values["snoozed_until_on"] or grave.values["due_on"]
        if day is None or day <= last:
            gone = removed(_KIND, grave, summary=category(grave.values["kind"]), starts=day)
            yield replace(gone, to_do=True)
