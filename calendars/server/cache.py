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
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from crm.errors import ConfigurationError, CrmError
from crm.files import write_if_changed
from crm.settings import Settings
from crm.store import feed_history
from crm.store.engine import reading

CHECK_SECONDS: Final = 1.0
"""So old may an answer be: within that time the database is not asked again."""
WAIT_SECONDS: Final = 10.0
"""So long is a calendar waited for; who asks again later finds it made."""
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
        """A calendar's copy; its time is the present, but that from `before` if its bytes are, and else a later one."""
        tag = sha256(body).hexdigest()[:32]
        at = now
        if before is not None:  # also when both were made within one second, or the clock was set back
            at = before.modified_at if before.tag == tag else max(now, before.modified_at + timedelta(seconds=1))
        return cls(body, gzip.compress(body, mtime=0), tag, at)

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
    renewal: asyncio.Task[None] | None = None

    def is_fresh(self) -> bool:
        return self.checked_at is not None and clock.monotonic() - self.checked_at < CHECK_SECONDS


@dataclass(slots=True)
class Cache:
    """Every feed's copy, each made when it is first asked for.

    Attributes:
        engine: the database.
        settings: reads the settings as they are by now.
        leaves: whether others than this machine can ask; so they can where `serve.address` is set, see
            `Terms.from_settings`.
    """

    engine: sa.Engine
    settings: Callable[[], Settings]
    leaves: bool = False
    _sound: Settings | None = None
    _said: dict[str, str] = field(default_factory=dict)
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, feed: str) -> Copy | None:
        """The feed's copy; None while it cannot be made. However many ask, it is made once."""
        kept = self._kept.setdefault(feed, _Kept())
        if not kept.is_fresh():
            if kept.renewal is None or kept.renewal.done():
                kept.renewal = asyncio.create_task(self._renewed(feed, kept))
            with suppress(asyncio.CancelledError):  # the server ends, and has something to say all the same
                await asyncio.wait({kept.renewal}, timeout=WAIT_SECONDS)
        return kept.copy

    async def _renewed(self, feed: str, kept: _Kept) -> None:
        async with self._lock:
            await _in_thread(lambda: self._renew(feed, kept))

    def _renew(self, feed: str, kept: _Kept) -> None:
        """Make the copy anew if something changed; one that cannot be made stays as it was.

        But where the database is gone, nothing is told any more of whom it named.
        """
        try:
            settings = self._settings_by_now()
            with reading(self.engine) as session:
                self._look(session, feed, kept, settings, clock.now())
            self._say(feed, "")
        except ConfigurationError as error:
            kept.copy = kept.made_of = None
            self._say(feed, f"the calendar {feed} cannot be served: {error.message}")
        except CrmError as error:
            self._say(feed, f"the calendar {feed} could not be renewed: {error.message}")
        except (*FAULTS, OSError) as error:
            self._say(feed, f"the calendar {feed} could not be made: {type(error).__name__}: {error!s:.200}")
        kept.checked_at = clock.monotonic()

    def _settings_by_now(self) -> Settings:
        """The settings; while they are wrong, those from before count: no calendar tells more for a slip of the pen.

        Raises:
            CrmError: they are wrong, and always were.
        """
        try:
            self._sound = self.settings()
            self._say("", "")
        except CrmError as error:
            if self._sound is None:
                raise
            self._say("", f"the settings from before count: {error.message}")
        return self._sound

    def _say(self, of: str, told: str) -> None:
        """Log what is wrong with a calendar or, without a name, with the settings; once, until that changes."""
        if told and told != self._said.get(of):
            LOG.warning("%s", told)
        self._said[of] = told

    def _look(self, session: Session, feed: str, kept: _Kept, settings: Settings, now: datetime) -> None:
        terms = Terms.from_settings(settings, leaves=self.leaves or bool(settings["serve.address"]))
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


async def _in_thread(work: Callable[[], None]) -> None:
    """Do it in a thread that is not waited for when the server ends: a busy database must not hold that up."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        try:
            work()
        finally:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="calendar", daemon=True).start()
    await done.wait()


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
