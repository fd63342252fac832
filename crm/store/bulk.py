"""Adding many rows at once: as the session would, defaults, journal and all, and several times as fast."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from crm.models import Record
from crm.store import engine, journal
from crm.store.shape import table_of


def insert(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add many rows of one table, undoable as any others; gives their ids, in the order of the rows.

    Columns that a row leaves out have the model's own defaults. Parts are added so only to records that are new, too.
    """
    if not rows:
        return []
    session.flush()
    table = table_of(model)
    now = session.info["now"]
    instants = {"added_at": now, "updated_at": now} if issubclass(model, Record) else {}
    defaults = _defaults(model, table)
    ids = engine.reserve_ids(session, table.name, len(rows))
    filled = [
        {name: given[name] if name in given else default() for name, default in defaults.items()}
        for number, row in zip(ids, rows, strict=True)
        for given in [{"id": number, **instants, **row}]
    ]
    session.connection().execute(sa.insert(table), filled)
    journal.added(session, table, filled)
    return ids


def _defaults(model: type[SQLModel], table: sa.Table) -> dict[str, Callable[[], Any]]:
    """What each column holds where nothing is said, in the table's order."""

    def of(name: str) -> Callable[[], Any]:
        field = model.model_fields[name]
        return lambda: field.get_default(call_default_factory=True)

    return {column.name: of(column.name) for column in table.columns}
