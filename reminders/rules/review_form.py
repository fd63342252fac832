"""Reviews that wait to be written: started and left, or with their day behind them, each said once some days later.

That a review is coming, due and overdue is what the rule `review` says, on its day and around it; a form that was left
then is spoken of after that. The key holds the day of the start in UTC, which moving to another time zone does not
change, or else the review's own day.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.reviews import handle
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models import Review
from crm.store import reviews
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8), "after_days": 2}


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each open review that was started, or whose day has passed."""
    for review in reviews.every(session):
        day = None if review.completed_at else _day(review, tz, timedelta(days=options["after_days"]))
        if day is not None:
            due_at = local_instant(day, options["at"], tz)
            if due_at <= now + options["ahead"]:
                yield _reminder(review, day, due_at, tz)


def _day(review: Review, tz: ZoneInfo, after: timedelta) -> date | None:
    """The day on which it is said; the review's own day and those right after it are left to the rule `review`."""
    due_on = reviews.day_due(review)
    if review.started_at is None:
        return due_on + after if due_on else None
    day = day_of(review.started_at, tz) + after
    return due_on + after if due_on and due_on <= day < due_on + after else day


def _reminder(review: Review, day: date, due_at: datetime, tz: ZoneInfo) -> Reminder:
    name, due_on = handle(review), reviews.day_due(review)
    if review.started_at is not None:
        title = f"Go on with review {line(review.name)}, started {say_day(day_of(review.started_at, tz))}"
        key_day, ordinal = review.started_at.astimezone(UTC).date(), "started"
    else:
        title = f"Write review {line(review.name)}" + (f", due {say_day(due_on)}" if due_on else "")
        key_day, ordinal = due_on or day, ""
    ways = {
        "Go on" if review.started_at else "Begin": f"crm review start {name}",
        "Done": f'crm review complete {name} --note "what you found"',
    }
    return Reminder(
        key=occurrence_key("review_form", review.uid, key_day, ordinal),
        rule="review_form",
        title=line(title, LONGEST_TITLE),
        body=offers(**ways),
        subject_table="review",
        subject_uid=review.uid,
        local_on=day,
        due_at=due_at,
    )
