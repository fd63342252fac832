"""Whether the person's own calendar, which chats are taken from, is there and can be read; nothing is taken over."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from calendars.doctor.net import OVERALL_SECONDS
from calendars.remote.chats_events import AHEAD, BACK, read
from calendars.remote.configured import appointments
from calendars.remote.http import within
from crm.actions.doctor import Check
from crm.errors import CrmError
from crm.settings import Settings

if TYPE_CHECKING:
    from calendars.remote.chats_source import Source

_NAME: Final = "calendar.sync.chats"
_SYNC: Final = "then: crm calendar sync"


def own(settings: Settings, *, now: datetime, tz: ZoneInfo, offline: bool) -> Iterator[Check]:
    """Look at it, if one is configured; its password and secret address as well.

    Args:
        settings: what the person configured.
        now: the present instant, aware UTC.
        tz: the person's zone.
        offline: ask no server; a file is looked at all the same.
    """
    if not settings[_NAME] and not settings["calendar.sync.chats_file"]:
        return
    try:
        source = appointments(settings)
    except CrmError as error:
        yield Check(_NAME, ok=False, remedy=f"{error.message}; {_SYNC}")
        return
    try:
        yield _looked(source, now=now, tz=tz, offline=offline)
    finally:
        source.close()


def _looked(source: "Source", *, now: datetime, tz: ZoneInfo, offline: bool) -> Check:
    from calendars.remote.chats_source import LocalFile  # noqa: PLC0415 - loads what speaks to servers

    told = f"your appointments in {source.name}"
    if offline and not isinstance(source, LocalFile):
        return Check(told, ok=True, remedy="not asked: --offline")
    try:
        texts = within(OVERALL_SECONDS, partial(source.read, now - BACK, now + AHEAD))
        found = read(texts, frozenset(), now=now, tz=tz)
    except TimeoutError:
        return Check(told, ok=False, remedy=f"it did not answer in time; {_SYNC}")
    except CrmError as error:
        return Check(told, ok=False, remedy=f"{error.message.removesuffix('; nothing was changed')}; {_SYNC}")
    if found.damaged:
        return Check(told, ok=True, remedy=f"{found.damaged:,} of them cannot be read, and are passed over")
    return Check(told, ok=True, remedy="" if found.appointments else "none is to come, so no chat is taken from it")
