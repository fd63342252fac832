"""Invitations.csv: who asked whom to connect, and when. What was written with it is not read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

from crm.importers.linkedin.connections import slug_of
from crm.person_rows import SkippedRow, TalkRow, Who
from crm.rows import Row, Source
from crm.tables import Record, records

KIND: Final = "linkedin"
DIRECTIONS: Final = {"incoming": "in", "outgoing": "out", "sent": "out"}
_SENT_AT: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2}),?\s+(\d{1,2}):(\d{2})(?::\d{2})?(?:\s*([AP])M)?", re.IGNORECASE
)


def is_header(names: frozenset[str]) -> bool:
    """Whether these are its columns."""
    return names >= {"from", "to", "sent at", "direction"}


def rows(file: BinaryIO, name: str, encoding: str | None) -> Iterator[Row]:
    """The invitations, in the file's order."""
    for record in records(file, is_header, encoding=encoding):
        if not record.is_blank:
            yield _row(record, Source(name, record.line))


def _row(record: Record, source: Source) -> Row:
    direction = DIRECTIONS.get(record["Direction"].casefold())
    at = parse_sent_at(record["Sent At"])
    side = ("From", "inviterProfileUrl") if direction == "in" else ("To", "inviteeProfileUrl")
    name, slug = record[side[0]], slug_of(record[side[1]])
    if direction is None:
        return SkippedRow(reason="it does not say who invited whom", name=name, source=source)
    if at is None:
        return SkippedRow(reason="its date cannot be read", name=name, source=source)
    if not name and not slug:
        return SkippedRow(reason="LinkedIn does not say who it is", source=source)
    who = Who(name, f"linkedin:{slug}" if slug else None)
    return TalkRow(who=who, kind=KIND, direction=direction, starts_at=at, source=source)


def parse_sent_at(text: str) -> datetime | None:
    """When an invitation was sent, in UTC: `07/22/2026 04:02` or `7/22/26, 4:02 AM`, the month first; else None."""
    found = _SENT_AT.fullmatch(text.strip())
    if found is None:
        return None
    month, day, year, hour, minute = (int(each) for each in found.groups()[:5])
    if found[6]:
        hour = hour % 12 + (12 if found[6].upper() == "P" else 0) if 1 <= hour <= 12 else 24
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
