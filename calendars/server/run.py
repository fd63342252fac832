"""The running server: the socket it listens on, and how it ends."""

import errno
import ipaddress
import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from calendars.server.protocol import Deadlines
from crm.errors import BadValueError, BusyError

FIRST_FD: Final = 3
BACKLOG: Final = 1024
KEEP_ALIVE_SECONDS: Final = 5
END_SECONDS: Final = 3
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """uvicorn's server; a signal ends it with exit code 0 once what was asked for is answered."""

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


def make_server(app: Starlette) -> Server:
    """The server of an application; it writes no log of requests, since their addresses are secret."""
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
            timeout_graceful_shutdown=END_SECONDS,
        )
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine itself can reach a server there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        BadValueError: this machine has no such address, or the person may not use that port.
        BusyError: another program listens there.
    """
    where = f"{host}:{port}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        made = socket.socket(family, kind)
    except (OSError, UnicodeError) as error:
        raise BadValueError(f"{host!a:.60} is no address of this machine; leave --host out, or name one") from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise BusyError(f"another program listens at {where} already; end it, or choose another --port") from error
        raise BadValueError(f"cannot listen at {where} ({error.strerror}); choose another --port or --host") from error
    return made


def inherited(environ: Mapping[str, str] = os.environ) -> list[socket.socket]:
    """The sockets that systemd opened for this process (sd_listen_fds(3)); none when it was started otherwise."""
    if environ.get("LISTEN_PID") != str(os.getpid()) or not environ.get("LISTEN_FDS", "").isdigit():
        return []
    return [socket.socket(fileno=FIRST_FD + number) for number in range(int(environ["LISTEN_FDS"]))]


def address_of(listening: socket.socket) -> str:
    """The address of a listening socket, as one types it into a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if listening.family == socket.AF_INET6 else f"http://{host}:{port}"


def run(app: Starlette, sockets: Sequence[socket.socket]) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    make_server(app).run(sockets=list(sockets))
