"""Publishing and syncing: calendars are pushed after a change, and looked at now and then where others may change them.

It is done by another process that is ended when its time is over, so that neither a server that keeps it waiting nor
what it loads can hold up reminders; one that is ended in the middle is gone on with the next time.
"""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from crm import children
from crm.cadence import day_of
from crm.errors import BusyError, CrmError
from crm.settings import Settings
from crm.store import published
from crm.store.engine import reading

SECONDS: Final = 300
"""So long one of them may take."""
LONGEST_WAIT: Final = timedelta(hours=1)
"""At most so long after a failure it is tried again; the first time after a minute, then twice as long each time."""
LOOK_AFTER: Final = timedelta(minutes=15)
"""So long after the last time it is looked for what was changed there."""
_SYNCED: Final = ("calendar.sync.url", "calendar.sync.chats", "calendar.sync.chats_file")


@dataclass
class Publish:
    """Runs `crm calendar publish`, or `sync`, when there is reason to.

    There is when something changed since the last time, a new day began, or the settings changed.

    Attributes:
        engine: the database.
        settings_now: gives the settings as they are by then.
        verb: publish or sync.
        places: the settings that name where to; if none is set, nothing is ever done.
        looks: whether things change there, too.
    """

    EVERY_SECONDS: ClassVar[float] = 60

    engine: sa.Engine
    settings_now: Callable[[], Settings]
    verb: str = "publish"
    places: tuple[str, ...] = ("calendar.publish.url", "calendar.publish.folder")
    looks: bool = False
    done: Any = None
    done_at: datetime | None = None
    failed_at: datetime | None = None
    wait: timedelta = field(default_factory=timedelta)

    @classmethod
    def syncing(cls, engine: sa.Engine, settings_now: Callable[[], Settings]) -> "Publish":
        """The one that runs `crm calendar sync`."""
        return cls(engine, settings_now, "sync", _SYNCED, looks=True)

    def run(self, now: datetime) -> str | None:
        """Do it if there is reason to; gives a line about it.

        Raises:
            CrmError: it could not be done, or not all of it.
        """
        settings = self.settings_now()
        if settings.fault or not any(settings[each] for each in self.places):
            return None
        if _within(self.failed_at, now, self.wait):
            return None
        with reading(self.engine) as session:
            mark = published.mark(session), day_of(now, settings.tz), _told(settings)
        if mark == self.done and not (self.looks and not _within(self.done_at, now, LOOK_AFTER)):
            return None
        command = (sys.executable, "-P", "-m", "crm", "calendar", self.verb, "--json", "--yes")
        ended, answer = children.run(command, seconds=SECONDS, answers=True)
        if ended == BusyError.exit_code:
            return None
        said, faults = _report(answer)
        if ended != 0 or faults:
            self.failed_at, self.wait = now, min(max(2 * self.wait, timedelta(minutes=1)), LONGEST_WAIT)
            raise CrmError("; ".join(faults) or self._unsaid(ended))
        self.done, self.done_at, self.failed_at, self.wait = mark, now, None, timedelta()
        return said

    def _unsaid(self, ended: int | None) -> str:
        why = "was ended before it was done" if ended is None else f"ended with {ended}"
        return f"crm calendar {self.verb} {why}; to see more, run it"


def _within(since: datetime | None, now: datetime, span: timedelta) -> bool:
    """Whether so little time went by; a clock that was set back counts as more."""
    return since is not None and timedelta() <= now - since < span


def _told(settings: Settings) -> list[str]:
    """What it depends on besides the database."""
    names = ("calendar.", "timezone", "week_starts_on")
    return [f"{name}={value.value}" for name, value in settings.values.items() if name.startswith(names)]


def _report(answer: bytes) -> tuple[str | None, list[str]]:
    """What was done, in a line, and what went wrong."""
    told: dict[str, Any] = {}
    with suppress(ValueError):
        told = json.loads(answer)
    items = told.get("items", [])
    said = [f"{each['place']}: {each['written']} written, {each['removed']} removed" for each in items if _did(each)]
    if taken := told.get("taken"):
        said.append(f"taken over from there: {', '.join(each['ref'] for each in taken)}")
    if arranged := (told.get("chats") or {}).get("taken"):
        said.append(f"chats taken from your calendar: {', '.join(each['ref'] for each in arranged)}")
    return "; ".join(said) or None, told.get("errors") or [each["error"] for each in items if each["error"]]


def _did(item: dict[str, Any]) -> bool:
    return bool(item["written"] or item["removed"])
