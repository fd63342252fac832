"""Every write with its before and after, kept by the session itself; and taking the last command back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.attributes import get_history
from sqlmodel import Session, SQLModel, col, select

from crm.errors import ConfigurationError, NotFoundError
from crm.migrations import HEAD
from crm.models import (
    JournalChange,
    JournalCommand,
    Part,
    Record,
    Tombstone,
)
from crm.store.shape import kind_of

UNJOURNALLED = (JournalCommand, JournalChange)
METADATA = SQLModel.metadata
PIECE: Final = 2000
"""So many rows are read or removed at a time."""

_Wrote = sa.Row[int, str, int, Any, Any]


def follow(session: Session, *, now: datetime, name: str, actor: str) -> None:
    """Journal what `session` writes from here on, under one command."""
    session.info.update(now=now, name=name, actor=actor, command=None, summary="", touched=set())
    event.listen(session, "before_flush", _keep_revisions)
    event.listen(session, "after_flush", _record_changes)


def summarize(session: Session, summary: str) -> None:
    """Say in a few words what the command did; `crm history` shows it."""
    session.info["summary"] = summary
    command = session.info.get("command")
    if command is not None:
        session.execute(sa.update(JournalCommand).where(col(JournalCommand.id) == command).values(summary=summary))


def _keep_revisions(session: OrmSession, _context: object, _instances: object) -> None:
    now = session.info["now"]
    for item in list(session.new):
        if isinstance(item, Record):
            item.added_at = item.added_at or now
            item.updated_at = item.updated_at or now
            session.info["touched"].add(item.uid)
    for item in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(item, Part):
            _touch(session, _owner(session, item), now)
    for item in list(session.dirty):
        if isinstance(item, Record) and session.is_modified(item):
            _touch(session, item, now)
    for item in list(session.deleted):
        if isinstance(item, Record):
            session.add(_tombstone(item, now))


def _touch(session: OrmSession, record: Record | None, now: datetime) -> None:
    touched: set[str] = session.info["touched"]
    if record is None or record.uid in touched or record in session.deleted:
        return
    touched.add(record.uid)
    record.revision += 1
    record.updated_at = now


def _owner(session: OrmSession, part: Part) -> Record | None:
    owner_id = getattr(part, part.OWNER)
    (foreign_key,) = _table(part).c[part.OWNER].foreign_keys
    for mapper in SQLModel._sa_registry.mappers:  # noqa: SLF001 - SQLModel names its registry so
        if mapper.local_table is foreign_key.column.table:
            return cast("Record | None", session.get(mapper.class_, owner_id))
    raise LookupError(part.OWNER)


def _tombstone(record: Record, now: datetime) -> Tombstone:
    return Tombstone(
        table_name=_table(record).name,
        ref=record.ref if record.LETTER else None,
        uid=record.uid,
        revision=record.revision + 1,
        removed_at=now,
    )


def _table(item: object) -> sa.Table:
    return cast("sa.Table", sa.inspect(type(item)).local_table)


def _record_changes(session: OrmSession, _context: object) -> None:
    order = {table.name: place for place, table in enumerate(METADATA.sorted_tables)}
    kept = [
        *((item, None, _columns(item)) for item in session.new),
        *((item, _before(item), _columns(item)) for item in session.dirty if session.is_modified(item)),
    ]
    gone = [(item, _before(item), None) for item in session.deleted]
    kept.sort(key=lambda change: order[_table(change[0]).name])
    gone.sort(key=lambda change: -order[_table(change[0]).name])
    rows = [
        {
            "command_id": _command(session),
            "table_name": _table(item).name,
            "row_id": cast("Any", item).id,
            "row_uid": getattr(item, "uid", None),
            "before": before,
            "after": after,
        }
        for item, before, after in [*kept, *gone]
        if not isinstance(item, UNJOURNALLED)
    ]
    if rows:
        session.connection().execute(sa.insert(JournalChange), rows)


def added(session: OrmSession, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Journal rows that were added past the session; each has all its columns, in the table's order."""
    command = _command(session)
    changes = [
        {
            "command_id": command,
            "table_name": table.name,
            "row_id": row["id"],
            "row_uid": row.get("uid"),
            "before": None,
            "after": {name: encode(value) for name, value in row.items()},
        }
        for row in rows
    ]
    session.connection().execute(sa.insert(JournalChange), changes)


def _command(session: OrmSession) -> int:
    if session.info["command"] is None:
        result = session.connection().execute(
            sa.insert(JournalCommand).values(
                name=session.info["name"],
                summary=session.info["summary"],
                actor=session.info["actor"],
                at=session.info["now"],
                schema_revision=HEAD,
            )
        )
        session.info["command"] = cast("tuple[int]", result.inserted_primary_key)[0]
    return cast("int", session.info["command"])


def _columns(item: object) -> dict[str, Any]:
    return {column.name: encode(getattr(item, column.name)) for column in _table(item).columns}


def _before(item: object) -> dict[str, Any]:
    def old(name: str) -> object:
        deleted = get_history(item, name).deleted
        return deleted[0] if deleted else getattr(item, name)

    return {column.name: encode(old(column.name)) for column in _table(item).columns}


def encode(value: object) -> object:
    """A column's value as JSON can hold it."""
    return value.isoformat() if isinstance(value, date) else value


def decode(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    """The column values that `encode` wrote, as the table takes them."""
    return {name: _decode(kind_of(table.c[name]), value) for name, value in values.items()}


def _decode(kind: type, value: Any) -> Any:  # noqa: ANN401 - a column's value is of any type
    if value is None or not issubclass(kind, date):
        return value
    return datetime.fromisoformat(value) if issubclass(kind, datetime) else date.fromisoformat(value)


def commands(session: Session, *, limit: int = 20, actor: str | None = None) -> list[JournalCommand]:
    """The newest commands that wrote, newest first."""
    query = select(JournalCommand).order_by(col(JournalCommand.id).desc()).limit(limit)
    if actor is not None:
        query = query.where(JournalCommand.actor == actor)
    return list(session.exec(query))


def undo_last(session: Session, *, now: datetime) -> JournalCommand:
    """Take back the person's newest command that still stands; revisions rise all the same.

    Raises:
        NotFoundError: nothing is left to take back.
        ConfigurationError: the command was recorded under another schema.
    """
    command = session.exec(
        select(JournalCommand)
        .where(JournalCommand.actor == "person", col(JournalCommand.undone_at).is_(None))
        .order_by(col(JournalCommand.id).desc())
        .limit(1)
    ).first()
    if command is None:
        raise NotFoundError("there is nothing to undo")
    if command.schema_revision != HEAD:
        raise ConfigurationError(
            f"'{command.name}' was recorded before an upgrade of the database and cannot be undone; "
            "the backup made before the upgrade still has what was there (crm backup --list)"
        )
    connection = session.connection()
    _take_back(connection, _changes(connection, command.id), now)
    connection.execute(sa.update(JournalCommand).where(col(JournalCommand.id) == command.id).values(undone_at=now))
    return command


def _changes(connection: sa.Connection, command: int) -> Iterator[_Wrote]:
    """What a command wrote, the last first; read piece by piece, since an import may have written a million rows."""
    table, below = METADATA.tables["journal_change"], sa.literal(True)
    columns = (table.c.id, table.c.table_name, table.c.row_id, table.c.before, table.c.after)
    while True:
        query = sa.select(*columns).where(table.c.command_id == command, below)
        some = connection.execute(query.order_by(table.c.id.desc()).limit(PIECE)).all()
        yield from some
        if len(some) < PIECE:
            return
        below = table.c.id < some[-1].id


def _take_back(connection: sa.Connection, changes: Iterator[_Wrote], now: datetime) -> None:
    """Undo changes, the last first; what was added to one table in a row goes in few statements."""
    for (name, was_added), some in groupby(changes, key=lambda each: (each.table_name, each.before is None)):
        table = METADATA.tables[name]
        if was_added:
            _remove(connection, table, (each.row_id for each in some))
            continue
        for change in some:
            if change.after is None:
                _put_back(connection, table, change.before, now)
            else:
                _change_back(connection, table, change, now)


def _remove(connection: sa.Connection, table: sa.Table, numbers: Iterator[int]) -> None:
    while piece := list(islice(numbers, PIECE)):
        connection.execute(sa.delete(table).where(table.c.id.in_(piece)))


def _change_back(connection: sa.Connection, table: sa.Table, change: _Wrote, now: datetime) -> None:
    changed = {name: value for name, value in change.before.items() if value != change.after[name]}
    values = decode(table, changed)
    if "revision" in table.c:
        values["revision"] = table.c.revision + 1
        values["updated_at"] = now
    connection.execute(sa.update(table).where(table.c.id == change.row_id).values(values))


def _put_back(connection: sa.Connection, table: sa.Table, before: dict[str, Any], now: datetime) -> None:
    values = decode(table, before)
    if "revision" in table.c:
        grave = METADATA.tables["tombstone"]
        risen = connection.execute(sa.select(grave.c.revision).where(grave.c.uid == values["uid"])).scalar()
        connection.execute(sa.delete(grave).where(grave.c.uid == values["uid"]))
        values["revision"] = (risen or values["revision"]) + 1
        values["updated_at"] = now
    connection.execute(sa.insert(table).values(values))
