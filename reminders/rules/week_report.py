"""The week's account: on the first day of the week, what came of the last one, until the next account takes its place.

It has the hours of each activity, the people reached by their first names, the answers gathered, the commitments with
their streaks, the checklist, and what is due in the week that begins. It is silent about a week in the
first four days of which neither hours nor commitments were set down.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import week_report
from crm.cadence import day_of, local_instant, midnight, week_bounds
from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.render import week_report as words
from crm.store import said
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8), "week_starts_on": "monday"}
_A_DAY: Final = timedelta(days=1)
_A_WEEK: Final = timedelta(days=7)
_MOST_LINES: Final = 36


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each week that begins: this one, and those of the next days."""
    until, starts_on = now + options["ahead"], options["week_starts_on"]
    first_on, _ = week_bounds(day_of(now, tz), first_weekday=WEEKDAYS.index(starts_on))
    while (due_at := local_instant(first_on, options["at"], tz)) <= until:
        told = _told(session, first_on, due_at, now, tz, starts_on)
        if told is not None:
            yield _reminder(first_on, due_at, tz, *told)
        first_on += _A_WEEK


def _told(
    session: Session, first_on: date, due_at: datetime, now: datetime, tz: ZoneInfo, starts_on: str
) -> tuple[str, str] | None:
    """Title and body: as they were said, as they are now, or what is known ahead; None where there is nothing."""
    told = said.words(session, _key(first_on)) if due_at <= now else None
    if told is not None:
        return told
    if not week_report.has_something(session, first_on - _A_DAY, by_on=first_on - 4 * _A_DAY, tz=tz):
        return None
    return _account(session, first_on, now, tz, starts_on) if due_at <= now else _ahead(first_on)


def _key(first_on: date) -> str:
    return occurrence_key("week_report", "", first_on)


def _reminder(first_on: date, due_at: datetime, tz: ZoneInfo, title: str, body: str) -> Reminder:
    return Reminder(
        key=_key(first_on),
        rule="week_report",
        title=title,
        body=body,
        local_on=first_on,
        due_at=due_at,
        expires_at=midnight(first_on + _A_WEEK, tz),
    )


def _ahead(first_on: date) -> tuple[str, str]:
    """What is known of it before the week is over."""
    last = first_on - _A_DAY
    title = f"The account of the week till {say_day(last)}"
    return title, offers(As_it_stands=f"crm week --report --at {last}")


def _account(session: Session, first_on: date, now: datetime, tz: ZoneInfo, starts_on: str) -> tuple[str, str]:
    last = first_on - _A_DAY
    found = week_report.gather(session, day=last, now=now, tz=tz, week_starts_on=starts_on)
    told = words.lines(found)
    if len(told) > _MOST_LINES:
        told = [*told[:_MOST_LINES], "and more, see below"]
    way = offers(As_a_text=f"crm week --report --at {last}")
    return line(f"Last week: {words.headline(found)}", LONGEST_TITLE), "\n".join([*told, way])
