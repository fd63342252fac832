"""What would be said until a day, if nothing changes till then; nothing is written."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm import models
from crm.models.words import DeliveryState, ReminderState
from crm.store import outbox
from reminders import rules
from reminders.differences import TO_BE_SAID, say_at
from reminders.message import message_id
from reminders.reminder import Reminder
from reminders.timing import Timing


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
        for each in outbox.named(session, wanted)
        if each.state != ReminderState.DONE and not outbox.has_expired(each, now=now)
    ]
    return sorted(found, key=lambda each: (each.snoozed_until_at or each.due_at, each.id))


def preview(
    session: Session, *, now: datetime, until: datetime, tz: ZoneInfo, given: Mapping[str, Any], timing: Timing
) -> list[ToCome]:
    """What would be said from now on and before `until`, in that order; what is overdue would be said now."""
    wanted = rules.wanted(session, now=now, tz=tz, given={**given, "ahead": until - now})
    there = {each.key: each for each in outbox.named(session, wanted)}
    deliveries = outbox.deliveries_of(session, there.values())
    found, stages = [], _by_subject(wanted.values())
    for key, each in wanted.items():
        reminder = there.get(key)
        when = say_at(each, reminder.snoozed_until_at if reminder else None, timing=timing, now=now, tz=tz)
        of_it = deliveries.get(reminder.id, []) if reminder else []
        at = _expected_at(each, reminder, of_it, max(when, now))
        later = any(
            each.due_at < other <= max(at or now, now) for other in stages.get((each.rule, each.subject_uid), ())
        )
        if at is not None and max(at, now) < until and not later:
            found.append(ToCome(key, each.rule, each.title, each.body, max(at, now)))
    return sorted(found, key=lambda each: (each.say_at, each.key))


def _by_subject(wanted: Iterable[Reminder]) -> dict[tuple[str, str | None], list[datetime]]:
    """When the stages of each subject are due: by the time a later one is, only that is said."""
    found: dict[tuple[str, str | None], list[datetime]] = {}
    for each in wanted:
        if each.subject_uid is not None:
            found.setdefault((each.rule, each.subject_uid), []).append(each.due_at)
    return found


def _expected_at(
    wanted: Reminder, reminder: models.Reminder | None, deliveries: Collection[models.Delivery], when: datetime
) -> datetime | None:
    """When it is said that is to be said at `when`; None when it was, or is not to be said any more."""
    put_off = reminder.snoozed_until_at if reminder else None
    if put_off is None and wanted.expires_at is not None and wanted.expires_at <= when:
        return None
    if reminder is None or reminder.state == ReminderState.DONE:
        return when if reminder is None else None
    if put_off and any(each.message_id != message_id(reminder.key, each.channel, put_off) for each in deliveries):
        return when
    waiting = [each for each in deliveries if each.state in TO_BE_SAID]
    if deliveries and not waiting:
        return None
    tried = [each.not_before_at for each in waiting if each.state == DeliveryState.RETRYABLE]
    return min(tried, default=when)
