"""What a chat with somebody would bring: answers, referrals, introductions, promises, and what a review waits for.

Each query is asked once for everybody who is reachable, never for one person at a time.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models import (
    Answer,
    Contact,
    ContactMethod,
    ContactTag,
    Introduction,
    Organization,
    Position,
    Question,
    QuestionAudience,
    Referral,
    Review,
    ReviewLink,
    Task,
)
from crm.models.words import IntroductionState, Owner, QuestionState, ReferralState, TaskKind
from crm.store import records
from crm.store.agenda import reachable
from crm.store.shape import table_of

_CONTACT, _METHOD, _IN_TAG = table_of(Contact), table_of(ContactMethod), table_of(ContactTag)
_ORGANIZATION, _POSITION = table_of(Organization), table_of(Position)
_QUESTION, _AUDIENCE, _ANSWER = table_of(Question), table_of(QuestionAudience), table_of(Answer)
_INTRODUCTION, _REFERRAL, _TASK = table_of(Introduction), table_of(Referral), table_of(Task)
_REVIEW, _LINK = table_of(Review), table_of(ReviewLink)

TO_COME: Final = (ReferralState.PROPOSED, ReferralState.PLANNED)
_TO_MAKE: Final = (IntroductionState.PROPOSED, IntroductionState.PLANNED)
_MADE: Final = (IntroductionState.MADE, IntroductionState.THANKED)
_ON_THE_WAY: Final = (IntroductionState.ASKED, IntroductionState.AGREED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a review waits for: to talk with the contact, or with a `ref` to have a question answered or a task done."""

    review: str
    due_on: date
    linked_at: datetime
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Bringing:
    """An introduction that the contact could make: what is wanted, and to whom or what it leads."""

    want: str
    to: str


@dataclass(frozen=True, slots=True)
class Promise:
    """An open promise, of the person (`mine`) or of the contact."""

    title: str
    due_on: date
    mine: bool


@dataclass(slots=True)
class Prospects:
    """What a chat with one contact would bring.

    Attributes:
        wanted: what reviews wait for.
        questions: the ids of open questions that are for nobody else.
        introductions: those that the contact could make.
        opened: those made to the contact, whom one has not written to yet, `to` being the connector.
        referrals: the organizations at which the contact is to be asked for a referral.
        targets: the target organizations at which the contact works, where no referral is on record.
        promises: open ones with a day.
        asked_at: when something was asked of them, or of somebody who is to bring one to them, that is still to come.
    """

    wanted: list[Wanted] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    introductions: list[Bringing] = field(default_factory=list)
    opened: list[Bringing] = field(default_factory=list)
    referrals: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    asked_at: list[datetime] = field(default_factory=list)


def prospects(session: Session) -> defaultdict[int, Prospects]:
    """What a chat with each reachable person would bring, by contact id; a fixed number of queries."""
    connection, found = session.connection(), defaultdict[int, Prospects](Prospects)
    for gather in (_talks_wanted, _answers_wanted, _tasks_wanted, _questions, _introductions, _referrals, _promises):
        gather(connection, found)
    return found


def organization_names(session: Session, ids: Collection[int | None]) -> dict[int, str]:
    """The names of the organizations with these ids; None among them is passed over."""
    return records.values_of(session, _ORGANIZATION, "name", {each for each in ids if each is not None})


def _open_reviews(among: sa.FromClause) -> sa.Select[Any]:
    """Links of reviews that are dated and not completed, joined to what they are about."""
    day = sa.func.coalesce(_REVIEW.c.scheduled_on, _REVIEW.c.due_on)
    joined = _LINK.join(_REVIEW, _REVIEW.c.id == _LINK.c.review_id).join(among)
    query = sa.select(_REVIEW.c.name, day.label("day"), _LINK.c.added_at).select_from(joined)
    return query.where(day.is_not(None), _REVIEW.c.completed_at.is_(None)).order_by(day, _LINK.c.id)


def _talks_wanted(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    query = _open_reviews(_CONTACT).add_columns(_CONTACT.c.id).where(_CONTACT.c.id.in_(reachable()))
    for review, day, linked_at, number in connection.execute(query):
        found[number].wanted.append(Wanted(review, day, linked_at))


def _answers_wanted(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    """Questions that nobody answered since they were linked, for those whom they are for and who have not answered."""
    answered = sa.exists().where(_ANSWER.c.question_id == _QUESTION.c.id, _ANSWER.c.asked_at >= _LINK.c.added_at)
    asked = _asked_of().subquery()
    query = (
        _open_reviews(_QUESTION)
        .add_columns(_QUESTION.c.id, asked.c.contact_id)
        .join(asked, asked.c.question_id == _QUESTION.c.id)
        .where(_QUESTION.c.state == QuestionState.OPEN, ~answered)
    )
    for review, day, linked_at, question, number in connection.execute(query):
        found[number].wanted.append(Wanted(review, day, linked_at, f"{Question.LETTER}{question}"))


def _asked_of() -> sa.Select[Any]:
    """Question and reachable contact, where it is for them or a tag of theirs and they have not answered it."""
    whom = sa.func.coalesce(_AUDIENCE.c.contact_id, _IN_TAG.c.contact_id)
    joined = _AUDIENCE.outerjoin(_IN_TAG, _IN_TAG.c.tag_id == _AUDIENCE.c.tag_id)
    said = sa.exists().where(_ANSWER.c.question_id == _AUDIENCE.c.question_id, _ANSWER.c.contact_id == whom)
    query = sa.select(_AUDIENCE.c.question_id, whom.label("contact_id")).select_from(joined)
    return query.where(whom.in_(reachable()), ~said).distinct()


def _tasks_wanted(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    query = (
        _open_reviews(_TASK)
        .add_columns(_TASK.c.id, _TASK.c.contact_id)
        .where(_TASK.c.done_at.is_(None), _TASK.c.contact_id.in_(reachable()))
    )
    for review, day, linked_at, task, number in connection.execute(query):
        found[number].wanted.append(Wanted(review, day, linked_at, f"{Task.LETTER}{task}"))


def _questions(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    alone = sa.select(_AUDIENCE.c.question_id).group_by(_AUDIENCE.c.question_id).having(sa.func.count() == 1)
    answered = sa.select(_ANSWER.c.question_id).where(_ANSWER.c.contact_id == _AUDIENCE.c.contact_id)
    query = (
        sa.select(_QUESTION.c.id, _AUDIENCE.c.contact_id)
        .select_from(_QUESTION.join(_AUDIENCE))
        .where(
            _QUESTION.c.state == QuestionState.OPEN,
            _QUESTION.c.id.in_(alone),
            _AUDIENCE.c.contact_id.in_(reachable()),
            _QUESTION.c.id.not_in(answered),
        )
        .order_by(_QUESTION.c.id)
    )
    for question, number in connection.execute(query):
        found[number].questions.append(f"{Question.LETTER}{question}")


def _introductions(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    """What each connector could do or was asked for, and to whom an introduction has been asked for or made.

    Somebody with a channel, or with whom one is in touch, needs no introduction any more.
    """
    it, to, by = _INTRODUCTION.c, _CONTACT.alias(), _CONTACT.alias()
    has_channel = sa.exists().where(_METHOD.c.contact_id == to.c.id)
    needed = to.c.id.is_(None) | sa.and_(~has_channel, to.c.last_contact_at.is_(None), to.c.archived_at.is_(None))
    joined = _INTRODUCTION.join(by, by.c.id == it.connector_id).outerjoin(to, to.c.id == it.contact_id)
    joined = joined.outerjoin(_ORGANIZATION, _ORGANIZATION.c.id == it.organization_id)
    query = (
        sa.select(it.connector_id, it.contact_id, to.c.name, it.want, it.state, it.asked_at, it.placeholder)
        .add_columns(_ORGANIZATION.c.name.label("organization"), needed.label("needed"))
        .add_columns(by.c.name.label("connector"), to.c.last_contact_at)
        .select_from(joined)
        .where(it.state.in_([*_TO_MAKE, *_ON_THE_WAY, *_MADE]))
        .where(it.connector_id.in_(reachable()) | it.contact_id.in_(reachable()))
        .order_by(it.id)
    )
    for row in connection.execute(query):
        if row.state in _TO_MAKE and row.needed:
            to_whom = row.name or _somebody(row.placeholder, row.organization)
            found[row.connector_id].introductions.append(Bringing(row.want, to_whom))
        elif row.state in _ON_THE_WAY and row.asked_at is not None:
            found[row.connector_id].asked_at.append(row.asked_at)
            if row.needed and row.contact_id is not None:
                found[row.contact_id].asked_at.append(row.asked_at)
        elif row.state in _MADE and row.contact_id is not None and row.last_contact_at is None:
            found[row.contact_id].opened.append(Bringing(row.want, row.connector))


def _somebody(placeholder: str | None, organization: str | None) -> str:
    """`a software engineer at Acme`."""
    whom = f"{'an' if placeholder[:1].lower() in 'aeiou' else 'a'} {placeholder}" if placeholder else "somebody"
    return f"{whom} at {organization}" if organization else whom


def _referrals(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    it, known = _REFERRAL.c, set()
    for_tag = sa.select(_IN_TAG.c.contact_id, it.organization_id, it.state, it.asked_at).select_from(
        _REFERRAL.join(_IN_TAG, _IN_TAG.c.tag_id == it.tag_id)
    )
    either = sa.union_all(sa.select(it.contact_id, it.organization_id, it.state, it.asked_at), for_tag).subquery()
    query = (
        sa.select(either, _ORGANIZATION.c.name)
        .outerjoin(_ORGANIZATION, _ORGANIZATION.c.id == either.c.organization_id)
        .where(either.c.contact_id.in_(reachable()))
    )
    for number, organization, state, asked_at, name in connection.execute(query):
        known.add((number, organization))
        if state in TO_COME and name is not None and name not in found[number].referrals:
            found[number].referrals.append(name)
        elif state == ReferralState.ASKED and asked_at is not None:
            found[number].asked_at.append(asked_at)
    works_at = (
        sa.select(_POSITION.c.contact_id, _ORGANIZATION.c.id, _ORGANIZATION.c.name)
        .select_from(_POSITION.join(_ORGANIZATION))
        .where(_POSITION.c.current, _ORGANIZATION.c.target, _POSITION.c.contact_id.in_(reachable()))
        .order_by(_POSITION.c.id)
    )
    for number, organization, name in connection.execute(works_at):
        if (number, organization) not in known:
            known.add((number, organization))
            found[number].targets.append(name)


def _promises(connection: sa.Connection, found: defaultdict[int, Prospects]) -> None:
    day = sa.func.coalesce(_TASK.c.snoozed_until_on, _TASK.c.due_on)
    query = (
        sa.select(_TASK.c.contact_id, _TASK.c.title, day, _TASK.c.owner)
        .where(_TASK.c.kind == TaskKind.PROMISE, _TASK.c.done_at.is_(None), day.is_not(None))
        .where(_TASK.c.contact_id.in_(reachable()))
        .order_by(day, _TASK.c.id)
    )
    for number, title, due_on, owner in connection.execute(query):
        found[number].promises.append(Promise(title, due_on, mine=owner == Owner.ME))
