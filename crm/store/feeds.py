"""What the calendar feeds tell of: chats and follow-ups with their people, how to reach them and what to ask.

The number of queries does not depend on how much there is to tell.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from crm.models import (
    Contact,
    ContactMethod,
    Interaction,
    InteractionContact,
    Question,
    Task,
)
from crm.models.words import InteractionState, TaskKind
from crm.store import interactions
from crm.store.feed_agenda import agenda
from crm.store.tasks import day_of, its_day
from crm.store.told import OF_A_CHAT, OF_A_CONTACT, OF_A_TASK, Version, Versions

CHAT_STATES = (InteractionState.PLANNED, InteractionState.CANCELLED, InteractionState.MISSED)
TASK_KINDS = (TaskKind.FOLLOW_UP, TaskKind.PROMISE)

Ids = sa.Select[Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, the ways to reach them, the primary one first, and the version of what is told of them."""

    contact: Contact
    methods: tuple[ContactMethod, ...]
    version: Version


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat to come, or one that did not take place, and who is in it.

    Attributes:
        chat: the interaction and its participants.
        version: of what is told of the chat itself.
        people: the participants with the ways to reach them, in the order they were named.
        questions: what is open and not answered yet: questions for these people first, then those for anybody.
        asked: the version of what there is to ask, of what is answered, and of what is gone of both.
    """

    chat: interactions.Chat
    version: Version
    people: tuple[Person, ...]
    questions: tuple[Question, ...]
    asked: Version

    @property
    def interaction(self) -> Interaction:
        """The chat's own record."""
        return self.chat.interaction


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up, promise or other task, the version of what is told of it, its day if any, and whom it is about."""

    task: Task
    version: Version
    day: date | None
    person: Person | None


def chats(session: Session, *, since: datetime, before: datetime) -> list[Chat]:
    """Chats planned, cancelled or missed that start at `since` or later and before `before`, by their start."""
    found = interactions.chats(session, states=CHAT_STATES, since=since, before=before)
    chosen = sa.select(col(Interaction.id)).where(
        col(Interaction.state).in_(CHAT_STATES),
        col(Interaction.starts_at) >= since,
        col(Interaction.starts_at) < before,
    )
    linked = col(InteractionContact.interaction_id)
    present = sa.select(col(InteractionContact.contact_id)).where(linked.in_(chosen))
    methods, asked = _methods(session, present), agenda(session, present)
    told, versions = Versions(session, OF_A_CHAT, ids=chosen), Versions(session, OF_A_CONTACT, ids=present)
    return [
        Chat(
            each,
            told.of(each.interaction),
            tuple(_person(contact, methods, versions) for contact in each.contacts),
            tuple(asked.open_for(each.contacts)),
            asked.version(each.contacts),
        )
        for each in found
    ]


def follow_ups(session: Session, *, from_on: date, to_on: date) -> list[FollowUp]:
    """Open follow-ups and promises that are due, or were put off to, a day from `from_on` to `to_on`, by that day."""
    return _tasks(
        session, col(Task.kind).in_(TASK_KINDS), col(Task.done_at).is_(None), its_day().between(from_on, to_on)
    )


def tasks(session: Session, *, to_on: date, done_since: datetime) -> list[FollowUp]:
    """Tasks of every kind with a day until `to_on` or none: open ones, and those done of late; by their days."""
    of_late = or_(col(Task.done_at).is_(None), col(Task.done_at) >= done_since)
    day = its_day()
    return _tasks(session, of_late, or_(day.is_(None), day <= to_on))


def _tasks(session: Session, *wanted: sa.ColumnElement[bool]) -> list[FollowUp]:
    rows = session.exec(
        select(Task, Contact).join(Contact, col(Contact.id) == Task.contact_id, isouter=True).where(*wanted)
    ).all()
    present = sa.select(col(Task.contact_id)).where(*wanted, col(Task.contact_id).is_not(None))
    methods, versions = _methods(session, present), Versions(session, OF_A_CONTACT, ids=present)
    told = Versions(session, OF_A_TASK, ids=sa.select(col(Task.id)).where(*wanted))
    found = [
        FollowUp(task, told.of(task), day_of(task), _person(contact, methods, versions) if contact else None)
        for task, contact in rows
    ]
    return sorted(found, key=lambda each: (each.day or date.max, each.task.id))


Methods = dict[int, list[ContactMethod]]


def _methods(session: Session, contacts: Ids) -> Methods:
    """The ways to reach each of the contacts, the primary one first."""
    query = select(ContactMethod).where(col(ContactMethod.contact_id).in_(contacts))
    found: Methods = defaultdict(list)
    for method in session.exec(query.order_by(col(ContactMethod.primary).desc(), col(ContactMethod.id))):
        found[method.contact_id].append(method)
    return found


def _person(contact: Contact, methods: Methods, versions: Versions) -> Person:
    return Person(contact, tuple(methods.get(contact.id, ())), versions.of(contact))
