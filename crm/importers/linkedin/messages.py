"""messages.csv: who wrote to whom and when. The text of the messages is not read.

Whoever takes part in the most conversations is the owner of the archive: what they wrote went out, what others wrote
came in. What goes to and fro within a day counts once each way.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import zip_longest
from typing import BinaryIO, Final

from crm.folding import fold
from crm.importers.linkedin.connections import slug_of
from crm.person_rows import SkippedRow, TalkRow, Who
from crm.rows import Row, Source
from crm.tables import Record, records

KIND: Final = "linkedin"
YES: Final = {"yes", "true", "1"}


def is_header(names: frozenset[str]) -> bool:
    """Whether these are its columns; older exports have no profile addresses, and the last columns vary."""
    return names >= {"conversation id", "from", "to", "date"}


def rows(file: BinaryIO, name: str, encoding: str | None) -> Iterator[Row]:
    """The days on which one wrote to somebody, or they wrote; conversation by conversation."""
    owner = _owner(records(file, is_header, encoding=encoding))
    file.seek(0)
    talks: dict[tuple[str, str, date], TalkRow] = {}
    conversation = None
    for record in records(file, is_header, encoding=encoding):
        if record["Conversation ID"] != conversation:
            yield from talks.values()
            talks, conversation = {}, record["Conversation ID"]
        source = Source(name, record.line)
        if _is_draft(record) or record.is_blank:
            continue
        at = _instant(record["Date"])
        reason = _unusable(at, owner)
        if at is None or owner is None or reason:
            yield SkippedRow(reason=reason, name=record["From"], source=source)
            continue
        for talk in _talks(record, owner, at, source):
            key = (_mark(talk.who), talk.direction, at.date())
            if key not in talks or at < talks[key].starts_at:
                talks[key] = talk
    yield from talks.values()


def _unusable(at: datetime | None, owner: str | None) -> str:
    if at is None:
        return "its date cannot be read"
    return "" if owner else "it cannot be told which of the two is you: there is only this conversation"


def _owner(all_records: Iterator[Record]) -> str | None:
    """The mark of the one who wrote a draft or else takes part in more conversations than anybody; None at a tie."""
    together: Counter[str] = Counter()
    drafts: Counter[str] = Counter()
    met: set[str] = set()
    conversation = None
    for record in all_records:
        if record["Conversation ID"] != conversation:
            met, conversation = set(), record["Conversation ID"]
        there = {_mark(who) for who in (_sender(record), *_recipients(record))}
        together.update(there - met - {""})
        met |= there
        if _is_draft(record):
            drafts[_mark(_sender(record))] += 1
    first, second = (*(drafts or together).most_common(2), ("", 0), ("", 0))[:2]
    return first[0] if first[1] > second[1] and first[0] else None


def _is_draft(record: Record) -> bool:
    return record["Is Message Draft"].casefold() in YES


def _mark(who: Who) -> str:
    """What one person has in common in all rows."""
    return who.id or fold(who.name)


def _who(name: str, address: str) -> Who:
    slug = slug_of(address)
    return Who(name.strip(), f"linkedin:{slug}" if slug else None)


def _sender(record: Record) -> Who:
    return _who(record["From"], record["Sender Profile URL"])


def _recipients(record: Record) -> list[Who]:
    """Whom a message went to; where names hold commas of their own, the addresses say how many there are."""
    addresses = [each.strip() for each in record["Recipient Profile URLs"].split(",") if each.strip()]
    if len(addresses) == 1:
        return [_who(record["To"], addresses[0])]
    names = [each for each in record["To"].split(",") if each.strip()]
    if addresses and len(addresses) != len(names):
        names = []
    return [_who(name, address) for name, address in zip_longest(names, addresses, fillvalue="")]


def _talks(record: Record, owner: str, at: datetime, source: Source) -> Iterator[TalkRow]:
    sender = _sender(record)
    is_out = _mark(sender) == owner
    for who in _recipients(record) if is_out else [sender]:
        if _mark(who) not in {"", owner}:
            yield TalkRow(who=who, kind=KIND, direction="out" if is_out else "in", starts_at=at, source=source)


def _instant(text: str) -> datetime | None:
    """`2026-08-01 02:00:00 UTC`; None for anything else."""
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    except ValueError:
        return None
