"""Chats: the day before, an hour before, and when one has passed: how did it go?

The key holds the chat's day in UTC, which moving to another time zone does not change, and for what is said on the
chat's own day also its start as it was set: a chat that is put off by some hours is announced again.
"""

from collections.abc import Callable, Iterator, Mapping
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
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8), "minutes_before": 60}

_Stage = Callable[[Chat, ZoneInfo, Mapping[str, Any]], Reminder | None]

_MINUTES: Final = 60  # of a chat whose length nobody said
_UTC: Final = ZoneInfo("UTC")
_WORDS: Final = {
    InteractionKind.COFFEE.value: "Coffee",
    InteractionKind.CALL.value: "Call",
    InteractionKind.VIDEO.value: "Video call",
    InteractionKind.EVENT.value: "Event",
    InteractionKind.MOCK_INTERVIEW.value: "Mock interview",
}


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is left to say of each planned chat: announcements before it starts, one question when it is over."""
    until = now + options["ahead"]
    # A chat is announced the day before, which can be up to two days before it starts.
    chats = interactions.chats(session, states=[InteractionState.PLANNED], before=until + timedelta(days=2))
    for chat in chats:
        for stage in _left(chat, now, options):
            reminder = stage(chat, tz, options)
            if reminder is not None and reminder.due_at <= until:
                yield reminder


def _left(chat: Chat, now: datetime, options: Mapping[str, Any]) -> tuple[_Stage, ...]:
    """What can still be said: the chat's own announcement takes the place of the day before's."""
    if now >= chat.interaction.starts_at:
        return (_over,)
    soon = now >= _soon_at(chat, options)
    return (_soon, _over) if soon else (_day_before, _soon, _over)


def _soon_at(chat: Chat, options: Mapping[str, Any]) -> datetime:
    return chat.interaction.starts_at - timedelta(minutes=options["minutes_before"])


def _day_before(chat: Chat, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder | None:
    day = day_of(chat.interaction.starts_at, tz) - timedelta(days=1)
    due_at = local_instant(day, options["at"], tz)
    return None if chat.interaction.added_at > due_at else _announced(chat, tz, due_at, "day-before")


def _soon(chat: Chat, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder | None:
    due_at = _soon_at(chat, options)
    return None if chat.interaction.added_at > due_at else _announced(chat, tz, due_at, _at_start(chat, "soon"))


def _announced(chat: Chat, tz: ZoneInfo, due_at: datetime, ordinal: str) -> Reminder:
    place = f"Place: {chat.interaction.place}\n" if chat.interaction.place else ""
    prepare = f"Prepare: crm prep {chat.contacts[0].ref}" if chat.contacts else ""
    title = f"{_what(chat)}: {say_instant(chat.interaction.starts_at, tz=tz)}"
    return _reminder(chat, tz, due_at, ordinal, title=title, body=(place + prepare).rstrip())


def _over(chat: Chat, tz: ZoneInfo, _options: Mapping[str, Any]) -> Reminder:
    interaction = chat.interaction
    due_at = interaction.starts_at + timedelta(minutes=interaction.minutes or _MINUTES)
    local = interaction.starts_at.astimezone(tz)
    who = [each.ref for each in chat.contacts]
    body = f"It was planned for {say_instant(interaction.starts_at, tz=tz)}."
    if who:
        said = f"--at '{local:%Y-%m-%d %H:%M}' --note \"...\""
        body += f"\nLog it: {to_log(who, interaction, said=said)}"
    ordinal = _at_start(chat, "over")
    return _reminder(chat, tz, due_at, ordinal, title=f"How did it go? {_what(chat)}", body=body)


def _at_start(chat: Chat, ordinal: str) -> str:
    return f"{ordinal}-{chat.interaction.starts_at.astimezone(UTC):%H%M}"


def _reminder(chat: Chat, tz: ZoneInfo, due_at: datetime, ordinal: str, *, title: str, body: str) -> Reminder:
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
    )


def _what(chat: Chat) -> str:
    kind = _WORDS.get(chat.interaction.kind, "Chat")
    return f"{kind} with {chat.names()}" if chat.contacts else kind
