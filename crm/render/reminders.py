"""Reminders on a screen: what a turn did, what is open and to come, what was sent, and how the daemon is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.text import Text

from crm.dates import say_instant
from crm.escaping import shorten
from crm.models import Delivery, Reminder
from crm.models.words import DeliveryState
from crm.render import text
from crm.store.outbox import SAID, UNSENT, Due

MOST = 50
LONGEST = 160
STYLES = {
    DeliveryState.COMPLETED.value: text.GOOD,
    DeliveryState.COALESCED.value: text.GOOD,
    DeliveryState.RETRYABLE.value: text.WARN,
    DeliveryState.UNKNOWN.value: text.WARN,
    DeliveryState.EXPIRED.value: text.WARN,
    DeliveryState.DISCARDED.value: text.BAD,
}


class Delivered(Protocol):
    """What became of one delivery."""

    @property
    def title(self) -> str:
        """Of its reminder."""

    @property
    def channel(self) -> str:
        """Where it went."""

    @property
    def state(self) -> str:
        """A delivery state."""

    @property
    def error(self) -> str | None:
        """Why it failed."""


class ToCome(Protocol):
    """What would be said, and when."""

    @property
    def title(self) -> str:
        """Of the reminder."""

    @property
    def rule(self) -> str:
        """Which asks for it."""

    @property
    def say_at(self) -> datetime:
        """An aware instant."""


def turn(
    planned: int, done: Sequence[Delivered], *, next_at: datetime | None, tz: ZoneInfo, quiet: str = ""
) -> Iterator[RenderableType]:
    """What `crm reminder tick` did; what the console channel printed stands above it already.

    `quiet` tells why nothing was sent, in quiet hours.
    """
    elsewhere = [each for each in done if each.channel != "console" or each.state not in SAID]
    if elsewhere:
        same = Counter((each.channel, each.state, each.title, each.error) for each in elsewhere)
        rows = [
            (channel, _state(state), f"{shorten(title, LONGEST)}{f' ({number} times)' if number > 1 else ''}", error)
            for (channel, state, title, error), number in same.items()
        ]
        yield text.table(["channel", "", "reminder", ""], rows, wide="reminder")
        yield ""
    yield text.safe(f"{_counted(done, quiet)}.{f' {planned} newly planned.' if planned else ''}")
    if next_at is not None:
        yield text.hint(f"Next: {say_instant(next_at, tz=tz)}. Everything open: crm reminder list")
    else:
        yield text.hint("What is open: crm reminder list   What is to come: crm reminder preview --until 'in 2 weeks'")


def quiet_hours(until: datetime, waiting: int, *, tz: ZoneInfo) -> str:
    """Until when nothing is said, and how much waits for that."""
    waits = f"; {_many(waiting)} {'waits' if waiting == 1 else 'wait'}" if waiting else ""
    return f"Quiet hours until {say_instant(until, tz=tz)}{waits}"


def _counted(done: Sequence[Delivered], quiet: str) -> str:
    said = [each.channel for each in done if each.state in SAID]
    rest = Counter(each.state for each in done if each.state not in SAID)
    parts = [f"{_many(number)} sent on {channel}" for channel, number in Counter(said).items()]
    parts += [f"{number} {state}" for state, number in rest.items()]
    return ", ".join([*([quiet] if quiet else []), *parts]) or "Nothing is due"


def _many(number: int) -> str:
    return "1 reminder" if number == 1 else f"{number:,} reminders"


def _state(state: str) -> Text:
    return text.safe(state, STYLES.get(state, ""))


def open_list(
    console: Console, found: Sequence[tuple[Reminder, Sequence[Delivery]]], *, now: datetime, tz: ZoneInfo, most: int
) -> None:
    """The screen of `crm reminder list`."""
    if not found:
        console.print(text.hint("No reminder is open. What is to come: crm reminder preview --until 'in 2 weeks'"))
        return
    rows = [
        (text.safe(each.ref, text.NAME), _due(each, now=now, tz=tz), shorten(each.title, LONGEST), _said(deliveries))
        for each, deliveries in found[:most]
    ]
    console.print(text.table(["id", "due", "reminder", "said on"], rows, wide="reminder"))
    if len(found) > most:
        console.print(text.hint(f"and {len(found) - most:,} more: crm reminder list --all"))
    console.print(
        text.hint(f"Finish one: crm done {found[0][0].ref}   Put it off: crm snooze {found[0][0].ref} tomorrow")
    )


def _due(reminder: Reminder, *, now: datetime, tz: ZoneInfo) -> Text:
    when = reminder.snoozed_until_at or reminder.due_at
    return text.safe(say_instant(when, tz=tz), text.WARN if when <= now else "")


def _said(deliveries: Iterable[Delivery]) -> Text:
    told = [
        text.safe(each.channel if each.state in SAID else f"{each.channel}: {each.state}", STYLES.get(each.state, ""))
        for each in deliveries
        if each.state not in UNSENT or each.attempt
    ]
    return Text(", ").join(told) if told else text.hint("not yet")


def to_come(console: Console, found: Sequence[ToCome], *, now: datetime, until: str, tz: ZoneInfo, most: int) -> None:
    """The screen of `crm reminder preview`."""
    if not found:
        console.print(text.hint(f"Nothing would be said until {until}. Ask for something: crm task add, crm schedule"))
        return
    rows = [
        (
            "now" if each.say_at <= now else say_instant(each.say_at, tz=tz),
            shorten(each.title, LONGEST),
            text.hint(each.rule.replace("_", " ")),
        )
        for each in found[:most]
    ]
    console.print(text.table(["when", "reminder", "rule"], rows, wide="reminder"))
    if len(found) > most:
        console.print(text.hint(f"and {len(found) - most:,} more till then"))
    console.print(text.hint(f"As things stand now, till {until}; nothing was sent or planned."))


def history(console: Console, found: Sequence[Due], *, tz: ZoneInfo) -> None:
    """The screen of `crm reminder history`."""
    if not found:
        console.print(text.hint("Nothing has been sent yet. To send what is due: crm reminder tick"))
        return
    rows = [
        (
            say_instant(each.delivery.sent_at or each.delivery.updated_at, tz=tz),
            text.join(shorten(each.reminder.title, LONGEST), each.delivery.error and _why(each.delivery), gap="\n"),
            each.delivery.channel,
            _state(each.delivery.state),
        )
        for each in found
    ]
    console.print(text.table(["when", "reminder", "channel", "state"], rows, wide="reminder"))


def _why(delivery: Delivery) -> Text:
    tries = f" (try {delivery.attempt} of {delivery.max_attempts})" if delivery.attempt else ""
    return text.safe(f"{delivery.error}{tries}", text.QUIET)
