"""What the calendar feeds ask the journal: what was removed lately, and how often something was changed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, ContactMethod, JournalChange, JournalCommand, Record, Tombstone
from crm.store.journal import decode
from crm.store.shape import table_of


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that is gone: its uid, a revision higher than it ever had, when it went, and the values it had last."""

    uid: str
    revision: int
    removed_at: datetime
    values: dict[str, Any]


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


def removed(session: Session, model: type[Record], *, since: datetime) -> list[Removed]:
    """The records of a table that were removed from an instant on, and of which the journal knows what they were."""
    table = table_of(model)
    query = (
        select(Tombstone, JournalChange.before)
        .join(JournalChange, col(JournalChange.row_uid) == Tombstone.uid)
        .where(
            Tombstone.table_name == table.name, Tombstone.removed_at >= since, JournalChange.table_name == table.name
        )
        .order_by(col(Tombstone.id), col(JournalChange.id))
    )
    last = [list(some)[-1] for _, some in groupby(session.exec(query), key=lambda each: each[0].id)]
    return [
        Removed(grave.uid, grave.revision, grave.removed_at, decode(table, {**before}))
        for grave, before in last
        if before
    ]


def touched(session: Session, model: type[Record], *, since: datetime) -> Iterator[Touched]:
    """Each change of a table's records by a command from an instant on."""
    table = table_of(model)
    query = (
        select(JournalChange.before, JournalChange.after, JournalCommand.at, JournalCommand.undone_at)
        .join(JournalCommand, col(JournalCommand.id) == JournalChange.command_id)
        .where(JournalChange.table_name == table.name, JournalCommand.at >= since)
    )
    for before, after, at, undone_at in session.exec(query):
        values = tuple(decode(table, {**each}) for each in (before, after) if each)
        yield Touched(values, 2 if undone_at else 1, max(at, undone_at or at))


TOLD_OF_A_CONTACT: Final = frozenset({"name", "context", "how_to_reach"})
"""The columns of a contact that a calendar tells of, besides the ways to reach them."""

_KEPT_BY_EVERY_CHANGE: Final = frozenset({"revision", "updated_at"})


@dataclass(frozen=True, slots=True)
class Version:
    """How often what calendars tell of a record was changed, and when that last happened."""

    revision: int
    updated_at: datetime


class Versions:
    """The versions of contacts, without the changes that no calendar tells of: a stage, a tier, a private note ...

    What the journal does not know of, such as what was before an import, counts as told: the number never falls.
    """

    def __init__(self, session: Session, contacts: sa.Select[Any]) -> None:
        """Ask for the contacts whose ids a statement selects."""
        self._silent: dict[int, int] = defaultdict(int)
        self._told_at: dict[int, datetime] = {}
        changes, commands, way = table_of(JournalChange), table_of(JournalCommand), table_of(ContactMethod).name
        change, command = changes.c, commands.c
        ways = sa.select(change.command_id).where(change.table_name == way)
        query = (
            sa.select(change.row_id, change.before, change.after, command.at, command.undone_at, command.id.in_(ways))
            .join(commands, command.id == change.command_id)
            .where(change.table_name == table_of(Contact).name, change.row_id.in_(contacts))
        )
        for number, before, after, at, undone_at, with_ways in session.connection().execute(query):
            if not with_ways and _is_silent(before, after):
                self._silent[number] += 2 if undone_at else 1
            else:
                self._told_at[number] = max(filter(None, (self._told_at.get(number), at, undone_at)))

    def of(self, contact: Contact) -> Version:
        """The version of one of them."""
        silent = self._silent.get(contact.id, 0)
        if not silent:
            return Version(contact.revision, contact.updated_at)
        return Version(contact.revision - silent, self._told_at.get(contact.id, contact.added_at))


def _is_silent(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether something differs, and nothing that is told; a change of what hangs on the record shows no difference."""
    if before is None or after is None:
        return False
    differs = {name for name, value in after.items() if before.get(name) != value} - _KEPT_BY_EVERY_CHANGE
    return bool(differs) and not differs & TOLD_OF_A_CONTACT


def changes(session: Session, models: Sequence[type[Any]]) -> tuple[int, datetime | None]:
    """How many changes there ever were of these tables, taking back included, and when the last one was."""
    query = (
        sa.select(
            sa.func.count(col(JournalChange.id)),
            sa.func.count(col(JournalCommand.undone_at)),
            sa.func.max(col(JournalCommand.at)),
            sa.func.max(col(JournalCommand.undone_at)),
        )
        .join(JournalCommand, col(JournalCommand.id) == JournalChange.command_id)
        .where(col(JournalChange.table_name).in_([table_of(each).name for each in models]))
    )
    made, undone, last_at, undone_at = session.execute(query).one()
    return made + undone, max(filter(None, (last_at, undone_at)), default=None)


def marker(session: Session) -> tuple[int, int, int]:
    """What differs whenever a person's data did: the last change, how many were taken back, and the last removal.

    Erasing somebody is not journalled, but leaves tombstones.
    """
    last = sa.select(sa.func.max(col(JournalChange.id))).scalar_subquery()
    undone = sa.select(sa.func.count(col(JournalCommand.undone_at))).scalar_subquery()
    grave = sa.select(sa.func.max(col(Tombstone.id))).scalar_subquery()
    found = session.execute(sa.select(last, undone, grave)).one()
    return found[0] or 0, found[1] or 0, found[2] or 0
