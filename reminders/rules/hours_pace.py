"""The hours' pace: on Wednesday, if the week is behind its targets; it expires when the week ends.

Nothing is planned ahead, since until then the hours can still be spent.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.hours import week_summary
from crm.cadence import day_of, local_instant, midnight, week_bounds
from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.render.week import in_hours
from crm.store import hours
from crm.week_hours import WeekSummary
from reminders.lines import offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "at": time(8),
    "catch_up_days": 7,
    "week_starts_on": "monday",
    "weekday": "wednesday",
}
_A_SECOND: Final = timedelta(seconds=1)


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each midweek from so many days back till now at which the week was behind."""
    today = day_of(now, tz)
    since = min((each.added_at for each in hours.activities(session)), default=now)
    for day in _days(today - timedelta(days=options["catch_up_days"]), today, options):
        due_at = local_instant(day, options["at"], tz)
        if since <= due_at <= now:
            reminder = _reminder(session, day, due_at, now, tz, options["week_starts_on"])
            if reminder is not None:
                yield reminder


def _days(first: date, last: date, options: Mapping[str, Any]) -> Iterator[date]:
    day = first + timedelta(days=(WEEKDAYS.index(options["weekday"]) - first.weekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def _reminder(
    session: Session, day: date, due_at: datetime, now: datetime, tz: ZoneInfo, week_starts_on: str
) -> Reminder | None:
    _, last = week_bounds(day, first_weekday=WEEKDAYS.index(week_starts_on))
    ends_at = midnight(last + timedelta(days=1), tz)
    as_of = min(max(now, due_at), ends_at - _A_SECOND)
    week = week_summary(session, day=day, now=as_of, tz=tz, week_starts_on=week_starts_on)
    if not week.behind_minutes:
        return None
    return Reminder(
        key=occurrence_key("hours_pace", "", day),
        rule="hours_pace",
        title=_title(week),
        body=f"{_to_go(week)}\n{offers(The_week='crm week', Log_hours='crm log-hours 45m ACTIVITY')}",
        local_on=day,
        due_at=due_at,
        expires_at=ends_at,
    )


def _title(week: WeekSummary) -> str:
    """`2.5 h behind, 4 h of room by Sunday`; where no room is known, behind what."""
    behind = f"{in_hours(week.behind_minutes)} behind"
    if not week.has_room:
        return f"{behind} this week's hours"
    return f"{behind}, {in_hours(week.available_minutes)} of room by {WEEKDAYS[week.to_on.weekday()].capitalize()}"


def _to_go(week: WeekSummary) -> str:
    to_go = week.to_go_minutes
    lacks = ", more than there is room for" if week.has_room and to_go > week.available_minutes else ""
    return f"{in_hours(to_go)} to go till {say_day(week.to_on)}{lacks}."
