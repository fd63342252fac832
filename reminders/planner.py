"""Planning: the outbox is brought to what the rules ask for, so that doing it again changes nothing.

What stands is compared with what the rules ask for, and the differences are written, some hundred reminders at a time:
a first start with very many overdue things takes no more memory than a few.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models.words import DeliveryState, ReminderState
from crm.store import outbox
from crm.store.engine import reading, writing
from crm.store.outbox import Outgoing
from reminders import rules
from reminders.backoff import in_doubt
from reminders.delivered import Delivered
from reminders.differences import UNSERVED_AFTER, Changes, compare
from reminders.reminder import Reminder
from reminders.terms import Terms

# A reminder settles in four rounds: it is written, then its deliveries, then what of them has expired, then nothing.
_MOST_ROUNDS: Final = 5
_PART: Final = 500  # reminders at a time
_LOST: Final = "the sender ended before it said what came of this; it may have been sent"


@dataclass(frozen=True, slots=True)
class Planned:
    """How many reminders were planned anew, and what ended without being sent: expired, discarded or unknown."""

    count: int = 0
    ended: tuple[Delivered, ...] = ()


def plan(engine: sa.Engine, terms: Terms, *, now: datetime) -> Planned:
    """Bring the outbox to what the rules ask for now.

    When nothing is to be changed, nothing is locked: a person's command never waits for an idle daemon.

    Args:
        engine: the database.
        terms: the zone, the rules' options, when something may be said, and the channels of new deliveries.
        now: the present instant, aware UTC.
    """
    if _is_settled(engine, terms, now):
        return Planned()
    with writing(engine, now=now, name="reminder plan", actor="daemon") as session:
        wanted = rules.wanted(session, now=now, tz=terms.tz, given=terms.given)
        ended, count = list(_rescue(session, terms, now)), 0
        for keys in _parts(session, wanted):
            part = _converge(session, keys, wanted, terms, now)
            count += part.count
            ended += part.ended
        return Planned(count, tuple(ended))


def _is_settled(engine: sa.Engine, terms: Terms, now: datetime) -> bool:
    """Whether the outbox is as the rules ask."""
    with reading(engine) as session:
        if _lost(session, terms, now):
            return False
        wanted = rules.wanted(session, now=now, tz=terms.tz, given=terms.given)
        return not any(_differences(session, keys, wanted, terms, now) for keys in _parts(session, wanted))


def _parts(session: Session, wanted: Mapping[str, Reminder]) -> Iterator[Sequence[str]]:
    """The keys of all that is wanted or still active, so many at a time."""
    keys = [*wanted, *(key for key in outbox.active_keys(session) if key not in wanted)]
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))


def _differences(
    session: Session, keys: Sequence[str], wanted: Mapping[str, Reminder], terms: Terms, now: datetime
) -> Changes:
    there = outbox.named(session, keys)
    some = {key: wanted[key] for key in keys if key in wanted}
    return compare(some, there, outbox.deliveries_of(session, there), terms, now)


def _converge(
    session: Session, keys: Sequence[str], wanted: Mapping[str, Reminder], terms: Terms, now: datetime
) -> Planned:
    count, ended = 0, []
    for _ in range(_MOST_ROUNDS):
        changes = _differences(session, keys, wanted, terms, now)
        if not changes:
            break
        _write(session, changes, now)
        count += len(changes.new) + sum(values.get("state") == ReminderState.OPEN for _, values in changes.reminders)
        expired = [each for each, values in changes.deliveries if values.get("state") == DeliveryState.EXPIRED]
        ended += [Delivered.of_due(each, DeliveryState.EXPIRED.value, each.delivery.error) for each in expired]
    return Planned(count, tuple(ended))


def _write(session: Session, changes: Changes, now: datetime) -> None:
    outbox.add_reminders(session, changes.new, now=now)
    outbox.change_reminders(session, changes.reminders, now=now)
    outbox.add_deliveries(session, changes.new_deliveries, now=now)
    outbox.change_deliveries(session, [(due.delivery, values) for due, values in changes.deliveries], now=now)


# What a vanished sender left


def _lost(session: Session, terms: Terms, now: datetime) -> dict[tuple[str, DeliveryState], list[Outgoing]]:
    """What a vanished sender held, by its claim and by what is to become of it."""
    found: dict[tuple[str, DeliveryState], list[Outgoing]] = {}
    for each in outbox.orphans(session, now=now):
        state = _state_after_loss(each, terms, now)
        if state is not None:
            found.setdefault((each.lease_owner or "", state), []).append(each)
    return found


def _state_after_loss(each: Outgoing, terms: Terms, now: datetime) -> DeliveryState | None:
    """None leaves it to those who serve its channel, for they know whether it is to be held; for a week."""
    if each.channel not in terms.outlets.everywhere:
        gone = each.lease_until_at is None or each.lease_until_at <= now - UNSERVED_AFTER
        return DeliveryState.UNKNOWN if gone else None
    return in_doubt(each.attempt, each.max_attempts, held=each.channel in terms.outlets.held)


def _rescue(session: Session, terms: Terms, now: datetime) -> Iterator[Delivered]:
    """Put what was lost back in the queue, under the same message; gives what is not tried again."""
    for (owner, state), some in _lost(session, terms, now).items():
        values = {"state": state.value, "not_before_at": now, "error_class": "Lost", "error": _LOST}
        outbox.settle(session, some, owner=owner, values=values, detail=_LOST, now=now)
        if state != DeliveryState.RETRYABLE:
            yield from (Delivered.of(each, state.value, _LOST) for each in some)
