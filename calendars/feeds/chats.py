"""Chats to come; one that was cancelled or missed stays, marked as cancelled."""

from collections.abc import Iterator

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import identity, removed
from calendars.links import link_to_join
from calendars.window import Window
from calendars.wording import first_names, introduce, paragraphs
from crm.actions.phrases import to_log
from crm.models import Question
from crm.models.words import InteractionKind, InteractionState
from crm.store import feed_history, feeds
from crm.store.told import OF_A_CHAT

TITLE = "Chats"
FILLED_BY = "crm schedule Jane fri 14:30"
COLOR = "seagreen"

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


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each chat in the window that is planned, cancelled or missed; a removed one is cancelled."""
    since, before = window.instants()
    for chat in feeds.chats(session, since=since, before=before):
        yield _entry(chat)
    for grave in feed_history.removed(session, OF_A_CHAT, since=window.remembered_since()):
        starts_at = grave.values["starts_at"]
        if grave.values["state"] in feeds.CHAT_STATES and since <= starts_at < before:
            kind = grave.values["kind"]
            lasts = grave.values["minutes"] or _usual_minutes(kind)
            yield removed("chat", grave, summary=_kind(kind), starts=starts_at, minutes=lasts)


def _entry(chat: feeds.Chat) -> Entry:
    interaction = chat.interaction
    planned = interaction.state == InteractionState.PLANNED
    return Entry(
        **identity(
            "chat",
            interaction,
            chat.version,
            others=[*(each.version for each in chat.people), *([chat.asked] if planned else ())],
        ),
        summary=_summary(chat, chat.chat.names()),
        brief=_summary(chat, first_names(chat.people)),
        starts=interaction.starts_at,
        minutes=interaction.minutes or _usual_minutes(interaction.kind),
        description=_description(chat),
        location=interaction.place or "",
        url=link_to_join(interaction.place, interaction.note),
        categories=("Chat",),
        status="confirmed" if planned else "cancelled",
        transparent=not planned,
        alarms=_ALARMS,
    )


def _usual_minutes(kind: str) -> int:
    return _MINUTES.get(kind, _HALF_AN_HOUR)


def _summary(chat: feeds.Chat, names: str) -> str:
    return f"{_with(chat.interaction.kind)} {names}" if chat.people else _kind(chat.interaction.kind)


def _with(kind: str) -> str:
    return _WORDS.get(kind, "Chat with")


def _kind(kind: str) -> str:
    return _with(kind).rpartition(" ")[0]


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
    before = ", ".join(f"crm prep {each}" for each in who[:_MOST_QUESTIONS])
    return f"Before it: {before}\nAfter it: {to_log(who, chat.interaction)}"
