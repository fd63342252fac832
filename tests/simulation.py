"""A simulated year: a person, a machine that naps and crashes, channels that fail, clocks and zones that change.

The simulation decides by its seed alone what happens. It knows from `simulated_asks` what is to be said, sees what the
channels take, and compares the two after each turn. What it keeps of each reminder is only what a person could see.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import simulated_asks as model
from reminder_support import PowerCut, World
from simulated_asks import Ask
from simulated_person import Person
from sqlalchemy import event
from sqlmodel import select

from crm import models as m
from crm import settings
from crm.errors import DeliveryError
from crm.models.words import DeliveryState as State
from crm.models.words import ReminderState
from reminders.message import Message
from reminders.timing import Timing

ZONES = tuple(
    map(ZoneInfo, ("America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "Europe/Berlin", "Australia/Lord_Howe"))
)
CHANNELS = ("email", "ntfy")
FALLBACK = "file"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(minutes=6)  # after so long a crashed turn's messages are free again
LONGEST_WAIT = 6.6 * HOUR  # till a failed message is tried again
MANY_TRIES = 20  # a message is given up after thirty, some of which (crashes) nobody sees
LAST_EVENTS = 60


class BrokenError(AssertionError):
    """Something happened that never may; the message tells how to see it again."""


@dataclass
class Weather:
    """How often things go wrong: the mean time between two of a kind, and how long they last at most.

    Attributes:
        step: the least and the most minutes between two turns by day.
        without: rules that are switched off, since they take much time.
    """

    step: tuple[int, int] = (15, 60)
    without: tuple[str, ...] = ()
    nap: timedelta = 12 * DAY
    longest_nap: timedelta = 20 * DAY
    outage: timedelta = 20 * DAY
    longest_outage: timedelta = 9 * DAY
    wrong_clock: timedelta = 45 * DAY
    journey: timedelta = 16 * DAY
    act: float = 0.12  # before a turn
    crash: float = 0.01  # of a turn
    fault: float = 0.06  # of a message


@dataclass
class Copy:
    """What is known of one reminder on one channel, as it was put off last (or not).

    Attributes:
        ids: of the messages in which the channel took it.
        in_doubt: the program may not know that it did.
        tries: how often the channel did not take it.
        shaken: a turn crashed that may have been about to send it.
        refused: the channel will never take it.
        not_before_at: when it is tried again at the latest, if the machine runs.
    """

    ids: list[str] = field(default_factory=list)
    in_doubt: bool = False
    tries: int = 0
    shaken: bool = False
    refused: bool = False
    not_before_at: datetime = datetime(1, 1, 1, tzinfo=UTC)

    @property
    def said(self) -> bool:
        """Whether the channel has taken it."""
        return bool(self.ids)

    @property
    def hopeless(self) -> bool:
        """Whether the channel may never take it."""
        return self.refused or self.tries >= MANY_TRIES


@dataclass
class Turn:
    """What happens in one turn of the daemon."""

    now: datetime
    standing: dict[str, Ask]
    fresh: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: set[str] = field(default_factory=set)
    accepted: list[Copy] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Simulation:
    """One life from `start` on; `run` it for some days and ask for its `log`, what the person saw."""

    def __init__(self, url: str, folder: Path, seed: int, start: datetime, weather: Weather) -> None:
        self.rng, self.seed, self.weather = Random(seed), seed, weather  # noqa: S311 - the same each time
        self.world = World(url)
        self.world.timing = Timing(quiet=model.QUIET, working=model.WORKING, at=model.MORNING)
        self.world.given |= {f"{rule}.enabled": False for rule in weather.without}
        self.world.fallback = {FALLBACK: self._channel(FALLBACK)}
        self.channels = {name: self._channel(name) for name in CHANNELS}
        options = settings.load({"CRM_HOME": str(folder), "CRM_TIMEZONE": "America/Los_Angeles"})
        self.person = Person(self.world, self.rng, options)
        self.life = self.person.life
        self.time, self.tz = start, ZONES[0]
        self.clock_is_off, self.clock_right_at, self.clock_caught_up_at = timedelta(), start, start
        self.down_until = dict.fromkeys(CHANNELS, start)
        self.copies: dict[tuple[str, str, datetime | None], Copy] = defaultdict(Copy)
        self.tried: set[tuple[str, str]] = set()
        self.locked_until = start
        self.log: list[str] = []
        self.events: list[str] = []
        self.turns = self.crashes = 0
        self._cut_after: int | None = None
        for name in ("before_cursor_execute", "commit"):
            event.listen(self.world.engine, name, self._at_statement)

    @property
    def now(self) -> datetime:
        """What the machine's clock shows."""
        return self.time + self.clock_is_off

    def run(self, days: int) -> None:
        """Live so many days, and some quiet ones at the end in which all that is due gets said."""
        with self.world.engine.connect():  # a database that is open already is opened faster
            self.person.begin(self.now, self.tz)
            self._live(self.time + days * DAY)
            self._calm()
            self._check_end()

    def _live(self, end: datetime) -> None:
        while self.time < end:
            self._weather(end)
            if self.rng.random() < self.weather.act:
                self._note(self.person.act(self.now, self.tz))
            self.turn(crash=self.rng.random() < self.weather.crash)
            self.time += self._step()

    def _step(self) -> timedelta:
        at_night = model.is_quiet(self.now, self.tz) and self.rng.random() < 0.5
        return self.rng.uniform(*self.weather.step) * MINUTE * (4 if at_night else 1)

    # What happens to the machine

    def _weather(self, end: datetime) -> None:
        if self._now_and_then(self.weather.nap):
            nap = min(HOUR * 2 ** self.rng.uniform(0, 9), self.weather.longest_nap)
            awake_at = min(self.time + nap, end)
            self._note(f"naps until {awake_at:%Y-%m-%d %H:%M}")
            while self.rng.random() < 0.5:  # the daemon is down, not the person
                self.time += (awake_at - self.time) * self.rng.random()
                self._note(self.person.act(self.now, self.tz))
            self.time = awake_at
        if self._now_and_then(self.weather.journey):
            self.tz = self.rng.choice(ZONES)
            self._note(f"travels to {self.tz}")
        if self.clock_is_off and self.time >= self.clock_right_at:
            self._set_clock(timedelta())
        if self._now_and_then(self.weather.wrong_clock):
            self._set_clock(self.rng.choice([-DAY, DAY]))
            self.clock_right_at = self.time + self.rng.uniform(0.5, 40) * HOUR
        for name in CHANNELS:
            if self._now_and_then(self.weather.outage):
                self.down_until[name] = self.time + self.rng.random() * self.weather.longest_outage
                self._note(f"{name} is down until {self.down_until[name]:%Y-%m-%d %H:%M}")

    def _set_clock(self, away: timedelta) -> None:
        """Set it wrong by so much, or right; what is to be tried again waits for an instant of the clock before."""
        again_by = model.next_daytime(self.now + LONGEST_WAIT, self.tz)
        if away < self.clock_is_off:
            self.clock_caught_up_at = max(self.clock_caught_up_at, again_by)
        self.clock_is_off = away
        self._note(f"the clock is set {away.days} days off" if away else "the clock is put right")

    def _now_and_then(self, mean: timedelta) -> bool:
        return self.rng.random() < sum(self.weather.step) / 2 * MINUTE / mean

    def _calm(self) -> None:
        """Everything works for some days, of which more than two are working days, and into the last one's daytime."""
        self._note("calm")
        self.weather = replace(self.weather, fault=0)
        self._set_clock(timedelta())
        self.down_until = dict.fromkeys(CHANNELS, self.time)
        turns = 5 * 6
        while turns > 0 or not model.is_daytime(self.now, self.tz):
            self.time += 4 * HOUR
            self.turn()
            turns -= 1

    # One turn

    def turn(self, *, crash: bool = False) -> None:
        """One turn of the daemon, and what must be true of it."""
        now, self.turns = self.now, self.turns + 1
        self.current = turn = Turn(now, self.life.standing(now, self.tz))
        self._cut_after = int(2 ** self.rng.uniform(0, 8)) if crash else None
        try:
            self.world.tick(now, tz=self.tz, **self.channels)
        except PowerCut:
            self.crashes += 1
            self._note("crashes")
            self.locked_until = now + LEASE
            for key, channel in product(turn.standing, CHANNELS):
                self.copies[key, channel, self.life.snoozed_until(key)].shaken = True
        else:
            self._settled(turn)
        finally:
            self._cut_after = None
        if turn.faults:
            raise self._broken(turn.faults)

    def _settled(self, turn: Turn) -> None:
        """A turn that ended well: nothing it sent is in doubt, and nothing is missing."""
        for copy in turn.accepted:
            copy.in_doubt = False
        for channel in CHANNELS:
            if turn.fresh[channel] > 1:
                turn.faults.append(f"{turn.fresh[channel]} messages at once on {channel} of what is not urgent")
        if turn.now >= self.locked_until and not model.is_quiet(turn.now, self.tz):
            turn.faults += self._missing(turn)

    def _missing(self, turn: Turn) -> Iterator[str]:
        daytime = model.is_daytime(turn.now, self.tz)
        for key, ask in turn.standing.items():
            put_off = self.life.snoozed_until(key)
            if (put_off or ask.due_at) > turn.now or not (daytime or put_off or not ask.waits(turn.now, self.tz)):
                continue
            for channel in CHANNELS:
                if channel not in turn.failed and not self._is_accounted_for(key, channel, put_off, turn.now):
                    yield f"{key} is missing on {channel}, due {ask.due_at}, put off to {put_off}"

    def _is_accounted_for(self, key: str, channel: str, put_off: datetime | None, now: datetime) -> bool:
        """It was said, waits for its next try, or was given up and said where the fallback chain ends."""
        copy = self.copies[key, channel, put_off]
        if copy.said or copy.not_before_at > now or ((copy.tries or copy.shaken) and self.clock_caught_up_at > now):
            return True
        if put_off is None and any(other.said for other in self._copies(key, channel)):
            return True  # it was put off and said, and then the putting off was undone
        return copy.hopeless and any(other.said for other in self._copies(key, FALLBACK))

    def _copies(self, key: str, channel: str) -> list[Copy]:
        return [copy for (other, on, _), copy in self.copies.items() if (other, on) == (key, channel)]

    # What a channel does

    def _channel(self, name: str) -> Any:
        return lambda message: self._take(name, message)

    def _take(self, name: str, message: Message) -> None:
        """Take a message, refuse it, or let the machine die."""
        turn = self.current
        keys = [(item.key, self.life.snoozed_until(item.key)) for item in message.items]
        copies = [self.copies[key, name, put_off] for key, put_off in keys]
        turn.faults += self._untimely(message)
        turn.fresh[name] += self._is_fresh(name, message)
        self.tried.add((name, message.message_id))
        fate = self._fate(name)
        self._note(f"{name} {fate}: {message.title} {[item.key for item in message.items]}")
        if fate in {"down", "busy", "refused", "cut"}:
            self._fails(turn, name, copies, fate)
        turn.faults += [fault for key, put_off in keys if (fault := self._doubled(key, name, put_off, message))]
        for copy in copies:
            copy.ids.append(message.message_id)
            copy.in_doubt = True
        told = "; ".join(item.title for item in message.items)
        self.log.append(f"{message.at.isoformat()} {name} {message.title} | {told}")
        if fate == "unknown":
            self._wait(copies)
            turn.failed.add(name)
            raise DeliveryError("no answer came", unknown=True)
        if fate == "accepted, then cut":
            raise PowerCut
        turn.accepted += copies

    def _fate(self, name: str) -> str:
        if name == FALLBACK or self.rng.random() >= self.weather.fault:
            return "down" if name != FALLBACK and self.time < self.down_until[name] else "accepted"
        return self.rng.choice(["busy", "refused", "unknown", "cut", "accepted, then cut"])

    def _fails(self, turn: Turn, name: str, copies: list[Copy], fate: str) -> None:
        if fate == "cut":
            raise PowerCut
        turn.failed.add(name)
        self._wait(copies)
        for copy in copies:
            copy.refused |= fate == "refused"
        raise DeliveryError(fate, permanent=fate == "refused")

    def _wait(self, copies: list[Copy]) -> None:
        """What failed need not be there before its next try, and that waits for the daytime."""
        again_at = model.next_daytime(self.now + LONGEST_WAIT, self.tz)
        for copy in copies:
            copy.tries += 1
            copy.not_before_at = again_at

    # What must be true of a message

    def _untimely(self, message: Message) -> Iterator[str]:
        turn = self.current
        if model.is_quiet(turn.now, self.tz):
            yield f"{message.title!r} in quiet hours"
        for item in message.items:
            ask, put_off = turn.standing.get(item.key), self.life.snoozed_until(item.key)
            if put_off and turn.now < put_off:
                yield f"{item.key} before {put_off}, to which it was put off"
            begun = put_off or self._was_tried(item.key)  # a retry minds quiet hours only
            if not begun and model.is_off(turn.now, self.tz) and self._can_wait(item.key, ask):
                yield f"{item.key} on a day off"
            if item.key.split(":")[0] not in model.RULES:
                continue
            if ask is None:
                yield f"{item.key} is said, though nothing asks for it"
            elif not put_off and turn.now < ask.due_at and not self._was_tried(item.key):
                yield f"{item.key} before it is due at {ask.due_at}"

    def _can_wait(self, key: str, ask: Ask | None) -> bool:
        """Whether it is neither urgent nor too late by the next working day."""
        if ask is not None:
            return ask.waits(self.now, self.tz)
        last = model.last_day(key)
        return last is None or model.next_daytime(self.now, self.tz).astimezone(self.tz).date() <= last

    def _was_tried(self, key: str) -> bool:
        return any(copy.tries or copy.said for (other, _, _), copy in self.copies.items() if other == key)

    def _is_fresh(self, name: str, message: Message) -> bool:
        """Whether it is news that could have waited for others, and not a repeat."""
        asks = [self.current.standing.get(item.key) for item in message.items]
        return (name, message.message_id) not in self.tried and not all(ask and ask.urgent for ask in asks)

    def _doubled(self, key: str, channel: str, put_off: datetime | None, message: Message) -> str | None:
        """A second copy comes only where the first was in doubt, and as the same message, unless it was put off."""
        copy, others = self.copies[key, channel, put_off], self._copies(key, channel)
        if copy.said and not copy.in_doubt:
            return f"{key} is said twice on {channel}"
        if copy.said and message.message_id not in copy.ids and key not in self.life.put_off:
            return f"{key} is said again on {channel} under another id"
        if put_off is None and any(other.said and not other.in_doubt for other in others):
            return f"{key} was said on {channel} when it was put off, and is said again since that was undone"
        return None

    def _at_statement(self, *_: object) -> None:
        if self._cut_after is not None:
            self._cut_after -= 1
            if self._cut_after < 0:
                self._cut_after = None
                raise PowerCut

    # The end

    def _check_end(self) -> None:
        faults = list(self._unaccounted())
        if faults:
            raise self._broken(faults)

    def _unaccounted(self) -> Iterator[str]:
        """What the database says became of each reminder, where the simulation knows better."""
        standing = self.life.standing(self.now, self.tz)
        with self.world.reading() as session:
            rows = session.exec(select(m.Reminder, m.Delivery).join(m.Delivery).order_by(m.Delivery.id)).all()
        for reminder, delivery in rows:
            fault = self._disagrees(reminder, delivery, standing)
            if fault:
                yield f"{reminder.key} on {delivery.channel} is {delivery.state}: {fault}"
        there = {(reminder.key, delivery.channel) for reminder, delivery in rows}
        for (key, channel, _), copy in self.copies.items():
            if (copy.said or copy.tries) and (key, channel) not in there:
                yield f"{key} on {channel} was said or tried, and nothing tells of it"
        for key, ask in standing.items():
            if ask.due_at <= self.now:
                for channel in CHANNELS:
                    if (key, channel) not in there:
                        yield f"{key} was never planned on {channel}"

    def _disagrees(self, reminder: m.Reminder, delivery: m.Delivery, standing: dict[str, Ask]) -> str | None:
        copies, rule = self._copies(reminder.key, delivery.channel), reminder.key.split(":")[0]
        put_off = self.life.snoozed_until(reminder.key)
        asked = reminder.key in standing if rule in model.RULES else reminder.state == ReminderState.OPEN
        is_announcement = ":day-before" in reminder.key or ":soon-" in reminder.key
        wrong = {
            State.COMPLETED: ("no channel took it", not any(copy.said for copy in copies)),
            State.COALESCED: ("no channel took it", not any(copy.said for copy in copies)),
            State.DISCARDED: ("the channel took it, or may yet", not any(copy.hopeless for copy in copies)),
            State.UNKNOWN: ("the channel may not yet be in doubt for good", not any(copy.hopeless for copy in copies)),
            State.CANCELLED: ("it is still asked for", asked),
            State.EXPIRED: ("it does not get too late", asked or (rule in model.RULES and not is_announcement)),
            State.SCHEDULED: ("it is due", (put_off or reminder.due_at) <= self.now),
        }
        said, is_wrong = wrong.get(State(delivery.state), ("all should have settled", True))
        if rule in model.RULES and (reminder.state == ReminderState.OPEN) != asked:
            return f"and the reminder {reminder.state}, which is wrong"
        return said if is_wrong else None

    def _note(self, text: str) -> None:
        self.events.append(f"{self.now.astimezone(self.tz):%a %Y-%m-%d %H:%M %Z} {text}")

    def _broken(self, faults: list[str]) -> BrokenError:
        last = "\n".join(self.events[-LAST_EVENTS:])
        at = f"{self.now.astimezone(self.tz):%a %Y-%m-%d %H:%M %Z} ({self.tz})"
        return BrokenError(f"seed {self.seed}, turn {self.turns}, {at}: {'; '.join(faults)}\nBefore that:\n{last}")
