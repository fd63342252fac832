"""What the server answers: a calendar to whoever has its address, and nothing about any other."""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from calendars import feeds
from calendars.server import tokens
from calendars.server.cache import Cache, Copy
from calendars.server.conditional import http_date, not_modified, takes_gzip
from calendars.server.tokens import Doors
from crm import clock
from crm.errors import ConfigurationError, CrmError

READS: Final = ("GET", "HEAD")
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
RETRY_SECONDS: Final = 30
LOG: Final = logging.getLogger("crm.serve")
_ABSOLUTE: Final = re.compile("https?://[^/]*", re.IGNORECASE)


def make_app(cache: Cache, folder: Path) -> Starlette:
    """The application.

    Args:
        cache: the calendars.
        folder: the data folder, where the secret of the tokens lies.
    """
    app = Starlette(
        routes=[Route("/calendars/{token}/{feed}.ics", endpoint=_Calendar(cache, folder))],
        middleware=[Middleware(_Strict)],
    )
    app.router.default, app.router.redirect_slashes = _Nothing(), False
    return app


class _Strict:
    """What RFC 9112 asks of every server, and uvicorn leaves to others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lengths = {name for name, _ in scope["headers"]} & {b"content-length", b"transfer-encoding"}
        if len(lengths) > 1:  # 6.1: what follows may be another's request, smuggled past a proxy
            refusal = PlainTextResponse("One length is enough.\n", 400, {"Connection": "close"})
            await refusal(scope, receive, send)
            return
        if found := _ABSOLUTE.match(scope["path"]):  # 3.2.2: the form with a server in it must be taken
            scope = {**scope, "path": scope["path"][found.end() :] or "/"}
        await self._app(scope, receive, send)


class _Nothing:
    """Every path that leads nowhere; a wrong token is told from none of them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = _refusal(scope) or _nothing()
        await response(scope, receive, send)


class _Calendar:
    """A calendar under its secret address."""

    def __init__(self, cache: Cache, folder: Path) -> None:
        self._cache = cache
        self._folder = folder
        self._doors = Doors({})
        self._read_at: tuple[int, ...] = ()
        self._said = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        response = _refusal(scope) or await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        feed = request.path_params["feed"]
        try:
            known = self._known()
        except CrmError as error:
            if error.message != self._said:
                LOG.warning("no calendar can be served: %s", error.message)
            self._said = error.message
            return _later()
        if not known.opens(request.path_params["token"], feed):
            return _nothing()
        copy = await self._cache.get(feed)
        return _later() if copy is None else _calendar(copy, feed, _all(request))

    def _known(self) -> Doors:
        """The tokens that count by now: `crm calendar rotate` counts at once. Without a secret there are none.

        Raises:
            CrmError: the secret cannot be read, or is damaged.
        """
        file = self._folder / tokens.FILE_NAME
        try:
            there = file.stat()
        except FileNotFoundError:
            return Doors({})
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be read ({error.strerror})") from error
        read_at = (there.st_mtime_ns, there.st_ino, there.st_size)
        if read_at != self._read_at:
            self._doors = Doors.of(tokens.load(self._folder), feeds.names())
            self._read_at = read_at
        return self._doors


def _refusal(scope: Scope) -> Response | None:
    """The answer to every method that is neither GET nor HEAD, WebDAV's too; None for these."""
    if scope["method"] in READS:
        return None
    return PlainTextResponse("This address can only be read.\n", 405, {"Allow": ", ".join(READS)})


def _nothing() -> Response:
    return PlainTextResponse("There is nothing here.\n", 404, {"Cache-Control": "no-store"})


def _later() -> Response:
    headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    return PlainTextResponse("This calendar cannot be made just now.\n", 503, headers)


def _all(request: Request) -> dict[str, list[str]]:
    """All values of each header that says what the client has and takes."""
    names = ("if-none-match", "if-modified-since", "accept-encoding")
    return {name: found for name in names if (found := request.headers.getlist(name))}


def _calendar(copy: Copy, feed: str, headers: Mapping[str, Sequence[str]]) -> Response:
    packed = takes_gzip(headers.get("accept-encoding", ()))
    etag = copy.etag(packed=packed)
    said = {
        "ETag": etag,
        "Last-Modified": http_date(min(copy.modified_at, clock.now())),  # RFC 9110 8.8.2.1: never in the future
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if not_modified(headers, etag=etag, modified_at=copy.modified_at):
        return Response(status_code=304, headers=said)
    said |= {
        "Content-Type": MEDIA_TYPE,
        "Content-Disposition": f'inline; filename="{feed}.ics"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    return Response(copy.packed if packed else copy.body, headers=said)
