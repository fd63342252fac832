"""What would be said until a day, if nothing changes till then; nothing is written."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm import models
from crm.models.words import DeliveryState, ReminderState
from crm.store import outbox
from reminders import rules
from reminders.message import message_id
from reminders.planner import TO_BE_SAID
from reminders.reminder import Reminder


@dataclass(frozen=True, slots=True)
class ToCome:
    """One reminder, and when it would be said (aware UTC)."""

    key: str
    rule: str
    title: str
    body: str
    say_at: datetime


def asking(session: Session, *, now: datetime, tz: ZoneInfo, given: Mapping[str, Any]) -> list[models.Reminder]:
    """The reminders that still ask for something, by when they are due or were put off to.

    The rules are asked, not only the table: what was done or undone since the last turn counts already.
    """
    wanted = rules.wanted(session, now=now, tz=tz, given=given)
    found = [
        each
        for each in outbox.standing(session, wanted)
        if each.key in wanted and each.state != ReminderState.DONE and not outbox.has_expired(each, now=now)
    ]
    return sorted(found, key=lambda each: (each.snoozed_until_at or each.due_at, each.id))


def preview(
    session: Session, *, now: datetime, until: datetime, tz: ZoneInfo, given: Mapping[str, Any]
) -> list[ToCome]:
    """What would be said from now on and before `until`, in that order; what is overdue would be said now."""
    wanted = rules.wanted(session, now=now, tz=tz, given={**given, "ahead": until - now})
    there = {each.key: each for each in outbox.standing(session, wanted)}
    deliveries = outbox.deliveries_of(session, there.values())
    found = []
    for key, each in wanted.items():
        reminder = there.get(key)
        say_at = _say_at(each, reminder, deliveries.get(reminder.id, []) if reminder else [], now)
        if say_at is not None and max(say_at, now) < until:
            found.append(ToCome(key, each.rule, each.title, each.body, max(say_at, now)))
    return sorted(found, key=lambda each: (each.say_at, each.key))


def _say_at(
    wanted: Reminder, reminder: models.Reminder | None, deliveries: Collection[models.Delivery], now: datetime
) -> datetime | None:
    """When it is due to be said; None when it was, or is not to be said any more."""
    if reminder is None:
        return None if wanted.expires_at and wanted.expires_at <= now else wanted.due_at
    if reminder.state == ReminderState.DONE or outbox.has_expired(reminder, now=now):
        return None
    put_off = reminder.snoozed_until_at
    if put_off and any(each.message_id != message_id(reminder.key, each.channel, put_off) for each in deliveries):
        return put_off
    waiting = [each for each in deliveries if each.state in TO_BE_SAID]
    if deliveries and not waiting:
        return None
    tried = [each.not_before_at for each in waiting if each.state == DeliveryState.RETRYABLE]
    return min(tried, default=put_off or wanted.due_at)
