"""Erasing a person for good, from tables, journal and search index, and cleaning the database file after it.

Nothing here is journalled: the statements are Core ones, past the session's events. All of it is one transaction.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from crm import models as m
from crm.folding import fold
from crm.models import Contact, Record
from crm.models.words import QuestionState
from crm.store import search, traces
from crm.store.about import LOOSE, MODELS, Found, of_shared
from crm.store.engine import sqlite_path, translated
from crm.store.journal import METADATA
from crm.store.readings import hidden
from crm.store.shape import table_of
from crm.store.traces import Naming, pieces

UNFINISHED: Final = "forget-unfinished"
"""The setting that stands from the erasing until the files are cleaned, so that a forget cut off is finished later.

Its value is the short id of who was erased; it is written in the transaction that erases them.
"""

_OWN: Final = frozenset({"reminder", "delivery", "attempt", "tombstone", "worksheet_baseline", "setting"})
"""Tables in which the program writes for itself."""


def erase(session: Session, found: Found, *, now: datetime) -> None:
    """Take all of it out of tables, journal and index; tombstones with uid and short id alone stay, for calendars.

    A setting says from here on that files are still to be cleaned; `finish` takes it away.
    """
    session.flush()
    _loosen(session, found, now)
    _bury(session, found, now)
    hidden_away = _hide_readings(session, found)
    for table in reversed(METADATA.sorted_tables):
        kept = hidden_away if table.name == "worksheet_baseline" else set()
        for some in pieces(found.rows.get(table.name, set()) - kept):
            session.connection().execute(sa.delete(table).where(table.c.id.in_(some)))
    traces.erase(session, found.rows, found.uids, found.naming)
    _scrub_sent(session, found)
    if not unfinished(session):
        value = json.dumps(f"{Contact.LETTER}{min(found.contacts)}")
        mark = {"name": UNFINISHED, "value": value, "uid": str(uuid4()), "revision": 1}
        times = {"added_at": now, "updated_at": now}
        session.connection().execute(sa.insert(table_of(m.Setting)).values(**mark, **times))
    search.build(session.connection())


def _loosen(session: Session, found: Found, now: datetime) -> None:
    """Cut the links that can be done without, and let those who lose the person count as changed."""
    for name, column in sorted(LOOSE):
        table = METADATA.tables[name]
        (key,) = table.c[column].foreign_keys
        for some in pieces(found.rows.get(key.column.table.name, set())):
            _change(session, table, table.c[column].in_(some), now, **{column: None})
    talks, questions = METADATA.tables["interaction"], METADATA.tables["question"]
    _change(session, talks, talks.c.id.in_([int(ref[1:]) for ref in found.shared]), now)
    _change(session, questions, questions.c.id.in_(found.closed), now, state=QuestionState.CLOSED.value)


def _change(session: Session, table: sa.Table, where: sa.ColumnElement[bool], now: datetime, **values: object) -> None:
    statement = sa.update(table).where(where).values(**values, revision=table.c.revision + 1, updated_at=now)
    session.connection().execute(statement)


def _bury(session: Session, found: Found, now: datetime) -> None:
    """Tombstones for records that go; those of what went before stay as they are, for they name nobody."""
    graves = []
    for name, ids in found.rows.items():
        model = MODELS[name]
        if not issubclass(model, Record) or name in {"reminder", "delivery", "setting", "worksheet_baseline"}:
            continue
        table = METADATA.tables[name]
        for some in pieces(ids):
            for row in session.connection().execute(
                sa.select(table.c.id, table.c.uid, table.c.revision).where(table.c.id.in_(some))
            ):
                ref = f"{model.LETTER}{row.id}" if model.LETTER else None
                grave = {"table_name": name, "ref": ref, "uid": row.uid, "revision": row.revision + 1}
                graves.append(grave | {"removed_at": now})
    if graves:
        session.connection().execute(sa.insert(table_of(m.Tombstone)), graves)


def _hide_readings(session: Session, found: Found) -> set[int]:
    """Of a row of another program's file a digest stays, so that the next import leaves the person out; gives which."""
    table, kept = table_of(m.WorksheetBaseline), set()
    for some in pieces(found.rows.get(table.name, set())):
        ours = sa.select(table.c.id, table.c.key, table.c.file).where(table.c.id.in_(some), table.c.kind.contains(":"))
        for row in session.connection().execute(ours).all():
            values = {"key": hidden(row.key), "value": "{}", "line": None, "file": found.naming.scrubbed(row.file)}
            session.connection().execute(sa.update(table).where(table.c.id == row.id).values(**values))
            kept.add(row.id)
    return kept


def _scrub_sent(session: Session, found: Found) -> None:
    """Reminders of what stays may name the person: the title stays without the name, of the body what tells nothing."""
    reminders = METADATA.tables["reminder"]
    for each in of_shared(session, found):
        body = (line for line in each["body"].splitlines() if not found.naming.tells(line))
        words = {"title": found.naming.scrubbed(each["title"]), "body": "\n".join(body)}
        session.connection().execute(sa.update(reminders).where(reminders.c.id == each["id"]).values(**words))
    named = found.naming.surely()
    for name in ("reminder", "delivery", "attempt", "daemon_status", "worksheet_baseline"):
        table = METADATA.tables[name]
        texts = traces.free_texts(table)
        for row in _holding(session, table, texts, named.names):
            old = {text.name: row[text.name] for text in texts if row[text.name]}
            fresh = {key: named.scrubbed(value) for key, value in old.items()}
            if fresh != old:
                session.connection().execute(sa.update(table).where(table.c.id == row["id"]).values(**fresh))


def _holding(
    session: Session, table: sa.Table, columns: Collection[sa.Column[Any]], texts: Collection[str]
) -> Iterator[dict[str, Any]]:
    """The rows of a table that hold one of the texts in one of the columns, case aside."""
    for some in pieces(texts, 20) if columns else ():
        holds = [column.icontains(each, autoescape=True) for column in columns for each in some]
        query = sa.select(table).where(sa.or_(*holds)).order_by(table.c.id)
        yield from (row._asdict() for row in session.connection().execute(query).all())


def unfinished(session: Session) -> str | None:
    """The short id of somebody who was erased while files that name them were not cleaned yet."""
    mark = session.exec(select(m.Setting.value).where(m.Setting.name == UNFINISHED)).first()
    return None if mark is None else str(json.loads(mark))


def finish(session: Session) -> None:
    """Say that the files are clean."""
    settings = table_of(m.Setting)
    session.connection().execute(sa.delete(settings).where(settings.c.name == UNFINISHED))


def clean(engine: sa.Engine) -> bool:
    """Write the database file anew, so that no byte of what was erased stays in it or its log.

    False where another program has the database open, whose log stays until it is closed. Databases other than SQLite
    clean up by themselves.
    """
    if sqlite_path(engine) is None:
        return True
    with translated(engine), engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("VACUUM")
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def mentions(session: Session, naming: Naming) -> list[str]:
    """Where names of a person who was erased still stand: in texts and names of other records, by their short ids."""
    firsts = {each.split()[0] for each in naming.names if each[:1].isalpha() and len(each.split()) > 1}
    taken = set(session.exec(select(Contact.first_key)))
    wanted = replace(
        naming, names=naming.names | {each for each in firsts if len(each) > 2 and fold(each) not in taken}
    )
    found: dict[str, None] = {}
    for name, model in MODELS.items():
        table = METADATA.tables[name]
        names = [table.c[each] for each in ("name",) if each in table.c and model is not Contact]
        texts = [*traces.free_texts(table), *names]
        for row in _holding(session, table, texts, wanted.names) if name not in _OWN else ():
            if any(wanted.is_in(row[text.name] or "") for text in texts):
                found[_place(model, row)] = None
    return list(found)


def namesakes(session: Session, naming: Naming) -> list[str]:
    """The short ids of contacts who are called as somebody who was erased."""
    keys = {fold(each) for each in naming.names}
    rows = session.exec(select(Contact.id, Contact.name, Contact.aliases).order_by(col(Contact.id)))
    return [f"{Contact.LETTER}{number}" for number, name, aliases in rows if keys & set(map(fold, (name, *aliases)))]


def _place(model: type[SQLModel], row: dict[str, Any]) -> str:
    """What a person types to see a row: its short id, or that of whom or what it belongs to."""
    if issubclass(model, Record) and model.LETTER:
        return f"{model.LETTER}{row['id']}"
    for column in table_of(model).columns:
        for key in column.foreign_keys:
            owner = MODELS[key.column.table.name]
            if issubclass(owner, Record) and owner.LETTER and row[column.name] is not None:
                return f"{owner.LETTER}{row[column.name]}"
    return table_of(model).name.replace("_", " ")
