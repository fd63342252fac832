"""One GET within bounds of time and size, and why an address does not answer, in words that it did not write.

No redirect is followed, for it would carry a secret address to another host, no proxy is guessed, and certificates are
checked.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class EndlessError(OSError):
    """An answer is too large, or takes too long."""


_ODD: Final = "it answers in no way that is known here"
_BY_KIND: Final = {
    EndlessError: "its answer has no end",
    ConnectionRefusedError: "nothing listens there",
    socket.gaierror: "there is no host of that name",
    ssl.SSLError: "it does not speak TLS as this machine does",
    http.client.HTTPException: _ODD,
    SyntaxError: _ODD,
}
_BY_NAME: Final = {
    "Timeout": "it did not answer in time",
    "SSL": "its certificate is not trusted here, is for another name, or has run out; have it renewed there or, if it "
    "is your own, add who signed it to those that this machine trusts",
    "TooManyRedirects": "it sends elsewhere; name the address that it has now",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered; `error` says why it did not.

    Attributes:
        status: HTTP's, 0 without an answer.
        body: its content, no more than was asked for.
        etag: its entity tag, or empty.
        host: where a redirect leads, or empty.
        cut: whether there would be more of the content, or it ended too early.
        error: why there is no answer.
        refused: whether nothing listens there.
    """

    status: int = 0
    body: bytes = b""
    etag: str = ""
    host: str = ""
    cut: bool = False
    error: str = ""
    refused: bool = False


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


def get(url: str, headers: Mapping[str, str], *, silence: float, overall: float, most: int) -> Answer:
    """GET an address, once; never raises for what the other side does.

    Args:
        url: of http or https.
        headers: what to send besides.
        silence: how many seconds it may say nothing.
        overall: how many seconds it may take, however slowly it talks.
        most: of how many bytes its content is read.
    """
    try:
        return within(overall, lambda: _get(url, headers, silence, most))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(error=why(error), refused=isinstance(error, ConnectionRefusedError))


def _get(url: str, headers: Mapping[str, str], silence: float, most: int) -> Answer:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    made = kind(parts.hostname or "", parts.port, timeout=silence)
    sent = {"User-Agent": "networking-crm", "Accept-Encoding": "identity", "Connection": "close", **headers}
    try:
        made.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=sent)
        with made.getresponse() as found:
            leads = urlsplit(found.getheader("Location") or "").hostname or ""
            body = found.read(most)
            return Answer(found.status, body, found.getheader("ETag") or "", leads, cut=bool(found.length))
    finally:
        made.close()


def why(error: Exception) -> str:
    """Why there is no answer, in words that the other side did not write; of other libraries' errors by their names."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message.rstrip('.')})"
    name = f"{type(error).__name__}{' SSL' if 'certificate' in str(error).lower() else ''}"
    by_kind = (told for kind, told in _BY_KIND.items() if isinstance(error, kind))
    by_name = (told for part, told in _BY_NAME.items() if part in name)
    if known := next(by_kind, "") or next(by_name, ""):
        return known
    if not isinstance(error, OSError):
        return _ODD
    return error.strerror.lower() if isinstance(error.errno, int) and error.strerror else "there is no connection to it"
