"""What a channel is given to send: one reminder, or several in one message."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from crm.store.outbox import Due

MOST_ITEMS_TOLD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One reminder in a message."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent at once; text as the person wrote it, which each channel makes harmless in its own way.

    Attributes:
        key: of the reminder that it is about; of several, of the first.
        message_id: the same each time this message is sent, so that a repeat can be told from news.
        title: one line.
        body: further lines, without a line end behind the last.
        items: every reminder in it.
        at: when it is sent, in the person's zone.
    """

    key: str
    message_id: str
    title: str
    body: str
    items: tuple[Item, ...]
    at: datetime


def message_id(key: str, channel: str, snoozed_until_at: datetime | None) -> str:
    """The id of a reminder's message on a channel; putting the reminder off asks for a new message, hence a new id."""
    again = snoozed_until_at.isoformat() if snoozed_until_at else ""
    digest = hashlib.sha256("\n".join((key, channel, again)).encode()).hexdigest()
    return f"{digest[:32]}@networking-crm"


def render(dues: Sequence[Due], *, message_id: str, now: datetime, tz: tzinfo) -> Message:
    """One message for all of `dues`, in their order."""
    items = tuple(Item(key=each.reminder.key, title=each.reminder.title, body=each.reminder.body) for each in dues)
    alone = len(items) == 1
    return Message(
        key=items[0].key,
        message_id=message_id,
        title=items[0].title if alone else f"{len(items)} reminders are due",
        body=items[0].body if alone else _listed(items),
        items=items,
        at=now.astimezone(tz),
    )


def _listed(items: Sequence[Item]) -> str:
    told = [f"- {_one_line(each.title)}\n{_indented(each.body)}".rstrip() for each in items[:MOST_ITEMS_TOLD]]
    more = len(items) - len(told)
    return "\n".join([*told, f"and {more} more; see: crm reminder list"] if more else told)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
