"""Whether the places that calendars are pushed to can be reached, and let one write; nothing is written there."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from calendars.doctor.clients import Pushed, Reach
from calendars.doctor.net import OVERALL_SECONDS, SECONDS, reach_of
from calendars.remote.configured import Target, targets
from calendars.remote.dav import Collection, WebFolder
from calendars.remote.folder import Folder
from calendars.remote.http import within
from calendars.remote.items import Item
from calendars.remote.login import PUBLISH, SYNC, login
from crm.actions.doctor import Check
from crm.errors import CrmError
from crm.settings import Settings

_PRIVILEGES: Final = "{DAV:}current-user-privilege-set"
_WRITES: Final = frozenset(f"{{DAV:}}{each}" for each in ("all", "write", "write-content", "bind"))
_ASKED: Final = (
    '<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>'
    "<d:getetag/><d:resourcetype/><c:supported-calendar-component-set/><d:current-user-privilege-set/></d:prop>"
    "</d:propfind>"
)
NO_WRITING: Final = "it can be read and not be written to; give your user the right to, there"


class _Calendar(Collection):
    """A CalDAV calendar, looked at."""

    def look(self, component: str) -> str:
        """What stands in the way of writing there; nothing if it looks as if one could.

        Raises:
            CrmError: it cannot be reached, does not let one in, or is no calendar.
        """
        self.etags(frozenset())
        if not self.takes(component):
            what = "things to do" if component == "VTODO" else "events"
            return f"it takes no {what}; name a calendar that does"
        answer = self._ask("PROPFIND", "", _ASKED, {"Depth": "0"})
        told = [each.properties.get(_PRIVILEGES) for each in answer.parse_propfind()]
        rights = {right for each in told for right in (each or ())}  # RFC 3744 5.4; not every server says them
        return NO_WRITING if rights and not rights & _WRITES else ""


class _Host(WebFolder):
    """A folder of a web host, looked at."""

    def look(self, names: Sequence[str]) -> str:
        """What stands in the way of writing there, as `_Calendar.look`."""
        self.etags(frozenset(names))
        allowed = str(self._ask("OPTIONS", "").headers.get("Allow", "")).upper()
        return "it takes no files by PUT; name a folder that does" if allowed and "PUT" not in allowed else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """One place, before anything was asked of it.

    Attributes:
        verb: what is done with it: published, or synced.
        name: its address or path.
        kind: caldav, webdav or folder.
        target: under what `published` notes what is there.
        place: the connection; None if it cannot be made.
        error: why it cannot.
        items: gives what is to be there; None where that is not looked at.
        names: the files that go there.
    """

    verb: str
    name: str
    kind: str
    target: str = ""
    place: "_Calendar | _Host | Folder | None" = None
    error: str = ""
    items: Callable[..., tuple[list[Item], list[str]]] | None = None
    names: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that uses it."""
        return "crm calendar sync" if self.verb == "synced" else "crm calendar publish --dry-run"

    def close(self) -> None:
        """Let go of the connection."""
        if self.place is not None:
            self.place.close()


def opened(settings: Settings) -> list[Opened]:
    """The places that are configured; none of them is asked anything.

    An error in what is configured stands in the place of what it is about.
    """
    found: list[Opened] = []
    if settings["calendar.publish.url"] or settings["calendar.publish.folder"]:
        try:
            found += [_open(settings, each) for each in targets(settings)]
        except CrmError as error:
            found.append(Opened("published", "", "", error=error.message))
    if settings["calendar.sync.url"]:
        found.append(_open_sync(settings, settings["calendar.sync.url"]))
    return found


def _open(settings: Settings, target: Target) -> Opened:
    names = (target.file,) if target.file else tuple(f"{each}.ics" for each in target.feeds)
    url = target.name.rpartition("/")[0] if target.file else target.name
    try:
        place: _Calendar | _Host | Folder = (
            Folder(Path(target.name)) if target.kind == "folder" else _server(settings, url, target.kind)
        )
    except CrmError as error:
        return Opened("published", target.name, target.kind, error=error.message)
    return Opened(
        "published", target.name, target.kind, target=place.name, place=place, items=target.items, names=names
    )


def _open_sync(settings: Settings, url: str) -> Opened:
    try:
        place = _server(settings, url, "caldav", SYNC)
    except CrmError as error:
        return Opened("synced", url, "caldav", error=error.message)
    return Opened("synced", url, "caldav", target=f"{place.name}#to-dos", place=place)


def _server(settings: Settings, url: str, kind: str, whose: str = PUBLISH) -> _Calendar | _Host:
    made = _Calendar if kind == "caldav" else _Host
    return made(url, login(settings, url, whose), seconds=SECONDS)


def reached(places: Sequence[Opened], *, offline: bool) -> Iterator[tuple[Check, Pushed]]:
    """Of each place whether it can be reached and written to, by all that can be told without writing.

    Args:
        places: what `opened` gave.
        offline: only look at what needs no network.
    """
    for each in places:
        wrong, asked = _wrong(each, offline=offline)
        told = f"reach {each.name}" if each.name else "calendar.publish"
        remedy = f"{wrong}; then: {each.command}" if wrong else "" if asked else "not asked: --offline"
        works = False if wrong else True if asked else None
        where = Reach.MACHINE if each.kind == "folder" else reach_of(each.name, look_up=not offline)
        yield Check(told, ok=not wrong, remedy=remedy), Pushed(each.name, each.kind, where, works)


def _wrong(each: Opened, *, offline: bool) -> tuple[str, bool]:
    """What is wrong with a place, and whether that was looked at."""
    place = each.place
    if place is None:
        return each.error, True
    if isinstance(place, Folder):
        writable = os.access(place.path, os.W_OK | os.X_OK)
        return "" if writable else f"{place.path} cannot be written to; chmod u+rwx {place.path}", True
    if offline:
        return "", False
    component = "VTODO" if each.verb == "synced" else "VEVENT"
    ask = (lambda: place.look(component)) if isinstance(place, _Calendar) else (lambda: place.look(each.names))
    try:
        return within(OVERALL_SECONDS, ask), True
    except TimeoutError:
        return f"{place.host} did not answer in time", True
    except CrmError as error:
        return error.message, True
