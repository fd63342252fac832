"""A CalDAV collection (RFC 4791), or a folder of a web host that takes files by PUT, through the library caldav.

Of caldav only the connection is used: it knows how to log in to the many servers, and reads their XML safely. Every
write is conditional (RFC 9110 13.1) as far as the server gives entity tags, no redirect is followed, for it would carry
a password to another host, and nothing that a server says gets into an error.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

from calendars.remote.http import EndlessError, why
from calendars.remote.login import Login
from calendars.remote.place import UNKNOWN, ChangedError, NotTakenError, is_strong
from crm.clock import monotonic
from crm.errors import ConfigurationError, CrmError

if TYPE_CHECKING:
    from caldav.davclient import DAVClient
    from caldav.response import DAVResponse

SECONDS: Final = 30
"""So long a server may keep silent."""
LONGEST_ANSWER: Final = 120
"""So many seconds one answer may take, however little silence there is in it."""
LARGEST_ANSWER: Final = 32 * 2**20
"""So many bytes it may have, unpacked: a calendar with a hundred thousand entries tells of them in less."""
_PIECE: Final = 65_536
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_TYPE: Final = {"Content-Type": "text/calendar; charset=utf-8"}
_CALENDAR: Final = "{urn:ietf:params:xml:ns:caldav}calendar"
_RESOURCE_TYPE: Final = "{DAV:}resourcetype"
_ETAG: Final = "{DAV:}getetag"
_COMPONENTS: Final = "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set"
_QUOTA: Final = "{DAV:}quota-not-exceeded"  # RFC 4331 section 6
_REASONS: Final = {  # RFC 4791 5.3.2.1; servers answer 403, 409, 412 or 413
    "{urn:ietf:params:xml:ns:caldav}max-resource-size": "it is too large for that calendar",
    "{urn:ietf:params:xml:ns:caldav}no-uid-conflict": "that calendar has it already under another name",
    "{urn:ietf:params:xml:ns:caldav}supported-calendar-component": "that calendar takes no such thing",
}
_ASKED: Final = (
    '<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<d:prop><d:getetag/><d:resourcetype/><c:supported-calendar-component-set/></d:prop></d:propfind>"
)


class _Dav:
    """What a CalDAV collection and a web host have in common."""

    def __init__(self, url: str, who: Login, *, seconds: int = SECONDS) -> None:
        """Connects to nothing yet.

        Raises:
            ConfigurationError: caldav is not installed, or the address would be spoken to in the clear.
        """
        self.name = self.base = url if url.endswith("/") else f"{url}/"
        self.host = urlsplit(url).hostname or ""
        if urlsplit(url).scheme != "https" and self.host.lower() not in _LOOPBACK:
            raise ConfigurationError(f"{url} begins with http://, which anybody on the way can read; write https://")
        self.who = who
        self.client = _client(self.base, who.user, who.password, seconds)

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def get(self, name: str) -> tuple[bytes, str] | None:
        """What is there under a name, and its entity tag.

        Raises:
            CrmError: the server cannot be reached, or refuses.
        """
        answer = self._ask("GET", name)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        self._expect(answer, HTTPStatus.OK)
        return _content(answer), _etag(answer.headers)

    def put(self, name: str, data: bytes, etag: str | None) -> str:
        """Put it there if it is what `etag` says, or, with None, if nothing is there.

        Raises:
            ChangedError: it is not.
            NotTakenError: the server takes no such thing.
            CrmError: the server cannot be reached, refuses altogether, or is full.
        """
        only = {"If-None-Match": "*"} if etag is None else _only(etag)
        answer = self._ask("PUT", name, data.decode(), _TYPE | only)
        self._expect(answer, HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
        return _etag(answer.headers)

    def delete(self, name: str, etag: str) -> None:
        """Remove it if it is what `etag` says.

        Raises:
            ChangedError: it is not.
            NotTakenError: the server does not allow it.
            CrmError: the server cannot be reached, or refuses altogether.
        """
        answer = self._ask("DELETE", name, headers=_only(etag))
        if answer.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            self._expect(answer, HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT)

    def _ask(self, method: str, name: str, body: str = "", headers: Mapping[str, str] | None = None) -> "DAVResponse":
        """Whatever the server answers, but that it does not let one in."""
        from caldav.lib.error import AuthorizationError, DAVError, RateLimitError  # noqa: PLC0415 - takes 0.3 s

        url = self.base + quote(name, safe="@-._~")
        try:
            return self.client.request(url, method, body, dict(headers or {}))
        except AuthorizationError as error:
            if _QUOTA in (error.preconditions or ()):
                raise CrmError(self._full()) from None
            if reason := _reason(error.preconditions):
                raise NotTakenError(f"{self.host} does not take it: {reason}") from None
            if error.status == HTTPStatus.FORBIDDEN and name:
                raise NotTakenError(f"{self.host} does not allow to {_doing(method)}") from None
            raise ConfigurationError(self._refused()) from None
        except RateLimitError:
            raise CrmError(f"{self.host} has too much to do and asks to come later") from None
        except (OSError, ValueError, SyntaxError, DAVError) as error:
            raise CrmError(f"{self.host} cannot be reached: {why(error)}") from None

    def _refused(self) -> str:
        if not self.who.user:
            return f"{self.host} asks for a user and a password; {self.who.missing}"
        told = f"{self.host} does not let {self.who.user} in, or not to this calendar"
        return f"{told}; look at {self.who.refused} and the address"

    def _full(self) -> str:
        return f"{self.host} has no room left for you; free some there, and the rest follows the next time"

    def _expect(self, answer: "DAVResponse", *statuses: HTTPStatus) -> None:
        status = int(answer.status)
        if status in statuses:
            return
        if reason := _reason(_preconditions(answer)):
            raise NotTakenError(f"{self.host} does not take it: {reason}")
        if status == HTTPStatus.PRECONDITION_FAILED:
            raise ChangedError(f"something else changed it on {self.host} at the same time")
        if status == HTTPStatus.INSUFFICIENT_STORAGE:
            raise CrmError(self._full())
        if status in range(300, 400):
            raise ConfigurationError(f"{self.host} sends elsewhere ({_said(status)}); name the address that it has now")
        if status in range(400, 500):
            raise NotTakenError(f"{self.host} does not take it ({_said(status)})")
        raise CrmError(f"{self.host} answered {_said(status)}; try again later")


class Collection(_Dav):
    """One CalDAV calendar; a resource in it is one event or thing to do (RFC 4791 4.1)."""

    components: frozenset[str] = frozenset()

    def takes(self, component: str) -> bool:
        """Whether the calendar may hold a VEVENT, or a VTODO; one that does not say takes all."""
        return not self.components or component in self.components

    def etags(self, names: frozenset[str]) -> dict[str, str]:
        """The entity tags of those that are there, in one request; what else is there is passed over.

        Raises:
            ConfigurationError: the address is no calendar's.
            CrmError: the server cannot be reached.
        """
        answer = self._ask("PROPFIND", "", _ASKED, {"Depth": "1"})
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise ConfigurationError(f"there is no calendar at {self.name}; make one there, or name another address")
        if answer.status != HTTPStatus.MULTI_STATUS and (answer.status < 300 or 400 <= answer.status < 500):
            raise ConfigurationError(self._no_calendar())
        self._expect(answer, HTTPStatus.MULTI_STATUS)
        found = _members(answer, self.host)
        own = unquote(urlsplit(self.base).path).rstrip("/")
        there: dict[str, str] = {}
        for path, told in found:
            if path.rstrip("/") == own:
                self._note(told)
            elif (name := path.rpartition("/")[2]) in names:
                there[name] = told.get(_ETAG) or UNKNOWN
        return there

    def _note(self, told: dict[str, Any]) -> None:
        if _CALENDAR not in (told.get(_RESOURCE_TYPE) or ()):
            raise ConfigurationError(self._no_calendar())
        self.components = frozenset(told.get(_COMPONENTS) or ())

    def _no_calendar(self) -> str:
        return f"{self.name} is the address of no calendar; name that of one calendar, as its own settings show it"


class WebFolder(_Dav):
    """A folder of a web host that takes files by PUT (RFC 9110 9.3.4), WebDAV's or any other's."""

    def takes(self, component: str) -> bool:  # noqa: ARG002 - a file takes all
        """A file takes everything."""
        return True

    def etags(self, names: frozenset[str]) -> dict[str, str]:
        """The entity tags of those files that are there, a request for each.

        Raises:
            CrmError: the server cannot be reached, or refuses.
        """
        found = {each: self._head(each) for each in sorted(names)}
        return {name: etag for name, etag in found.items() if etag is not None}

    def _head(self, name: str) -> str | None:
        answer = self._ask("HEAD", name)
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            there = self.get(name)
            return there[1] if there else None
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        self._expect(answer, HTTPStatus.OK, HTTPStatus.NO_CONTENT)
        return _etag(answer.headers)


def _client(url: str, user: str, password: str, seconds: int) -> "DAVClient":
    """The connection: a redirect is an error, and neither ~/.netrc nor a proxy is guessed.

    Raises:
        ConfigurationError: caldav is not installed.
    """
    try:
        from caldav.davclient import DAVClient  # noqa: PLC0415 - everyday commands must not wait 0.3 s for it
    except ModuleNotFoundError:
        raise ConfigurationError(
            "to publish to a server, the library caldav is needed: pip install 'networking-crm[caldav]'"
        ) from None
    for name in ("caldav", "niquests", "urllib3", "urllib3_future"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # they would say what the server said
    client = DAVClient(url, username=user or None, password=password or None, timeout=seconds, enable_rfc6764=False)
    client.session.max_redirects = 0
    client.session.trust_env = False
    client.session.request = partial(_bounded, client.session.request)  # type: ignore[method-assign]
    return client


def _bounded(ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
    """Ask, and read the answer piece by piece, so that none fills the memory or goes on for ever.

    Raises:
        EndlessError: it is larger than `LARGEST_ANSWER`, or takes longer than `LONGEST_ANSWER`.
        ValueError: it is no HTTP.
    """
    from niquests.packages import urllib3  # noqa: PLC0415 - comes with caldav

    begun = monotonic()
    pieces, size = [], 0
    try:
        answer = ask(*arguments, **named, stream=True)
        for each in answer.iter_content(_PIECE):
            pieces.append(each)
            size += len(each)
            if size > LARGEST_ANSWER or monotonic() - begun > LONGEST_ANSWER:
                answer.close()
                raise EndlessError
    except urllib3.exceptions.HTTPError as error:  # not all of them become the library's own
        raise ValueError("no HTTP") from error
    answer._content = b"".join(pieces)  # noqa: SLF001 - what it would have read at once
    return answer


def _only(etag: str) -> dict[str, str]:
    """The condition that it is still what the tag says; a weak one never fulfils it (RFC 9110 13.1.1)."""
    return {"If-Match": etag} if is_strong(etag) else {}


def _etag(headers: Mapping[str, str]) -> str:
    return str(headers.get("ETag") or UNKNOWN)


def _content(answer: "DAVResponse") -> bytes:
    """What a resource holds; nothing if it is no text, and so no calendar either."""
    try:
        return answer.raw.encode()
    except UnicodeError:
        return b""


def _members(answer: "DAVResponse", host: str) -> list[tuple[str, dict[str, Any]]]:
    """Path and properties of each resource that a PROPFIND told of."""
    from caldav.lib.error import DAVError  # noqa: PLC0415 - as in `_ask`

    try:
        return [(each.href, each.properties) for each in answer.parse_propfind() if each.status != HTTPStatus.NOT_FOUND]
    except (ValueError, AttributeError, TypeError, AssertionError, DAVError):
        raise CrmError(f"{host} answers in no way that is known here") from None


def _preconditions(answer: "DAVResponse") -> Iterable[str]:
    """What the server says was not met (RFC 4918 16)."""
    from caldav.lib.error import PutError, error_from_response  # noqa: PLC0415 - as in `_ask`

    return error_from_response(PutError, answer, "").preconditions or ()


def _reason(preconditions: Iterable[str] | None) -> str:
    return next((_REASONS[each] for each in preconditions or () if each in _REASONS), "")


def _doing(method: str) -> str:
    return {"PUT": "write it", "DELETE": "remove it"}.get(method, "read it")


def _said(status: int) -> str:
    known = status in HTTPStatus.__members__.values()
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)
