"""Which representation a client wants, and whether it has it already (RFC 9110, sections 12.5.3 and 13)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_TAGS: Final = re.compile(rf"[\s,]*(?:{_TAG.pattern}\s*(?:,[\s,]*|$))+")  # empty elements count as none (5.6.1.2)
_QUALITY: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def http_date(at: datetime) -> str:
    """The instant as HTTP writes it: `Mon, 05 Jan 2026 17:00:00 GMT`."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def not_modified(headers: Mapping[str, Sequence[str]], *, etag: str, modified_at: datetime) -> bool:
    """Whether a GET or HEAD is to be answered with 304.

    If-None-Match counts alone where it is there, whatever If-Modified-Since says (RFC 9110 13.2.2). Tags are compared
    weakly (13.1.2); a header that is malformed is as if it were not there.

    Args:
        headers: all values of each header, by its name in small letters.
        etag: of what would be sent, with its quotation marks.
        modified_at: when that last changed; whole seconds.
    """
    if "if-none-match" in headers:
        return _matches(", ".join(headers["if-none-match"]), etag)
    since = _date(headers.get("if-modified-since", ()))
    return since is not None and modified_at <= since


def _matches(field: str, etag: str) -> bool:
    if field.strip() == "*":
        return True
    return _TAGS.fullmatch(field) is not None and etag in _TAG.findall(field)


def _date(values: Sequence[str]) -> datetime | None:
    """The one date of a header; None if there is none, or several, or it is none that HTTP knows."""
    if len(values) != 1 or not values[0].isascii():
        return None
    try:
        found = parsedate_to_datetime(values[0])
    except (ValueError, OverflowError, TypeError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def takes_gzip(fields: Sequence[str]) -> bool:
    """Whether Accept-Encoding names gzip, or `*`, with a quality above 0; what names it outright counts first."""
    wanted = {}
    for each in ",".join(fields).lower().split(","):
        coding, _, parameters = each.partition(";")
        quality = _QUALITY.fullmatch(parameters.strip()) if parameters else None
        wanted[coding.strip()] = float(quality[1]) if quality else 0.0 if parameters else 1.0
    named = wanted.get("gzip", wanted.get("x-gzip"))
    return (wanted.get("*", 0.0) if named is None else named) > 0
