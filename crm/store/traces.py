"""What a forgotten person leaves in texts and in the journal, and taking it out."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.escaping import for_terminal, shorten
from crm.models import JournalChange, JournalCommand
from crm.store.journal import METADATA
from crm.store.shape import kind_of, table_of

NOBODY: Final = "a forgotten person"
PIECE: Final = 500

CHANGES: Final[sa.Table] = table_of(JournalChange)
COMMANDS: Final[sa.Table] = table_of(JournalCommand)

_SHORTEST_ADDRESS: Final = 6
_SHORTEST_TEXT: Final = 8
_SHORTEST_CUT: Final = 4
_CUT_AT: Final = 39
_IDENTITY: Final = frozenset(
    {"uid", "ref", "key", "name", "name_key", "first_key", "record_uid", "subject_uid", "message_id", "lease_owner"}
)
"""Columns that say which record it is: undo must find them as they were."""

Rows = dict[str, set[int]]


@dataclass(frozen=True, slots=True)
class Naming:
    """What names a person, and what was written of them alone.

    Attributes:
        names: what they are or were called, and their addresses and numbers.
        sure: those of the names that can mean nobody else.
        texts: what was written of them alone, and of nobody else.
    """

    names: frozenset[str]
    sure: frozenset[str]
    texts: frozenset[str]

    def on_terminal(self) -> "Naming":
        """The same as a screen or a log shows it."""
        return Naming(*(frozenset(map(for_terminal, each)) for each in (self.names, self.sure, self.texts)))

    def surely(self) -> "Naming":
        """For text that has nothing else to do with them: only names that can mean nobody else."""
        return replace(self, names=self.sure, texts=frozenset())

    def is_in(self, text: str) -> bool:
        """Whether the text names them."""
        return bool(self.names) and _pattern(self.names).search(text) is not None

    def scrubbed(self, text: str) -> str:
        """The text with their names replaced."""
        return _pattern(self.names).sub(NOBODY, text) if self.names else text

    def tells(self, line: str) -> bool:
        """Whether a line names them, or holds what was written of them."""
        return self.is_in(line) or any(each in line for each in self.texts)

    def scrubbed_summary(self, text: str) -> str:
        """As `scrubbed`, for a line in which texts may stand cut off."""
        if any(each in text or shorten(each, 60) in text for each in self.texts):
            return NOBODY
        whole = self.scrubbed(text)
        head, cut, tail = whole.partition("…")
        starts = (each[:length] for each in self.names for length in range(len(each), _SHORTEST_CUT - 1, -1))
        ending = next((each for each in starts if cut and head.endswith(each)), None)
        return whole if ending is None else head.removesuffix(ending) + NOBODY + tail


def naming(names: Iterable[str], addresses: Iterable[str], texts: Iterable[str], others: Iterable[str]) -> Naming:
    """What names a person; `others` are the names of everybody else."""
    called = {each for name in names for each in (name, name[:_CUT_AT]) if len(each.strip()) > 1}
    known = {each for each in addresses if len(each) >= _SHORTEST_ADDRESS}
    taken = "\n".join(others)
    doubtful = {each for each in called if _pattern(frozenset({each})).search(taken)}
    every = frozenset(called | known)
    return Naming(every, every - doubtful, frozenset(each for each in texts if len(each) >= _SHORTEST_TEXT))


@lru_cache(maxsize=16)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names as whole words; one word alone only as it is written, for `Mark` may be a verb."""
    ordered = sorted(names, key=len, reverse=True)
    parts = (re.escape(each) if len(each.split()) == 1 else f"(?i:{re.escape(each)})" for each in ordered)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")


# What the journal holds


def snapshots(change: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a row of the journal
    """The row as it was before and after, as far as there was one."""
    return [each for each in (change.before, change.after) if each]


def linking(session: Session, table: str, column: str, ids: Collection[int]) -> Iterator[Any]:
    """The changes of a table in which the row links to one of these ids by that column, before or after."""
    for some in pieces(ids, 40):
        within = [f'"{column}": {each}' for each in some]
        for change in _changes(session, CHANGES.c.table_name == table, _holding(within)):
            if any(each.get(column) in ids for each in snapshots(change)):
                yield change


def of_rows(session: Session, table: str, ids: Collection[int]) -> Iterator[Any]:
    """The changes of these rows."""
    for some in pieces(ids):
        yield from _changes(session, CHANGES.c.table_name == table, CHANGES.c.row_id.in_(some))


def holding(session: Session, table: str, texts: Collection[str]) -> Iterator[Any]:
    """The changes of a table that hold one of the texts somewhere, before or after."""
    for some in pieces(texts, 40):
        yield from _changes(session, CHANGES.c.table_name == table, _holding([json.dumps(each)[1:-1] for each in some]))


def pieces(values: Collection[Any], size: int = PIECE) -> Iterator[list[Any]]:
    """Few enough at a time for one statement."""
    ordered = sorted(values)
    return (ordered[start : start + size] for start in range(0, len(ordered), size))


def _changes(session: Session, *where: sa.ColumnElement[bool]) -> list[Any]:
    return list(session.connection().execute(sa.select(CHANGES).where(*where).order_by(CHANGES.c.id)).all())


def _holding(texts: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether the JSON before or after holds one of the texts; which of them, the reader looks for."""
    sides = [sa.cast(CHANGES.c[side], sa.Text) for side in ("before", "after")]
    return sa.or_(sa.false(), *(side.icontains(each, autoescape=True) for each in texts for side in sides))


def erase(session: Session, rows: Rows, uids: Collection[str], named: Naming) -> None:
    """Take every change of these rows out of the journal, what else names the person, and what is left empty by it."""
    connection = session.connection()
    touched: set[int] = set()
    gone: set[int] = set()
    for table, ids in rows.items():
        for change in of_rows(session, table, ids):
            gone.add(change.id)
            touched.add(change.command_id)
    for change in holding(session, "tombstone", uids):
        gone.add(change.id)
        touched.add(change.command_id)
    _unlink(session, rows, gone, touched)
    for some in pieces(gone):
        connection.execute(sa.delete(CHANGES).where(CHANGES.c.id.in_(some)))
    _scrub_changes(session, named.surely())
    _scrub_commands(session, touched, named)


def _unlink(session: Session, rows: Rows, gone: set[int], touched: set[int]) -> None:
    """Let no change that stays bring back a link to a row that is gone, for undo would fail on it."""
    for name, table in METADATA.tables.items():
        for column in table.columns:
            targets = {key.column.table.name for key in column.foreign_keys}
            ids = set().union(*(rows.get(target, set()) for target in targets))
            for change in linking(session, name, column.name, ids) if ids else ():
                if change.id in gone:
                    continue
                touched.add(change.command_id)
                if column.nullable:
                    cleared = [_without(each, column.name, ids) for each in (change.before, change.after)]
                    _rewrite(session, change.id, *cleared)
                else:
                    gone.add(change.id)


def _without(side: dict[str, Any] | None, column: str, ids: Collection[int]) -> dict[str, Any] | None:
    return side | {column: None} if side and side.get(column) in ids else side


def _rewrite(session: Session, number: int, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    values = {"before": before, "after": after}
    session.connection().execute(sa.update(CHANGES).where(CHANGES.c.id == number).values(**values))


def _scrub_changes(session: Session, named: Naming) -> None:
    """Earlier texts of records that stay: the person's name in them is replaced."""
    wanted = [json.dumps(each)[1:-1] for each in named.names]
    for some in pieces(wanted, 20):
        for change in _changes(session, _holding(some)):
            table = METADATA.tables[change.table_name]
            sides = [_scrubbed_row(each, table, named) for each in (change.before, change.after)]
            if sides != [change.before, change.after]:
                _rewrite(session, change.id, *sides)


def _scrubbed_row(side: Mapping[str, Any] | None, table: sa.Table, named: Naming) -> dict[str, Any] | None:
    if side is None:
        return None
    free = {column.name for column in free_texts(table)}
    return {name: named.scrubbed(value) if name in free and value else value for name, value in side.items()}


def free_texts(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns in which a person writes as they like; what says which record it is, and fixed words, are none."""
    return [
        column
        for column in table.columns
        if kind_of(column) is str and "words" not in column.info and column.name not in _IDENTITY
    ]


def _scrub_commands(session: Session, touched: Collection[int], named: Naming) -> None:
    """Commands of which nothing is left go; the summaries of the others name the person no more."""
    connection = session.connection()
    for some in pieces(touched):
        left = set(connection.scalars(sa.select(CHANGES.c.command_id).where(CHANGES.c.command_id.in_(some)).distinct()))
        connection.execute(sa.delete(COMMANDS).where(COMMANDS.c.id.in_(set(some) - left)))
    summaries = sa.select(COMMANDS.c.id, COMMANDS.c.summary).where(COMMANDS.c.summary != "")
    for number, summary in connection.execute(summaries).all():
        fitting = named if number in touched else named.surely()
        scrubbed = fitting.scrubbed_summary(summary)
        if scrubbed != summary:
            connection.execute(sa.update(COMMANDS).where(COMMANDS.c.id == number).values(summary=scrubbed))
