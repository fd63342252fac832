"""Questions, whom they are for, and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Answer, Contact, ContactTag, Question, QuestionAudience, ReviewLink, Tag
from crm.models.words import QuestionState
from crm.store import records, references


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, whom it is for (nobody named: anybody), and how many answers there are."""

    question: Question
    contacts: tuple[Contact, ...]
    tags: tuple[Tag, ...]
    answers: int


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
    """Each question with its audience and the number of its answers; three queries."""
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
    return [
        Asked(each, tuple(contacts.get(each.id, ())), tuple(tags.get(each.id, ())), counts.get(each.id, 0))
        for each in questions
    ]


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
