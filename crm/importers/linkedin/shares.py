"""Shares.csv: when one posted on LinkedIn, and the post's address. What was written in it is not read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, ClassVar, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from crm.importers import base_name
from crm.person_rows import SkippedRow
from crm.rows import Row, Source
from crm.tables import Record, cut_off, header_of, records

MEMBER: Final = "shares.csv"
"""What the file is called in LinkedIn's archive."""

LONGEST_LINK: Final = 2000
_LINK: Final = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"(?:[a-z.]+\.)?linkedin\.com/\S*?(?<!\d)(\d{15,25})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRow(Row):
    """A post: its address, and when it was made (aware UTC)."""

    KIND: ClassVar[str] = "post"
    link: str
    posted_at: datetime

    @property
    def key(self) -> str:
        """The address."""
        return self.link

    @property
    def uid(self) -> str:
        """What its check-in is called, whoever reads it (RFC 9562, 5.5)."""
        return str(uuid5(NAMESPACE_URL, mark(self.link)))


def mark(link: str) -> str:
    """What two addresses of one post have in common: LinkedIn's own number of it, else all of the address."""
    found = _NUMBER.search(unquote(link))
    return f"linkedin:{found[1]}" if found else link


def is_header(names: frozenset[str]) -> bool:
    """Whether these are its columns."""
    return names >= {"date", "sharelink"}


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is LinkedIn's list of posts."""
    return header_of(head, is_header) is not None


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[PostRow | SkippedRow]:
    """The posts, in the file's order.

    Raises:
        BadValueError: the file is damaged; the message names the line.
    """
    name = base_name(file)
    for record in records(file, is_header, encoding=encoding):
        if not record.is_blank:
            yield _row(record, Source(name, record.line))


def _row(record: Record, source: Source) -> PostRow | SkippedRow:
    link, at = record["ShareLink"], _instant(record["Date"])
    if (at is None or not _is_link(link)) and not record.whole:
        raise cut_off(record.line)
    if at is None:
        return SkippedRow(reason="its date cannot be read", name=link, source=source)
    if not _is_link(link):
        return SkippedRow(reason="it has no web address", name=link, source=source)
    return PostRow(link=link, posted_at=at, source=source)


def _is_link(text: str) -> bool:
    return len(text) <= LONGEST_LINK and _LINK.fullmatch(text) is not None


def _instant(text: str) -> datetime | None:
    """`2026-08-01 02:00:00`, which LinkedIn means in UTC, with or without the word; None for anything else."""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
