"""Asking addresses within a time limit, and who can reach them; nothing is asked but what the person configured.

As elsewhere here the standard library's client does: no redirect is followed, for it would carry the secret address to
another host, no proxy is guessed, and certificates are checked.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, TypeVar
from urllib.parse import urlsplit

from calendars.doctor.clients import Reach
from calendars.doctor.validity import MOST_BYTES

SECONDS: Final = 3
"""So long an address may keep silent."""
START_SECONDS: Final = 8
"""So long that on this machine: systemd may have to start it first."""
OVERALL_SECONDS: Final = 10
"""So long all that is asked of one may take, however slowly it talks."""
_TAILNETS: Final = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("fd7a:115c:a1e0::/48"))
_LOCAL_ENDS: Final = (".local", ".lan", ".home.arpa", ".internal", ".home")
_REASONS: Final = {
    ConnectionRefusedError: "nothing listens there",
    TimeoutError: "it did not answer in time",
    socket.gaierror: "there is no host of that name",
    ssl.SSLError: "it does not speak TLS as this machine does",
}
T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """What a call gives, if it is done in time; if not, it is left alone, and ends with the program.

    Raises:
        TimeoutError: it is not.
        Exception: whatever the call raises.
    """
    found: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            found.put((call(), None))
        except Exception as error:  # noqa: BLE001 - it is raised again where it is waited for
            found.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        value, error = found.get(timeout=seconds)
    except Empty:
        raise TimeoutError("timed out") from None
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # without an error it is what the call gave


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered; `error` says why it did not.

    Attributes:
        status: HTTP's, 0 without an answer.
        body: its content, no more than a calendar may have.
        etag: its entity tag, or empty.
        host: where a redirect leads, or empty.
        error: why there is no answer.
        refused: whether nothing listens there.
    """

    status: int = 0
    body: bytes = b""
    etag: str = ""
    host: str = ""
    error: str = ""
    refused: bool = False


def ask(url: str, headers: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> Answer:
    """GET an address, once; never raises for what the other side does.

    Args:
        url: of http or https.
        headers: what to send besides.
        seconds: how long it may keep silent.
    """
    try:
        return within(OVERALL_SECONDS, lambda: _ask(url, headers or {}, seconds))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(error=_why(error), refused=isinstance(error, ConnectionRefusedError))


def _why(error: Exception) -> str:
    """Why there is no answer, in words that the other side did not write."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message.rstrip('.')})"
    for kind, told in _REASONS.items():
        if isinstance(error, kind):
            return told
    said = error.strerror if isinstance(error, OSError) else None
    return said.lower() if said else "it answers in no way that is known here"


def _ask(url: str, headers: Mapping[str, str], seconds: float) -> Answer:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=seconds, context=context
        )
    else:
        made = http.client.HTTPConnection(host, parts.port, timeout=seconds)
    sent = {"User-Agent": "networking-crm", "Accept-Encoding": "identity", "Connection": "close", **headers}
    try:
        made.request("GET", parts.path, headers=sent)
        with made.getresponse() as found:
            leads = urlsplit(found.getheader("Location") or "").hostname or ""
            return Answer(found.status, found.read(MOST_BYTES + 1), found.getheader("ETag") or "", leads)
    finally:
        made.close()


def reach_of(url: str, *, look_up: bool) -> Reach:
    """Who can reach an address, as far as its name tells, or the name's addresses if they may be looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if literal := _by_number(host):
        return literal
    if host == "localhost" or host.endswith(".localhost"):
        return Reach.MACHINE
    if host.endswith(".ts.net"):
        return Reach.TAILNET
    if "." not in host or host.endswith(_LOCAL_ENDS):
        return Reach.NETWORK
    found = [each for number in (_numbers(host) if look_up else []) if (each := _by_number(number))]
    return max(found, key=list(Reach).index, default=Reach.PUBLIC)


def _by_number(text: str) -> Reach | None:
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return None
    number = getattr(number, "ipv4_mapped", None) or number
    if number.is_loopback:
        return Reach.MACHINE
    if any(number in each for each in _TAILNETS):
        return Reach.TAILNET
    return Reach.NETWORK if number.is_private or number.is_link_local else Reach.PUBLIC


def _numbers(host: str) -> list[str]:
    try:
        found = within(SECONDS, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        return []
    return [str(each[4][0]) for each in found]
