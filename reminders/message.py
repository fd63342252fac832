"""What a channel is given to send: one reminder, or several in one message."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Final

from crm.dates import say_day
from crm.escaping import on_one_line
from crm.models import Reminder
from crm.privacy import Detail, Mentioned, first_names, relevant
from crm.store.outbox import Outgoing
from reminders.grouping import count_missed
from reminders.headings import ORDER, heading

MOST_ITEMS_TOLD: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One reminder in a message; the body is empty of those that are not told one by one."""

    key: str
    title: str
    body: str
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent at once; text as the person wrote it, which each channel makes harmless in its own way.

    Attributes:
        key: of the reminder that it is about; of several, of the first.
        message_id: the same each time this message is sent, so that a repeat can be told from news.
        title: one line.
        body: further lines, without a line end behind the last.
        items: every reminder in it; the first `MOST_ITEMS_TOLD` by kind.
        at: when it is sent, in the person's zone.
        people: whom its text may name; no channel gets them.
    """

    key: str
    message_id: str
    title: str
    body: str
    items: tuple[Item, ...]
    at: datetime
    people: tuple[Mentioned, ...] = ()

    def reduced(self, detail: Detail) -> "Message":
        """What a channel of that detail gets to send."""
        if detail == Detail.FULL:
            return replace(self, people=())
        if detail == Detail.FIRST_NAMES:
            return self._with_first_names()
        many = len(self.items)
        title = f"You have {many} reminder{'s' if many > 1 else ''}"
        return replace(self, key="", title=title, body="See: crm today", items=(), people=())

    def _with_first_names(self) -> "Message":
        """What is beyond those that are told one by one does not leave the machine."""
        told = self.items[:MOST_ITEMS_TOLD]
        texts = [self.title, self.body, *(each.title for each in told), *(each.body for each in told)]
        people = relevant(self.people, "\n".join(texts))
        title, body, *rest = (first_names(text, people) for text in texts)
        pairs = zip(told, rest[: len(told)], rest[len(told) :], strict=True)
        items = tuple(replace(item, title=named, body=more) for item, named, more in pairs)
        return replace(self, title=title, body=body, items=items, people=())


def message_id(key: str, channel: str, snoozed_until_at: datetime | None) -> str:
    """The id of a reminder's message on a channel; putting the reminder off asks for a new message, hence a new id."""
    again = snoozed_until_at.isoformat() if snoozed_until_at else ""
    digest = hashlib.sha256("\n".join((key, channel, again)).encode()).hexdigest()
    return f"{digest[:32]}@networking-crm"


def render(
    dues: Sequence[Outgoing],
    told: Sequence[Reminder],
    *,
    message_id: str,
    now: datetime,
    tz: tzinfo,
    off_since: datetime | None = None,
    people: Sequence[Mentioned] = (),
) -> Message:
    """One message for all of `dues`; those that are told one by one are ordered by their kind.

    Args:
        dues: what it carries.
        told: the reminders of the first `MOST_ITEMS_TOLD` of them.
        message_id: its id.
        now: when it is sent.
        tz: the person's zone.
        off_since: the last sign of a turn before this one, aware UTC; None where there was none.
        people: whom it may name.
    """
    bodies = [each.body for each in told] + [""] * (len(dues) - len(told))
    items = tuple(_arranged([_item(each, body) for each, body in zip(dues, bodies, strict=True)]))
    alone = len(items) == 1
    return Message(
        key=dues[0].key,
        message_id=message_id,
        title=items[0].title if alone else _title(dues, now, tz, off_since),
        body=items[0].body if alone else _listed(items),
        items=items,
        at=now.astimezone(tz),
        people=tuple(people),
    )


def _item(due: Outgoing, body: str) -> Item:
    return Item(key=due.key, title=due.title, body=body, heading=heading(due.rule))


def _arranged(items: Sequence[Item]) -> list[Item]:
    """The longest due are told; those of a kind stand together, the longest due first."""
    told = sorted(items[:MOST_ITEMS_TOLD], key=lambda each: ORDER.index(each.heading))
    return [*told, *items[MOST_ITEMS_TOLD:]]


def _title(dues: Sequence[Outgoing], now: datetime, tz: tzinfo, off_since: datetime | None) -> str:
    """Of several: the day, how many, and how many of them fell due while nothing ran, as in a night without power."""
    day, many = say_day(now.astimezone(tz).date()), f"{len(dues):,} reminders"
    late = count_missed(dues, now, off_since)
    if late == len(dues):
        return f"{day}: catching up on {many}"
    return f"{day}: {many}, catching up on {late:,}" if late > 1 else f"{day}: {many}"


def _listed(items: Sequence[Item]) -> str:
    told = items[:MOST_ITEMS_TOLD]
    sections = [
        "\n".join([kind, *(f"- {on_one_line(each.title)}\n{_indented(each.body)}".rstrip() for each in of_kind)])
        for kind, of_kind in groupby(told, key=lambda each: each.heading)
    ]
    more = len(items) - len(told)
    return "\n\n".join([*sections, f"and {more:,} more; see: crm reminder list"] if more else sections)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
