"""The calendars as bytes, ready to be sent; they are made when somebody asks and something has changed.

What changes a calendar is read from the database itself: the last change in the journal, the last one that was taken
back and the last removal, besides the person's day and settings. SQLite's `PRAGMA data_version` would tell more than
that (each turn of the daemon writes), and nothing on PostgreSQL; the times of the .ics files would tell nothing while
no daemon runs, and those files may say more than what leaves the machine.
"""

import asyncio
import gzip
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from calendars import feeds
from calendars.publish import FAULTS, render_feed
from calendars.terms import Terms
from calendars.window import Window
from crm import clock
from crm.errors import CrmError
from crm.files import write_if_changed
from crm.settings import Settings
from crm.store import feed_history
from crm.store.engine import reading

CHECK_SECONDS: Final = 1.0
"""So old may an answer be: within that time the database is not asked again."""
FILE_NAME: Final = "served.json"
LOG: Final = logging.getLogger("crm.serve")


@dataclass(frozen=True, slots=True)
class Copy:
    """A calendar as it is sent, plain and packed: each has a strong ETag of its own (RFC 9110 8.8.3.3)."""

    body: bytes
    packed: bytes
    tag: str
    modified_at: datetime

    @classmethod
    def of(cls, body: bytes, *, before: "Remembered | None", now: datetime) -> "Copy":
        """A calendar's copy; its time is that of the present unless its bytes are those from `before`."""
        tag = sha256(body).hexdigest()[:32]
        same = before is not None and before.tag == tag
        return cls(body, gzip.compress(body, mtime=0), tag, before.modified_at if before and same else now)

    def etag(self, *, packed: bool) -> str:
        """The entity tag with its quotation marks."""
        return f'"{self.tag}-gzip"' if packed else f'"{self.tag}"'


@dataclass(frozen=True, slots=True)
class Remembered:
    """Which bytes a calendar had when it was last served, and since when: Last-Modified outlives a restart."""

    tag: str
    modified_at: datetime


@dataclass(slots=True)
class _Kept:
    """A feed's copy, what it was made of, and when (seconds, monotonic) that was last compared with the database."""

    copy: Copy | None = None
    made_of: object = None
    checked_at: float | None = None

    def is_fresh(self) -> bool:
        return self.checked_at is not None and clock.monotonic() - self.checked_at < CHECK_SECONDS


@dataclass(slots=True)
class Cache:
    """Every feed's copy, each made when it is first asked for.

    Attributes:
        engine: the database.
        settings: reads the settings as they are by now.
        leaves: whether what is served leaves this machine, see `Terms.from_settings`.
    """

    engine: sa.Engine
    settings: Callable[[], Settings]
    leaves: bool = False
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, feed: str) -> Copy | None:
        """The feed's copy; None while it cannot be made. However many ask, it is made once."""
        kept = self._kept.setdefault(feed, _Kept())
        if not kept.is_fresh():
            async with self._lock:
                if not kept.is_fresh():
                    await asyncio.to_thread(self._renew, feed, kept)
        return kept.copy

    def _renew(self, feed: str, kept: _Kept) -> None:
        """Make the copy anew if something changed; one that cannot be made stays as it was."""
        try:
            settings = self.settings()
            with reading(self.engine) as session:
                self._look(session, feed, kept, settings, clock.now())
        except CrmError as error:
            LOG.warning("the calendar %s could not be renewed: %s", feed, error.message)
        except FAULTS as error:
            LOG.warning("the calendar %s could not be made: %s: %.200s", feed, type(error).__name__, error)
        kept.checked_at = clock.monotonic()

    def _look(self, session: Session, feed: str, kept: _Kept, settings: Settings, now: datetime) -> None:
        terms = Terms.from_settings(settings, leaves=self.leaves)
        made_of = (feed_history.marker(session), Window(now, settings.tz).today, settings.tz.key, terms)
        if made_of == kept.made_of:
            return
        body = render_feed(session, feeds.load(feed), now=now, tz=settings.tz, terms=terms).data
        file = settings.paths.data / FILE_NAME
        remembered = _remembered(file)
        kept.copy = Copy.of(body, before=remembered.get(feed), now=now)
        kept.made_of = made_of
        served = Remembered(kept.copy.tag, kept.copy.modified_at)
        write_if_changed(file, _memory({**remembered, feed: served}))


def _memory(served: Mapping[str, Remembered]) -> bytes:
    told = {name: {"tag": each.tag, "modified_at": each.modified_at.isoformat()} for name, each in served.items()}
    return f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()


def _remembered(file: Path) -> dict[str, Remembered]:
    """What was served last; nothing if the file is gone or damaged, which costs each client one download."""
    try:
        told = json.loads(file.read_bytes())
        return {
            name: Remembered(each["tag"], datetime.fromisoformat(each["modified_at"])) for name, each in told.items()
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
