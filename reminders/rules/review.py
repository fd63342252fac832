"""Reviews: some days ahead, on the day, and once more when one is overdue.

Of what is past only the last is said: who comes back after the day is not told that it is coming. A review asks until
it is completed or moved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.reviews import handle
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.escaping import shorten
from crm.models import Contact, Review
from crm.store import review_links, reviews
from reminders.days_off import EVERY_DAY, reach, worked_on
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.naming import MOST_NAMED
from reminders.naming import name as name_of
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "lead_days": 3,
    "overdue_after_days": 1,
    "working_days": EVERY_DAY,
}

LONGEST_TEXT: Final = 400
_TITLES: Final = {
    "ahead": "Coming up: review {name} on {day}",
    "due": "Review {name} is due {day}",
    "overdue": "Overdue: review {name} was due {day}",
}


@dataclass(frozen=True, slots=True)
class _Stage:
    ordinal: str
    day: date
    due_at: datetime


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is left to say of each open review that has a day."""
    until = now + options["ahead"]
    latest = reach(day_of(until, tz), options["working_days"]) + timedelta(days=options["lead_days"])
    for review in reviews.upcoming(session, until=latest):
        day = reviews.day_due(review)
        if day is not None:
            yield from (_reminder(session, review, day, stage) for stage in _stages(day, now, until, tz, options))


def _stages(day: date, now: datetime, until: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> list[_Stage]:
    days = {"ahead": -options["lead_days"], "due": 0, "overdue": options["overdue_after_days"]}
    found = (_stage(name, day, away, tz, options) for name, away in days.items())
    stages = list({each.due_at: each for each in found}.values())  # of two that are said at once, the later one
    past = [each for each in stages if each.due_at <= now]
    return [*past[-1:], *(each for each in stages if now < each.due_at <= until)]


def _stage(ordinal: str, due_on: date, away: int, tz: ZoneInfo, options: Mapping[str, Any]) -> _Stage:
    """A stage, so many days from the review's; what comes before it is over is said on a working day."""
    day = due_on + timedelta(days=away)
    said_on = worked_on(day, options["working_days"]) if away <= 0 else day
    return _Stage(ordinal, day, local_instant(said_on, options["at"], tz))


def _reminder(session: Session, review: Review, day: date, stage: _Stage) -> Reminder:
    name = handle(review)
    still = _still_to_talk_to(session, review, name) if stage.ordinal == "ahead" else ""
    ways = {
        "Go on" if review.started_at else "Begin": f"crm review start {name}",
        "Done": f'crm review complete {name} --note "what you found"',
        "Later": f"crm review move {name} 'in 3 days'",
    }
    title = _TITLES[stage.ordinal].format(name=line(review.name), day=say_day(day))
    return Reminder(
        key=occurrence_key("review", review.uid, day, stage.ordinal),
        rule="review",
        title=line(title, LONGEST_TITLE),
        body="\n".join(filter(None, (shorten(review.text.strip(), LONGEST_TEXT), still, offers(**ways)))),
        subject_table="review",
        subject_uid=review.uid,
        local_on=stage.day,
        due_at=stage.due_at,
    )


def _still_to_talk_to(session: Session, review: Review, name: str) -> str:
    """Whom of those linked to the review one has not talked with since."""
    linked = review_links.of(session, review)
    people = [name_of(each.about) for each in linked if isinstance(each.about, Contact) and each.done_at is None]
    more = f" and {len(people) - MOST_NAMED} more: crm review show {name}" if len(people) > MOST_NAMED else ""
    return f"Still to talk to: {', '.join(people[:MOST_NAMED])}{more}" if people else ""
