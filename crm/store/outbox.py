"""The outbox: reminders, one delivery of each on each channel, and every attempt.

The writes here are Core statements, since the daemon's work is not journalled: a person's undo must not unsend. So the
identity of new rows and the revision of changed ones are set here. Each write carries the state it expects to find, so
that of two senders only one gets a delivery.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col, select

from crm.models import Attempt, Delivery, Reminder
from crm.models.words import DeliveryState, ReminderState
from crm.store.shape import table_of

MOST_ATTEMPTS: Final = 30
UNSENT: Final = (DeliveryState.SCHEDULED, DeliveryState.RETRYABLE)
SAID: Final = (DeliveryState.COMPLETED, DeliveryState.COALESCED)

_REMINDERS, _DELIVERIES, _ATTEMPTS = table_of(Reminder), table_of(Delivery), table_of(Attempt)
_MOST_VARIABLES: Final = 500  # of one statement; SQLite takes 32,766, and short ones are planned faster
_FRESH: Final = {"populate_existing": True}  # Core statements write past the session's identity map

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, and what it is to say."""

    reminder: Reminder
    delivery: Delivery


# What is planned


def standing(session: Session, keys: Collection[str]) -> list[Reminder]:
    """Every reminder that is open, has something unsent, or has one of the keys, by when it is due."""
    unsent = sa.select(_DELIVERIES.c.reminder_id).where(_DELIVERIES.c.state.in_(UNSENT))
    active = select(Reminder).where((col(Reminder.state) == ReminderState.OPEN) | col(Reminder.id).in_(unsent))
    found = {each.key: each for each in session.exec(active, execution_options=_FRESH)}
    for some in _chunks([key for key in keys if key not in found]):
        named = select(Reminder).where(col(Reminder.key).in_(some))
        found |= {each.key: each for each in session.exec(named, execution_options=_FRESH)}
    return sorted(found.values(), key=lambda each: (each.due_at, each.id))


def deliveries_of(session: Session, reminders: Iterable[Reminder]) -> dict[int, list[Delivery]]:
    """The deliveries of each of the reminders, by the reminder's id and in the order they were planned."""
    found: list[Delivery] = []
    for some in _chunks([each.id for each in reminders]):
        query = select(Delivery).where(col(Delivery.reminder_id).in_(some))
        found += session.exec(query.order_by(col(Delivery.id)), execution_options=_FRESH)
    by_reminder = sorted(found, key=lambda each: each.reminder_id)
    return {number: list(rows) for number, rows in groupby(by_reminder, key=lambda each: each.reminder_id)}


def add_reminders(session: Session, rows: Sequence[Values], *, now: datetime) -> None:
    """Plan reminders; a key that is there already is left as it is."""
    _insert(session, _REMINDERS, ["key"], [{"state": ReminderState.OPEN.value, **row} for row in rows], now)


def add_deliveries(session: Session, rows: Sequence[Values], *, now: datetime) -> None:
    """Plan deliveries; one that is there already (same reminder and channel) is left as it is."""
    planned = {
        "state": DeliveryState.SCHEDULED.value,
        "attempt": 0,
        "max_attempts": MOST_ATTEMPTS,
        "payload_version": 1,
    }
    _insert(session, _DELIVERIES, ["reminder_id", "channel"], [planned | dict(row) for row in rows], now)


def _insert(session: Session, table: sa.Table, unique: list[str], rows: Sequence[Values], now: datetime) -> None:
    # PostgreSQL's own construct; SQLAlchemy writes the same words for SQLite, so that no branch is needed.
    statement = postgresql.insert(table).on_conflict_do_nothing(index_elements=unique)
    identified = [{"uid": str(uuid4()), "revision": 1, "added_at": now, "updated_at": now, **row} for row in rows]
    if identified:
        session.connection().execute(statement, identified)


def change_reminder(session: Session, reminder: Reminder, values: Values, *, now: datetime) -> None:
    """Change a reminder that is still as it was read."""
    here = (_REMINDERS.c.id == reminder.id, _REMINDERS.c.revision == reminder.revision)
    _update(session, _REMINDERS, here, values, now)


def change_delivery(session: Session, delivery: Delivery, values: Values, *, now: datetime) -> None:
    """Change a delivery that is still as it was read."""
    here = (_DELIVERIES.c.id == delivery.id, _DELIVERIES.c.revision == delivery.revision)
    _update(session, _DELIVERIES, here, values, now)


def _update(session: Session, table: sa.Table, where: Iterable[Any], values: Values, now: datetime) -> int:
    statement = sa.update(table).where(*where).values(**values, revision=table.c.revision + 1, updated_at=now)
    return int(session.connection().execute(statement).rowcount)


# What is sent


def orphans(session: Session, *, now: datetime) -> list[Due]:
    """Deliveries whose sender ended without saying what came of them: their lease ran out."""
    return _due(session, col(Delivery.state) == DeliveryState.EXECUTING, col(Delivery.lease_until_at) <= now)


def due(session: Session, channels: Collection[str], *, now: datetime) -> list[Due]:
    """What is to be sent now on one of the channels, the longest due first."""
    return _due(session, *_is_due(channels, now))


def is_due(session: Session, channels: Collection[str], *, now: datetime) -> bool:
    """Whether anything is to be sent now on one of the channels."""
    query = select(Delivery.id).join(Reminder).where(*_is_due(channels, now)).limit(1)
    return session.exec(query).first() is not None


def _is_due(channels: Collection[str], now: datetime) -> tuple[Any, ...]:
    return (
        col(Delivery.state).in_(UNSENT),
        col(Delivery.not_before_at) <= now,
        col(Delivery.channel).in_(channels),
        col(Reminder.state) == ReminderState.OPEN,
    )


def _due(session: Session, *where: Any) -> list[Due]:  # noqa: ANN401 - conditions in SQL
    query = select(Reminder, Delivery).join(Delivery).where(*where)
    order = (col(Delivery.not_before_at), col(Reminder.due_at), col(Delivery.id))
    return [Due(*row) for row in session.exec(query.order_by(*order), execution_options=_FRESH)]


def claim(
    session: Session, wanted: Sequence[Due], *, owner: str, message_id: str, now: datetime, lease_until_at: datetime
) -> bool:
    """Take deliveries for sending as one message, all or (on False, then roll back) not all.

    The attempt is counted before it is made, so that one which brings the process down is counted too. Each delivery
    remembers the message that carries it: if nobody learns what became of that message, it is sent again as it was.

    Args:
        session: its commit is what makes the claim.
        wanted: what is to be sent together.
        owner: names this one claim and is used for no other.
        message_id: of the message that carries them all.
        now: the present instant, aware UTC.
        lease_until_at: from then on others may take them.
    """
    table, claimed = _DELIVERIES.c, 0
    values = {
        "state": DeliveryState.EXECUTING.value,
        "attempt": table.attempt + 1,
        "lease_owner": owner,
        "lease_until_at": lease_until_at,
        "coalesced_into": message_id,
    }
    for some in _chunks([each.delivery.id for each in wanted]):
        free = (table.id.in_(some), table.state.in_(UNSENT), table.not_before_at <= now)
        claimed += _update(session, _DELIVERIES, free, values, now)
    attempts = [
        {"delivery_id": each.delivery.id, "number": each.delivery.attempt + 1, "owner": owner, "started_at": now}
        for each in wanted
    ]
    session.connection().execute(sa.insert(_ATTEMPTS), attempts)
    return claimed == len(wanted)


def settle(
    session: Session, deliveries: Sequence[Delivery], *, owner: str, values: Values, detail: str, now: datetime
) -> bool:
    """Record what came of an attempt; False if the claim was lost meanwhile. What was lost is not changed."""
    table, kept = _DELIVERIES.c, 0
    for some in _chunks([each.id for each in deliveries]):
        mine = (table.id.in_(some), table.lease_owner == owner, table.state == DeliveryState.EXECUTING.value)
        kept += _update(session, _DELIVERIES, mine, {"lease_owner": None, "lease_until_at": None, **values}, now)
        tried = (_ATTEMPTS.c.delivery_id.in_(some), _ATTEMPTS.c.owner == owner, _ATTEMPTS.c.ended_at.is_(None))
        ended = {"ended_at": now, "outcome": values["state"], "detail": detail or None}
        session.connection().execute(sa.update(_ATTEMPTS).where(*tried).values(**ended))
    return kept == len(deliveries)


# What is told


def history(session: Session, *, limit: int) -> list[Due]:
    """The deliveries that something came of, the latest first; what only waits for its time is left out."""
    waits = (col(Delivery.state) == DeliveryState.SCHEDULED) & (col(Delivery.attempt) == 0)
    query = select(Reminder, Delivery).join(Delivery).where(~waits)
    order = (col(Delivery.updated_at).desc(), col(Delivery.id).desc())
    return [Due(*row) for row in session.exec(query.order_by(*order).limit(limit))]


def has_expired(reminder: Reminder, *, now: datetime) -> bool:
    """Whether it is too late to say it; what a person put off does not expire."""
    ends_at = reminder.expires_at if reminder.snoozed_until_at is None else None
    return ends_at is not None and ends_at <= now


def counts(session: Session) -> dict[str, int]:
    """How many deliveries are in each state; states without any are left out."""
    found = session.exec(select(Delivery.state, sa.func.count()).group_by(col(Delivery.state)))
    there = {str(state): int(number) for state, number in found}
    return {state.value: there[state] for state in DeliveryState if state in there}


def next_due_at(session: Session, channels: Collection[str]) -> datetime | None:
    """When the next delivery on one of the channels is to be sent; None when nothing waits."""
    query = select(Delivery.not_before_at).where(col(Delivery.state).in_(UNSENT), col(Delivery.channel).in_(channels))
    return session.exec(query.order_by(col(Delivery.not_before_at)).limit(1)).first()


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + _MOST_VARIABLES] for start in range(0, len(values), _MOST_VARIABLES))
