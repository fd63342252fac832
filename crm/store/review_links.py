"""What is to have happened by a review: talks with people, answers to questions, tasks done."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Answer, Contact, Interaction, InteractionContact, Question, Review, ReviewLink, Task
from crm.models.words import TALKS, InteractionState

Linkable = Contact | Question | Task


@dataclass(frozen=True, slots=True)
class Linked:
    """One link, what it is about, and when it happened (None: not yet)."""

    link: ReviewLink
    about: Linkable
    done_at: datetime | None


def of(session: Session, review: Review) -> list[Linked]:
    """What is linked to a review, in the order it was linked; three queries, however much it is.

    A talk or an answer counts from the moment of linking on: what was before was known then.
    """
    it = ReviewLink
    talked = (
        select(sa.func.min(Interaction.starts_at))
        .join(InteractionContact)
        .where(InteractionContact.contact_id == it.contact_id, Interaction.state == InteractionState.HAPPENED)
        .where(col(Interaction.kind).in_(TALKS), col(Interaction.starts_at) >= it.added_at)
        .scalar_subquery()
    )
    answered = (
        select(sa.func.min(Answer.asked_at))
        .where(Answer.question_id == it.question_id, col(Answer.asked_at) >= it.added_at)
        .scalar_subquery()
    )
    queries = (
        sa.select(it, Contact, talked).join(Contact),
        sa.select(it, Question, answered).join(Question),
        sa.select(it, Task, col(Task.done_at)).join(Task),
    )
    here = col(it.review_id) == review.id
    found = [Linked(*row) for query in queries for row in session.execute(query.where(here))]
    return sorted(found, key=lambda each: each.link.id)
