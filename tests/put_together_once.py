"""Commands and SQL are put together once a process, as in a run of the program, though the tests run many in one.

SQLAlchemy's `compiled_cache` may be shared by engines, but its keys name the dialect; all engines of a database speak
alike here, so those are made equal.
"""

import functools
from typing import Any

import sqlalchemy as sa
import typer
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

MOST_STATEMENTS = 5000


def put_together_once() -> None:
    """Let all commands and engines made from now on share what they are made of."""
    typer.main.get_command = functools.cache(typer.main.get_command)
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _is_alike  # type: ignore[method-assign]
        dialect.__hash__ = _alike  # type: ignore[assignment, method-assign]
    options: dict[str, Any] = {"compiled_cache": LRUCache(MOST_STATEMENTS)}
    make = sa.create_engine  # noqa: TID251 - none is made here
    sa.create_engine = functools.partial(make, execution_options=options)  # noqa: TID251 - nor here


def _is_alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _alike(one: object) -> int:
    return hash(type(one))
