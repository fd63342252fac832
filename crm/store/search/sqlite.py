"""The index on SQLite: an FTS5 table. The words of a text are unicode61's, case and accents aside."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from crm.store.search.words import Word

KEY: Final = "rowid"
NAMES: Final = {"agg": "group_concat", "texts": "json_each"}
WEIGHTS: Final = "10.0, 1.0, 0.3, 1.0"  # of name, text, about and private
TABLE: Final = (
    "CREATE VIRTUAL TABLE search USING fts5(name, text, about, private, "
    "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
)
TRIGGERS: Final = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'search\\_%' ESCAPE '\\'"


def create(_connection: sa.Connection) -> list[str]:
    """SQL for the table."""
    return [TABLE]


def trigger(name: str, event: str, table: str, body: str) -> list[str]:
    """SQL for a trigger that runs `body` after an event on each row."""
    return [f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {body}; END"]


def triggers(connection: sa.Connection) -> list[str]:
    """The names of the triggers that are there."""
    return list(connection.exec_driver_sql(TRIGGERS).scalars())


def drop(connection: sa.Connection) -> list[str]:
    """SQL that takes triggers and table away, as far as they are there."""
    return [*(f"DROP TRIGGER {name}" for name in triggers(connection)), "DROP TABLE IF EXISTS search"]


def matching(_connection: sa.Connection, words: Sequence[Word], columns: Sequence[str]) -> sa.Select[int, float]:
    """The keys of the rows that have every word in these columns, and how well each fits (lower is better)."""
    wanted = f"{{{' '.join(columns)}}} : ({' AND '.join(map(_phrase, words))})"
    score: sa.ColumnElement[float] = sa.literal_column(f"10 * bm25(search, {WEIGHTS})", sa.Float)
    query = sa.select(sa.column(KEY, sa.BigInteger).label("key"), score.label("score"))
    return query.select_from(sa.table("search")).where(sa.literal_column("search").op("MATCH")(wanted))


def _phrase(word: Word) -> str:
    """A string of the query language: nothing in it is read as an operator."""
    return '"' + word.text.replace('"', '""') + '"' + ("" if word.whole else " *")
