"""The days on which the plan is reviewed, whole days.

They are few, so all of them stand here, done ones and overdue ones too; one without a day is left out.
"""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import identity, removed
from calendars.window import Window
from calendars.wording import paragraphs
from crm.actions.reviews import handle
from crm.cadence import day_of
from crm.dates import say_day
from crm.models import Review
from crm.store import feed_history, reviews
from crm.store.told import OF_A_REVIEW, Version, Versions

TITLE = "Plan reviews"
FILLED_BY = "crm plan start DATE"
COLOR = "darkorange"

_AT_NINE = -9 * 60


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each review that has a day; a removed one is cancelled."""
    versions = Versions(session, OF_A_REVIEW)
    for review in reviews.every(session):
        day = reviews.day_due(review)
        if day is not None:
            yield _entry(review, versions.of(review), day, window.tz)
    for grave in feed_history.removed(session, OF_A_REVIEW, since=window.remembered_since()):
        was_on = grave.values.get("scheduled_on") or grave.values.get("due_on")
        if was_on is not None:
            yield removed("review", grave, summary=f"{grave.values.get('name')} review", starts=was_on)


def _entry(review: Review, version: Version, day: date, tz: ZoneInfo) -> Entry:
    done = review.completed_at is not None
    return Entry(
        **identity("review", review, version),
        summary=f"{review.name} review" + (" (done)" if done else ""),
        starts=day,
        description=paragraphs(review.text, _moved(review), _what_to_do(review, tz)),
        categories=("Review",),
        status="done" if done else "confirmed",
        done_at=review.completed_at,
        alarms=() if done else (_AT_NINE,),
    )


def _moved(review: Review) -> str:
    if review.scheduled_on is None or review.due_on in {None, review.scheduled_on}:
        return ""
    return f"Moved from {say_day(review.due_on)}."


def _what_to_do(review: Review, tz: ZoneInfo) -> str:
    if review.completed_at is not None:
        return f"Done on {say_day(day_of(review.completed_at, tz))}."
    name, begin = handle(review), "To go on" if review.started_at else "To begin"
    ways = (
        f"{begin}: crm review start {name}",
        f'When it is done: crm review complete {name} --note "..."',
        f"To move it: crm review move {name} DATE",
    )
    return "\n".join(ways)
