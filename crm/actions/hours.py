"""Hours: activities and their targets, the room of the weekdays, logging time, the timer, and the week."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of, local_instant, midnight, week_bounds
from crm.date_words import WEEKDAYS
from crm.durations import say_duration
from crm.errors import BadValueError, NotFoundError, RefusedError
from crm.escaping import quote, refuse_unstorable
from crm.folding import fold
from crm.models import Activity, ActivityTarget, Availability, TimeEntry
from crm.models.words import ActivityRole
from crm.store import hours, journal, plan, records
from crm.week_hours import (
    ActivityWeek,
    Timed,
    WeekSummary,
    counted_minutes,
    expected_minutes,
    room_left,
    rooms_of_week,
)

# A timer that ran longer, or through all of these hours, was surely forgotten; how long it really was has to be said.
LONGEST_TIMED_MINUTES: Final = 12 * 60
NIGHT: Final = (time(2), time(5))
NOON: Final = time(12)
A_MINUTE: Final = timedelta(minutes=1)
WHOLE_PERCENT: Final = 100
PROJECTS_PERCENT: Final = (50, 70)


def add_activity(session: Session, name: str, *, role: ActivityRole) -> Activity:
    """Add something that the week's hours go to.

    Raises:
        BadValueError: the name is blank, or taken.
    """
    refuse_unstorable(name, what="The name")
    if not name.strip():
        raise BadValueError("an activity needs a name, such as Building projects")
    if any(fold(each.name) == fold(name) for each in hours.activities(session)):
        raise BadValueError(f"there is an activity {quote(name)} already; see: crm hours list")
    journal.summarize(session, f"Added activity {name}")
    return records.add(session, Activity(name=name, role=role.value))


def set_target(
    session: Session, activity: Activity, *, from_on: date, minutes: int, share_percent: float | None = None
) -> ActivityTarget:
    """From a day on, so many minutes a week for an activity; its share stays as it was unless one is given.

    Another target of the same day is replaced, earlier ones go on to count for their own weeks.

    Raises:
        BadValueError: the share is not 0 to 100.
    """
    if share_percent is not None and not 0 <= share_percent <= WHOLE_PERCENT:
        raise BadValueError(f"{share_percent:g} is no share; write 0 to 100 percent")
    dated = records.parts(session, ActivityTarget, activity)
    target = next((each for each in dated if each.from_on == from_on), None)
    if target is None:
        earlier = hours.target_on(dated, from_on)
        target = ActivityTarget(
            activity_id=activity.id, from_on=from_on, share_percent=earlier.share_percent if earlier else None
        )
    target.weekly_minutes = minutes
    target.share_percent = target.share_percent if share_percent is None else share_percent
    journal.summarize(session, f"{activity.name}: {say_duration(minutes)} a week")
    return records.add(session, target)


def set_available(
    session: Session, weekday: int, *, minutes: int, best_time: str | None = None, notes: str | None = None
) -> Availability:
    """What a weekday (0 = Monday) has room for; best time and notes stay as they were unless given."""
    day = hours.availability(session).get(weekday) or Availability(weekday=weekday)
    day.minutes = minutes
    if best_time is not None:
        day.best_time = refuse_unstorable(best_time, what="The best time")
    if notes is not None:
        day.notes = refuse_unstorable(notes, what="The notes")
    journal.summarize(session, f"{WEEKDAYS[weekday].capitalize()}: room for {say_duration(minutes)}")
    return records.add(session, day)


def log_time(
    session: Session, activity: Activity, *, started_at: datetime, minutes: int, now: datetime, note: str | None = None
) -> TimeEntry:
    """Record time spent on an activity.

    Raises:
        BadValueError: it is not over yet.
    """
    refuse_unspent(started_at, minutes, now=now)
    refuse_unstorable(note or "", what="The note")
    journal.summarize(session, f"Logged {say_duration(minutes)} of {activity.name}")
    entry = TimeEntry(activity_id=activity.id, started_at=started_at, minutes=minutes, note=note)
    return records.add(session, entry)


def refuse_unspent(started_at: datetime, minutes: int, *, now: datetime) -> None:
    """Refuse time that is not over, give or take a minute, since one types whole minutes.

    Raises:
        BadValueError: it starts or ends after `now`.
    """
    if started_at > now:
        raise BadValueError("time is logged when it has been spent; that start lies in the future")
    ahead = started_at + timedelta(minutes=minutes) - now
    if ahead > A_MINUTE:
        raise BadValueError(
            f"time is logged when it has been spent; that ends {say_duration(-(-ahead // A_MINUTE))} from now. "
            "Give an earlier --at or a shorter time, or time it as it goes: crm timer start ACTIVITY"
        )


def start_on_day(day: date, *, minutes: int, now: datetime, tz: ZoneInfo) -> datetime:
    """When time of which only the day is known began: noon, or today so that it ends now, but not before midnight."""
    if day == day_of(now, tz):
        return max(midnight(day, tz), now - timedelta(minutes=minutes))
    return local_instant(day, NOON, tz)


def start_timer(session: Session, activity: Activity, *, now: datetime) -> TimeEntry:
    """Start timing an activity; the entry lies in the database, so that the timer survives a reboot.

    Raises:
        RefusedError: a timer runs already.
    """
    there = hours.running(session)
    if there is not None:
        name = hours.by_number(session, there.activity_id).name
        raise RefusedError(
            f"a timer runs for {quote(name)} already; stop it first: crm timer stop (--duration 2h if it ran on)"
        )
    journal.summarize(session, f"Timer of {activity.name} started")
    return records.add(session, TimeEntry(activity_id=activity.id, started_at=now))


def timed(session: Session, *, now: datetime, tz: ZoneInfo) -> Timed | None:
    """What is being timed; None when no timer runs."""
    entry = hours.running(session)
    if entry is None:
        return None
    name = hours.by_number(session, entry.activity_id).name
    doubtful = is_doubtful(entry.started_at, now=now, tz=tz)
    return Timed(name, entry.started_at, max(0, hours.elapsed_minutes(entry, now)), doubtful)


def is_doubtful(started_at: datetime, *, now: datetime, tz: ZoneInfo) -> bool:
    """Whether a timer's time can't be believed: it ran too long or through a whole night, or the clock was set back."""
    if not timedelta() <= now - started_at < timedelta(minutes=LONGEST_TIMED_MINUTES + 1):
        return True
    slept_on, (asleep, awake) = day_of(now, tz), NIGHT
    return started_at <= local_instant(slept_on, asleep, tz) and local_instant(slept_on, awake, tz) <= now


def stop_timer(
    session: Session, *, now: datetime, tz: ZoneInfo, minutes: int | None = None, note: str | None = None
) -> TimeEntry:
    """Stop the timer: what it ran, in whole minutes and at least one, or `minutes` if that is how long it really was.

    Raises:
        NotFoundError: no timer runs.
        BadValueError: its time can't be believed and `minutes` are not given.
    """
    entry = hours.running(session)
    if entry is None:
        raise NotFoundError("no timer runs; start one: crm timer start ACTIVITY")
    if minutes is None and is_doubtful(entry.started_at, now=now, tz=tz):
        ran = say_duration(hours.elapsed_minutes(entry, now))
        raise BadValueError(f"the timer shows {ran}; say how long it really was: crm timer stop --duration 2h")
    entry.minutes = minutes or max(1, hours.elapsed_minutes(entry, now))
    entry.note = entry.note if note is None else refuse_unstorable(note, what="The note")
    journal.summarize(
        session, f"Timed {say_duration(entry.minutes)} of {hours.by_number(session, entry.activity_id).name}"
    )
    return records.add(session, entry)


def remarks(session: Session, *, today: date) -> list[str]:
    """What does not add up in today's targets, in words: shares, the part of projects, and more than there is room."""
    dated = hours.targets(session)
    targets = [(each, hours.target_on(dated.get(each.id, []), today)) for each in hours.activities(session)]
    in_force = [(activity, target) for activity, target in targets if target is not None]
    minutes = {each.id: target_minutes(target, _plan_minutes(session)) for each, target in in_force}
    shares = {each.id: target.share_percent for each, target in in_force if target.share_percent is not None}
    projects = {each.id for each, _target in in_force if each.role == ActivityRole.PROJECTS}
    return [*_on_shares(shares), *_on_projects(shares or minutes, projects), *_on_room(minutes, hours.room(session))]


def on_shares(session: Session, *, day: date) -> list[str]:
    """What does not add up in the shares that count on a day, in words; nothing where it does."""
    dated = hours.targets(session)
    targets = [(each.id, hours.target_on(dated.get(each.id, []), day)) for each in hours.activities(session)]
    return list(_on_shares({each: target.share_percent for each, target in targets if target and target.share_percent}))


def _on_shares(shares: Mapping[int, float]) -> Iterator[str]:
    total = round(sum(shares.values()), 2)
    if shares and total != WHOLE_PERCENT:
        yield f"The shares add up to {total:g} %, not 100 %."


def _on_projects(parts: Mapping[int, float], projects: Collection[int]) -> Iterator[str]:
    whole = sum(parts.values())
    if len(parts) < 2 or not whole:
        return
    percent = 100 * sum(parts.get(each, 0) for each in projects) / whole
    if not PROJECTS_PERCENT[0] <= percent <= PROJECTS_PERCENT[1]:
        yield f"Projects take {percent:.0f} %; 50 to 70 % serves learning by projects best."


def _on_room(minutes: Mapping[int, int], room: Mapping[int, int]) -> Iterator[str]:
    asked, there = sum(minutes.values()), sum(room.values())
    if room and asked > there:
        days = "the days have" if len(room) == len(WEEKDAYS) else "the days you told of have"
        yield f"The targets ask for {say_duration(asked)} a week; {days} room for {say_duration(there)}."


def week_summary(session: Session, *, day: date, now: datetime, tz: ZoneInfo, week_starts_on: str) -> WeekSummary:
    """The week that holds `day` against its targets, as crm.week_hours defines it.

    Args:
        session: where the hours are.
        day: any day of the week, local to `tz`.
        now: the present instant, aware UTC.
        tz: the person's zone, by whose days the week is counted.
        week_starts_on: `monday` to `sunday`.
    """
    first_weekday = WEEKDAYS.index(week_starts_on)
    from_on, to_on = week_bounds(day, first_weekday=first_weekday)
    today = day_of(now, tz)
    passed = min(7, max(0, (today - from_on).days))
    activities = _activities(session, from_on, to_on, today=today, now=now, tz=tz)
    target = sum(each.target_minutes for each in activities) or _plan_target(session, to_on, today)
    room = hours.room(session)
    rooms = rooms_of_week(room, first_weekday=first_weekday)
    expected = expected_minutes(target, rooms=rooms, passed=passed)
    return WeekSummary(
        from_on=from_on,
        to_on=to_on,
        activities=activities,
        behind_minutes=max(0, expected - counted_minutes(activities)),
        available_minutes=room_left(
            rooms, passed=passed, done_today=_done(session, today, now, tz) if from_on <= today else 0
        ),
        target_minutes=target,
        has_room=bool(room),
    )


def _activities(
    session: Session, from_on: date, to_on: date, *, today: date, now: datetime, tz: ZoneInfo
) -> tuple[ActivityWeek, ...]:
    in_force_on = today if from_on <= today <= to_on else to_on
    from_at, to_at = midnight(from_on, tz), midnight(to_on + timedelta(days=1), tz)
    done = hours.week_minutes(session, from_at=from_at, to_at=to_at, now=now)
    dated, whole = hours.targets(session), _plan_minutes(session)
    return tuple(
        ActivityWeek(
            each.name,
            done.get(each.id, 0),
            target_minutes(hours.target_on(dated.get(each.id, []), in_force_on), whole),
        )
        for each in hours.activities(session)
    )


def target_minutes(target: ActivityTarget | None, plan_minutes: int) -> int:
    """A target's minutes a week; one that is only a share is taken of the plan's. 0 without a target."""
    if target is None:
        return 0
    if target.weekly_minutes is not None:
        return target.weekly_minutes
    return round((target.share_percent or 0) * plan_minutes / 100)


def _plan_minutes(session: Session) -> int:
    found = plan.current(session)
    return round((found.weekly_hours or 0) * 60) if found else 0


def _plan_target(session: Session, to_on: date, today: date) -> int:
    """The plan's hours as the target of a week that ends on `to_on`; none before the plan starts (if unsaid, today)."""
    found = plan.current(session)
    begins_on = (found and found.start_on) or today
    return _plan_minutes(session) if to_on >= begins_on else 0


def _done(session: Session, day: date, now: datetime, tz: ZoneInfo) -> int:
    from_at, to_at = midnight(day, tz), midnight(day + timedelta(days=1), tz)
    return sum(hours.week_minutes(session, from_at=from_at, to_at=to_at, now=now).values())
