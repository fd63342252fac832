"""What every table shares: finding a record by its short id, adding, and reading all of a kind."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from crm.errors import NotFoundError
from crm.escaping import refuse_unstorable
from crm.models import JournalChange, Part, Record
from crm.store.shape import table_of

R = TypeVar("R", bound=Record)
P = TypeVar("P", bound=Part)
T = TypeVar("T", bound=SQLModel)
K = TypeVar("K", int, str)

BATCH = 10_000
SHORT_ID = re.compile(r"([a-z]?)(\d{1,9})", re.ASCII)
NOUNS: Final = {"introduction": "intro"}
"""How a table's command is called, where its name is another."""


def by_ref(session: Session, model: type[R], text: str) -> R:
    """The record with that short id (`t12`), number or uid.

    Raises:
        NotFoundError: there is none, or the letter names another kind.
    """
    match = SHORT_ID.fullmatch(refuse_unstorable(text, what="The id").strip().lower())
    found = None
    if match and match[1] in {"", model.LETTER}:
        found = session.get(model, int(match[2]))
    elif not match:
        found = session.exec(select(model).where(model.uid == text.strip().lower())).first()
    if found is None:
        noun = NOUNS.get(str(model.__tablename__), str(model.__tablename__).replace("_", " "))
        raise NotFoundError(f"there is no {noun} {text!r:.60}; see: crm {noun} list")
    return found


def add(session: Session, record: T) -> T:
    """Add a record and give it its id."""
    session.add(record)
    session.flush()
    return record


def every(session: Session, model: type[T]) -> list[T]:
    """All rows of a table in the order they were added."""
    table = table_of(model)
    return list(session.exec(select(model).order_by(table.c.id)))


def parts(session: Session, model: type[P], owner: Record) -> list[P]:
    """A record's parts of one kind, in the order they were added."""
    table = table_of(model)
    return list(session.exec(select(model).where(table.c[model.OWNER] == owner.id).order_by(table.c.id)))


def parts_of(session: Session, model: type[P], owners: Collection[int]) -> dict[int, list[P]]:
    """The parts of one kind of each of these records, in the order they were added."""
    table = table_of(model)
    found: dict[int, list[P]] = {owner: [] for owner in owners}
    for some in batches(owners):
        for part in session.exec(select(model).where(table.c[model.OWNER].in_(some)).order_by(table.c.id)):
            found[getattr(part, model.OWNER)].append(part)
    return found


def values_of(session: Session, table: sa.Table, column: str, numbers: Collection[int]) -> dict[int, str]:
    """One column of each of the rows with these ids."""
    found: dict[int, str] = {}
    for some in batches(numbers):
        query = sa.select(table.c.id, table.c[column]).where(table.c.id.in_(some))
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def batches(keys: Iterable[K]) -> Iterator[list[K]]:
    """Ids or uids in their order, few enough at a time for the number of parameters a statement may have."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def number_of(session: Session, table: sa.Table, column: str, value: str) -> int | None:
    """The id of the first row whose column has that value, or None."""
    return session.execute(sa.select(table.c.id).where(table.c[column] == value)).scalar()


def highest_number(session: Session, table: sa.Table) -> int:
    """The highest id the table has or, as the journal remembers, ever had."""
    change = table_of(JournalChange)
    here = session.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    ever = session.execute(sa.select(sa.func.max(change.c.row_id)).where(change.c.table_name == table.name)).scalar()
    return max(here, ever or 0)


def remove(session: Session, record: Record, children: Sequence[type[Part]] = ()) -> None:
    """Remove a record and its parts; a tombstone stays."""
    for model in children:
        for part in parts(session, model, record):
            session.delete(part)
    session.flush()
    session.delete(record)
    session.flush()
