"""Reviews: completing, moving, adding. Completing one late does not shift the next."""

from datetime import date, datetime
from typing import Final

from sqlmodel import Session

from crm.actions.checked import brief
from crm.actions.plan import date_review, the_plan
from crm.dates import say_day
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote, refuse_unstorable
from crm.models import Review, ReviewAnswer
from crm.store import choice, journal, records, reviews

LONGEST_HANDLE: Final = 40


def complete(session: Session, review: Review, *, note: str | None, now: datetime) -> Review:
    """Complete a review with what the person found: a note, which takes an older one's place, or answers to its form.

    Raises:
        BadValueError: the note is blank, or there is neither a note nor an answer: it cannot be completed empty.
        RefusedError: it was completed before.
    """
    if review.completed_at is not None:
        raise RefusedError(
            f"{review.name} was completed before; to change its note: crm review edit {handle(review)} --note TEXT"
        )
    if note is not None or not has_something(session, review):
        review.note = _filled(note or "", review)
    review.completed_at = now
    journal.summarize(session, f"Completed {brief(review.name)}")
    return review


def has_something(session: Session, review: Review) -> bool:
    """Whether anything was written on a review: a note, or an answer to its form."""
    return bool((review.note or "").strip() or records.parts(session, ReviewAnswer, review))


def edit(session: Session, review: Review, *, note: str | None = None, text: str | None = None) -> Review:
    """Change a review's note (not to a blank one once it is completed) or what it is to look at."""
    if note is not None:
        review.note = _filled(note, review)
    if text is not None:
        review.text = refuse_unstorable(text, what="The text")
    journal.summarize(session, f"Edited {brief(review.name)}")
    return review


def _filled(note: str, review: Review) -> str:
    if not note.strip():
        raise BadValueError(
            f"a review can't be completed empty; answer its questions: crm review start {handle(review)}; "
            f'or say what you found: crm review complete {handle(review)} --note "..."'
        )
    return refuse_unstorable(note, what="The note")


def move(session: Session, review: Review, *, to_on: date, today: date) -> Review:
    """Move a review to another day, or back to its own; the others stay where they are.

    Raises:
        BadValueError: the day is past.
        RefusedError: the review is completed.
    """
    if review.completed_at is not None:
        raise RefusedError(f"{review.name} is completed and stays where it is; to take that back: crm undo")
    if to_on < today:
        raise BadValueError(f"{say_day(to_on)} is past; move {review.name} to today or later")
    review.scheduled_on = None if to_on == review.due_on else to_on
    journal.summarize(session, f"Moved {brief(review.name)} to {say_day(to_on)}")
    return review


def add(session: Session, name: str, *, weeks: int = 0, months: int = 0, text: str = "") -> Review:
    """Add a review so many weeks and calendar months after the plan's start, dated if that is known.

    Raises:
        BadValueError: the name is blank or taken, or neither weeks nor months are given.
    """
    refuse_unstorable(name, what="The name")
    if not choice.words(name):
        raise BadValueError("a review needs a name of letters or digits, such as Month 12")
    if any(choice.words(each.name) == choice.words(name) for each in reviews.every(session)):
        raise BadValueError(f"there is a review {quote(name)} already; to move it: crm review move {dashed(name)} DATE")
    if not (weeks or months):
        raise BadValueError("say how long after the plan's start it is due, with --weeks or --months")
    text = refuse_unstorable(text, what="The text")
    review = Review(name=name, text=text, offset_weeks=weeks, offset_months=months)
    start_on = the_plan(session).start_on
    if start_on is not None:
        date_review(review, start_on)
    journal.summarize(session, f"Added {brief(name)}")
    return records.add(session, review)


def handle(review: Review) -> str:
    """What to call a review in a command that is shown: its name as one word, or its short id where that is long."""
    name = dashed(review.name)
    return name if len(name) <= LONGEST_HANDLE else review.ref


def dashed(name: str) -> str:
    """A review's name as one word for the command line: `week-2`."""
    return "-".join(choice.words(name))
