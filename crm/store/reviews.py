"""The milestones at which the plan is reviewed."""

from datetime import date

from sqlmodel import Session

from crm.errors import NotFoundError
from crm.escaping import quote
from crm.folding import fold
from crm.models import Review
from crm.store import choice, records


def day_due(review: Review) -> date | None:
    """The day of a review: where it was moved to, or else where the plan's start puts it."""
    return review.scheduled_on or review.due_on


def every(session: Session) -> list[Review]:
    """All reviews by their day; those without one come last, in the order of the plan."""
    return sorted(
        records.every(session, Review),
        key=lambda each: (day_due(each) or date.max, each.offset_months, each.offset_weeks, each.id),
    )


def upcoming(session: Session, *, until: date) -> list[Review]:
    """The open reviews due on `until` or before it, by their day; overdue ones lead."""
    return [each for each in every(session) if each.completed_at is None and (day_due(each) or date.max) <= until]


def review(session: Session, text: str) -> Review:
    """The review of that name (`Week 2`, `week-2`), short id or uid.

    Raises:
        NotFoundError: there is none; all are listed.
        AmbiguousError: several answer to that name.
    """
    there = every(session)
    named = [each for each in there if choice.words(each.name) == choice.words(text) or fold(each.name) == fold(text)]
    found = choice.only(text, [named, choice.by_id(text, there)], label=lambda each: each.name)
    if found is None:
        way_out = (
            "see: crm review list" if there else "there are no reviews yet; add one: crm review add NAME --weeks 2"
        )
        raise NotFoundError(f"there is no review {quote(text)}; {way_out}", candidates=[each.name for each in there])
    return found
