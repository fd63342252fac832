"""Pruning the outbox: what was settled long ago goes, with its deliveries and attempts.

Core statements, as in `outbox`: the daemon's work is not journalled. A row is looked at again by the statement that
removes it, since others may have written meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models import Attempt, Delivery, Reminder
from crm.models.words import DeliveryState, ReminderState
from crm.store.outbox import UNSENT
from crm.store.shape import table_of

NEWEST: Final = 1000
"""So many of the newest stay, whatever their age: a clock that is wrong for an hour makes all look old."""

_REMINDERS, _DELIVERIES, _ATTEMPTS = table_of(Reminder), table_of(Delivery), table_of(Attempt)
_ENDED: Final = (ReminderState.DONE, ReminderState.CANCELLED)
_WAITING: Final = (*UNSENT, DeliveryState.EXECUTING, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Old:
    """What is old enough to go.

    Attributes:
        settled_before: nothing about it has changed since (aware UTC).
        due_before: it was due before then (aware UTC).
        newest: so many of the newest rows are not old, whatever their dates.
    """

    settled_before: datetime
    due_before: datetime
    newest: int = NEWEST


def settled(session: Session, old: Old) -> list[tuple[int, str]]:
    """Id and key of every reminder that could go, the oldest first."""
    table = _REMINDERS.c
    query = sa.select(table.id, table.key).where(*_may_go(old), _not_new(_REMINDERS, old)).order_by(table.id)
    return [(int(number), str(key)) for number, key in session.connection().execute(query)]


def remove(session: Session, numbers: Sequence[int], old: Old) -> int:
    """Remove those of the reminders that can still go, with all that hangs on them; gives how many."""
    statement = sa.delete(_REMINDERS).where(_REMINDERS.c.id.in_(numbers), *_may_go(old))
    return int(session.connection().execute(statement).rowcount)


def ended_attempts(session: Session, old: Old) -> list[int]:
    """The ids of attempts that ended long ago, the oldest first."""
    table = _ATTEMPTS.c
    query = sa.select(table.id).where(table.ended_at < old.settled_before, _not_new(_ATTEMPTS, old))
    return list(session.connection().execute(query.order_by(table.id)).scalars())


def remove_attempts(session: Session, numbers: Sequence[int]) -> int:
    """Remove attempts that have ended; gives how many."""
    return int(session.connection().execute(sa.delete(_ATTEMPTS).where(_ATTEMPTS.c.id.in_(numbers))).rowcount)


def _not_new(table: sa.Table, old: Old) -> sa.ColumnElement[bool]:
    """Whether a row is not among the newest of its table."""
    if not old.newest:
        return sa.true()
    oldest_of_them = sa.select(table.c.id).order_by(table.c.id.desc()).limit(1).offset(old.newest - 1)
    return table.c.id < oldest_of_them.scalar_subquery()


def _may_go(old: Old) -> Iterable[sa.ColumnElement[bool]]:
    """Ended, and settled everywhere, both for long."""
    table, theirs = _REMINDERS.c, _DELIVERIES.c
    own = sa.select(theirs.id).where(theirs.reminder_id == table.id)
    return (
        table.state.in_(_ENDED),
        table.updated_at < old.settled_before,
        table.due_at < old.due_before,
        ~own.where(theirs.state.in_(_WAITING) | (theirs.updated_at >= old.settled_before)).exists(),
    )
