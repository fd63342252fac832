"""Chats: the day before, an hour before with what to know for it, and when one has passed: how did it go?

What is said an hour before is urgent, and no longer worth saying once the chat has begun. The key holds the chat's day
in UTC, which moving to another time zone does not change, and for what is said on the chat's own day also its start as
it was set: a chat that is put off by some hours is announced again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.phrases import to_log
from crm.cadence import day_of, local_instant
from crm.dates import say_instant
from crm.models.words import InteractionKind, InteractionState
from crm.store import interactions
from crm.store.interactions import Chat
from reminders import prep_brief
from reminders.lines import line, offers
from reminders.naming import names
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8), "minutes_before": 60}

_MINUTES: Final = 60  # of a chat whose length nobody said
_UTC: Final = ZoneInfo("UTC")
_WORDS: Final = {
    InteractionKind.COFFEE.value: "Coffee",
    InteractionKind.CALL.value: "Call",
    InteractionKind.VIDEO.value: "Video call",
    InteractionKind.EVENT.value: "Event",
    InteractionKind.MOCK_INTERVIEW.value: "Mock interview",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the rule was asked with."""

    session: Session
    now: datetime
    tz: ZoneInfo
    options: Mapping[str, Any]


_Stage = Callable[[Chat, _Asked], Reminder | None]


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is left to say of each planned chat: announcements before it starts, one question when it is over."""
    asked, until = _Asked(session, now, tz, options), now + options["ahead"]
    # A chat is announced the day before, which can be up to two days before it starts.
    chats = interactions.chats(session, states=[InteractionState.PLANNED], before=until + timedelta(days=2))
    for chat in chats:
        for stage in _left(chat, asked):
            reminder = stage(chat, asked)
            if reminder is not None and reminder.due_at <= until:
                yield reminder


def _left(chat: Chat, asked: _Asked) -> tuple[_Stage, ...]:
    """What can still be said: the chat's own announcement takes the place of the day before's."""
    if asked.now >= chat.interaction.starts_at:
        return (_over,)
    return (_soon, _over) if asked.now >= _soon_at(chat, asked) else (_day_before, _soon, _over)


def _soon_at(chat: Chat, asked: _Asked) -> datetime:
    return chat.interaction.starts_at - timedelta(minutes=asked.options["minutes_before"])


def _day_before(chat: Chat, asked: _Asked) -> Reminder | None:
    day = day_of(chat.interaction.starts_at, asked.tz) - timedelta(days=1)
    due_at = local_instant(day, asked.options["at"], asked.tz)
    return None if chat.interaction.added_at > due_at else _announced(chat, asked, due_at, "day-before", [])


def _soon(chat: Chat, asked: _Asked) -> Reminder | None:
    """Its brief is put together when it is to be said, not two days before for every chat to come."""
    due_at = _soon_at(chat, asked)
    if chat.interaction.added_at > due_at:
        return None
    known = prep_brief.lines(asked.session, chat, now=asked.now, tz=asked.tz) if asked.now >= due_at else []
    return _announced(chat, asked, due_at, _at_start(chat, "soon"), known, urgent=True)


def _announced(
    chat: Chat, asked: _Asked, due_at: datetime, ordinal: str, known: list[str], *, urgent: bool = False
) -> Reminder:
    it = chat.interaction
    told = [f"Place: {line(it.place)}", *known] if it.place else known
    people = chat.contacts[: prep_brief.MOST_PEOPLE]
    prepare = [f"Prepare: crm prep {each.ref}" for each in people]
    ways = {
        "Another day": f"crm interaction edit {it.ref} --at 'next mon'",
        "It is called off": f"crm interaction cancel {it.ref}",
    }
    title = f"{'Starts soon' if urgent else 'Coming up'}: {_what(chat)}, {say_instant(it.starts_at, tz=asked.tz)}"
    body = "\n".join([*told, *prepare, offers(**ways)])
    return _reminder(chat, asked.tz, due_at, ordinal, title=title, body=body, expires_at=it.starts_at, urgent=urgent)


def _over(chat: Chat, asked: _Asked) -> Reminder:
    it = chat.interaction
    due_at = it.starts_at + timedelta(minutes=it.minutes or _MINUTES)
    who = [each.ref for each in chat.contacts]
    said = f"--at '{it.starts_at.astimezone(asked.tz):%Y-%m-%d %H:%M}' --note \"...\""
    log = to_log(who, it, said=said) if who else f"crm interaction edit {it.ref} --state happened"
    ways = {"Log it": log, "It did not take place": f"crm interaction missed {it.ref}"}
    body = f"It was planned for {say_instant(it.starts_at, tz=asked.tz)}.\n{offers(**ways)}"
    title, ordinal = f"How did it go? {_what(chat)}", _at_start(chat, "over")
    return _reminder(chat, asked.tz, due_at, ordinal, title=title, body=body)


def _at_start(chat: Chat, ordinal: str) -> str:
    return f"{ordinal}-{chat.interaction.starts_at.astimezone(UTC):%H%M}"


def _reminder(
    chat: Chat,
    tz: ZoneInfo,
    due_at: datetime,
    ordinal: str,
    *,
    title: str,
    body: str,
    expires_at: datetime | None = None,
    urgent: bool = False,
) -> Reminder:
    interaction = chat.interaction
    return Reminder(
        key=occurrence_key("upcoming_chat", interaction.uid, day_of(interaction.starts_at, _UTC), ordinal),
        rule="upcoming_chat",
        title=title,
        body=body,
        subject_table="interaction",
        subject_uid=interaction.uid,
        local_on=day_of(due_at, tz),
        due_at=due_at,
        expires_at=expires_at,
        urgent=urgent,
    )


def _what(chat: Chat) -> str:
    kind = _WORDS.get(chat.interaction.kind, "Chat")
    return f"{kind} with {names(chat.contacts)}" if chat.contacts else kind
