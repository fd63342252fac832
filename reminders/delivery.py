"""Delivering: claim, send, record; each of the three by itself.

The claim is committed before anything is sent, and nothing is sent inside a transaction. Between the two commits lies
the only moment at which a message can be sent twice: if the process dies there, the lease runs out and the message is
sent again, under the same id.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm import clock
from crm.errors import DeliveryError
from crm.escaping import shorten
from crm.models.words import DeliveryState
from crm.store import mentions, outbox
from crm.store.engine import reading, writing
from crm.store.outbox import MOST_ATTEMPTS, Due
from reminders.backoff import wait
from reminders.channels import Channel, Configured
from reminders.detail import Detail
from reminders.message import MOST_ITEMS_TOLD, Message, render

LEASE: Final = timedelta(minutes=5)  # far longer than any channel may take to send
LATE: Final = timedelta(minutes=15)  # what waited longer fell due while nothing ran
MOST_ALONE: Final = 5
LONGEST_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one delivery in this turn."""

    key: str
    rule: str
    title: str
    channel: str
    state: str
    error: str | None = None

    @classmethod
    def of(cls, due: Due, state: str, error: str | None = None) -> "Delivered":
        """The delivery, as it now is."""
        return cls(due.reminder.key, due.reminder.rule, due.reminder.title, due.delivery.channel, state, error)


@dataclass(frozen=True, slots=True)
class _Claim:
    owner: str
    dues: Sequence[Due]
    message: Message

    @property
    def channel(self) -> str:
        """The channel that all of them are for."""
        return self.dues[0].delivery.channel

    @property
    def carrier(self) -> Due:
        """The delivery whose message it is; the others are told in it."""
        own = (each for each in self.dues if each.delivery.message_id == self.message.message_id)
        return next(own, self.dues[0])


@dataclass(frozen=True, slots=True)
class _Failure:
    kind: str
    error: str
    permanent: bool
    unknown: bool
    held: bool = False


_End = tuple[list[Due], dict[str, Any]]


def deliver(
    engine: sa.Engine, channels: Mapping[str, Channel], *, now: datetime, tz: ZoneInfo, stop: Callable[[], bool]
) -> Iterator[Delivered]:
    """Send what is due on the channels, one message after the other, until nothing is left or `stop` says so."""
    with reading(engine) as session:
        if not outbox.is_due(session, channels, now=now):
            return
    started = clock.monotonic()
    while not stop():
        passed = timedelta(seconds=clock.monotonic() - started)
        claim = _claim(engine, channels, now=now, tz=tz, lease_until_at=now + passed + LEASE)
        if claim is None:
            return
        failure = _send(channels[claim.channel], claim.message)
        yield from _record(engine, claim, failure, now)


def _claim(
    engine: sa.Engine, channels: Mapping[str, Channel], *, now: datetime, tz: ZoneInfo, lease_until_at: datetime
) -> _Claim | None:
    """Take the next message's deliveries; None if nothing is due, or another sender was quicker."""
    with writing(engine, now=now, name="reminder claim", actor="daemon") as session:
        dues = next(groups(outbox.due(session, list(channels), now=now), now=now), None)
        if dues is None:
            return None
        message_id = dues[0].delivery.coalesced_into or dues[0].delivery.message_id
        channel = channels[dues[0].delivery.channel]
        names = isinstance(channel, Configured) and channel.detail == Detail.FIRST_NAMES
        people = mentions.mentioned(session, [each.reminder for each in dues[:MOST_ITEMS_TOLD]]) if names else ()
        message = render(dues, message_id=message_id, now=now, tz=tz, people=people)
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        whole = outbox.claim(session, dues, owner=owner, message_id=message_id, now=now, lease_until_at=lease_until_at)
        if not whole:
            session.rollback()
            return None
        return _Claim(owner, dues, message)


def groups(dues: Sequence[Due], *, now: datetime) -> Iterator[list[Due]]:
    """What goes out together, in the order of sending; each group is for one channel.

    A message of which nobody knows whether it was accepted goes out as it was. Of the rest, what fell due while nothing
    ran arrives as one message, and so does what would be too much one by one.
    """
    by_channel = sorted(dues, key=lambda each: each.delivery.channel)
    for _, group in groupby(by_channel, key=lambda each: each.delivery.channel):
        of_channel = list(group)
        fresh = [each for each in of_channel if each.delivery.coalesced_into is None]
        yield from _repeats([each for each in of_channel if each.delivery.coalesced_into])
        late = sum(each.delivery.not_before_at < now - LATE for each in fresh)
        if late > 1 or len(fresh) > MOST_ALONE:
            yield fresh
        else:
            yield from ([each] for each in fresh)


def _repeats(dues: Sequence[Due]) -> Iterator[list[Due]]:
    by_message = sorted(dues, key=lambda each: each.delivery.coalesced_into or "")
    for _, group in groupby(by_message, key=lambda each: each.delivery.coalesced_into):
        yield list(group)


def _send(channel: Channel, message: Message) -> _Failure | None:
    held = isinstance(channel, Configured) and channel.hold
    try:
        channel(message)
    except DeliveryError as error:
        return _Failure("DeliveryError", error.message, error.permanent, error.unknown, held and error.unknown)
    except Exception as error:  # noqa: BLE001 - the other broad one: a channel's fault ends one delivery, not the daemon
        return _Failure(type(error).__name__, str(error), permanent=False, unknown=True, held=held)
    return None


def _record(engine: sa.Engine, claim: _Claim, failure: _Failure | None, now: datetime) -> Iterator[Delivered]:
    error = shorten(failure.error, LONGEST_ERROR) if failure else ""
    ends = list(_failed(claim, failure, error, now) if failure else _sent(claim, now))
    recorded: list[Delivered] = []
    with writing(engine, now=now, name="reminder record", actor="daemon") as session:
        for dues, values in ends:
            deliveries = [each.delivery for each in dues]
            kept = outbox.settle(session, deliveries, owner=claim.owner, values=values, detail=error, now=now)
            state = values["state"] if kept else DeliveryState.UNKNOWN.value
            recorded += [Delivered.of(each, state, error or None) for each in dues]
    yield from recorded


def _sent(claim: _Claim, now: datetime) -> Iterator[_End]:
    values: dict[str, Any] = {"sent_at": now, "error_class": None, "error": None}
    carrier = claim.carrier
    own = carrier.delivery.message_id == claim.message.message_id
    completed = values | {"state": DeliveryState.COMPLETED.value} | ({"coalesced_into": None} if own else {})
    yield [carrier], completed
    others = [each for each in claim.dues if each is not carrier]
    if others:
        yield others, values | {"state": DeliveryState.COALESCED.value}


def _failed(claim: _Claim, failure: _Failure, error: str, now: datetime) -> Iterator[_End]:
    """To be tried again, or not. A failure of which the channel is sure frees them from the message they were in."""
    by_history = sorted(claim.dues, key=_history)
    for (attempt, most, message), group in groupby(by_history, key=_history):
        values: dict[str, Any] = {"error_class": failure.kind, "error": error}
        if not failure.unknown:
            values["coalesced_into"] = message or None
        yield list(group), values | _next_try(attempt + 1, most, failure, claim.message.message_id, now)


def _history(due: Due) -> tuple[int, int, str]:
    return due.delivery.attempt, due.delivery.max_attempts, due.delivery.coalesced_into or ""


def _next_try(attempt: int, most: int, failure: _Failure, message_id: str, now: datetime) -> dict[str, Any]:
    if failure.held:
        return {"state": DeliveryState.UNKNOWN.value}
    if failure.permanent or attempt >= most:
        return {"state": DeliveryState.DISCARDED.value}
    tries = max(1, attempt - (most - MOST_ATTEMPTS))  # since it was last put off
    return {"state": DeliveryState.RETRYABLE.value, "not_before_at": now + wait(tries, message_id)}
