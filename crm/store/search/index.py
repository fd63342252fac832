"""The index itself, and how it is kept in step whatever writes: import, undo, merge, the daemon.

Triggers in the database note the key of each record whose texts have changed, and `catch_up` writes those anew before
the transaction ends. (Triggers cannot write into the index themselves: under trusted_schema=OFF, SQLite before 3.41
takes FTS5 for unsafe there. So a record is also indexed once, however many of its parts came with it.)
"""

# ruff: noqa: S608 - whatever is put into SQL here is a name or a text of this package

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import sqlalchemy as sa

from crm.store.search import postgres, sqlite
from crm.store.search.kinds import KINDS, KINDS_AT_MOST, Kind, Touch
from crm.store.search.words import Word

COLUMNS: Final = ("name", "text", "about", "private")
STALE: Final = "CREATE TABLE search_stale (key bigint PRIMARY KEY)"
NUMBER: Final = f"CAST(key - key / {KINDS_AT_MOST} * {KINDS_AT_MOST} AS integer)"
REMEDY: Final = "put it right with: crm db upgrade"


class Dialect(Protocol):
    """What each database does in its own way."""

    KEY: str
    NAMES: dict[str, str]

    def create(self, connection: sa.Connection) -> list[str]:
        """SQL for the table."""

    def drop(self, connection: sa.Connection) -> list[str]:
        """SQL that takes triggers and table away, as far as they are there."""

    def trigger(self, name: str, event: str, table: str, body: str) -> list[str]:
        """SQL for a trigger that runs `body` after an event on each row."""

    def triggers(self, connection: sa.Connection) -> list[str]:
        """The names of the triggers that are there."""

    def matching(
        self, connection: sa.Connection, words: Sequence[Word], columns: Sequence[str]
    ) -> sa.Select[int, float]:
        """The keys of the rows that have every word in these columns, and how well each fits (lower is better)."""


def dialect(connection: sa.Connection) -> Dialect:
    """What the connection's database does in its own way."""
    if connection.dialect.name == "sqlite":
        return sqlite
    return postgres


def build(connection: sa.Connection) -> None:
    """Make the index anew from what the tables hold, and the triggers that keep it in step."""
    drop(connection)
    here = dialect(connection)
    fill = (_insert(kind, here) for kind in KINDS)
    keep = (statement for kind in KINDS for trigger in _triggers(kind) for statement in here.trigger(*trigger))
    for statement in (*here.create(connection), STALE, *fill, *keep):
        connection.exec_driver_sql(statement)


def drop(connection: sa.Connection) -> None:
    """Take the index and its triggers away; a table that they refer to may then be changed."""
    for statement in (*dialect(connection).drop(connection), "DROP TABLE IF EXISTS search_stale"):
        connection.exec_driver_sql(statement)


def catch_up(connection: sa.Connection) -> None:
    """Write what has changed since into the index; cheap where nothing has."""
    here = dialect(connection)
    numbers = set(connection.exec_driver_sql(f"SELECT DISTINCT {NUMBER} FROM search_stale").scalars())
    if not numbers:
        return
    connection.exec_driver_sql(f"DELETE FROM search WHERE {here.KEY} IN (SELECT key FROM search_stale)")
    for kind in KINDS:
        if kind.number in numbers:
            stale = f"SELECT key / {KINDS_AT_MOST} FROM search_stale WHERE {NUMBER} = {kind.number}"
            connection.exec_driver_sql(f"{_insert(kind, here)} WHERE r.id IN ({stale})")
    connection.exec_driver_sql("DELETE FROM search_stale")


def faults(connection: sa.Connection) -> list[str]:
    """What is wrong with the index, with the remedy; empty when it is in step with the tables."""
    here = dialect(connection)
    wanted = {trigger[0] for kind in KINDS for trigger in _triggers(kind)}
    missing = len(wanted - set(here.triggers(connection)))
    if missing:
        return [f"search is not kept in step ({missing} triggers are missing); {REMEDY}"]
    there = f"SELECT {here.KEY}, {', '.join(COLUMNS)} FROM search"
    right = f"SELECT * FROM ({' UNION ALL '.join(_texts(kind, here) for kind in KINDS)}) AS r"
    either = f"SELECT * FROM ({there} EXCEPT {right}) AS a UNION ALL SELECT * FROM ({right} EXCEPT {there}) AS b"
    amiss = connection.exec_driver_sql(f"SELECT count(*) FROM ({either}) AS c").scalar_one()
    return [f"search is out of step with the tables in {amiss} places; {REMEDY}"] if amiss else []


def _texts(kind: Kind, here: Dialect) -> str:
    """SQL for the rows of a kind as they are to be in the index."""
    texts = ", ".join(f"coalesce({getattr(kind, column)}, '') AS {column}" for column in COLUMNS)
    query = f"SELECT r.id * {KINDS_AT_MOST} + {kind.number} AS key, {texts} FROM {kind.table} r"
    return query.format(**here.NAMES)


def _insert(kind: Kind, here: Dialect) -> str:
    return f"INSERT INTO search ({here.KEY}, {', '.join(COLUMNS)}) {_texts(kind, here)}"


def _triggers(kind: Kind) -> Iterator[tuple[str, str, str, str]]:
    """Name, event, table and what is done for each row: the record's key is kept as stale."""
    own = Touch(kind.table, "SELECT {row}.id AS id")
    yield f"search_{kind.table}_insert", "INSERT", kind.table, _outdate(kind, own, "NEW")
    yield f"search_{kind.table}_update", f"UPDATE OF {kind.columns}", kind.table, _outdate(kind, own, "NEW")
    yield f"search_{kind.table}_delete", "DELETE", kind.table, _outdate(kind, own, "OLD")
    for touch in kind.touches:
        for event, rows in _events(touch):
            name = f"search_{kind.table}_{touch.table}_{event.split()[0].lower()}"
            yield name, event, touch.table, _outdate(kind, touch, *rows)


def _events(touch: Touch) -> list[tuple[str, tuple[str, ...]]]:
    """The events that matter, each with the rows whose owners are concerned."""
    if touch.columns:
        return [(f"UPDATE OF {touch.columns}", ("NEW",))]
    return [("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))]


def _outdate(kind: Kind, touch: Touch, *rows: str) -> str:
    owners = " UNION ".join(touch.owners.format(row=row) for row in rows)
    key = f"o.id * {KINDS_AT_MOST} + {kind.number}"
    return f"INSERT INTO search_stale (key) SELECT {key} FROM ({owners}) AS o WHERE true ON CONFLICT DO NOTHING"
