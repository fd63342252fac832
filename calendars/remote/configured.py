"""What a person configured: the places that their calendars go to, and nothing leaves without it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.remote import items
from calendars.remote.folder import Folder
from calendars.remote.items import Item
from calendars.remote.login import CHATS, PUBLISH, SYNC, login
from calendars.remote.place import Place
from calendars.terms import Terms
from crm.errors import BadValueError, ConfigurationError
from crm.files import expanded
from crm.secrets import Secret
from crm.setting_checks import calendar_place
from crm.settings import Settings

if TYPE_CHECKING:
    from calendars.remote.chats_source import Source

NOWHERE = (
    "nothing is configured to publish to; name a calendar's address: crm config set calendar.publish.url "
    "https://HOST/PATH, or a synced folder: crm config set calendar.publish.folder DIR"
)


@dataclass(frozen=True, slots=True)
class Target:
    """One place that is configured.

    Attributes:
        name: its address or path.
        kind: caldav, webdav or folder.
        feeds: the feeds that go there.
        file: the name of the one file, where the address names one.
        open: connects to it, and raises CrmError where that cannot be done.
    """

    name: str
    kind: str
    feeds: tuple[str, ...]
    file: str
    open: Callable[[], Place]

    def items(
        self, session: Session, settings: Settings, *, now: datetime, tz: ZoneInfo
    ) -> tuple[list[Item], list[str]]:
        """All that is to be there, first names at most unless the person chose, and a line on what cannot be.

        Raises:
            NotFoundError: there is no feed of a name that was given.
        """
        terms = Terms.from_settings(settings, leaves=True)
        if self.kind == "caldav":
            return items.resources(session, self.feeds, now=now, tz=tz, terms=terms)
        return items.files(session, self.feeds, now=now, tz=tz, terms=terms, file=self.file)


def targets(settings: Settings) -> list[Target]:
    """The places that are configured.

    Raises:
        ConfigurationError: none is, one file is to hold several calendars, or the folder is that of the own ones.
        NotFoundError: there is no feed of a name that was given.
    """
    names = tuple(dict.fromkeys(feeds.load(each).name for each in settings["calendar.publish.feeds"]))
    found = list(_targets(settings, names))
    if not found:
        raise ConfigurationError(NOWHERE)
    return found


def _targets(settings: Settings, names: tuple[str, ...]) -> Iterator[Target]:
    url, kind = settings["calendar.publish.url"], settings["calendar.publish.kind"]
    if url and kind == "webdav":
        folder, file = _split(url, names)
        yield Target(url, kind, names, file, lambda: _server(settings, folder, kind))
    elif url:
        yield Target(url, kind, names, "", lambda: _server(settings, url, kind))
    if settings["calendar.publish.folder"]:
        path = expanded(settings["calendar.publish.folder"])
        if path.resolve() == settings.paths.calendars.resolve():
            raise ConfigurationError(f"calendar.publish.folder: {path} is where your own calendars lie; name another")
        yield Target(str(path), "folder", names, "", lambda: Folder(path))


def _split(url: str, names: Sequence[str]) -> tuple[str, str]:
    """The folder of an address, and the file if it names one."""
    folder, _, last = url.rpartition("/")
    if not last.endswith(".ics"):
        return url, ""
    if len(names) > 1:
        raise ConfigurationError(
            f"calendar.publish.url names one file, and calendar.publish.feeds {len(names)} calendars; name a folder"
        )
    return folder, last


def _server(settings: Settings, url: str, kind: str, whose: str = PUBLISH) -> Place:
    from calendars.remote.dav import Collection, WebFolder  # noqa: PLC0415 - only who publishes to a server loads it

    who = login(settings, url, whose)
    return Collection(url, who) if kind == "caldav" else WebFolder(url, who)


def appointments(settings: Settings) -> "Source":
    """The person's own calendar, which chats are taken from.

    An address is a CalDAV calendar's, unless it ends with .ics, has a query, begins with webcal, or is secret. Who
    publishes logs in with the same name and password on the same server; they go to no other.

    Raises:
        ConfigurationError: none is configured, or its secret address or password cannot be read.
    """
    from calendars.remote.chats_source import Appointments, LocalFile, WebFile  # noqa: PLC0415 - as in `_server`

    place, file = settings["calendar.sync.chats"], settings["calendar.sync.chats_file"]
    if not place and not file:
        raise ConfigurationError(
            "no calendar of your own is configured to take chats from: crm config set calendar.sync.chats "
            "https://HOST/PATH, or the path of an .ics"
        )
    if not place:
        return WebFile(_secret_address(file))
    if "://" not in place:
        return LocalFile(expanded(place))
    if place.startswith("webcal") or "?" in place or place.endswith(".ics"):
        return WebFile(_https(place))
    return Appointments(place, login(settings, place, CHATS))


def _secret_address(file: str) -> str:
    """What stands in that file.

    Raises:
        ConfigurationError: it cannot be read, or is no address.
    """
    address = Secret("calendar.sync.chats", file).required()
    try:
        if "://" in address:
            return _https(calendar_place(address))
    except BadValueError:
        pass
    raise ConfigurationError(f"calendar.sync.chats_file: in {file} stands no address like https://HOST/PATH.ics")


def _https(address: str) -> str:
    """As calendar programs read it: webcal is spoken as https."""
    return re.sub(r"^webcals?://", "https://", address)


def to_do_list(settings: Settings) -> Place:
    """The calendar that things to do are kept in step with.

    Raises:
        ConfigurationError: none is configured.
    """
    if not settings["calendar.sync.url"]:
        raise ConfigurationError(
            "no calendar is configured to keep to-dos in; name one that takes them: "
            "crm config set calendar.sync.url https://HOST/PATH"
        )
    return _server(settings, settings["calendar.sync.url"], "caldav", SYNC)
