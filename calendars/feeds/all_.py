"""Everything that stands in the other calendars of events, in one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from sqlmodel import Session

from calendars import feeds
from calendars.entry import Entry
from calendars.window import Window

TITLE = "Networking"
FILLED_BY = "crm init"
COLOR = "royalblue"

TO_DOS: Final = "tasks"
"""The feed of things to do: most programs drop every one that stands beside events."""


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """The entries of every other feed; what does not ring there does not ring here."""
    for name in feeds.names():
        if name not in {"all", TO_DOS}:
            for each in feeds.load(name).entries(session, window):
                yield replace(each, alarms=()) if name in window.silent else each
