"""Where the person's own appointments stand: a CalDAV calendar, the address of an .ics, or a file. Only ever read."""

import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from threading import Timer
from typing import Final, Protocol
from urllib.parse import urlsplit

from calendars.remote.dav import Collection
from calendars.remote.http import why
from calendars.remote.login import Login
from crm.errors import ConfigurationError, CrmError

LARGEST_BYTES: Final = 10 * 1024 * 1024
"""A calendar may be so large."""
SECONDS: Final = 60
"""So long it may take to fetch one."""
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_QUERY: Final = (
    '<?xml version="1.0" encoding="utf-8"?><c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    '<d:prop><d:getetag/><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR">'
    '<c:comp-filter name="VEVENT"><c:time-range start="{since}" end="{until}"/></c:comp-filter>'
    "</c:comp-filter></c:filter></c:calendar-query>"
)


class Source(Protocol):
    """What appointments are read from."""

    @property
    def name(self) -> str:
        """What it is called in `published` and on screens; a secret address is not in it."""

    def read(self, since: datetime, until: datetime) -> list[str]:
        """The iCalendar streams with every event of that time, and perhaps others; of many, one may be damaged.

        Raises:
            CrmError: they cannot be had, or not all of them.
        """

    def close(self) -> None:
        """Let go of what it holds."""


class Appointments(Collection):
    """A CalDAV calendar of the person's own (RFC 4791), or an .ics whose address does not look like one's."""

    def __init__(self, url: str, who: Login) -> None:
        """As any calendar; the address may be that of a file, too."""
        super().__init__(url, who)
        self.file = WebFile(url)

    def read(self, since: datetime, until: datetime) -> list[str]:
        """The resources with an event of that time; where it is no such calendar, the file, without any password.

        Raises:
            ConfigurationError: the address is no calendar's.
            CrmError: the server cannot be reached, or does not tell all.
        """
        try:
            return self._events(since, until)
        except ConfigurationError:
            with suppress(CrmError):
                return self.file.read(since, until)
            raise

    def _events(self, since: datetime, until: datetime) -> list[str]:
        """In one request (RFC 4791 7.8, 9.9)."""
        from caldav.lib.error import DAVError  # noqa: PLC0415 - as in `dav`

        answer = self._ask("REPORT", "", _QUERY.format(since=_utc(since), until=_utc(until)), {"Depth": "1"})
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise ConfigurationError(f"there is no calendar at {self.name}; name another address")
        if answer.status in {*range(300), *range(400, 500), HTTPStatus.NOT_IMPLEMENTED} - {HTTPStatus.MULTI_STATUS}:
            raise ConfigurationError(self._no_calendar())
        self._expect(answer, HTTPStatus.MULTI_STATUS)
        try:
            found = answer.parse_calendar_query()
        except (ValueError, AttributeError, TypeError, AssertionError, DAVError):
            raise CrmError(f"{self.host} answers in no way that is known here") from None
        if any(each.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND} for each in found):
            raise CrmError(f"{self.host} tells only some of your appointments; nothing was changed")
        texts = [each.calendar_data for each in found if each.calendar_data]
        if sum(map(len, texts)) > LARGEST_BYTES:
            raise CrmError(_too_large(self.name))
        return texts


@dataclass(frozen=True, slots=True)
class WebFile:
    """An .ics at an address, which may be secret and so is never told whole.

    Attributes:
        url: its address, https unless it is on this machine.
        seconds: how long it may take.
    """

    url: str
    seconds: float = SECONDS

    @property
    def host(self) -> str:
        """Where it is."""
        return urlsplit(self.url).hostname or ""

    @property
    def name(self) -> str:
        """The host and, of an address, what tells it from others there."""
        return f"{self.host}/...{sha256(self.url.encode()).hexdigest()[:8]}"

    def close(self) -> None:
        """There is nothing to let go of."""

    def read(self, since: datetime, until: datetime) -> list[str]:  # noqa: ARG002 - an .ics holds all there is
        """The whole file; neither a redirect nor a proxy is followed.

        Raises:
            ConfigurationError: the address would be spoken to in the clear, or is refused there.
            CrmError: it cannot be had in time, is too large, or is no whole calendar.
        """
        parts = urlsplit(self.url)
        if parts.scheme != "https" and self.host.lower() not in _LOOPBACK:
            raise ConfigurationError(f"{self.host}: the address begins with http://, which anybody can read on the way")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kinds = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
        client = kinds[parts.scheme](self.host, parts.port, timeout=self.seconds)
        timer = Timer(self.seconds, _cut, [client])
        timer.daemon = True
        try:
            timer.start()
            client.request(
                "GET", target, headers={"User-Agent": "networking-crm", "Accept": "text/calendar, */*;q=0.1"}
            )
            with client.getresponse() as answer:
                status, data, cut = answer.status, answer.read(LARGEST_BYTES + 1), bool(answer.length)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise CrmError(f"{self.host} cannot be reached: {why(error)}") from None
        finally:
            timer.cancel()
            client.close()
        if status != HTTPStatus.OK:
            kind = ConfigurationError if 300 <= status < 500 else CrmError
            raise kind(f"{self.host} answered {status}; look at the address of your calendar, or try again later")
        if len(data) > LARGEST_BYTES:
            raise CrmError(_too_large(self.host))
        if cut:
            raise CrmError(f"{self.host} sent only a part of the calendar; nothing was changed")
        return [_text(data, self.host)]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """An .ics file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self.path)

    def close(self) -> None:
        """There is nothing to let go of."""

    def read(self, since: datetime, until: datetime) -> list[str]:  # noqa: ARG002 - an .ics holds all there is
        """The whole file.

        Raises:
            CrmError: it cannot be read, is too large, or is no whole calendar.
        """
        try:
            if not self.path.is_file():
                raise ConfigurationError(
                    f"there is no file {self.path}; name one: crm config set calendar.sync.chats PATH"
                )
            with self.path.open("rb") as opened:
                data = opened.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise CrmError(f"{self.path} cannot be read: {error.strerror}") from error
        if len(data) > LARGEST_BYTES:
            raise CrmError(_too_large(self.name))
        return [_text(data, self.name)]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(data: bytes, name: str) -> str:
    try:
        return _whole(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise CrmError(f"{name} is no text in UTF-8; nothing was changed") from None


def _whole(text: str, name: str) -> str:
    """The text, if it begins and ends as a calendar does (RFC 5545 3.4)."""
    bare = text.strip().upper()
    if not bare.startswith("BEGIN:VCALENDAR"):
        raise CrmError(f"{name} is no calendar (.ics); nothing was changed")
    if not bare.endswith("END:VCALENDAR"):
        raise CrmError(f"{name} is cut off: its end is missing; nothing was changed")
    return text


def _too_large(name: str) -> str:
    return f"{name} is larger than {LARGEST_BYTES // 1024**2} MB; name a calendar that holds less"


def _cut(client: http.client.HTTPConnection) -> None:
    """End a connection that takes too long; whoever reads from it learns it at once."""
    with suppress(OSError, TypeError):  # it may not be there yet, or no more
        socket.socket.shutdown(client.sock, socket.SHUT_RDWR)  # what TLS has to say is not waited for
