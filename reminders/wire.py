"""Connections that end in time, whatever the other side does.

A limit on each read is none on the whole: who sends a byte every few seconds keeps such a reader for ever. So a
connection is cut when its time is over, and everything that waits for it fails at once.
"""

import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final
from weakref import WeakSet

from crm import clock

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SILENT: Final = "it did not answer in time"
_Found = list[tuple[Any, ...]] | OSError


class Deadline:
    """An end on the clock that does not jump; `cut_all` brings it forward."""

    def __init__(self, seconds: float) -> None:
        self._ends = clock.monotonic() + seconds
        self._cuts: list[Callable[[], None]] = []
        with _LOCK:
            _LIVE.add(self)

    def left(self) -> float:
        """Seconds that are left, more than 0.

        Raises:
            TimeoutError: none are.
        """
        seconds = self._ends - clock.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    @contextmanager
    def cutting(self, cut: Callable[[], None]) -> Iterator[None]:
        """Call `cut`, which ends a wait, if the deadline is brought forward meanwhile.

        Raises:
            TimeoutError: it is over.
        """
        with _LOCK:
            self.left()
            self._cuts.append(cut)
        try:
            yield
        finally:
            with _LOCK:
                self._cuts.remove(cut)

    def why(self, error: Exception, otherwise: str = "") -> str:
        """Why a connection failed: this program's own stop, the time that is over, or what the error says."""
        if self._ends == -math.inf:
            return "this program was asked to end meanwhile"
        if self._ends <= clock.monotonic():
            return _SILENT
        return otherwise or reason(error)

    def bring_forward(self) -> None:
        """Let it be over now; the caller holds the lock."""
        self._ends = -math.inf
        for cut in self._cuts:
            cut()


_LOCK: Final = threading.Lock()
_LIVE: Final["WeakSet[Deadline]"] = WeakSet()


def cut_all() -> None:
    """End every wait that has a deadline, as if its time were over: the program is asked to end."""
    with _LOCK:
        for each in list(_LIVE):
            each.bring_forward()


def is_loopback(host: str) -> bool:
    """Whether what is sent to that host stays on this machine."""
    return host.lower() in _LOOPBACK


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection to the first of the host's addresses that answers.

    Raises:
        OSError: there is no such host, or none of its addresses answered in time.
    """
    failure: OSError = OSError("the host has no address")
    for family, kind, protocol, _, address in _resolve(host, port, deadline):
        made = socket.socket(family, kind, protocol)
        try:
            with deadline.cutting(partial(_cut, made)):
                made.settimeout(deadline.left())
                made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure


def _resolve(host: str, port: int, deadline: Deadline) -> list[tuple[Any, ...]]:
    """The host's addresses. The system's resolver takes as long as it likes, so it is waited for beside."""
    found: SimpleQueue[_Found] = SimpleQueue()

    def ask() -> None:
        try:
            found.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError("this is no name of a host"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        with deadline.cutting(lambda: found.put(TimeoutError("timed out"))):
            answer = found.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError("timed out while looking the host up") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


@contextmanager
def cut_at(deadline: Deadline, connection: socket.socket) -> Iterator[None]:
    """Cut the connection at the deadline, TLS over it included, unless the block ends before."""
    seconds = deadline.left()
    same = connection.dup()  # TLS takes the first one over
    timer = threading.Timer(seconds, _cut, [same])
    timer.daemon = True
    timer.start()
    try:
        with deadline.cutting(partial(_cut, same)):
            yield
    finally:
        timer.cancel()
        timer.join()
        same.close()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def reason(error: Exception) -> str:
    """Why a connection failed, in a few words that the other side did not write."""
    if isinstance(error, TimeoutError):
        return _SILENT
    return (error.strerror if isinstance(error, OSError) else None) or "it answers in no way that is known here"
