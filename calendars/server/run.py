"""The running server: the socket it listens on, and how it ends."""

import asyncio
import errno
import ipaddress
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from calendars.server.protocol import Deadlines
from crm import clock
from crm.errors import BadValueError, BusyError

IDLE_SECONDS: Final = 300.0
"""So long a server that systemd started stays when nobody asks; the next who does has it started again."""
SETTLE_SECONDS: Final = 0.1
OPEN_FILES: Final = 4096
BACKLOG: Final = 1024
KEEP_ALIVE_SECONDS: Final = 5
END_SECONDS: Final = 3
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """uvicorn's server; a signal ends it with exit code 0 once what was asked for is answered.

    Args:
        config: uvicorn's.
        ready: called when it takes requests.
        idle_seconds: it ends after so long without any; None: never.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        ready: Callable[[], None] = lambda: None,
        idle_seconds: float | None = None,
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._idle_seconds = idle_seconds
        self._answered = 0
        self._asked_at = clock.monotonic()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals while it runs; uvicorn's own raises them once more at the end, which is no clean one."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was asked for; who has not received it by the end is cut, which uvicorn would complain of."""
        asyncio.get_running_loop().call_later(END_SECONDS, self._cut)
        await super().shutdown(sockets)

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()

    async def on_tick(self, counter: int) -> bool:
        """Whether to end, ten times a second."""
        if await super().on_tick(counter):
            return True
        if self._is_wanted():
            return False
        await self._take_no_more()
        return True

    def _is_wanted(self) -> bool:
        """Whether somebody is connected, or was lately."""
        if self._idle_seconds is None:
            return True
        state, now = self.server_state, clock.monotonic()
        if state.connections or state.total_requests != self._answered:
            self._answered, self._asked_at = state.total_requests, now
        return now - self._asked_at < self._idle_seconds

    async def _take_no_more(self) -> None:
        """Leave whoever comes from now on to the next server, and answer those who came at this very moment."""
        loop = asyncio.get_running_loop()
        for listening in (each for server in self.servers for each in server.sockets):
            loop.remove_reader(listening.fileno())
        await asyncio.sleep(SETTLE_SECONDS)
        while self.server_state.connections and not self.should_exit:
            await asyncio.sleep(SETTLE_SECONDS)


def make_server(
    app: Starlette, *, ready: Callable[[], None] = lambda: None, idle_seconds: float | None = None
) -> Server:
    """The server of an application, see `Server`; it writes no log of requests, since their addresses are secret."""
    return Server(
        uvicorn.Config(
            app,
            http=Deadlines,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=2 * END_SECONDS,
        ),
        ready=ready,
        idle_seconds=idle_seconds,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach a server there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_socket(host: str, port: int = 0) -> tuple[socket.socket, Any]:
    """A socket that is not bound to anything yet, and what it is to be bound to.

    Raises:
        BadValueError: there is no such address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, _, _, address = found[0]
        return socket.socket(family, kind), address
    except (OSError, UnicodeError) as error:
        raise BadValueError(f"{host!a:.60} is no address of this machine; leave --host out, or name one") from error


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        BadValueError: this machine has no such address, or the person may not use that port.
        BusyError: another program listens there.
    """
    made, address = open_socket(host, port)
    where = _named(host, port)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise BusyError(
                f"another program listens at {where} already (systemd for yours? crm service status tells); "
                "end it, or choose another --port"
            ) from error
        raise BadValueError(f"cannot listen at {where} ({error.strerror}); choose another --port or --host") from error
    return made


def _named(host: str, port: int) -> str:
    """An address as it is written (RFC 3986 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(listening: socket.socket) -> str:
    """The address of a listening socket, as one types it into a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://{_named(host, port)}"


def run(
    app: Starlette,
    listening: socket.socket,
    *,
    ready: Callable[[], None] = lambda: None,
    idle_seconds: float | None = None,
) -> None:
    """Serve until SIGTERM, Ctrl-C or, see `Server`, until nobody asks any more."""
    _let_many_come()
    make_server(app, ready=ready, idle_seconds=idle_seconds).run(sockets=[listening])


def _let_many_come() -> None:
    """Let this process open as many files as it takes; where it may not, the system's number has to do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES <= hard:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
