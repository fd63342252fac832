"""What the calendar feeds tell of: chats and follow-ups with their people, how to reach them and what to ask.

The number of queries does not depend on how much there is to tell.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from crm.models import (
    Answer,
    Contact,
    ContactMethod,
    ContactTag,
    Interaction,
    InteractionContact,
    Question,
    QuestionAudience,
    Task,
)
from crm.models.words import InteractionState, QuestionState, TaskKind
from crm.store import interactions
from crm.store.feed_history import Version, Versions
from crm.store.shape import table_of

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
        people: the participants with the ways to reach them, in the order they were named.
        questions: what is open and not answered yet: questions for these people first, then those for anybody.
        asked_at: when one of the questions that count here, open or not, or an answer to them last changed.
    """

    chat: interactions.Chat
    people: tuple[Person, ...]
    questions: tuple[Question, ...]
    asked_at: datetime | None

    @property
    def interaction(self) -> Interaction:
        """The chat's own record."""
        return self.chat.interaction


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up, promise or other task, its day, and whom it is about."""

    task: Task
    day: date
    person: Person | None


def chats(session: Session, *, since: datetime, before: datetime) -> list[Chat]:
    """Chats planned, cancelled or missed that start at `since` or later and before `before`, by their start."""
    found = interactions.chats(session, states=CHAT_STATES, since=since, before=before)
    present = (
        sa.select(col(InteractionContact.contact_id))
        .join(Interaction, col(Interaction.id) == InteractionContact.interaction_id)
        .where(
            col(Interaction.state).in_(CHAT_STATES),
            col(Interaction.starts_at) >= since,
            col(Interaction.starts_at) < before,
        )
    )
    methods, agenda, versions = _methods(session, present), _agenda(session, present), Versions(session, present)
    return [
        Chat(
            each,
            tuple(_person(contact, methods, versions) for contact in each.contacts),
            tuple(agenda.open_for(each.contacts)),
            agenda.changed_at(each.contacts),
        )
        for each in found
    ]


def follow_ups(session: Session, *, from_on: date, to_on: date) -> list[FollowUp]:
    """Open follow-ups and promises that are due, or were put off to, a day from `from_on` to `to_on`, by that day."""
    return _tasks(session, col(Task.kind).in_(TASK_KINDS), col(Task.done_at).is_(None), from_on=from_on, to_on=to_on)


def tasks(session: Session, *, from_on: date, to_on: date, done_since: datetime) -> list[FollowUp]:
    """Tasks of every kind with a day from `from_on` to `to_on`, by that day: open ones, and those done of late."""
    of_late = or_(col(Task.done_at).is_(None), col(Task.done_at) >= done_since)
    return _tasks(session, of_late, from_on=from_on, to_on=to_on)


def _tasks(session: Session, *which: sa.ColumnElement[bool], from_on: date, to_on: date) -> list[FollowUp]:
    wanted = (
        *which,
        or_(
            col(Task.snoozed_until_on).between(from_on, to_on),
            col(Task.snoozed_until_on).is_(None) & col(Task.due_on).between(from_on, to_on),
        ),
    )
    rows = session.exec(
        select(Task, Contact).join(Contact, col(Contact.id) == Task.contact_id, isouter=True).where(*wanted)
    ).all()
    present = sa.select(col(Task.contact_id)).where(*wanted, col(Task.contact_id).is_not(None))
    methods, versions = _methods(session, present), Versions(session, present)
    found = [
        FollowUp(task, day, _person(contact, methods, versions) if contact else None)
        for task, contact in rows
        if (day := task.snoozed_until_on or task.due_on)
    ]
    return sorted(found, key=lambda each: (each.day, each.task.id))


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


@dataclass(frozen=True, slots=True)
class _Agenda:
    """Questions by the contact they are for, those for anybody, and each contact's answers by question."""

    addressed: dict[int, list[Question]]
    general: list[Question]
    answers: dict[int, dict[int, Answer]]

    def open_for(self, contacts: Sequence[Contact]) -> list[Question]:
        """Each open question that one of the contacts has not answered, once; those for anybody come last."""
        found = [question for each in contacts for question in self._open(each, self.addressed.get(each.id, []))]
        found += [question for each in contacts for question in self._open(each, self.general)]
        return list({question.id: question for question in found}.values())

    def _open(self, contact: Contact, questions: list[Question]) -> Iterator[Question]:
        answered = self.answers.get(contact.id, {})
        return (each for each in questions if each.state == QuestionState.OPEN and each.id not in answered)

    def changed_at(self, contacts: Sequence[Contact]) -> datetime | None:
        """When one of the questions for the contacts or anybody, or of the contacts' answers, last changed."""
        numbers = [each.id for each in contacts]
        asked = [*self.general, *(question for number in numbers for question in self.addressed.get(number, []))]
        answered = [answer for number in numbers for answer in self.answers.get(number, {}).values()]
        return max((each.updated_at for each in [*asked, *answered]), default=None) if contacts else None


def _agenda(session: Session, contacts: Ids) -> _Agenda:
    named, tagged = table_of(QuestionAudience), table_of(ContactTag)
    directly = sa.select(named.c.question_id, named.c.contact_id).where(named.c.contact_id.in_(contacts))
    by_tag = (
        sa.select(named.c.question_id, tagged.c.contact_id)
        .join(tagged, tagged.c.tag_id == named.c.tag_id)
        .where(tagged.c.contact_id.in_(contacts))
    )
    audience = directly.union(by_tag).subquery()
    addressed: dict[int, list[Question]] = defaultdict(list)
    query = select(Question, audience.c.contact_id).join(audience, audience.c.question_id == col(Question.id))
    for question, number in session.exec(query.order_by(col(Question.id))):
        addressed[number].append(question)
    answers: dict[int, dict[int, Answer]] = defaultdict(dict)
    for answer in session.exec(
        select(Answer).where(col(Answer.contact_id).in_(contacts)).order_by(col(Answer.updated_at))
    ):
        answers[answer.contact_id][answer.question_id] = answer
    return _Agenda(addressed, _for_anybody(session), answers)


def _for_anybody(session: Session) -> list[Question]:
    addressed = sa.select(col(QuestionAudience.question_id))
    return list(session.exec(select(Question).where(col(Question.id).not_in(addressed)).order_by(col(Question.id))))
