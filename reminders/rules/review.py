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

from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models import Review
from crm.store import choice, reviews
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "lead_days": 3,
    "overdue_after_days": 1,
}


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
    latest = day_of(until, tz) + timedelta(days=options["lead_days"])
    for review in reviews.upcoming(session, until=latest):
        day = reviews.day_due(review)
        if day is not None:
            yield from (_reminder(review, day, stage) for stage in _stages(day, now, until, tz, options))


def _stages(day: date, now: datetime, until: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> list[_Stage]:
    days = {"ahead": -options["lead_days"], "due": 0, "overdue": options["overdue_after_days"]}
    stages = [_stage(name, day + timedelta(days=away), tz, options) for name, away in days.items()]
    ahead, *_ = stages
    if ahead.day == day:
        stages.remove(ahead)
    past = [each for each in stages if each.due_at <= now]
    return [*past[-1:], *(each for each in stages if now < each.due_at <= until)]


def _stage(ordinal: str, day: date, tz: ZoneInfo, options: Mapping[str, Any]) -> _Stage:
    return _Stage(ordinal, day, local_instant(day, options["at"], tz))


def _reminder(review: Review, day: date, stage: _Stage) -> Reminder:
    name = "-".join(choice.words(review.name))
    return Reminder(
        key=occurrence_key("review", review.uid, day, stage.ordinal),
        rule="review",
        title=_TITLES[stage.ordinal].format(name=review.name, day=say_day(day)),
        body=f'{review.text}\nDone: crm review complete {name} --note "what you found"'.lstrip(),
        subject_table="review",
        subject_uid=review.uid,
        local_on=stage.day,
        due_at=stage.due_at,
    )
