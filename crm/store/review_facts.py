"""What the log holds of a stretch of time, for a review to look back on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from crm.models import Answer, Contact, Interaction, InteractionContact, Question
from crm.models.words import TALKS, Direction, InteractionState


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody one wrote to or talked with, and whether they talked."""

    contact: Contact
    talked: bool

    def told(self) -> dict[str, object]:
        """As `--json` tells it."""
        return {"contact": self.contact.uid, "name": self.contact.name, "talked": self.talked}


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody said to a question."""

    answer: Answer
    question: Question
    contact: Contact

    def told(self) -> dict[str, object]:
        """As `--json` tells it, by uid."""
        return {"question": self.question.uid, "contact": self.contact.uid, "text": self.answer.text}


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant on (None: from the beginning) and before another, aware UTC."""

    from_at: datetime | None
    to_at: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Whether the instant lies in it; one that is not known does not."""
        return instant is not None and instant < self.to_at and (self.from_at is None or instant >= self.from_at)

    def within(self, column: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a model's attribute
        """The same of a column."""
        at = col(column)
        return sa.and_(at < self.to_at, at >= self.from_at if self.from_at else sa.true())


def reached(session: Session, span: Span) -> list[Reached]:
    """Everybody whom one wrote to or talked with, in the order in which one first did; one query.

    What somebody else wrote is no reaching out.
    """
    talked = sa.func.max(sa.case((col(Interaction.kind).in_(TALKS), 1), else_=0))
    people = (
        sa.select(
            col(InteractionContact.contact_id).label("contact_id"),
            talked.label("talked"),
            sa.func.min(Interaction.starts_at).label("first_at"),
        )
        .join(Interaction, col(Interaction.id) == InteractionContact.interaction_id)
        .where(col(Interaction.state) == InteractionState.HAPPENED, span.within(Interaction.starts_at))
        .where(or_(col(Interaction.direction) == Direction.OUT, col(Interaction.kind).in_(TALKS)))
        .group_by(col(InteractionContact.contact_id))
        .subquery()
    )
    query = (
        sa.select(Contact, people.c.talked)
        .join(people, people.c.contact_id == Contact.id)
        .order_by(people.c.first_at, col(Contact.id))
    )
    return [Reached(contact, bool(talks)) for contact, talks in session.execute(query)]


def answered(session: Session, span: Span) -> list[Answered]:
    """The answers that were gathered, oldest first; one query."""
    query = (
        select(Answer, Question, Contact)
        .join(Question, col(Question.id) == Answer.question_id)
        .join(Contact, col(Contact.id) == Answer.contact_id)
        .where(span.within(Answer.asked_at))
        .order_by(col(Answer.asked_at), col(Answer.id))
    )
    return [Answered(*row) for row in session.exec(query)]
