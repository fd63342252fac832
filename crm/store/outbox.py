"""The outbox: reminders, one delivery of each on each channel, and every attempt.

The writes here are Core statements, since the daemon's work is not journalled: a person's undo must not unsend. So the
identity of new rows and the revision of changed ones are set here. Each write carries the state it expects to find, so
that of two senders only one gets a delivery.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
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
ENDED_UNSAID: Final = (DeliveryState.DISCARDED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED)

_REMINDERS, _DELIVERIES, _ATTEMPTS = table_of(Reminder), table_of(Delivery), table_of(Attempt)
_MOST_VARIABLES: Final = 500  # of one statement; SQLite takes 32,766, and short ones are planned faster
_FRESH: Final = {"populate_existing": True}  # Core statements write past the session's identity map

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder and one of its deliveries."""

    reminder: Reminder
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as far as its sender needs to know it: there can be very many, so they are kept small."""

    id: int
    channel: str
    message_id: str
    coalesced_into: str | None
    not_before_at: datetime
    attempt: int
    max_attempts: int
    lease_owner: str | None
    lease_until_at: datetime | None
    reminder_id: int
    key: str
    rule: str
    title: str
    urgent: bool
    snoozed_until_at: datetime | None


_COLUMNS: Final = tuple(
    (_REMINDERS if each.name in {"key", "rule", "title", "urgent", "snoozed_until_at"} else _DELIVERIES).c[each.name]
    for each in fields(Outgoing)
)


# What is planned


def active_keys(session: Session) -> list[str]:
    """The keys of the reminders that are open or have something unsent."""
    unsent = sa.select(_DELIVERIES.c.reminder_id).where(_DELIVERIES.c.state.in_(UNSENT))
    active = (col(Reminder.state) == ReminderState.OPEN) | col(Reminder.id).in_(unsent)
    return list(session.exec(select(Reminder.key).where(active).order_by(col(Reminder.id))))


def named(session: Session, keys: Collection[str]) -> list[Reminder]:
    """The reminders with these keys, by when they are due."""
    found: list[Reminder] = []
    for some in _chunks(list(keys)):
        found += session.exec(select(Reminder).where(col(Reminder.key).in_(some)), execution_options=_FRESH)
    return sorted(found, key=lambda each: (each.due_at, each.id))


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


def change_reminders(session: Session, changes: Iterable[tuple[Reminder, Values]], *, now: datetime) -> None:
    """Change reminders that are still as they were read."""
    _change(session, _REMINDERS, changes, now)


def change_deliveries(session: Session, changes: Iterable[tuple[Delivery, Values]], *, now: datetime) -> None:
    """Change deliveries that are still as they were read."""
    _change(session, _DELIVERIES, changes, now)


def _change(session: Session, table: sa.Table, changes: Iterable[tuple[Any, Values]], now: datetime) -> None:
    by_columns: dict[tuple[str, ...], list[Values]] = {}
    for row, values in changes:
        new = {f"new_{name}": value for name, value in values.items()}
        by_columns.setdefault(tuple(values), []).append({"old_id": row.id, "old_revision": row.revision, **new})
    for names, rows in by_columns.items():
        here = (table.c.id == sa.bindparam("old_id"), table.c.revision == sa.bindparam("old_revision"))
        new_values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
        statement = sa.update(table).where(*here)
        statement = statement.values(**new_values, revision=table.c.revision + 1, updated_at=now)
        session.connection().execute(statement, rows)


def _update(session: Session, table: sa.Table, where: Iterable[Any], values: Values, now: datetime) -> int:
    statement = sa.update(table).where(*where).values(**values, revision=table.c.revision + 1, updated_at=now)
    return int(session.connection().execute(statement).rowcount)


# What is sent


def orphans(session: Session, *, now: datetime) -> list[Outgoing]:
    """Deliveries whose sender ended without saying what came of them: their lease ran out."""
    return _outgoing(session, col(Delivery.state) == DeliveryState.EXECUTING, col(Delivery.lease_until_at) <= now)


def due(session: Session, channels: Collection[str], *, now: datetime) -> list[Outgoing]:
    """What is to be sent now on one of the channels, the longest due first."""
    return _outgoing(session, *_is_due(channels, now))


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


def waiting(session: Session, channels: Collection[str], *, now: datetime) -> int:
    """How many reminders are due by their own time, and wait for a time at which they may be sent on a channel."""
    asked_at = sa.func.coalesce(_REMINDERS.c.snoozed_until_at, _REMINDERS.c.due_at)
    table = _DELIVERIES.c
    waits = (table.state.in_(UNSENT), table.channel.in_(channels), _REMINDERS.c.state == ReminderState.OPEN)
    numbers = sa.select(sa.func.count(sa.distinct(table.reminder_id))).select_from(_DELIVERIES.join(_REMINDERS))
    return int(session.connection().execute(numbers.where(*waits, asked_at <= now)).scalar_one())


def _outgoing(session: Session, *where: Any) -> list[Outgoing]:  # noqa: ANN401 - conditions in SQL
    query = sa.select(*_COLUMNS).select_from(_DELIVERIES.join(_REMINDERS)).where(*where)
    order = (_DELIVERIES.c.not_before_at, _REMINDERS.c.due_at, _DELIVERIES.c.id)
    return [Outgoing(*row) for row in session.connection().execute(query.order_by(*order))]


def told(session: Session, outgoing: Iterable[Outgoing]) -> list[Reminder]:
    """The whole reminders of these deliveries, in their order."""
    numbers = [each.reminder_id for each in outgoing]
    found: dict[int, Reminder] = {}
    for some in _chunks(numbers):
        query = select(Reminder).where(col(Reminder.id).in_(some))
        found |= {each.id: each for each in session.exec(query, execution_options=_FRESH)}
    return [found[number] for number in numbers]


def states_of(session: Session, reminder_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """The channels that each of the reminders has a delivery on, with its state."""
    found: dict[int, dict[str, str]] = {}
    columns = (_DELIVERIES.c.reminder_id, _DELIVERIES.c.channel, _DELIVERIES.c.state)
    for some in _chunks(reminder_ids):
        query = sa.select(*columns).where(_DELIVERIES.c.reminder_id.in_(some))
        for number, channel, state in session.connection().execute(query):
            found.setdefault(number, {})[channel] = state
    return found


def claim(
    session: Session,
    wanted: Sequence[Outgoing],
    *,
    owner: str,
    message_id: str,
    now: datetime,
    lease_until_at: datetime,
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
    for some in _chunks(wanted):
        free = (table.id.in_([each.id for each in some]), table.state.in_(UNSENT), table.not_before_at <= now)
        claimed += _update(session, _DELIVERIES, free, values, now)
        started = {"owner": owner, "started_at": now}
        attempts = [{"delivery_id": each.id, "number": each.attempt + 1, **started} for each in some]
        session.connection().execute(sa.insert(_ATTEMPTS), attempts)
    return claimed == len(wanted)


def settle(
    session: Session, deliveries: Sequence[Outgoing], *, owner: str, values: Values, detail: str, now: datetime
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
