"""What a person's records ask to be said, worked out anew: the simulation holds the program against this.

Nothing here uses the rules or the planner. A record is a value that says for an instant and a zone what of it stands:
what is said now or later unless something changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MORNING = time(8)
QUIET = (time(22), time(7))
WORKING = frozenset(range(5))
RULES = frozenset({"follow_up", "promise", "checklist", "upcoming_chat", "review", "introduction"})
"""The rules whose every word is foreseen; of the others it is only checked how and when they speak."""
LASTS = {"birthday": 0, "hours_pace": 4, "thank_you": 5, "week_report": 6, "week_summary": 0}
"""Of those others, which end by themselves, and at least how many days after the day in their key."""


@dataclass(frozen=True)
class Ask:
    """One thing to be said from an instant on, until it is too late.

    It waits for the daytime of a working day, unless it is urgent, would be too late then, or is to be done on this
    day off and nobody could say it on the working day before.
    """

    key: str
    due_at: datetime
    urgent: bool = False
    expires_at: datetime | None = None
    on_day_off: bool = False

    def waits(self, now: datetime, tz: ZoneInfo) -> bool:
        """Whether it waits for a working day."""
        too_late = self.expires_at is not None and next_daytime(now, tz) >= self.expires_at
        return not self.urgent and not too_late and not self.on_day_off


class Standing(Protocol):
    """A record that asks for something."""

    def asks(self, now: datetime, tz: ZoneInfo) -> Iterator[Ask]:
        """What of it stands."""


def morning(day: date, tz: ZoneInfo) -> datetime:
    """When the day's reminders fall due."""
    return datetime.combine(day, MORNING, tz).astimezone(UTC)


def worked_on(day: date) -> date:
    """The day, or the last working day before it."""
    return next(each for each in (day - days * DAY for days in range(7)) if each.weekday() in WORKING)


def ask_by(key: str, day: date, now: datetime, tz: ZoneInfo) -> Ask:
    """What is to be done by a day: said on a working day before it, or on the day itself if none is left."""
    today = now.astimezone(tz).date()
    if worked_on(day) < today <= day and today.weekday() not in WORKING:
        return Ask(key, morning(day, tz), on_day_off=True)
    return Ask(key, morning(worked_on(day), tz))


def is_quiet(now: datetime, tz: ZoneInfo) -> bool:
    """Whether nothing may be said."""
    at = now.astimezone(tz).time()
    return at >= QUIET[0] or at < QUIET[1]


def is_off(now: datetime, tz: ZoneInfo) -> bool:
    """Whether it is a day off."""
    return now.astimezone(tz).weekday() not in WORKING


def is_daytime(now: datetime, tz: ZoneInfo) -> bool:
    """Whether all that is due must have been said: after the morning of a working day, outside of quiet hours."""
    return not is_quiet(now, tz) and not is_off(now, tz) and now.astimezone(tz).time() >= MORNING


def next_daytime(now: datetime, tz: ZoneInfo) -> datetime:
    """The first instant from now on at which everything may be said."""
    today = now.astimezone(tz).date()
    mornings = (morning(today + timedelta(days=days), tz) for days in range(8))
    return now if is_daytime(now, tz) else next(each for each in mornings if each > now and not is_off(each, tz))


def before_quiet(instant: datetime, too_late_at: datetime, tz: ZoneInfo) -> datetime:
    """The instant itself, or a quarter of an hour before the quiet hours at whose end it is too late."""
    local = instant.astimezone(tz)
    if not is_quiet(instant, tz):
        return instant
    began_on = local.date() - timedelta(days=local.time() < QUIET[1])
    began_at, ends_at = (
        datetime.combine(day, at, tz) for day, at in zip((began_on, began_on + DAY), QUIET, strict=True)
    )
    return instant if ends_at < too_late_at else (began_at - timedelta(minutes=15)).astimezone(UTC)


def last_day(key: str) -> date | None:
    """Of what nobody foresees here: a day until which it is not too late, if it ever is."""
    rule, *rest = key.split(":")
    if rule not in LASTS:
        return None
    return date.fromisoformat(rest[-1]) + timedelta(days=LASTS[rule])


@dataclass(frozen=True)
class Task:
    """A task, and the day it is due or was put off to; `promised_by` is the contact who owes it to the person."""

    rule: str
    uid: str
    number: int
    day: date | None
    done: bool = False
    promised_by: int | None = None
    put_off: bool = False

    def asks(self, now: datetime, tz: ZoneInfo) -> Iterator[Ask]:
        """From its day's morning on until it is done; one that was put off is left alone until its day."""
        if self.day and not self.done:
            key = f"{self.rule}:{self.uid}:{self.day}"
            yield Ask(key, morning(self.day, tz)) if self.put_off else ask_by(key, self.day, now, tz)


@dataclass(frozen=True)
class Review:
    """A review and its day."""

    uid: str
    number: int
    day: date
    done: bool = False

    def asks(self, now: datetime, tz: ZoneInfo) -> Iterator[Ask]:
        """Three days ahead, on its day, and the day after; of what is past or said at once, the last."""
        if self.done:
            return
        key, overdue_on = f"review:{self.uid}:{self.day}", self.day + DAY
        ahead, due = (
            ask_by(f"{key}:{name}", self.day - days * DAY, now, tz) for name, days in (("ahead", 3), ("due", 0))
        )
        stages = [
            (morning(worked_on(self.day - 3 * DAY), tz), ahead),
            (morning(worked_on(self.day), tz), due),
            (morning(overdue_on, tz), Ask(f"{key}:overdue", morning(overdue_on, tz))),
        ]
        asks = list(dict(stages).items())
        past = [each for at, each in asks if at <= now]
        yield from past[-1:]
        yield from (each for _, each in asks[len(past) :])


@dataclass(frozen=True)
class Chat:
    """A planned chat; `added_at` is when it was planned."""

    uid: str
    number: int
    starts_at: datetime
    minutes: int
    added_at: datetime
    planned: bool = True

    def asks(self, now: datetime, tz: ZoneInfo) -> Iterator[Ask]:
        """The day before, until an hour before; an hour before, until it starts; and when it is over.

        Of what lay in the past when the chat was planned, nothing is said.
        """
        if not self.planned:
            return
        starts_on = self.starts_at.astimezone(tz).date()
        before_at, soon_at = morning(starts_on - timedelta(days=1), tz), self.starts_at - timedelta(hours=1)
        key = f"upcoming_chat:{self.uid}:{self.starts_at.astimezone(UTC):%Y-%m-%d:}"
        started = f"{self.starts_at.astimezone(UTC):%H%M}"
        if now < soon_at and self.added_at <= before_at:
            yield Ask(f"{key}day-before", before_at, expires_at=self.starts_at)
        if now < self.starts_at and self.added_at <= soon_at:
            said_at = before_quiet(soon_at, self.starts_at, tz)
            yield Ask(f"{key}soon-{started}", said_at, urgent=True, expires_at=self.starts_at)
        yield Ask(f"{key}over-{started}", self.starts_at + timedelta(minutes=self.minutes))


@dataclass(frozen=True)
class Introduction:
    """An introduction through a connector, since when it is in its state, and the day by which it is wanted."""

    uid: str
    number: int
    connector: int
    state: str
    moved_at: datetime
    due_on: date | None

    @property
    def waits(self) -> bool:
        """Whether it is the connector's turn."""
        return self.state in {"asked", "agreed"}

    def asks(self, now: datetime, tz: ZoneInfo) -> Iterator[Ask]:
        """By its day, until it is made; thanks the day after, and word of the meeting three days after it."""
        if (self.waits or self.state == "planned") and self.due_on:
            yield ask_by(f"introduction:{self.uid}:{self.due_on}:due", self.due_on, now, tz)
        if self.state in {"made", "met"}:
            ordinal, days = ("thank", 1) if self.state == "made" else ("report", 3)
            day = self.moved_at.astimezone(tz).date() + timedelta(days=days)
            yield Ask(f"introduction:{self.uid}:{self.moved_at.astimezone(UTC).date()}:{ordinal}", morning(day, tz))


@dataclass
class Life:
    """All that the person has on record and said to reminders, with what each command changed, so as to undo it.

    Attributes:
        facts: records by uid, and what was said to a reminder by ("snoozed" or "finished", key).
        commands: for each command, what was there before it.
        put_off: keys of reminders that were ever put off, if only by mistake.
    """

    facts: dict[Any, Any] = field(default_factory=dict)
    commands: list[dict[Any, Any]] = field(default_factory=list)
    put_off: set[str] = field(default_factory=set)

    def change(self, values: Mapping[Any, Any]) -> None:
        """What one command did; None takes a fact away."""
        self.commands.append({key: self.facts.get(key) for key in values})
        self.put_off |= {key[1] for key in values if key[0] == "snoozed"}
        self._set(values)

    def undo(self) -> None:
        """Take the last command back."""
        self._set(self.commands.pop())

    def _set(self, values: Mapping[Any, Any]) -> None:
        for key, value in values.items():
            if value is None:
                self.facts.pop(key, None)
            else:
                self.facts[key] = value

    def those(self, kind: type[Any]) -> list[Any]:
        """The records of a kind, in the order they came."""
        return [each for each in self.facts.values() if isinstance(each, kind)]

    def snoozed_until(self, key: str) -> datetime | None:
        """Until when the reminder was put off."""
        return self.facts.get(("snoozed", key))

    def standing(self, now: datetime, tz: ZoneInfo) -> dict[str, Ask]:
        """All that is to be said now or later, by key, but for reminders that the person called done.

        News are not asked for of somebody who promised something for the same day, which is asked for then.
        """
        promised = {(each.promised_by, each.day) for each in self.those(Task) if not each.done}
        records = [
            each
            for each in self.facts.values()
            if isinstance(each, Task | Review | Chat | Introduction)
            and not (isinstance(each, Introduction) and each.waits and (each.connector, each.due_on) in promised)
        ]
        asks = (ask for record in records for ask in record.asks(now, tz))
        return {each.key: each for each in asks if ("finished", each.key) not in self.facts}
