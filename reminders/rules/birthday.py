"""Birthdays: on the morning of the day, or some days ahead, until the day ends where the person is.

What was missed is made up for on the day itself and never later. Who was born on 29 February has a birthday on the
28th in other years: the month ends then, as with everything else here that is counted in months. It is silent about
tier none, sources and archived people, and about whom one wrote to or talked with on the day.
"""

from calendar import isleap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of, local_instant, midnight
from crm.dates import say_day
from crm.models import Contact
from crm.models.words import Direction, InteractionState
from crm.store import birthdays, interactions
from reminders.days_off import EVERY_DAY, worked_on
from reminders.lines import offers
from reminders.naming import name
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "lead_days": 0,
    "working_days": EVERY_DAY,
}
_LEAP_DAY: Final = "02-29"


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each birthday that is near."""
    kept_on = defaultdict[str, list[date]](list)
    for day in _days(now, tz, options):
        for said in _as_written(day):
            kept_on[said].append(day)
    today = day_of(now, tz)
    wished = _reached(session, midnight(today, tz))
    for person in birthdays.on(session, kept_on):
        for day in kept_on[(person.birthday or "")[-5:]]:
            if day > today or person.id not in wished:
                yield _reminder(person, day, tz, options)


def _reached(session: Session, since: datetime) -> set[int]:
    """Whom one wrote to, or talked with, since then."""
    chats = interactions.chats(session, states=[InteractionState.HAPPENED], since=since)
    return {each.id for chat in chats if chat.interaction.direction == Direction.OUT for each in chat.contacts}


def _days(now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[date]:
    """The days, from today on, whose birthdays are told by the end of what is planned."""
    day, until = day_of(now, tz), now + options["ahead"]
    while _told_at(day, tz, options) <= until:
        yield day
        day += timedelta(days=1)


def _told_at(day: date, tz: ZoneInfo, options: Mapping[str, Any]) -> datetime:
    """On the day itself, which may be a day off; an announcement is made on a working day."""
    said_on = day - timedelta(days=options["lead_days"])
    return local_instant(worked_on(said_on, options["working_days"]) if said_on < day else day, options["at"], tz)


def _as_written(day: date) -> Iterator[str]:
    """How a birthday that is kept on that day may be written."""
    yield f"{day:%m-%d}"
    if (day.month, day.day) == (2, 28) and not isleap(day.year):
        yield _LEAP_DAY


def _reminder(person: Contact, day: date, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder:
    return Reminder(
        key=occurrence_key("birthday", person.uid, day),
        rule="birthday",
        title=f"Birthday of {name(person)}: {say_day(day)}",
        body=offers(Once_you_have_wished_them_well=f'crm log-contact {person.ref} --kind message --note "..."'),
        subject_table="contact",
        subject_uid=person.uid,
        local_on=day - timedelta(days=options["lead_days"]),
        due_at=_told_at(day, tz, options),
        expires_at=midnight(day + timedelta(days=1), tz),
    )
