"""What has to be written for the outbox to be as the rules ask: pure comparison of what stands with what is asked for.

A new occurrence gets a reminder and a delivery for each channel. What no longer stands is cancelled, and comes back if
it stands again (after an undo) and was not said. What a person marked done stays unsaid, and what a person put off is
said at that time, once more if it was said before.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from crm import models
from crm.cadence import day_of, local_instant
from crm.models.words import DeliveryState, ReminderState
from crm.store import outbox
from crm.store.outbox import MOST_ATTEMPTS, UNSENT, Due
from reminders.message import message_id
from reminders.reminder import Reminder
from reminders.terms import Terms
from reminders.timing import Timing

TO_BE_SAID: Final = (*UNSENT, DeliveryState.EXECUTING, DeliveryState.CANCELLED)
UNSERVED_AFTER: Final = timedelta(days=7)  # so long another machine may need to come back to its channel
_NAMES: Final = tuple(each.name for each in fields(Reminder))

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be written."""

    new: list[Values] = field(default_factory=list)
    reminders: list[tuple[models.Reminder, Values]] = field(default_factory=list)
    new_deliveries: list[Values] = field(default_factory=list)
    deliveries: list[tuple[Due, Values]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.new or self.reminders or self.new_deliveries or self.deliveries)


def compare(
    wanted: Mapping[str, Reminder],
    there: Sequence[models.Reminder],
    deliveries: Mapping[int, Sequence[models.Delivery]],
    terms: Terms,
    now: datetime,
) -> Changes:
    """What has to be written for the reminders that are there to be those that are wanted.

    Args:
        wanted: what the rules ask for, by key.
        there: the reminders with those keys, and others that no rule asks for.
        deliveries: theirs, by the reminder's id.
        terms: the zone, when and where something may be said.
        now: the present instant, aware UTC.
    """
    known = {each.key for each in there}
    changes = Changes(new=[_values(each) for key, each in wanted.items() if key not in known])
    for reminder in there:
        of_it = deliveries.get(reminder.id, ())
        altered = _reminder_changes(reminder, wanted.get(reminder.key), of_it)
        if altered:
            changes.reminders.append((reminder, altered))
            continue  # its deliveries follow in the next round
        changes.new_deliveries.extend(_missing(reminder, of_it, terms, now))
        altered_deliveries = ((Due(reminder, each), _delivery_changes(reminder, each, terms, now)) for each in of_it)
        changes.deliveries.extend((due, values) for due, values in altered_deliveries if values)
    return changes


def say_at(
    reminder: models.Reminder | Reminder, put_off_to: datetime | None, *, timing: Timing, now: datetime, tz: ZoneInfo
) -> datetime:
    """From when on it is to be said (aware UTC): never in quiet hours, and what is not urgent on a working day.

    What the person put off is said when they asked for it, unless that is in quiet hours. What is urgent and would
    expire in quiet hours is said before they begin. What would have expired by the next working day is said on a day
    off, and so is, on its own day, what nobody could say on the working day before. What is overdue gives its own past
    instant if it may be said now, else the next instant at which it may be.
    """
    instant = put_off_to or reminder.due_at
    if reminder.urgent or put_off_to is not None:
        found = _moved(instant, timing, now, tz, urgent=True)
        too_late = put_off_to is None and reminder.expires_at is not None and found >= reminder.expires_at
        return timing.before_quiet(instant, tz) if too_late else found
    found, today = _moved(instant, timing, now, tz, urgent=False), day_of(now, tz)
    too_late = reminder.expires_at is not None and found >= reminder.expires_at
    if day_of(instant, tz) < reminder.local_on and today <= reminder.local_on < day_of(found, tz):
        too_late, instant = True, local_instant(reminder.local_on, timing.at, tz)
    return _moved(instant, timing, now, tz, urgent=True) if too_late else found


def _moved(instant: datetime, timing: Timing, now: datetime, tz: ZoneInfo, *, urgent: bool) -> datetime:
    own, here = (timing.allowed_at(each, tz, urgent=urgent) for each in (instant, now))
    return here if own <= now < here else own


def _values(wanted: Reminder) -> Values:
    return {name: getattr(wanted, name) for name in _NAMES}


def _reminder_changes(
    reminder: models.Reminder, wanted: Reminder | None, deliveries: Collection[models.Delivery]
) -> Values:
    """What has to change in a reminder: whether it stands, and, until all of it is said, its words and times."""
    if reminder.state == ReminderState.DONE:
        return {}
    state = ReminderState.CANCELLED if wanted is None else ReminderState.OPEN
    values: Values = {} if reminder.state == state else {"state": state.value}
    if wanted and not _is_settled(deliveries):
        values |= {name: value for name, value in _values(wanted).items() if getattr(reminder, name) != value}
    return values


def _is_settled(deliveries: Collection[models.Delivery]) -> bool:
    """Whether all is said that will be: what was said keeps the words and times it was said with, in any zone."""
    if any(each.state in UNSENT or each.state == DeliveryState.EXECUTING for each in deliveries):
        return False
    return any(each.sent_at or each.state != DeliveryState.CANCELLED for each in deliveries)


def _delivery_changes(reminder: models.Reminder, delivery: models.Delivery, terms: Terms, now: datetime) -> Values:
    """What has to change in a delivery, given its reminder. One that is being sent is left alone."""
    waits = delivery.state in UNSENT
    if delivery.state == DeliveryState.EXPIRED and _may_be_said_after_all(reminder, delivery, now):
        return {"state": DeliveryState.SCHEDULED.value, "not_before_at": _when(reminder, terms, now)}
    if waits and outbox.has_expired(reminder, now=now):
        return {"state": DeliveryState.EXPIRED.value}
    if delivery.state == DeliveryState.EXECUTING or reminder.state != ReminderState.OPEN:
        return {"state": DeliveryState.CANCELLED.value} if waits else {}
    if delivery.channel not in terms.outlets.known:
        return _unserved(delivery, now)
    return _standing_changes(reminder, delivery, _when(reminder, terms, now), now)


def _may_be_said_after_all(reminder: models.Reminder, delivery: models.Delivery, now: datetime) -> bool:
    """Whether it expired by a clock that was wrong, and has been put right since."""
    unsaid = reminder.state == ReminderState.OPEN and delivery.sent_at is None
    return unsaid and not outbox.has_expired(reminder, now=now)


def _standing_changes(reminder: models.Reminder, delivery: models.Delivery, when: datetime, now: datetime) -> Values:
    """What has to change in a delivery of an open reminder that is to be said from `when` on."""
    put_off_to = reminder.snoozed_until_at
    if delivery.message_id != message_id(reminder.key, delivery.channel, put_off_to):
        anew = put_off_to is not None and not _was_said_since(put_off_to, delivery, now)
        return _put_off(reminder, delivery, when) if anew else _not_put_off(delivery, reminder, when)
    if delivery.state == DeliveryState.CANCELLED:
        return {"state": DeliveryState.SCHEDULED.value, "not_before_at": when, "error_class": None, "error": None}
    moved = delivery.state == DeliveryState.SCHEDULED and delivery.not_before_at != when
    return {"not_before_at": when} if moved and max(delivery.not_before_at, when) > now else {}


def _was_said_since(put_off_to: datetime, delivery: models.Delivery, now: datetime) -> bool:
    """Whether a later putting off was taken back; what was sent by a clock that ran ahead counts for nothing here."""
    return delivery.sent_at is not None and put_off_to <= delivery.sent_at <= now


def _when(reminder: models.Reminder, terms: Terms, now: datetime) -> datetime:
    return say_at(reminder, reminder.snoozed_until_at, timing=terms.timing, now=now, tz=terms.tz)


def _unserved(delivery: models.Delivery, now: datetime) -> Values:
    """What waits for a channel that nobody serves any more ends visibly; the channel's return brings it back."""
    if delivery.state not in UNSENT or delivery.not_before_at > now - UNSERVED_AFTER:
        return {}
    error = f"nothing has been sent on {delivery.channel} for a week, and it is no channel here"
    return {"state": DeliveryState.CANCELLED.value, "error_class": "Unserved", "error": error}


def _put_off(reminder: models.Reminder, delivery: models.Delivery, when: datetime) -> Values:
    """To be said at the chosen time, whatever became of it before."""
    return {
        "state": DeliveryState.SCHEDULED.value,
        "not_before_at": when,
        "message_id": message_id(reminder.key, delivery.channel, reminder.snoozed_until_at),
        "max_attempts": delivery.attempt + MOST_ATTEMPTS,
        "coalesced_into": None,
        "error_class": None,
        "error": None,
    }


def _not_put_off(delivery: models.Delivery, reminder: models.Reminder, when: datetime) -> Values:
    """The person took the last putting off back: what was said before stays said, what was not is due as it was."""
    if delivery.state not in TO_BE_SAID:
        return {}
    said = delivery.sent_at is not None
    return {
        "state": (DeliveryState.COMPLETED if said else DeliveryState.SCHEDULED).value,
        "not_before_at": when,
        "message_id": message_id(reminder.key, delivery.channel, reminder.snoozed_until_at),
    }


def _missing(
    reminder: models.Reminder, deliveries: Collection[models.Delivery], terms: Terms, now: datetime
) -> Iterator[Values]:
    if reminder.state != ReminderState.OPEN:
        return
    there = {each.channel for each in deliveries}
    for channel in terms.outlets.channels:
        if channel not in there:
            yield {
                "reminder_id": reminder.id,
                "channel": channel,
                "not_before_at": _when(reminder, terms, now),
                "message_id": message_id(reminder.key, channel, reminder.snoozed_until_at),
            }
