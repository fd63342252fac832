"""Delivering: claim, send, record; each of the three by itself.

The claim is committed before anything is sent, and nothing is sent inside a transaction. Between the two commits lies
the only moment at which a message can be sent twice: if the process dies there, the lease runs out and the message is
sent again, under the same id. A record that cannot be written is tried again, since what came of it is known here only.
"""

import os
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from crm import clock
from crm.errors import DeliveryError
from crm.escaping import shorten
from crm.models.words import DeliveryState
from crm.privacy import Detail
from crm.store import mentions, outbox, outbox_report
from crm.store.engine import reading, writing
from crm.store.outbox import MOST_ATTEMPTS, Outgoing
from reminders import fallback
from reminders.backoff import in_doubt, wait
from reminders.channels import Channel, Configured
from reminders.delivered import Delivered
from reminders.grouping import groups
from reminders.insist import insist
from reminders.message import MOST_ITEMS_TOLD, Message, render
from reminders.terms import Terms

LEASE: Final = timedelta(minutes=5)  # far longer than any channel may take to send
LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class _Claim:
    owner: str
    dues: Sequence[Outgoing]
    message: Message

    @property
    def channel(self) -> str:
        """The channel that all of them are for."""
        return self.dues[0].channel

    @property
    def carrier(self) -> Outgoing:
        """The delivery whose message it is; the others are told in it."""
        own = (each for each in self.dues if each.message_id == self.message.message_id)
        return next(own, self.dues[0])


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a message was not delivered.

    `ends_turn` says that the channel will not take another just now, `wait_seconds` for how long it asked to be left.
    """

    kind: str
    error: str
    permanent: bool = False
    unknown: bool = False
    held: bool = False
    ends_turn: bool = False
    wait_seconds: int = 0


_End = tuple[list[Outgoing], dict[str, Any]]


def deliver(engine: sa.Engine, terms: Terms, *, now: datetime, stop: Callable[[], bool]) -> Iterator[Delivered]:
    """Send what is due, one message after the other, until nothing is left or `stop` says so; in quiet hours nothing.

    A channel that cannot be reached is left out for the rest of the turn, so that it holds up no other.
    """
    channels, started = dict(terms.outlets.everywhere), clock.monotonic()
    with reading(engine) as session:
        if not outbox.is_due(session, channels, now=now):
            return
        off_since = outbox_report.last_turn_at(session, before=now)
    while not stop():
        at = now + timedelta(seconds=clock.monotonic() - started)
        if terms.timing.quiet_until(at, terms.tz):
            return
        claim = _claim(engine, terms, channels, now=now, lease_until_at=at + LEASE, off_since=off_since)
        if claim is None:
            return
        failure = _send(channels[claim.channel], claim.message)
        yield from _record(engine, terms, claim, failure, now)
        if failure and failure.ends_turn:
            del channels[claim.channel]


def _claim(
    engine: sa.Engine,
    terms: Terms,
    channels: Collection[str],
    *,
    now: datetime,
    lease_until_at: datetime,
    off_since: datetime | None,
) -> _Claim | None:
    """Take the next message's deliveries; None if nothing is due, or another sender was quicker."""
    with writing(engine, now=now, name="reminder claim", actor="daemon") as session:
        due = outbox.due(session, channels, now=now)
        dues = next(groups(due, now=now, digest=terms.timing.digest), None)
        if dues is None:
            return None
        message_id = dues[0].coalesced_into or dues[0].message_id
        told = outbox.told(session, dues[:MOST_ITEMS_TOLD])
        names = _names_people(terms.outlets.everywhere[dues[0].channel])
        people = mentions.mentioned(session, told) if names else ()
        message = render(dues, told, message_id=message_id, now=now, tz=terms.tz, off_since=off_since, people=people)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        whole = outbox.claim(session, dues, owner=owner, message_id=message_id, now=now, lease_until_at=lease_until_at)
        if not whole:
            session.rollback()
            return None
        return _Claim(owner, dues, message)


def _names_people(channel: Channel) -> bool:
    return isinstance(channel, Configured) and channel.detail == Detail.FIRST_NAMES


def _send(channel: Channel, message: Message) -> _Failure | None:
    hold = isinstance(channel, Configured) and channel.hold
    try:
        channel(message)
    except DeliveryError as error:
        return _Failure(
            kind="DeliveryError",
            error=error.message,
            permanent=error.permanent,
            unknown=error.unknown,
            held=hold and error.unknown,
            ends_turn=not error.permanent,
            wait_seconds=error.wait_seconds,
        )
    except Exception as error:  # noqa: BLE001 - the other broad one: a channel's fault ends one delivery, not the daemon
        return _Failure(type(error).__name__, str(error), unknown=True, held=hold)
    return None


def _record(
    engine: sa.Engine, terms: Terms, claim: _Claim, failure: _Failure | None, now: datetime
) -> Iterator[Delivered]:
    error = shorten(failure.error, LONGEST_ERROR) if failure else ""
    ends = list(_failed(claim, failure, error, terms, now) if failure else _sent(claim, now))

    def write() -> list[Delivered]:
        recorded: list[Delivered] = []
        with writing(engine, now=now, name="reminder record", actor="daemon") as session:
            for dues, values in ends:
                kept = outbox.settle(session, dues, owner=claim.owner, values=values, detail=error, now=now)
                state = values["state"] if kept else DeliveryState.UNKNOWN.value
                if values["state"] == DeliveryState.DISCARDED:
                    fallback.hand_on(session, dues, terms, now)
                recorded += [Delivered.of(each, state, error or None) for each in dues]
        return recorded

    yield from insist(write)


def _sent(claim: _Claim, now: datetime) -> Iterator[_End]:
    values: dict[str, Any] = {"sent_at": now, "error_class": None, "error": None}
    carrier = claim.carrier
    own = carrier.message_id == claim.message.message_id
    completed = values | {"state": DeliveryState.COMPLETED.value} | ({"coalesced_into": None} if own else {})
    yield [carrier], completed
    others = [each for each in claim.dues if each is not carrier]
    if others:
        yield others, values | {"state": DeliveryState.COALESCED.value}


def _failed(claim: _Claim, failure: _Failure, error: str, terms: Terms, now: datetime) -> Iterator[_End]:
    """To be tried again, or not. A failure of which the channel is sure frees them from the message they were in."""
    by_history = sorted(claim.dues, key=_history)
    for (attempt, most, message), group in groupby(by_history, key=_history):
        values: dict[str, Any] = {"error_class": failure.kind, "error": error}
        if not failure.unknown:
            values["coalesced_into"] = message or None
        asked = timedelta(seconds=failure.wait_seconds)
        again_at = now + max(asked, wait(_tries(attempt + 1, most), claim.message.message_id))
        allowed_at = terms.timing.allowed_at(again_at, terms.tz, urgent=True)
        yield list(group), values | _next_try(failure, allowed_at, attempt + 1, most)


def _history(due: Outgoing) -> tuple[int, int, str]:
    return due.attempt, due.max_attempts, due.coalesced_into or ""


def _tries(attempt: int, most: int) -> int:
    """How often it was tried since it was last put off."""
    return max(1, attempt - (most - MOST_ATTEMPTS))


def _next_try(failure: _Failure, again_at: datetime, tries: int, most: int) -> dict[str, Any]:
    if failure.unknown:
        state = in_doubt(tries, most, held=failure.held)
    else:
        given_up = failure.permanent or tries >= most
        state = DeliveryState.DISCARDED if given_up else DeliveryState.RETRYABLE
    return {"state": state.value} | ({"not_before_at": again_at} if state == DeliveryState.RETRYABLE else {})
