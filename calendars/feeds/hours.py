"""Time for each activity in the coming weeks, from its weekly target and the room that your days have.

Nothing of it is kept in the database: a day's room is given to the activity that lacks most of its week, then to the
next. So a block moves with whatever the week is made of, and its version counts what was changed of that. A day whose
best time cannot be told from its words has whole-day entries. Each block stands by itself, since a recurring one would
meet the hour that the clock skips or shows twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import Identity, identity
from calendars.study import Block, blocks, starts_at, time_of_day
from calendars.window import Window
from calendars.wording import paragraphs
from crm.actions.hours import target_minutes
from crm.durations import say_duration
from crm.models import Activity, ActivityTarget, Availability, Plan
from crm.store import hours, plan, records
from crm.store.told import NAME_OF_AN_ACTIVITY, OF_THE_PLAN, ROOM_OF_A_DAY, TARGETS, TIME_OF_A_DAY, Version, Versions

TITLE = "Study hours"
FILLED_BY = "crm hours available monday 2 --best-time evening"
COLOR = "teal"

_ALARMS: Final = (10,)


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each block of this week and the coming ones, between the plan's first and last day where it has them."""
    activities = {each.id: each for each in hours.activities(session)}
    days = hours.availability(session)
    names, of_all, of_a_day = _versions(session, list(activities.values()), list(days.values()))
    for block in _blocks(session, window, list(activities)):
        activity, weekday = activities[block.activity], block.day.weekday()
        others = [*of_all, *of_a_day[weekday]]
        version = identity(f"block-{block.day}", activity, names.of(activity), others=others)
        yield _entry(block, activity, days[weekday], window, version)


def _versions(
    session: Session, activities: list[Activity], days: list[Availability]
) -> tuple[Versions, list[Version], dict[int, list[Version]]]:
    """Those of each activity's name, of what every block is made of, and by weekday of when its blocks begin."""
    made_of = (
        *Versions(session, TARGETS).of_every(activities),
        *Versions(session, ROOM_OF_A_DAY).of_every(days),
        *Versions(session, OF_THE_PLAN).of_every(records.every(session, Plan)),
    )
    of_all = [version for _, version in made_of]
    of_a_day: dict[int, list[Version]] = defaultdict(list)
    for values, version in Versions(session, TIME_OF_A_DAY).of_every(days):
        if values:
            of_a_day[values["weekday"]].append(version)
        else:
            of_all.append(version)
    return Versions(session, NAME_OF_AN_ACTIVITY), of_all, of_a_day


def _blocks(session: Session, window: Window, activities: list[int]) -> Iterator[Block]:
    dated, room, whole = hours.targets(session), hours.room(session), plan.current(session)
    from_on = whole.start_on if whole and whole.start_on else date.min
    to_on = whole.deadline_on if whole and whole.deadline_on else date.max
    plan_minutes = round((whole.weekly_hours or 0) * 60) if whole else 0
    for week in window.weeks():
        targets = _targets(activities, dated, on=week + timedelta(days=6), plan_minutes=plan_minutes)
        yield from (each for each in blocks(week, room=room, targets=targets) if from_on <= each.day <= to_on)


def _targets(
    activities: list[int], dated: Mapping[int, list[ActivityTarget]], *, on: date, plan_minutes: int
) -> dict[int, int]:
    return {each: target_minutes(hours.target_on(dated.get(each, []), on), plan_minutes) for each in activities}


def _entry(block: Block, activity: Activity, day: Availability, window: Window, version: Identity) -> Entry:
    at = time_of_day(day.best_time)
    best = f"Your best time: {day.best_time}." if day.best_time else ""
    return Entry(
        **version,
        summary=f"{activity.name} ({say_duration(block.minutes)})",
        typed=activity.name,
        starts=starts_at(block.day, at, after_minutes=block.after_minutes, tz=window.tz) if at else block.day,
        minutes=block.minutes if at else None,
        description=paragraphs(best, f"When it is done: crm log-hours {block.minutes}m {activity.ref}"),
        categories=("Study",),
        alarms=_ALARMS if at else (),
    )
