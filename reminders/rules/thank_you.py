"""Thanks after a talk: on the next morning, until a message to them is logged or a week has passed since the talk.

A talk is a coffee, call, video call, event or mock interview that happened. One reminder names everybody who was there
and to whom nothing went out since: no message, and no later talk, whose own reminder asks for thanks then. Of a talk
that is logged a week late or more, as by an import, nothing is said. The key holds the talk and its day in UTC, which
moving to another time zone does not change. It is silent about tier none, sources and archived people.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.phrases import say_kind
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models import Contact
from crm.models.words import TALKS, ContactKind, Direction, InteractionState, Tier
from crm.store import interactions
from crm.store.interactions import Chat
from reminders.lines import offers
from reminders.naming import names
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8)}
_DAYS: Final = 7
_MOST_TYPED: Final = 5
_UTC: Final = ZoneInfo("UTC")


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each talk of the last days, if somebody who was there is not thanked yet."""
    since = now - timedelta(days=_DAYS + 2)  # a day may be longer than another by a change of the clock or the zone
    recent = interactions.chats(session, states=[InteractionState.HAPPENED], since=since)
    for place, chat in enumerate(recent):
        people = _not_thanked(chat, recent[place + 1 :])
        if chat.interaction.kind in TALKS and people:
            reminder = _reminder(chat, people, tz, options)
            if reminder.due_at <= now + options["ahead"] and (reminder.expires_at or now) > now:
                yield reminder


def _not_thanked(chat: Chat, later: Sequence[Chat]) -> list[Contact]:
    """Those who were there, are tended, and whom nothing went out to since."""
    reached = {each.id for one in later if one.interaction.direction == Direction.OUT for each in one.contacts}
    return [
        each
        for each in chat.contacts
        if each.id not in reached
        and each.kind == ContactKind.PERSON
        and each.tier != Tier.NONE
        and each.archived_at is None
    ]


def _reminder(chat: Chat, people: Sequence[Contact], tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder:
    talk = chat.interaction
    talked_on = day_of(talk.starts_at, tz)
    day = talked_on + timedelta(days=1)
    return Reminder(
        key=occurrence_key("thank_you", talk.uid, day_of(talk.starts_at, _UTC)),
        rule="thank_you",
        title=f"Thank {names(people)} for the {say_kind(talk.kind)}",
        body=f"It was {say_day(talked_on)}.\n{_ways(people)}",
        subject_table="interaction",
        subject_uid=talk.uid,
        local_on=day,
        due_at=local_instant(day, options["at"], tz),
        expires_at=local_instant(talked_on + timedelta(days=_DAYS), options["at"], tz),
    )


def _ways(people: Sequence[Contact]) -> str:
    who = " ".join(each.ref for each in people[:_MOST_TYPED])
    ways = offers(Once_you_have=f'crm log-contact {who} --kind message --note "..."')
    return f"{ways}\nThe others likewise." if len(people) > _MOST_TYPED else ways
