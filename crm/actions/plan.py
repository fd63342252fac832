"""The plan: when it starts, what it aims at, and when its main part begins."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlmodel import Session

from crm.cadence import horizon_due, review_due
from crm.dates import say_day
from crm.errors import BadValueError, RefusedError
from crm.models import Plan, Review, Task
from crm.models.words import Horizon
from crm.store import journal, plan, records

FARTHEST_YEARS: Final = 10


def the_plan(session: Session) -> Plan:
    """The plan's one row, made if there is none."""
    return plan.current(session) or records.add(session, Plan())


def start_plan(session: Session, start_on: date, *, today: date) -> Plan:
    """Let the plan start on a day, and date its reviews and checklist from there.

    Started again on another day, the same reviews and tasks get new dates. What was moved, done or dated by hand keeps
    its day.

    Raises:
        BadValueError: the day is more than `FARTHEST_YEARS` years from today, surely a slip of the pen.
    """
    if abs(start_on.year - today.year) > FARTHEST_YEARS:
        raise BadValueError(f"{say_day(start_on)} is more than {FARTHEST_YEARS} years away; is the year right?")
    found = the_plan(session)
    for review in records.every(session, Review):
        date_review(review, start_on)
    for task in plan.checklist(session):
        _date_task(task, start_on, before=found.start_on)
    found.start_on = start_on
    journal.summarize(session, f"Plan starts {say_day(start_on)}")
    return found


def date_review(review: Review, start_on: date) -> None:
    """Date a review from the plan's start; one that was moved or completed keeps its day."""
    if review.due_on is None or not (review.scheduled_on or review.completed_at):
        review.due_on = review_due(start_on, weeks=review.offset_weeks, months=review.offset_months)


def _date_task(task: Task, start_on: date, *, before: date | None) -> None:
    """Date a checklist item, unless it is done or its day is another than the start `before` gave it."""
    if task.horizon is None:
        return
    by_plan = task.due_on is None or (before is not None and task.due_on == horizon_due(before, task.horizon))
    if by_plan and (task.due_on is None or task.done_at is None):
        task.due_on = horizon_due(start_on, task.horizon)


def set_plan(session: Session, values: Mapping[str, object]) -> Plan:
    """Set some of the plan's facts (its columns by name); None clears one.

    Raises:
        BadValueError: the deadline is before the start.
    """
    found = the_plan(session)
    deadline_on = values.get("deadline_on")
    if isinstance(deadline_on, date) and found.start_on is not None and deadline_on < found.start_on:
        raise BadValueError(
            f"{say_day(deadline_on)} is before the plan's start, {say_day(found.start_on)}; "
            "name a later day, or start on another: crm plan start DATE"
        )
    for name, value in values.items():
        setattr(found, name, value)
    journal.summarize(session, "Plan: " + ", ".join(name.removesuffix("_on").replace("_", " ") for name in values))
    return found


def gate(session: Session) -> list[Task]:
    """What is still to be done before the main part begins."""
    return [each for each in plan.checklist(session) if each.horizon == Horizon.BEFORE_START and each.done_at is None]


def begin_plan(session: Session, *, today: date, anyway: bool = False) -> Plan:
    """Begin the plan's main part today; one that has begun keeps its day.

    Raises:
        RefusedError: the checklist still has items that come before; they are listed.
    """
    found = the_plan(session)
    if found.begun_on is not None:
        return found
    still_open = gate(session)
    if still_open and not anyway:
        raise RefusedError(
            f"{len(still_open)} of the checklist come before the beginning; finish each with crm done ID, "
            "or begin all the same: crm plan begin --anyway",
            candidates=[f"{each.ref} {each.title}" for each in still_open],
        )
    found.begun_on = today
    journal.summarize(session, f"Plan began {say_day(today)}")
    return found
