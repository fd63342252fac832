"""Copying a whole database into an empty one: every table with its ids and revisions, the journal too."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from crm.store import search
from crm.store.engine import advance_ids, highest_id

PIECE: Final = 1000
"""So many rows are in memory at a time."""


def tables() -> list[sa.Table]:
    """Every table of the model, those referred to first."""
    return SQLModel.metadata.sorted_tables


def counts(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    count = sa.func.count()
    return {
        each.name: session.connection().execute(sa.select(count).select_from(each)).scalar_one() for each in tables()
    }


def copy(source: Session, target: Session, *, progress: Callable[[int], None]) -> str:
    """Write everything that is in `source` into the empty `target`; gives the digest of what was read.

    Args:
        source: what is read.
        target: what is written to; its tables are there, and empty.
        progress: told how many rows are done.
    """
    search.drop(target.connection())
    digest, done = hashlib.sha256(), 0
    for table in tables():
        for rows in _pieces(source, table):
            _add(digest, table, rows)
            target.connection().execute(sa.insert(table), rows)
            done += len(rows)
            progress(done)
        advance_ids(target, table.name, highest_id(source, table.name))
    search.build(target.connection())
    return digest.hexdigest()


def digest_of(session: Session) -> str:
    """The SHA-256 of every value of every row, the same for the same content on either database."""
    digest = hashlib.sha256()
    for table in tables():
        for rows in _pieces(session, table):
            _add(digest, table, rows)
    return digest.hexdigest()


def _add(digest: Any, table: sa.Table, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401 - hashlib's own type has no name
    for row in rows:
        digest.update(json.dumps([table.name, row], sort_keys=True, default=date.isoformat).encode())


def _pieces(session: Session, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    last, ordered = 0, sa.select(table).order_by(table.c.id).limit(PIECE)
    while found := session.connection().execute(ordered.where(table.c.id > last)).mappings().all():
        yield [dict(row) for row in found]
        last = found[-1]["id"]
