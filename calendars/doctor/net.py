"""Asking addresses within a time limit, and who can reach them; nothing is asked but what the person configured."""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from calendars.doctor.clients import Reach
from calendars.doctor.validity import MOST_BYTES
from calendars.remote.http import Answer, get, within

SECONDS: Final = 3
"""So long an address may keep silent."""
START_SECONDS: Final = 8
"""So long that on this machine: systemd may have to start it first."""
OVERALL_SECONDS: Final = 10
"""So long all that is asked of one may take, however slowly it talks."""
_TAILNETS: Final = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("fd7a:115c:a1e0::/48"))
_LOCAL_ENDS: Final = (".local", ".lan", ".home.arpa", ".internal", ".home")


def ask(url: str, headers: Mapping[str, str] | None = None, *, seconds: float = SECONDS) -> Answer:
    """GET an address, once; never raises for what the other side does.

    Args:
        url: of http or https.
        headers: what to send besides.
        seconds: how long it may keep silent.
    """
    return get(url, headers or {}, silence=seconds, overall=OVERALL_SECONDS, most=MOST_BYTES + 1)


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
