"""A small CalDAV server in a thread, which can be told to fail: what a real one cannot be made to do at will."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from http_support import Handler, served

_ITEM = (
    "<d:response><d:href>{}</d:href><d:propstat><d:prop>{}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
    "</d:response>"
)
_ALL = '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{}</d:multistatus>'
_SELF = (
    "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
    "<c:supported-calendar-component-set>{}</c:supported-calendar-component-set>"
)


class Fake:
    """What it holds, what it was asked, and how it is to fail.

    Attributes:
        held: by name, what lies in the calendar.
        asked: method and name of each request.
        fails: gives a status to answer a request with instead, None to do it; may do anything else besides.
        components: what the calendar may hold; empty says nothing of it.
        tells_etags: whether a PUT is answered with an entity tag.
        headers: of the answers that `fails` gives.
    """

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.fails: Callable[[str, str], int | None] = lambda _method, _name: None
        self.components: tuple[str, ...] = ()
        self.tells_etags = True
        self.headers: dict[str, str] = {}
        self.port = 0

    @property
    def url(self) -> str:
        """The calendar's address."""
        return f"http://127.0.0.1:{self.port}/cal/"

    def writes(self) -> list[tuple[str, str]]:
        """The requests that change something."""
        return [each for each in self.asked if each[0] in {"PUT", "DELETE"}]

    def etag(self, name: str) -> str | None:
        return f'"{hashlib.sha256(self.held[name]).hexdigest()[:12]}"' if name in self.held else None

    def answer(self, method: str, name: str, body: bytes, headers: Any) -> tuple[int, bytes, dict[str, str]]:
        self.asked.append((method, name))
        failed = self.fails(method, name)
        if failed is not None:
            return failed, b"", self.headers
        if method == "PROPFIND":
            return 207, self._listed(), {"Content-Type": "application/xml"}
        return self._done(method, name, body, headers)

    def _done(self, method: str, name: str, body: bytes, headers: Any) -> tuple[int, bytes, dict[str, str]]:
        etag = self.etag(name)
        matches = headers.get("If-Match") in {None, etag} and (headers.get("If-None-Match") is None or etag is None)
        if method in {"PUT", "DELETE"} and not matches:
            return 412, b"", {}
        if method == "PUT":
            self.held[name] = body
            return 201, b"", {"ETag": str(self.etag(name))} if self.tells_etags else {}
        if name not in self.held:
            return 404, b"", {}
        if method == "DELETE":
            del self.held[name]
            return 204, b"", {}
        return 200, self.held[name], {"ETag": str(etag), "Content-Type": "text/calendar"}

    def _listed(self) -> bytes:
        components = "".join(f'<c:comp name="{each}"/>' for each in self.components)
        items = [_ITEM.format("/cal/", _SELF.format(components))]
        items += [_ITEM.format(f"/cal/{name}", f"<d:getetag>{self.etag(name)}</d:getetag>") for name in self.held]
        return _ALL.format("".join(items)).encode()


@contextmanager
def dav() -> Iterator[Fake]:
    """A server on a free port of the loopback."""
    fake = Fake()

    class Collection(Handler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            name = self.path.removeprefix("/cal/").replace("%40", "@")
            status, told, headers = fake.answer(self.command, name, self.body(), self.headers)
            self.reply(status, told, headers)

        do_GET = do_HEAD = do_PUT = do_DELETE = do_PROPFIND = _answer  # noqa: N815 - http.server's names

    with served(Collection) as fake.port:
        yield fake
