"""The fallback chain: what a channel will never deliver is handed to the next one.

It is done in the transaction that gives the delivery up, so that nothing falls between the two. What may have been
accepted is not handed on: it could be said twice.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlmodel import Session

from crm.models.words import DeliveryState
from crm.store import outbox
from crm.store.outbox import Outgoing
from reminders.message import message_id
from reminders.terms import Terms


def hand_on(session: Session, given_up: Sequence[Outgoing], terms: Terms, now: datetime) -> None:
    """Give each reminder a delivery on the next channel of the chain that it has none on, to be sent at once.

    What was not given up after all, for its claim was lost or its reminder is gone, is left alone.
    """
    if given_up and terms.outlets.fallback:
        outbox.add_deliveries(session, list(_stand_ins(session, given_up, terms, now)), now=now)


def _stand_ins(session: Session, given_up: Sequence[Outgoing], terms: Terms, now: datetime) -> Iterator[outbox.Values]:
    states = outbox.states_of(session, [each.reminder_id for each in given_up])
    for each in given_up:
        there = states.get(each.reminder_id, {})
        channel = next((name for name in terms.outlets.fallback if name not in there), None)
        if channel is not None and there.get(each.channel) == DeliveryState.DISCARDED:
            yield {
                "reminder_id": each.reminder_id,
                "channel": channel,
                "not_before_at": terms.timing.allowed_at(now, terms.tz, urgent=True),
                "message_id": message_id(each.key, channel, each.snoozed_until_at),
                "in_place_of": each.channel,
            }
