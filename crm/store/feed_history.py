"""What the calendar feeds ask the journal: what was removed lately, and what was done with a table's records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import JournalChange, JournalCommand, Tombstone
from crm.store import calendar_chats, records
from crm.store.journal import decode
from crm.store.records import P
from crm.store.shape import table_of
from crm.store.told import Told, Versions


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that is gone.

    Attributes:
        uid: what it had.
        revision: higher than it ever was.
        removed_at: when it went.
        values: those that it had last.
        command_id: the command that removed it.
    """

    uid: str
    revision: int
    removed_at: datetime
    values: dict[str, Any]
    command_id: int


@dataclass(frozen=True, slots=True)
class Touched:
    """A record that was added, changed or removed: its values before and after, as far as it had them, and when.

    Attributes:
        values: one or two of them.
        times: 1, or 2 where that was taken back.
        last_at: when it was done or, if later, taken back.
    """

    values: tuple[dict[str, Any], ...]
    times: int
    last_at: datetime


def removed(session: Session, told: Told, *, since: datetime) -> list[Removed]:
    """The records of a table that were removed from an instant on, and of which the journal knows what they were."""
    table = table_of(told.model)
    late = (col(Tombstone.table_name) == table.name, col(Tombstone.removed_at) >= since)
    query = (
        select(Tombstone, JournalChange.before, JournalChange.command_id)
        .join(JournalChange, col(JournalChange.row_uid) == Tombstone.uid)
        .where(*late, JournalChange.table_name == table.name)
        .order_by(col(Tombstone.id), col(JournalChange.id))
    )
    last = [list(some)[-1] for _, some in groupby(session.exec(query), key=lambda each: each[0].id)]
    versions = Versions(session, told, uids=sa.select(col(Tombstone.uid)).where(*late))
    return [
        Removed(
            grave.uid,
            grave.revision - versions.silent(grave.uid),
            grave.removed_at,
            decode(table, {**before}),
            command,
        )
        for grave, before, command in last
        if before
    ]


def parts_of(session: Session, gone: Iterable[Removed], part: type[P]) -> dict[str, list[P]]:
    """By the uid of each record that is gone, the parts of one kind that went with it."""
    table = table_of(part)
    went = {(each.command_id, each.values["id"]): each.uid for each in gone}
    found: dict[str, list[P]] = {uid: [] for uid in went.values()}
    for some in records.batches({command for command, _ in went}):
        query = select(JournalChange.command_id, JournalChange.before).where(
            JournalChange.table_name == table.name, col(JournalChange.command_id).in_(some)
        )
        for command, before in session.exec(query):
            if before and (uid := went.get((command, before[part.OWNER]))):
                found[uid].append(part(**decode(table, {**before})))
    return found


def touched(session: Session, told: Told, *, since: datetime) -> Iterator[Touched]:
    """Each change of what is told of a table's records by a command from an instant on."""
    table = table_of(told.model)
    query = (
        select(JournalChange.before, JournalChange.after, JournalCommand.at, JournalCommand.undone_at)
        .join(JournalCommand, col(JournalCommand.id) == JournalChange.command_id)
        .where(JournalChange.table_name == table.name, JournalCommand.at >= since)
    )
    for before, after, at, undone_at in session.exec(query):
        if before and after and all(before.get(each) == after.get(each) for each in told.columns):
            continue
        values = tuple(decode(table, {**each}) for each in (before, after) if each)
        stamp = values[-1]["updated_at"] if after else at
        yield Touched(values, 2 if undone_at else 1, max(stamp, undone_at or stamp))


def marker(session: Session) -> tuple[int, int, int, int]:
    """What differs whenever a calendar might: the last change, how many were taken back, and the last removal.

    Erasing somebody is not journalled, but leaves tombstones. Neither is the note of what the person's own calendar
    tells already, the last of which is the fourth number.
    """
    last = sa.select(sa.func.max(col(JournalChange.id))).scalar_subquery()
    undone = sa.select(sa.func.count(col(JournalCommand.undone_at))).scalar_subquery()
    grave = sa.select(sa.func.max(col(Tombstone.id))).scalar_subquery()
    noted = calendar_chats.last_noted().scalar_subquery()
    found = session.execute(sa.select(last, undone, grave, noted)).one()
    return found[0] or 0, found[1] or 0, found[2] or 0, found[3] or 0
