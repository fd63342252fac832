"""How the outbox is: what each channel did last, and what waits for the person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Attempt, DaemonStatus, Delivery, Reminder
from crm.models.words import DeliveryState, ReminderState
from crm.store.outbox import ENDED_UNSAID, UNSENT, Due
from crm.store.shape import table_of

_FAILED: Final = (DeliveryState.RETRYABLE, DeliveryState.DISCARDED, DeliveryState.UNKNOWN)
_DELIVERIES, _ATTEMPTS = table_of(Delivery), table_of(Attempt)
_DAEMONS = table_of(DaemonStatus)


@dataclass(frozen=True, slots=True)
class Spoken:
    """When a channel last took a message and when it last did not, and why; None where it never happened."""

    last_sent_at: datetime | None = None
    last_failed_at: datetime | None = None
    last_error: str | None = None


def by_channel(session: Session) -> dict[str, Spoken]:
    """What each channel did last, as far as history is kept."""
    sent_at = sa.func.max(_DELIVERIES.c.sent_at)
    sent = session.connection().execute(sa.select(_DELIVERIES.c.channel, sent_at).group_by(_DELIVERIES.c.channel))
    by_name = {channel: Spoken(at) for channel, at in sent}
    joined = _ATTEMPTS.join(_DELIVERIES)
    latest = sa.select(sa.func.max(_ATTEMPTS.c.id)).select_from(joined).where(_ATTEMPTS.c.outcome.in_(_FAILED))
    columns = (_DELIVERIES.c.channel, _ATTEMPTS.c.ended_at, _ATTEMPTS.c.detail)
    failed = sa.select(*columns).select_from(joined).where(_ATTEMPTS.c.id.in_(latest.group_by(_DELIVERIES.c.channel)))
    for channel, at, why in session.connection().execute(failed):
        by_name[channel] = Spoken(by_name[channel].last_sent_at, at, why)
    return by_name


def undelivered(session: Session) -> list[Due]:
    """What waits for the person: of open reminders, each once with its newest failure, the longest due first.

    Those that may have been accepted and are held, and those that no channel has said and none will: every delivery of
    theirs was refused for good, is held, or is for a channel that nobody serves.
    """
    lively = sa.select(_DELIVERIES.c.reminder_id).where(_DELIVERIES.c.state.not_in(ENDED_UNSAID))
    stuck = (col(Delivery.state) == DeliveryState.UNKNOWN) | col(Reminder.id).not_in(lively)
    query = select(Reminder, Delivery).join(Delivery).where(col(Reminder.state) == ReminderState.OPEN, stuck)
    order = (col(Reminder.due_at), col(Reminder.id), col(Delivery.updated_at), col(Delivery.id))
    found = {reminder.key: Due(reminder, delivery) for reminder, delivery in session.exec(query.order_by(*order))}
    return list(found.values())


def waiting_on(session: Session, keys: Sequence[str]) -> dict[str, set[str]]:
    """The channels on which something of the reminders with these keys is still to be sent."""
    query = select(Reminder.key, Delivery.channel).join(Delivery).where(col(Delivery.state).in_(UNSENT))
    wanted, found = set(keys), dict[str, set[str]]()
    for key, channel in session.exec(query):
        if key in wanted:
            found.setdefault(key, set()).add(channel)
    return found


def last_turn_at(session: Session, *, before: datetime) -> datetime | None:
    """The last sign of a turn before that instant (both aware UTC); None where there is none.

    A daemon notes each turn. Of a turn that was taken by hand or from cron only what it planned or sent tells.
    """
    signs = [
        sa.select(sa.func.max(_DAEMONS.c.last_tick_at)).where(_DAEMONS.c.last_tick_at < before).scalar_subquery(),
        *(
            sa.select(at).where(at < before).order_by(number.desc()).limit(1).scalar_subquery()
            for at, number in ((_DELIVERIES.c.added_at, _DELIVERIES.c.id), (_ATTEMPTS.c.started_at, _ATTEMPTS.c.id))
        ),
    ]
    return max((at for at in session.connection().execute(sa.select(*signs)).one() if at is not None), default=None)
