"""Posting over HTTP within a time limit, telling apart what was refused, what failed and what nobody knows.

The standard library's client does: no redirect is followed (the message was meant for that host), no proxy is guessed,
and the moment at which the whole request is sent can be seen. Nothing that the server wrote goes into an error.
"""

import http.client
import math
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from crm import clock
from crm.errors import ConfigurationError, DeliveryError
from reminders import wire

# Of the answers that blame the request, those that a later try can change: RFC 9110 section 15.5.9, RFC 8470 section
# 5.2, RFC 6585 section 4.
_LATER: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
LONGEST_WAIT_SECONDS: Final = 3600  # whoever asks for more is asked again by then: it may be a mistake, or an attack


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> None:
    """Post the body; returns when the server has accepted it.

    Raises:
        DeliveryError: permanent when the server blames the request (4xx, but for "too many" and the like) or sends
            elsewhere; unknown when all was sent and no answer came.
    """
    parts = urlsplit(url)
    host, deadline = parts.hostname or "", wire.Deadline(seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = False
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        client = http.client.HTTPConnection(host, port)
        connection = wire.connect(host, port, deadline)
        with wire.cut_at(deadline, connection):
            try:
                client.sock = _secured(connection, host) if parts.scheme == "https" else connection
                client.request("POST", target, body, {**headers, "User-Agent": "networking-crm", "Connection": "close"})
                sent = True
                with client.getresponse() as answer:
                    status, wait_seconds = answer.status, asked_wait(answer.getheader, clock.now())
            finally:
                client.close()
                connection.close()
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(f"the certificate of {host} is not trusted: {error.verify_message}") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        doubt = "; it may have taken the message" if sent else ""
        raise DeliveryError(f"{host} cannot be reached: {deadline.why(error)}{doubt}", unknown=sent) from None
    _judge(status, host, wait_seconds)


def asked_wait(header: Callable[[str], str | None], now: datetime) -> int:
    """How many seconds a server asks to be left alone, from 0 to `LONGEST_WAIT_SECONDS`; 0 where it is not understood.

    Retry-After is a number of seconds or an instant (RFC 9110 section 10.2.3), which is held against the server's own
    clock where it tells its time.

    Args:
        header: gives a header of the answer by its name.
        now: the present instant here, aware UTC.
    """
    text = (header("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WAIT_SECONDS)
    until = _instant(text)
    if until is None:
        return 0
    seconds = (until - (_instant(header("Date") or "") or now)).total_seconds()
    return max(0, min(math.ceil(seconds), LONGEST_WAIT_SECONDS))


def _instant(text: str) -> datetime | None:
    """An HTTP-date in any of its three forms (RFC 9110 section 5.6.7), which are all in UTC."""
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def refuse_plain(url: str, name: str) -> None:
    """See to it that a secret does not go over the network in the clear.

    Raises:
        ConfigurationError: the URL in that setting is neither https nor on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not wire.is_loopback(parts.hostname or ""):
        raise ConfigurationError(f"{name} begins with http://, which anybody on the way can read; write https://")


def _secured(connection: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(connection, server_hostname=host)


def _judge(status: int, host: str, wait_seconds: int) -> None:
    if status in range(200, 300):
        return
    known = status in HTTPStatus.__members__.values()
    said = f"{status} {HTTPStatus(status).phrase}" if known else str(status)
    permanent = status in range(300, 500) and status not in _LATER
    way_out = "; see its settings: crm config show" if permanent else ""
    raise DeliveryError(f"{host} answered {said}{way_out}", permanent=permanent, wait_seconds=wait_seconds)
