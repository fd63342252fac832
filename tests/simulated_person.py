"""A person who does things at random, by the program's own actions, and remembers what they did."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from reminder_support import World
from simulated_asks import Chat, Introduction, Life, Review, Task
from sqlmodel import Session, col, select

from crm import models as m
from crm.actions import chats, hours, introductions, outreach, referrals, reminders, reviews, settle, tasks
from crm.actions.introductions import Wish
from crm.actions.manners import Limits
from crm.actions.outreach import Said
from crm.dates import When
from crm.errors import CrmError
from crm.models.words import (
    ActivityRole,
    Direction,
    InteractionKind,
    InteractionState,
    IntroductionState,
    Owner,
    ReferralState,
    ReminderState,
    TaskKind,
)
from crm.settings import Settings
from crm.store import contacts, journal, records

FIRST = ("Jane", "Kim", "Ana", "Mia", "Bo", "Cy", "Dee", "Eve", "Flo", "Gus")
LAST = ("Roe", "Poe", "Lee", "Orr", "Bay", "Cole", "Dunn", "Ek", "Fox", "Ames")
RULE_OF = {"follow-up": "follow_up", "other": "follow_up", "promise": "promise", "checklist": "checklist"}
MOST_OPEN = 40
"""A person with so many open tasks adds no more."""

Facts = dict[Any, Any]


@dataclass
class Person:
    """Somebody with contacts and plans; `now` and `tz` are where and when they are."""

    world: World
    rng: Random
    settings: Settings
    life: Life = field(default_factory=Life)
    count: int = 0

    def begin(self, now: datetime, tz: ZoneInfo) -> None:
        """The first day: people with birthdays, hours to spend, a few reviews."""
        self.now, self.tz = now, tz
        with self.world.writing("begin", now) as session:
            for first, last in zip(FIRST, LAST, strict=True):
                birthday = f"19{self.rng.randint(60, 99)}-{self.rng.randint(1, 12):02}-{self.rng.randint(1, 28):02}"
                contacts.add_contact(session, f"{first} {last}", birthday=birthday)
            self.activity = records.add(session, m.Activity(name="Building", role=ActivityRole.PROJECTS.value))
            target = m.ActivityTarget(activity_id=self.activity.id, from_on=date(2025, 1, 1), weekly_minutes=300)
            session.add(target)
        self.life.change({})
        for act in (self.add_review, self.add_review, self.add_task, self.add_task, self.plan_chat, self.introduce):
            self.do(act, now, tz)

    def act(self, now: datetime, tz: ZoneInfo) -> str:
        """Do something at random; gives what it was, or why it was refused."""
        (act,) = self.rng.choices(list(ACTS), weights=list(ACTS.values()))
        return self.do(getattr(self, act), now, tz)

    def do(self, act: Callable[[Session], Facts | None], now: datetime, tz: ZoneInfo) -> str:
        """One command, whole or not at all, of which the memory keeps what it changed."""
        self.now, self.tz = now, tz
        try:
            with self.world.writing(act.__name__, now) as session:
                changed = act(session)
        except CrmError as error:
            return f"{act.__name__} refused: {error.message}"
        if changed is None or session.info["command"] is None:
            return act.__name__
        self.life.change(changed)
        return f"{act.__name__} {list(changed.values())}"

    def undo(self, session: Session) -> None:
        """Take the last command back, and that of it which the memory kept."""
        if len(self.life.commands) == 1:
            return  # it all began with that one
        journal.undo_last(session, now=self.now)
        self.life.undo()

    # Tasks

    def add_task(self, session: Session) -> Facts | None:
        """Something to do in the next three weeks, or that was due some days ago."""
        if sum(not each.done for each in self.life.those(Task)) >= MOST_OPEN:
            return None
        kind, whom = self.rng.choice(list(TaskKind)), self._contact(session)
        due_on = self._today() + timedelta(days=self.rng.randint(-3, 21))
        task, _ = tasks.add(
            session,
            title=self._title(f"Send {whom.name} the {kind} notes"),
            kind=kind,
            due_on=due_on if self.rng.random() < 0.95 else None,
            contact=whom if self.rng.random() < 0.8 else None,
            owner=self.rng.choice(list(Owner)) if kind == TaskKind.PROMISE else Owner.ME,
            anyway=None if self.rng.random() < 0.2 else "we talked about it",
            **self._moment(),
        )
        return _task(task)

    def finish_task(self, session: Session) -> Facts | None:
        """Tick a task off."""
        found = self._one(session, m.Task, [each for each in self.life.those(Task) if not each.done])
        if found is None:
            return None
        settle.finish(session, [found], now=self.now)
        return _task(found)

    def edit_task(self, session: Session) -> Facts | None:
        """Another day, or open again."""
        found = self._one(session, m.Task, self.life.those(Task))
        if found is None:
            return None
        again = {"done_at": None, "evidence_id": None} if found.done_at and self.rng.random() < 0.3 else {}
        day = self._today() + timedelta(days=self.rng.randint(-2, 14))
        changes = again or {"due_on": day if self.rng.random() < 0.95 else None, "title": self._title("Look at it")}
        tasks.edit(session, found, changes, anyway="it suits us both", **self._moment())
        return _task(found)

    def put_task_off(self, session: Session) -> Facts | None:
        """To a later day."""
        found = self._one(session, m.Task, [each for each in self.life.those(Task) if not each.done])
        if found is None:
            return None
        tasks.snooze(session, found, self._today() + timedelta(days=self.rng.randint(1, 9)), today=self._today())
        return _task(found)

    def remove_task(self, session: Session) -> Facts | None:
        """Away with a task."""
        found = self._one(session, m.Task, self.life.those(Task))
        if found is None:
            return None
        gone: Facts = {found.uid: None}
        tasks.remove(session, found)
        return gone

    # People

    def plan_chat(self, session: Session) -> Facts:
        """A chat in the next days, at any quarter of an hour."""
        at = self._quarter() + timedelta(minutes=15 * self.rng.randint(1, 9 * 96))
        kind = self.rng.choice([InteractionKind.COFFEE, InteractionKind.CALL, InteractionKind.VIDEO])
        said = Said(kind=kind, minutes=self.rng.choice([30, 60, 90]), place="Blue Door")
        whom = [self._contact(session) for _ in range(self.rng.randint(1, 2))]
        outcome = chats.schedule(session, list({each.id: each for each in whom}.values()), at, said, **self._anyway())
        return _chat(outcome.chat.interaction)

    def change_chat(self, session: Session) -> Facts | None:
        """Another time, often on the same day; or it does not take place."""
        found = self._one(session, m.Interaction, [each for each in self.life.those(Chat) if each.planned])
        if found is None:
            return None
        minutes = 15 * self.rng.choice([self.rng.randint(-16, 16), self.rng.randint(-96, 4 * 96)])
        moved = {"starts_at": found.starts_at + timedelta(minutes=minutes)}
        ended = InteractionState.CANCELLED if self.rng.random() < 0.7 else InteractionState.MISSED
        changes = moved if self.rng.random() < 0.6 else {"state": ended.value}
        chats.edit(session, found, changes, now=self.now, tz=self.tz)
        return _chat(found)

    def remove_chat(self, session: Session) -> Facts | None:
        """As if it had never been planned."""
        found = self._one(session, m.Interaction, self.life.those(Chat))
        if found is None:
            return None
        gone: Facts = {found.uid: None}
        chats.remove(session, found)
        return gone

    def log_contact(self, session: Session) -> Facts:
        """A talk or a message that took place; it may have been planned, settle follow-ups, and bring new tasks."""
        whom, minutes = self._contact(session), self.rng.choice([None, 30, 60])
        at = self.now - timedelta(minutes=15 * self.rng.randint(0, 200))
        kinds = [InteractionKind.COFFEE, InteractionKind.CALL, InteractionKind.MESSAGE, InteractionKind.EMAIL]
        said = Said(
            kind=self.rng.choice(kinds),
            when=When(at.astimezone(self.tz).date(), at),
            minutes=minutes,
            direction=self.rng.choice(list(Direction)),
            follow_up_on=self._today() + timedelta(days=14) if self.rng.random() < 0.2 else None,
            promises=[(self._title("Send what we spoke of"), self._today() + timedelta(days=3))]
            if self.rng.random() < 0.3
            else [],
        )
        limits = Limits.of(self.settings)
        outcome = outreach.log_contact(session, [whom], said, now=self.now, tz=self.tz, limits=limits)
        session.flush()
        changed = _chat(outcome.chat.interaction) if outcome.fulfilled else {}
        for each in (*outcome.closed, *outcome.tasks):
            changed |= _task(each)
        return changed

    def introduce(self, session: Session) -> Facts:
        """Plan to ask, or ask, for an introduction."""
        due_on = self._today() + timedelta(days=self.rng.randint(-1, 12)) if self.rng.random() < 0.8 else None
        wish = Wish(targets=[self._title("data engineer")], want="introduction", due_on=due_on)
        found = introductions.begin(session, self._contact(session), wish)
        if self.rng.random() < 0.5:
            introductions.plan(session, found, **self._anyway())
        else:
            introductions.ask(session, found, at=None, **self._anyway())
        return {each.uid: _introduction(each) for each in found}

    def move_introduction(self, session: Session) -> Facts | None:
        """It gets on, or does not."""
        found = self._one(session, m.Introduction, self.life.those(Introduction))
        if found is None:
            return None
        if self.rng.random() < 0.3:
            due_on = self._today() + timedelta(days=self.rng.randint(0, 12))
            introductions.edit(session, found, {"due_on": due_on}, now=self.now)
        else:
            state = self.rng.choice([*introductions.LADDER[3:], IntroductionState.DECLINED])
            introductions.move(session, [found], state, at=self.now)
        return {found.uid: _introduction(found)}

    def refer(self, session: Session) -> Facts | None:
        """Ask for a referral, or move one on."""
        there = session.exec(select(m.Referral).order_by(col(m.Referral.id))).all()
        if there and self.rng.random() < 0.6:
            state = self.rng.choice([ReferralState.AGREED, ReferralState.SUBMITTED, ReferralState.OFFER])
            referrals.move(session, [self.rng.choice(there)], state, at=self.now)
            return {}
        found = referrals.begin(session, self._contact(session), referrals.Wish(role=self._title("engineer")))
        referrals.ask(session, [found], at=None, **self._anyway())
        return {}

    # The plan

    def add_review(self, session: Session) -> Facts | None:
        """A milestone in the next weeks."""
        if sum(not each.done for each in self.life.those(Review)) >= MOST_OPEN // 4:
            return None
        due_on = self._today() + timedelta(days=self.rng.randint(-2, 30))
        made = records.add(session, m.Review(name=self._title("Milestone"), text="Does it hold?", due_on=due_on))
        return _review(made)

    def change_review(self, session: Session) -> Facts | None:
        """Complete it, or move it to another day."""
        found = self._one(session, m.Review, [each for each in self.life.those(Review) if not each.done])
        if found is None:
            return None
        if self.rng.random() < 0.5:
            reviews.complete(session, found, note="It holds", now=self.now)
        else:
            day = self._today() + timedelta(days=self.rng.randint(0, 10))
            reviews.move(session, found, to_on=day, today=self._today())
        return _review(found)

    def log_hours(self, session: Session) -> Facts:
        """Time spent."""
        activity = session.get_one(m.Activity, self.activity.id)
        minutes = self.rng.choice([15, 30, 120])
        started_at = self.now - timedelta(minutes=minutes)
        hours.log_time(session, activity, started_at=started_at, minutes=minutes, now=self.now)
        return {}

    # Reminders

    def snooze(self, session: Session) -> Facts | None:
        """Later, at any time of day."""
        found = self._open_reminder(session)
        if found is None:
            return None
        until_at = self._quarter() + timedelta(minutes=15 * self.rng.choice([1, 4, 24, 96, self.rng.randint(1, 700)]))
        reminders.snooze(session, found, until_at, now=self.now, tz=self.tz)
        return {("snoozed", found.key): until_at}

    def finish_reminder(self, session: Session) -> Facts | None:
        """No more of it, whatever it is about."""
        found = self._open_reminder(session)
        if found is None:
            return None
        settle.finish(session, [found], now=self.now)
        return {("finished", found.key): True}

    def _open_reminder(self, session: Session) -> m.Reminder | None:
        query = select(m.Reminder).where(col(m.Reminder.state) == ReminderState.OPEN).order_by(col(m.Reminder.id))
        there = session.exec(query).all()
        return self.rng.choice(there) if there else None

    # What they all need

    def _one(self, session: Session, model: type[Any], those: list[Any]) -> Any:
        """The record of one of those in the memory, the recent ones rather than the old."""
        return session.get_one(model, self.rng.choice(those[-MOST_OPEN:]).number) if those else None

    def _contact(self, session: Session) -> m.Contact:
        return session.get_one(m.Contact, self.rng.randint(1, len(FIRST)))

    def _today(self) -> date:
        return self.now.astimezone(self.tz).date()

    def _quarter(self) -> datetime:
        return self.now.replace(minute=self.now.minute // 15 * 15, second=0, microsecond=0)

    def _moment(self) -> dict[str, Any]:
        return {"now": self.now, "tz": self.tz, "settings": self.settings}

    def _anyway(self) -> dict[str, Any]:
        return self._moment() | {"anyway": "we talked about it"}

    def _title(self, words: str) -> str:
        self.count += 1
        return f"{words} {self.count}"


ACTS = {
    "add_task": 14,
    "finish_task": 10,
    "edit_task": 6,
    "put_task_off": 4,
    "remove_task": 1,
    "plan_chat": 9,
    "change_chat": 4,
    "remove_chat": 1,
    "log_contact": 8,
    "introduce": 3,
    "move_introduction": 4,
    "refer": 2,
    "add_review": 2,
    "change_review": 3,
    "log_hours": 4,
    "snooze": 9,
    "finish_reminder": 3,
    "undo": 8,
}
"""What the person does, and how often."""


def _task(task: m.Task) -> Facts:
    rule, day = RULE_OF[task.kind], task.snoozed_until_on or task.due_on
    theirs = task.contact_id if task.kind == TaskKind.PROMISE and task.owner == Owner.THEM else None
    put_off = task.snoozed_until_on is not None
    done = task.done_at is not None
    return {task.uid: Task(rule, task.uid, task.id, day, done=done, promised_by=theirs, put_off=put_off)}


def _chat(chat: m.Interaction) -> Facts:
    planned = chat.state == InteractionState.PLANNED
    return {chat.uid: Chat(chat.uid, chat.id, chat.starts_at, chat.minutes or 60, chat.added_at, planned=planned)}


def _review(review: m.Review) -> Facts:
    day = review.scheduled_on or review.due_on
    return {review.uid: Review(review.uid, review.id, day, done=review.completed_at is not None)}


def _introduction(it: m.Introduction) -> Introduction:
    return Introduction(it.uid, it.id, it.connector_id, it.state, it.moved_at, it.due_on)
