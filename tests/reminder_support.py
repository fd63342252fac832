"""What the tests of reminders share: a database with a few things to be reminded of, and turns against it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import database_support
from sqlmodel import Session, select

from crm import models as m
from crm.errors import DeliveryError
from crm.models.words import ActivityRole, CommitmentState, InteractionState, TaskKind
from crm.store import contacts, copying, interactions, journal, records
from crm.store.engine import make_engine, reading, writing
from reminders.channels import Channel
from reminders.message import Message
from reminders.outlets import Outlets
from reminders.terms import Terms
from reminders.tick import Report, tick
from reminders.timing import Timing

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
MONDAY = datetime(2026, 1, 5, 17, tzinfo=UTC)  # 9:00 in Los Angeles
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class PowerCut(BaseException):
    """The process ends here: nothing may catch it."""


@dataclass
class Recorder:
    """A channel that keeps what it is given; `faults` are raised first, one a message, before or after taking it."""

    sent: list[Message] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    accepts_then_fails: bool = False

    def __call__(self, message: Message) -> None:
        """Take one message, or fail."""
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.accepts_then_fails:
            self.sent.append(message)
        if fault is not None:
            raise fault

    def refuse(self, times: int = 1, *, permanent: bool = False) -> None:
        """Refuse the next messages."""
        self.faults += [DeliveryError("the line is busy", permanent=permanent)] * times

    def titles(self) -> list[str]:
        """The titles of all that was sent, each item by itself."""
        return [item.title for message in self.sent for item in message.items]

    def ids(self) -> list[str]:
        """The messages' ids, in the order of sending."""
        return [message.message_id for message in self.sent]


@dataclass
class World:
    """One person's database and the channels that their reminders go to."""

    url: str
    tz: ZoneInfo = LOS_ANGELES
    console: Recorder = field(default_factory=Recorder)
    given: dict[str, Any] = field(default_factory=lambda: {"at": time(8)})
    timing: Timing = field(default_factory=Timing)
    fallback: dict[str, Channel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = make_engine(self.url)

    @classmethod
    def copy(cls, empty_database: str, folder: Path) -> "World":
        """A world with an empty database."""
        return cls(database_support.copy(empty_database, folder))

    @classmethod
    def at(cls, home: Path) -> "World":
        """The world of a home's own database."""
        return cls(database_support.url_of(home))

    def contents(self) -> str:
        """A digest of all that the database holds."""
        with self.reading() as session:
            return copying.digest_of(session)

    def writing(self, name: str = "test", now: datetime = MONDAY) -> AbstractContextManager[Session]:
        """A person's command."""
        return writing(self.engine, now=now, name=name)

    def reading(self) -> AbstractContextManager[Session]:
        """A look at the database."""
        return reading(self.engine)

    def undo(self, now: datetime) -> None:
        """Take the person's last command back."""
        with self.writing("undo", now) as session:
            journal.undo_last(session, now=now)

    def tick(self, now: datetime = MONDAY, *, tz: ZoneInfo | None = None, **channels: Channel) -> Report:
        """One turn; on the console channel unless others are named."""
        return tick(self.engine, self.terms(tz, **channels), now=now)

    def terms(self, tz: ZoneInfo | None = None, **channels: Channel) -> Terms:
        """The terms of a turn; the morning is when the rules say it is."""
        timing = replace(self.timing, at=self.given.get("at", self.timing.at))
        outlets = Outlets(channels or {"console": self.console}, self.fallback)
        return Terms(tz or self.tz, self.options, timing, outlets)

    @property
    def options(self) -> dict[str, Any]:
        """What the rules are given."""
        return {"working_days": self.timing.working} | self.given

    def task(self, title: str, due_on: date | None, *, kind: TaskKind = TaskKind.FOLLOW_UP, **values: Any) -> m.Task:
        """A task, added by a command of its own."""
        with self.writing(f"task {title}") as session:
            return records.add(session, m.Task(title=title, kind=kind.value, due_on=due_on, **values))

    def chat(self, starts_at: datetime, *names: str, now: datetime = MONDAY, **values: Any) -> m.Interaction:
        """A planned chat with people made for it."""
        with self.writing("schedule", now) as session:
            people = [contacts.add_contact(session, name) for name in names or ("Jane Roe",)]
            planned = InteractionState.PLANNED.value
            return interactions.add(session, people, starts_at=starts_at, state=planned, **values)

    def person(self, name: str, now: datetime = MONDAY, **values: Any) -> m.Contact:
        """Somebody, on the list since then."""
        with self.writing(f"contact {name}", now) as session:
            return contacts.add_contact(session, name, **values)

    def happened(self, starts_at: datetime, *people: m.Contact, **values: Any) -> m.Interaction:
        """Contact with people; a message to them unless a kind is named."""
        with self.writing("log", starts_at) as session:
            there = [session.get_one(m.Contact, each.id) for each in people]
            for each in there:
                each.last_contact_at = starts_at
            state, kind = InteractionState.HAPPENED.value, values.pop("kind", "message")
            return interactions.add(session, there, starts_at=starts_at, state=state, kind=kind, **values)

    def review(self, name: str, due_on: date | None, **values: Any) -> m.Review:
        """An open review."""
        with self.writing("review") as session:
            return records.add(session, m.Review(name=name, text="Does the plan hold?", due_on=due_on, **values))

    def target(self, weekly_minutes: int, now: datetime = MONDAY - DAY) -> m.Activity:
        """An activity with a weekly target."""
        with self.writing("hours", now) as session:
            made = records.add(session, m.Activity(name="Building projects", role=ActivityRole.PROJECTS.value))
            target = m.ActivityTarget(activity_id=made.id, from_on=date(2025, 1, 1), weekly_minutes=weekly_minutes)
            records.add(session, target)
            return made

    def commitment(self, title: str, times: int, per: str = "week", now: datetime = MONDAY) -> m.Commitment:
        """An accepted commitment, since that day in Los Angeles."""
        with self.writing(f"commitment {title}", now) as session:
            made = records.add(session, m.Commitment(title=title, state=CommitmentState.ACCEPTED.value))
            from_on = now.astimezone(LOS_ANGELES).date()
            records.add(session, m.CommitmentVersion(commitment_id=made.id, from_on=from_on, times=times, per=per))
            return made

    def introduction(self, state: str, now: datetime = MONDAY, **values: Any) -> m.Introduction:
        """An introduction to somebody unnamed, by a connector made for it."""
        with self.writing("intro", now) as session:
            connector = contacts.add_contact(session, "Mia Orr")
            asked = m.Introduction(connector_id=connector.id, placeholder="data engineer", state=state, **values)
            return records.add(session, asked)

    def change(self, record: m.Record, now: datetime = MONDAY, **values: Any) -> None:
        """Change a record by a command of its own."""
        with self.writing("change", now) as session:
            found = session.get(type(record), record.id)
            for name, value in values.items():
                setattr(found, name, value)

    def reminders(self) -> list[m.Reminder]:
        """All reminders, as they are."""
        return self._rows(m.Reminder)

    def deliveries(self) -> list[m.Delivery]:
        """All deliveries, as they are."""
        return self._rows(m.Delivery)

    def attempts(self) -> list[m.Attempt]:
        """All attempts, as they are."""
        return self._rows(m.Attempt)

    def states(self) -> list[str]:
        """The state of each delivery."""
        return [each.state for each in self.deliveries()]

    def _rows(self, model: Any) -> list[Any]:
        with self.reading() as session:
            found = list(session.exec(select(model).order_by(model.id)))
            session.expunge_all()
            return found

    def referral(self, state: str, now: datetime = MONDAY, **values: Any) -> m.Referral:
        """A referral by somebody made for it."""
        with self.writing("referral", now) as session:
            contact = contacts.add_contact(session, "Ben Ode")
            return records.add(session, m.Referral(contact_id=contact.id, state=state, moved_at=now, **values))

    def filled(self, start: datetime = MONDAY) -> "World":
        """With something for every rule within two weeks, and nothing due yet; `start` is a Monday at 17:00 UTC."""
        monday = start.date()
        self.task("Write to Jane Roe", monday + DAY)
        self.task("Send the repo", monday + 2 * DAY, kind=TaskKind.PROMISE)
        self.task("Choose a project", monday + 6 * DAY, kind=TaskKind.CHECKLIST)
        chat_at = start + 3 * DAY + 5 * HOUR
        self.chat(chat_at, "Kim Poe", "Ana Lee", now=start, kind="coffee", place="Blue Door")
        self.review("Week 2", monday + 14 * DAY, started_at=start)
        self.target(600, start - DAY)
        self.commitment("Post on LinkedIn", 1, now=start)
        self.introduction("asked", start, due_on=monday + 4 * DAY)
        self.introduction("made", start, moved_at=start)
        self.referral("asked", start - 10 * DAY, asked_at=start - 10 * DAY)
        self.person("Gil Moe", start - 39 * DAY)
        self.person("Lia Orr", start, birthday=f"--{monday + 5 * DAY:%m-%d}")
        self.happened(start - 9 * DAY, self.person("Sam Poe", start - 9 * DAY))
        self.happened(start - HOUR, self.person("Uma Lee", start), kind="coffee")
        return self


def days(start: datetime, count: int, step: timedelta = DAY) -> Iterator[datetime]:
    """So many instants from `start` on."""
    return (start + step * number for number in range(count))
