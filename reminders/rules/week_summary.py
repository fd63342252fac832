"""The week's end: on Sunday evening, the hours and commitments so far and what is still possible, until the week ends.

It is silent where neither hours nor commitments are set down.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitment_words, commitments, hours, week_report
from crm.cadence import day_of, local_instant, midnight, week_bounds
from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.durations import say_duration
from crm.render import week_report as words
from crm.render.week import against_target
from crm.store import said
from crm.store.commitments import CommitmentStanding
from crm.week_hours import WeekSummary
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": "18:00",
    "week_starts_on": "monday",
    "weekday": "sunday",
}
MOST: Final = 12
_A_DAY: Final = timedelta(days=1)


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each week's end from now on, and the one that was since the week began."""
    starts_on, at, until = options["week_starts_on"], options["at"], now + options["ahead"]
    at = at if isinstance(at, time) else time.fromisoformat(at)
    first_on, _ = week_bounds(day_of(now, tz), first_weekday=WEEKDAYS.index(starts_on))
    day = first_on + ((WEEKDAYS.index(options["weekday"]) - first_on.weekday()) % 7) * _A_DAY
    while (due_at := local_instant(day, at, tz)) <= until:
        told = _told(session, day, due_at, now, tz, starts_on)
        if told is not None:
            yield _reminder(day, due_at, tz, starts_on, *told)
        day += 7 * _A_DAY


def _told(
    session: Session, day: date, due_at: datetime, now: datetime, tz: ZoneInfo, starts_on: str
) -> tuple[str, str] | None:
    """Title and body: as they were said, as they are now, or what is known ahead; None where there is nothing."""
    told = said.words(session, _key(day)) if due_at <= now else None
    if told is not None:
        return told
    last = _last(day, starts_on)
    if not week_report.has_something(session, last, by_on=last, tz=tz):
        return None
    return _summary(session, day, now, tz, starts_on) if due_at <= now else _ahead(last)


def _key(day: date) -> str:
    return occurrence_key("week_summary", "", day)


def _last(day: date, starts_on: str) -> date:
    return week_bounds(day, first_weekday=WEEKDAYS.index(starts_on))[1]


def _reminder(day: date, due_at: datetime, tz: ZoneInfo, starts_on: str, title: str, body: str) -> Reminder:
    return Reminder(
        key=_key(day),
        rule="week_summary",
        title=title,
        body=body,
        local_on=day,
        due_at=due_at,
        expires_at=midnight(_last(day, starts_on) + _A_DAY, tz),
    )


def _ahead(last: date) -> tuple[str, str]:
    """What is known of it before its hour."""
    return f"How the week till {say_day(last)} stands", offers(The_week="crm week")


def _summary(session: Session, day: date, now: datetime, tz: ZoneInfo, starts_on: str) -> tuple[str, str]:
    week = hours.week_summary(session, day=day, now=now, tz=tz, week_starts_on=starts_on)
    stories, today = commitments.accepted(session, now=now, tz=tz, week_starts_on=starts_on), day_of(now, tz)
    standings = [each.standing for each in stories]
    told = words.hours(week)
    lines = [*(told.lines if told else ()), *_room(week), *(_standing(each, today) for each in standings[:MOST])]
    kept = week_report.kept(week_report.of_week(stories, week, today))
    if len(standings) > MOST:
        lines.append(f"and {len(standings) - MOST:,} more: crm commitment list")
    ways = offers(The_week="crm week", Log_hours="crm log-hours 45m ACTIVITY")
    return line(f"This week: {_headline(week, standings, kept)}", LONGEST_TITLE), "\n".join([*lines, ways])


def _headline(week: WeekSummary, standings: list[CommitmentStanding], kept: tuple[int, int]) -> str:
    """Hours and the week's commitments, in the words of its account; where all run on beyond it, that they do."""
    done = against_target(week) if week.target_minutes else ""
    of = words.commitments(*kept, is_over=False) or ("commitments run on" if standings else "")
    return ", ".join(filter(None, [done, of])) or "nothing is set down any more"


def _room(week: WeekSummary) -> list[str]:
    """What is still possible, if anything is to go."""
    to_go = week.to_go_minutes
    if to_go <= 0:
        return ["The week's targets are reached."] if week.target_minutes else []
    room = f", {say_duration(week.available_minutes)} of room till {say_day(week.to_on)}" if week.has_room else ""
    return [f"{say_duration(to_go)} to go{room}."]


def _standing(each: CommitmentStanding, today: date) -> str:
    count, remark = commitment_words.count(each, today=today), commitment_words.remark(each, today=today)
    return line(f"{each.title}: {count}, {remark}")
