"""Planning: the outbox is brought to what the rules ask for, so that doing it again changes nothing.

What stands is compared with what the rules ask for; the differences are written. A new occurrence gets a reminder and
a delivery for each channel. What no longer stands is cancelled, and comes back if it stands again (after an undo) and
was not said. What a person marked done stays unsaid, and what a person put off is said at that time, once more if it
was said before.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from crm import models
from crm.models.words import DeliveryState, ReminderState
from crm.store import outbox
from crm.store.engine import reading, writing
from crm.store.outbox import MOST_ATTEMPTS, UNSENT, Due
from reminders import rules
from reminders.message import message_id
from reminders.reminder import Reminder

# A reminder settles in four rounds: it is written, then its deliveries, then what of them has expired, then nothing.
_MOST_ROUNDS: Final = 5
TO_BE_SAID: Final = (*UNSENT, DeliveryState.EXECUTING, DeliveryState.CANCELLED)

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planned:
    """How many reminders were planned anew, and what ended without being sent: expired or discarded."""

    count: int = 0
    ended: tuple[tuple[Due, DeliveryState], ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be written for the outbox to be as the rules ask."""

    new: list[Values] = field(default_factory=list)
    reminders: list[tuple[models.Reminder, Values]] = field(default_factory=list)
    new_deliveries: list[Values] = field(default_factory=list)
    deliveries: list[tuple[Due, Values]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


def plan(
    engine: sa.Engine, *, now: datetime, tz: ZoneInfo, channels: Collection[str], given: Mapping[str, Any]
) -> Planned:
    """Bring the outbox to what the rules ask for now.

    When nothing is to be changed, nothing is locked: a person's command never waits for an idle daemon.

    Args:
        engine: the database.
        now: the present instant, aware UTC.
        tz: the person's zone.
        channels: the names of the channels that new deliveries are for.
        given: options for the rules, see `rules.wanted`.
    """
    with reading(engine) as session:
        wanted = rules.wanted(session, now=now, tz=tz, given=given)
        if not outbox.orphans(session, now=now) and not _differences(session, wanted, channels, now):
            return Planned()
    with writing(engine, now=now, name="reminder plan", actor="daemon") as session:
        wanted = rules.wanted(session, now=now, tz=tz, given=given)
        given_up = [(each, DeliveryState.DISCARDED) for each in _rescue(session, now)]
        count, expired = _converge(session, wanted, channels, now)
        return Planned(count, (*given_up, *((each, DeliveryState.EXPIRED) for each in expired)))


def _rescue(session: Session, now: datetime) -> Iterator[Due]:
    """Put what a vanished sender held back in the queue, under the same message; gives what was tried too often."""
    for each in outbox.orphans(session, now=now):
        delivery = each.delivery
        exhausted = delivery.attempt >= delivery.max_attempts
        state = DeliveryState.DISCARDED if exhausted else DeliveryState.RETRYABLE
        error = "the sender ended before it said what came of this; it may have been sent"
        values = {"state": state.value, "not_before_at": now, "error_class": "Lost", "error": error}
        owner = delivery.lease_owner or ""
        if outbox.settle(session, [delivery], owner=owner, values=values, detail=error, now=now) and exhausted:
            yield each


def _converge(
    session: Session, wanted: Mapping[str, Reminder], channels: Collection[str], now: datetime
) -> tuple[int, list[Due]]:
    count, expired = 0, []
    for _ in range(_MOST_ROUNDS):
        changes = _differences(session, wanted, channels, now)
        if not changes:
            break
        _write(session, changes, now)
        count += len(changes.new) + sum(values.get("state") == ReminderState.OPEN for _, values in changes.reminders)
        expired += [each for each, values in changes.deliveries if values.get("state") == DeliveryState.EXPIRED]
    return count, expired


def _write(session: Session, changes: Changes, now: datetime) -> None:
    outbox.add_reminders(session, changes.new, now=now)
    for reminder, values in changes.reminders:
        outbox.change_reminder(session, reminder, values, now=now)
    outbox.add_deliveries(session, changes.new_deliveries, now=now)
    for each, values in changes.deliveries:
        outbox.change_delivery(session, each.delivery, values, now=now)


def _differences(session: Session, wanted: Mapping[str, Reminder], channels: Collection[str], now: datetime) -> Changes:
    there = outbox.standing(session, wanted)
    deliveries = outbox.deliveries_of(session, there)
    known = {each.key for each in there}
    changes = Changes(new=[asdict(each) for key, each in wanted.items() if key not in known])
    for reminder in there:
        of_it = deliveries.get(reminder.id, [])
        altered = reminder_changes(reminder, wanted.get(reminder.key), of_it)
        if altered:
            changes.reminders.append((reminder, altered))
            continue  # its deliveries follow in the next round
        changes.new_deliveries.extend(_missing(reminder, of_it, channels))
        altered_deliveries = ((Due(reminder, each), delivery_changes(reminder, each, now)) for each in of_it)
        changes.deliveries.extend((due, values) for due, values in altered_deliveries if values)
    return changes


def reminder_changes(
    reminder: models.Reminder, wanted: Reminder | None, deliveries: Collection[models.Delivery]
) -> Values:
    """What has to change in a reminder: whether it stands, and, until all of it is said, its words and times."""
    if reminder.state == ReminderState.DONE:
        return {}
    state = ReminderState.CANCELLED if wanted is None else ReminderState.OPEN
    values: Values = {} if reminder.state == state else {"state": state.value}
    if wanted and (not deliveries or any(each.state in TO_BE_SAID for each in deliveries)):
        values |= {name: value for name, value in asdict(wanted).items() if getattr(reminder, name) != value}
    return values


def delivery_changes(reminder: models.Reminder, delivery: models.Delivery, now: datetime) -> Values:
    """What has to change in a delivery, given its reminder. One that is being sent is left alone."""
    if delivery.state == DeliveryState.EXECUTING:
        return {}
    if delivery.state in UNSENT and outbox.has_expired(reminder, now=now):
        return {"state": DeliveryState.EXPIRED.value}
    if reminder.state != ReminderState.OPEN:
        return {"state": DeliveryState.CANCELLED.value} if delivery.state in UNSENT else {}
    if delivery.message_id != message_id(reminder.key, delivery.channel, reminder.snoozed_until_at):
        return _put_off(reminder, delivery) if reminder.snoozed_until_at else _not_put_off(reminder, delivery)
    when = _when(reminder)
    if delivery.state == DeliveryState.CANCELLED:
        return {"state": DeliveryState.SCHEDULED.value, "not_before_at": when}
    moved = delivery.state == DeliveryState.SCHEDULED and delivery.not_before_at != when
    return {"not_before_at": when} if moved else {}


def _when(reminder: models.Reminder) -> datetime:
    return reminder.snoozed_until_at or reminder.due_at


def _put_off(reminder: models.Reminder, delivery: models.Delivery) -> Values:
    """To be said at the chosen time, whatever became of it before."""
    return {
        "state": DeliveryState.SCHEDULED.value,
        "not_before_at": _when(reminder),
        "message_id": message_id(reminder.key, delivery.channel, reminder.snoozed_until_at),
        "max_attempts": delivery.attempt + MOST_ATTEMPTS,
        "coalesced_into": None,
        "error_class": None,
        "error": None,
    }


def _not_put_off(reminder: models.Reminder, delivery: models.Delivery) -> Values:
    """The person took the putting off back: what was said before it stays said, what was not is due as it was."""
    if delivery.state not in TO_BE_SAID:
        return {}
    said = delivery.sent_at is not None
    return {
        "state": (DeliveryState.COMPLETED if said else DeliveryState.SCHEDULED).value,
        "not_before_at": reminder.due_at,
        "message_id": message_id(reminder.key, delivery.channel, None),
    }


def _missing(
    reminder: models.Reminder, deliveries: Collection[models.Delivery], channels: Collection[str]
) -> Iterator[Values]:
    if reminder.state != ReminderState.OPEN:
        return
    for channel in channels:
        if all(each.channel != channel for each in deliveries):
            yield {
                "reminder_id": reminder.id,
                "channel": channel,
                "not_before_at": _when(reminder),
                "message_id": message_id(reminder.key, channel, reminder.snoozed_until_at),
            }
