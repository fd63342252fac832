"""The web address that a person is taken to from an entry: the first one in what was typed.

Text is anybody's. An address that programs read in different ways, such as one with a name before its host or a port
that is no number, is passed over; the text tells it all the same.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

_ADDRESS: Final = re.compile(r"\bhttps?://[^\s<>\"'`{}|\\^\[\]\x00-\x1f\x7f-\x9f]+", re.IGNORECASE)
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_LONGEST: Final = 2000
_AFTER_IT: Final = ".,;:!?*_~…"
_CALLS: Final = (
    *("zoom.us", "zoomgov.com", "meet.google.com", "teams.microsoft.com", "teams.live.com"),
    *("webex.com", "whereby.com", "meet.jit.si"),
)


def first_link(*texts: str | None) -> str:
    """The first web address (http or https, at most 2,000 characters) in the texts; empty if there is none."""
    return next(_links(texts), "")


def link_to_join(*texts: str | None) -> str:
    """The first address of a video call in the texts, or else the first one of any kind; empty if there is none."""
    found = list(_links(texts))
    return next(filter(_is_call, found), found[0] if found else "")


def _links(texts: tuple[str | None, ...]) -> Iterator[str]:
    for text in texts:
        for match in _ADDRESS.finditer(text or ""):
            if len(match[0]) <= _LONGEST and _split(address := _ended(match[0])):
                yield address


def _ended(address: str) -> str:
    """Without what ends the sentence: `(see https://example.com/a_(b)).` is about `https://example.com/a_(b)`."""
    opened, closed = address.count("("), address.count(")")
    while address and (address[-1] in _AFTER_IT or (address[-1] == ")" and closed > opened)):
        closed -= address[-1] == ")"
        address = address[:-1]
    return address


def _split(address: str) -> SplitResult | None:
    """Its parts; None where it is not plain which host is meant."""
    try:
        parts = urlsplit(address)
        plain = "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if plain and _HOST.fullmatch(parts.hostname or "") else None


def _is_call(address: str) -> bool:
    parts = _split(address)
    host = (parts.hostname or "") if parts else ""
    return any(host == each or host.endswith(f".{each}") for each in _CALLS)
