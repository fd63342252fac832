"""The days on which the plan is reviewed, whole days.

They are few, so all of them stand here, done ones and overdue ones too; one without a day is left out.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import Identity, identity, removed
from calendars.links import first_link
from calendars.window import Window
from calendars.wording import paragraphs
from crm.actions.review_links import say
from crm.actions.reviews import handle
from crm.cadence import day_of
from crm.dates import say_day
from crm.models import Question, Review, Task
from crm.store import feed_history, feed_reviews, reviews
from crm.store.feed_reviews import ByThen
from crm.store.review_links import Linkable
from crm.store.told import OF_A_REVIEW, Versions

TITLE = "Plan reviews"
FILLED_BY = "crm plan start DATE"
COLOR = "darkorange"

_AT_NINE = -9 * 60
_MOST_BY_THEN = 10


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each review that has a day; a removed one is cancelled."""
    versions, by_then = Versions(session, OF_A_REVIEW), feed_reviews.by_then(session)
    for review in reviews.every(session):
        day = reviews.day_due(review)
        if day is not None:
            found = by_then.get(review.id, ByThen())
            version = identity("review", review, versions.of(review), others=found.versions)
            yield _entry(review, version, day, found, window.tz)
    for grave in feed_history.removed(session, OF_A_REVIEW, since=window.remembered_since()):
        was_on = grave.values.get("scheduled_on") or grave.values.get("due_on")
        if was_on is not None:
            name = grave.values["name"]
            yield replace(removed("review", grave, summary=f"{name} review", starts=was_on), typed=name)


def _entry(review: Review, version: Identity, day: date, found: ByThen, tz: ZoneInfo) -> Entry:
    done = review.completed_at is not None
    return Entry(
        **version,
        summary=f"{review.name} review" + (" (done)" if done else ""),
        typed=review.name,
        starts=day,
        description=paragraphs(review.text, _by_then(found, review), _moved(review), _what_to_do(review, tz)),
        url=first_link(review.text),
        categories=("Review",),
        status="done" if done else "confirmed",
        done_at=review.completed_at,
        alarms=() if done else (_AT_NINE,),
    )


def _by_then(found: ByThen, review: Review) -> str:
    things = found.things()
    if not things:
        return ""
    more = len(things) - _MOST_BY_THEN
    told = [f"- {_line(each)}" for each in things[:_MOST_BY_THEN]]
    rest = [f"and {more} more: crm review show {handle(review)}"] if more > 0 else []
    return "\n".join(["To have happened by then:", *told, *rest])


def _line(thing: Linkable) -> str:
    said = " ".join(say(thing).split())
    if isinstance(thing, Task):
        return said
    return f"an answer to {said}" if isinstance(thing, Question) else f"talk with {said}"


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
