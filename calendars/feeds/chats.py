"""Chats to come; one that was cancelled or missed stays, marked as cancelled."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import window
from calendars.entry import Entry
from calendars.identity import identity
from calendars.wording import introduce, paragraphs
from crm.actions.phrases import to_log
from crm.models import Question
from crm.models.words import InteractionKind, InteractionState
from crm.store import feeds

TITLE = "Chats"
FILLED_BY = "crm schedule Jane fri 14:30"

_HALF_AN_HOUR = 30
_MINUTES = {InteractionKind.EVENT.value: 120, InteractionKind.MOCK_INTERVIEW.value: 60}
_ALARMS = (24 * 60, 60)
_MOST_QUESTIONS = 7
_WORDS = {
    InteractionKind.COFFEE.value: "Coffee with",
    InteractionKind.CALL.value: "Call with",
    InteractionKind.VIDEO.value: "Video call with",
    InteractionKind.MESSAGE.value: "Message to",
    InteractionKind.EMAIL.value: "E-mail to",
    InteractionKind.LINKEDIN.value: "LinkedIn message to",
    InteractionKind.EVENT.value: "Event with",
    InteractionKind.MOCK_INTERVIEW.value: "Mock interview with",
}


def entries(session: Session, *, now: datetime, tz: ZoneInfo) -> Iterator[Entry]:
    """One for each chat in the window that is planned, cancelled or missed."""
    since, before = window.instants(now, tz)
    for chat in feeds.chats(session, since=since, before=before):
        yield _entry(chat)


def _entry(chat: feeds.Chat) -> Entry:
    interaction = chat.interaction
    planned = interaction.state == InteractionState.PLANNED
    return Entry(
        **identity(
            "chat",
            interaction,
            others=[each.contact for each in chat.people],
            also=chat.asked_at if planned else None,
        ),
        summary=_summary(chat),
        starts=interaction.starts_at,
        minutes=interaction.minutes or _MINUTES.get(interaction.kind, _HALF_AN_HOUR),
        description=_description(chat),
        location=interaction.place or "",
        categories=("Chat",),
        status="confirmed" if planned else "cancelled",
        transparent=not planned,
        alarms=_ALARMS,
    )


def _summary(chat: feeds.Chat) -> str:
    words = _WORDS.get(chat.interaction.kind, "Chat with")
    return f"{words} {chat.chat.names()}" if chat.people else words.rpartition(" ")[0]


def _description(chat: feeds.Chat) -> str:
    planned = chat.interaction.state == InteractionState.PLANNED
    return paragraphs(
        "" if planned else f"This was {chat.interaction.state}.",
        *(introduce(each) for each in chat.people),
        chat.interaction.note,
        _to_ask(chat.questions) if planned else "",
        _what_to_do(chat, planned=planned),
    )


def _to_ask(questions: tuple[Question, ...]) -> str:
    if not questions:
        return ""
    told = [f"- {each.ref} {each.text}" for each in questions[:_MOST_QUESTIONS]]
    more = len(questions) - len(told)
    return "\n".join(["To ask:", *told, *([f"and {more} more: crm question list"] if more else [])])


def _what_to_do(chat: feeds.Chat, *, planned: bool) -> str:
    who = [each.contact.ref for each in chat.people]
    if not who:
        return ""
    if not planned:
        return f"To find another time: crm schedule {' '.join(who)} WHEN"
    before = [f"Before it: crm prep {each}" for each in who[:_MOST_QUESTIONS]]
    return "\n".join([*before, f"After it: {to_log(who, chat.interaction)}"])
