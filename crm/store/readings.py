"""What files of other programs said last time: what a later reading is compared with.

It stands in `worksheet_baseline`, one row for each row of a file: the kind holds the format (`person:linkedin`), the
key is the row's own, the value is all that the row said, and the record is what became of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, select

from crm.models import Record, Tombstone, WorksheetBaseline
from crm.store.shape import table_of

PIECE: Final = 500
"""So many values stand in one statement."""

T = TypeVar("T")
_TABLE: Final = table_of(WorksheetBaseline)
_READ: Final = sa.select(*(_TABLE.c[name] for name in ("id", "key", "field", "value", "record_uid", "file", "line")))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row said; `field` tells rows of one key apart, and `line` is None once the row has vanished."""

    id: int
    key: str
    field: str
    value: str
    record_uid: str | None
    file: str
    line: int | None


def hidden(key: str) -> str:
    """A key that tells nothing of the person: under it, one who was forgotten stays away from later imports."""
    return f"sha256:{sha256(key.encode()).hexdigest()}"


def pieces(values: Iterable[T]) -> Iterator[list[T]]:
    """Few enough at a time for the number of parameters a statement may have."""
    rest = iter(values)
    while some := list(islice(rest, PIECE)):
        yield some


def of_keys(session: Session, kind: str, keys: Collection[str]) -> dict[str, list[Reading]]:
    """What rows with these keys said, the first of each key first."""
    by_stored = {stored: key for key in keys for stored in (key, hidden(key))}
    found: dict[str, list[Reading]] = defaultdict(list)
    for some in pieces(by_stored):
        query = _READ.where(_TABLE.c.kind == kind, _TABLE.c.key.in_(some)).order_by(_TABLE.c.id)
        for row in session.execute(query):
            found[by_stored[row.key]].append(Reading(*row))
    return found


def of_records(session: Session, kind: str, uids: Collection[str]) -> dict[str, list[Reading]]:
    """What rows of files of this kind said of these records, by the record's uid."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for some in pieces(uids):
        for row in session.execute(_READ.where(_TABLE.c.kind == kind, _TABLE.c.record_uid.in_(some))):
            found[row.record_uid].append(Reading(*row))
    return found


def others(session: Session, kind: str, seen: Collection[int]) -> Iterator[list[Reading]]:
    """What was read before and is not among `seen`, piece by piece; rows that vanished earlier are left out."""
    query, last = _READ.where(_TABLE.c.kind == kind, _TABLE.c.line.is_not(None)).order_by(_TABLE.c.id), 0
    while rows := session.execute(query.where(_TABLE.c.id > last).limit(PIECE)).all():
        last = rows[-1].id
        yield [Reading(*row) for row in rows if row.id not in seen]


def live(session: Session, model: type[Record], uids: Collection[str]) -> dict[str, int]:
    """The ids of those of these records that are there."""
    found: dict[str, int] = {}
    table = table_of(model)
    for some in pieces(uids):
        rows = session.execute(sa.select(table.c.uid, table.c.id).where(table.c.uid.in_(some)))
        found |= {row.uid: row.id for row in rows}
    return found


def removed(session: Session, uids: Collection[str]) -> set[str]:
    """Which of these records were removed."""
    found: set[str] = set()
    table = table_of(Tombstone)
    for some in pieces(uids):
        found |= set(session.scalars(sa.select(table.c.uid).where(table.c.uid.in_(some))))
    return found


def stored(session: Session, ids: Collection[int]) -> dict[int, WorksheetBaseline]:
    """What was read, to be changed."""
    found: dict[int, WorksheetBaseline] = {}
    for some in pieces(ids):
        for each in session.exec(select(WorksheetBaseline).where(_TABLE.c.id.in_(some))):
            found[each.id] = each
    return found
