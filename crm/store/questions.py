"""Questions, whom they are for, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Answer, Contact, ContactTag, Question, QuestionAudience, Review, ReviewLink, Tag
from crm.models.words import QuestionState
from crm.store import records, references


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, whom it is for (nobody named: anybody), and how far it is.

    Attributes:
        answers: how many there are, whoever gave them.
        people: how many people it is for, those in its tags included and archived ones left out.
        answered: how many of these have answered.
    """

    question: Question
    contacts: tuple[Contact, ...]
    tags: tuple[Tag, ...]
    answers: int
    people: int
    answered: int


def listed(
    session: Session, *, contact: Contact | None = None, tag: Tag | None = None, closed: bool = False
) -> list[Asked]:
    """The open questions, or the `closed` ones too; those that concern a contact, or are for a tag."""
    query = select(Question)
    if contact is not None:
        query = query.where(_concerns(contact))
    if tag is not None:
        for_tag = select(QuestionAudience.question_id).where(QuestionAudience.tag_id == tag.id)
        query = query.where(col(Question.id).in_(for_tag))
    if not closed:
        query = query.where(Question.state == QuestionState.OPEN)
    return asked(session, list(session.exec(query.order_by(col(Question.id)))))


def to_ask(session: Session, contact: Contact) -> list[Question]:
    """The open questions a contact has not answered: for them by name, then for their tags, then for anybody."""
    has_answered = select(Answer.question_id).where(Answer.contact_id == contact.id)
    query = select(Question).where(
        _concerns(contact), Question.state == QuestionState.OPEN, col(Question.id).not_in(has_answered)
    )
    theirs = select(QuestionAudience.question_id).where(QuestionAudience.contact_id == contact.id)
    anybodys = col(Question.id).not_in(select(QuestionAudience.question_id))
    nearness = sa.case((col(Question.id).in_(theirs), 0), (anybodys, 2), else_=1)
    return list(session.exec(query.order_by(nearness, col(Question.id))))


def _concerns(contact: Contact) -> sa.ColumnElement[bool]:
    """Whether a question is for the contact, for one of their tags, or for anybody."""
    tags = select(ContactTag.tag_id).where(ContactTag.contact_id == contact.id)
    theirs = select(QuestionAudience.question_id).where(
        sa.or_(col(QuestionAudience.contact_id) == contact.id, col(QuestionAudience.tag_id).in_(tags))
    )
    return sa.or_(col(Question.id).in_(theirs), col(Question.id).not_in(select(QuestionAudience.question_id)))


def asked(session: Session, questions: Sequence[Question]) -> list[Asked]:
    """Each question with its audience and how far it is; five queries."""
    ids = [each.id for each in questions]
    contacts: dict[int, list[Contact]] = {}
    tags: dict[int, list[Tag]] = {}
    here = col(QuestionAudience.question_id).in_(ids)
    order = col(QuestionAudience.id)
    for number, contact in session.exec(
        select(QuestionAudience.question_id, Contact).join(Contact).where(here).order_by(order)
    ):
        contacts.setdefault(number, []).append(contact)
    for number, tag in session.exec(select(QuestionAudience.question_id, Tag).join(Tag).where(here).order_by(order)):
        tags.setdefault(number, []).append(tag)
    counting = select(Answer.question_id, sa.func.count()).where(col(Answer.question_id).in_(ids))
    counts = dict(session.exec(counting.group_by(col(Answer.question_id))).all())
    people = _audience_ids(session, ids)
    gave: dict[int, set[int]] = {}
    for number, contact_id in session.exec(
        select(Answer.question_id, Answer.contact_id).where(col(Answer.question_id).in_(ids))
    ):
        gave.setdefault(number, set()).add(contact_id)
    return [
        Asked(
            question=each,
            contacts=tuple(contacts.get(each.id, ())),
            tags=tuple(tags.get(each.id, ())),
            answers=counts.get(each.id, 0),
            people=len(people.get(each.id, ())),
            answered=len(people.get(each.id, set()) & gave.get(each.id, set())),
        )
        for each in questions
    ]


def _audience_ids(session: Session, questions: Sequence[int]) -> dict[int, set[int]]:
    """Whom each question is for by name or by tag, archived people left out."""
    live = col(Contact.archived_at).is_(None)
    here = col(QuestionAudience.question_id).in_(questions)
    by_name = select(QuestionAudience.question_id, Contact.id).join(Contact).where(here, live)
    by_tag = (
        select(QuestionAudience.question_id, Contact.id)
        .join(ContactTag, col(ContactTag.tag_id) == QuestionAudience.tag_id)
        .join(Contact, col(Contact.id) == ContactTag.contact_id)
        .where(here, live)
    )
    found: dict[int, set[int]] = {}
    for query in (by_name, by_tag):
        for number, contact_id in session.exec(query):
            found.setdefault(number, set()).add(contact_id)
    return found


def waiting(session: Session, question: Question) -> list[Contact]:
    """Whom a question is for who have not answered it, those last spoken with first."""
    answered = select(Answer.contact_id).where(Answer.question_id == question.id)
    ids = _audience_ids(session, [question.id]).get(question.id, set())
    last = col(Contact.last_contact_at)
    query = select(Contact).where(col(Contact.id).in_(ids), col(Contact.id).not_in(answered))
    return list(session.exec(query.order_by(last.is_(None), last.desc(), col(Contact.id))))


def linked(session: Session, review: Review) -> set[int]:
    """The questions that are to be asked by a review, by id."""
    query = select(ReviewLink.question_id).where(ReviewLink.review_id == review.id)
    return {number for number in session.exec(query) if number is not None}


def newest_answer(session: Session, question: Question, contact: Contact) -> Answer | None:
    """What a contact answered last."""
    query = select(Answer).where(Answer.question_id == question.id, Answer.contact_id == contact.id)
    return session.exec(query.order_by(col(Answer.asked_at).desc(), col(Answer.id).desc())).first()


def answers(session: Session, question: Question) -> list[tuple[Answer, Contact]]:
    """The answers to a question with whose they are, oldest first."""
    query = select(Answer, Contact).join(Contact).where(Answer.question_id == question.id)
    return [(answer, contact) for answer, contact in session.exec(query.order_by(col(Answer.asked_at), col(Answer.id)))]


def answers_of(session: Session, contact: Contact) -> list[tuple[Answer, Question]]:
    """What a contact answered, oldest first."""
    query = select(Answer, Question).join(Question).where(Answer.contact_id == contact.id)
    order = (col(Answer.asked_at), col(Answer.id))
    return [(answer, question) for answer, question in session.exec(query.order_by(*order))]


def ask_only(session: Session, question: Question, contacts: Sequence[Contact], tags: Sequence[Tag]) -> None:
    """Let a question be for these and no others; for anybody where nobody is given."""
    wanted: list[tuple[int | None, int | None]] = [
        *((each.id, None) for each in contacts),
        *((None, each.id) for each in tags),
    ]
    for part in records.parts(session, QuestionAudience, question):
        if (part.contact_id, part.tag_id) in wanted:
            wanted.remove((part.contact_id, part.tag_id))
        else:
            session.delete(part)
    session.flush()
    for contact_id, tag_id in wanted:
        records.add(session, QuestionAudience(question_id=question.id, contact_id=contact_id, tag_id=tag_id))


def remove(session: Session, question: Question) -> None:
    """Remove a question with its answers and what links it to reviews."""
    for row in [*references.of_kind(session, question, ReviewLink), *references.of_kind(session, question, Answer)]:
        records.remove(session, row)
    records.remove(session, question, [QuestionAudience])
