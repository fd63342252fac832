"""Activities, their dated targets, the room each weekday has, and the time that was logged."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from crm.errors import NotFoundError
from crm.escaping import quote
from crm.folding import fold
from crm.models import Activity, ActivityTarget, Availability, TimeEntry
from crm.store import choice, records

_RUNNING = select(TimeEntry).where(col(TimeEntry.minutes).is_(None))


def activities(session: Session) -> list[Activity]:
    """All activities in the order they were added."""
    return records.every(session, Activity)


def activity(session: Session, text: str) -> Activity:
    """The activity of that name, short id or uid; or the only one with such a word, role or beginning of words.

    Raises:
        NotFoundError: there is none; the activities are listed.
        AmbiguousError: several answer to that.
    """
    there, wanted = activities(session), choice.words(text)
    exact = [each for each in there if fold(each.name) == fold(text)]
    worded = [
        each for each in there if each.role == fold(text) or (wanted and set(wanted) <= set(choice.words(each.name)))
    ]
    begun = [each for each in there if choice.has_words(each.name, wanted)]
    stages = [exact, choice.by_id(text, there), worded, begun]
    found = choice.only(text, stages, label=lambda each: each.name)
    if found is None:
        way_out = "choose one of these, or add it" if there else "there are none yet; add it"
        raise NotFoundError(
            f"there is no activity {quote(text)}; {way_out}: crm hours add {quote(text)}",
            candidates=[each.name for each in there[:10]],
        )
    return found


def by_number(session: Session, number: int) -> Activity:
    """The activity with that id."""
    return session.get_one(Activity, number)


def targets(session: Session) -> dict[int, list[ActivityTarget]]:
    """Every activity's dated targets, by the activity's id."""
    found: dict[int, list[ActivityTarget]] = {}
    for each in records.every(session, ActivityTarget):
        found.setdefault(each.activity_id, []).append(each)
    return found


def target_on(dated: Sequence[ActivityTarget], day: date) -> ActivityTarget | None:
    """The target in force on a day; None before the first."""
    return max((each for each in dated if each.from_on <= day), key=lambda each: each.from_on, default=None)


def availability(session: Session) -> dict[int, Availability]:
    """What is known of the weekdays, by weekday (0 = Monday)."""
    return {each.weekday: each for each in records.every(session, Availability)}


def room(session: Session) -> dict[int, int]:
    """The minutes that a weekday (0 = Monday) has room for, where that is known."""
    found = availability(session)
    return {weekday: each.minutes for weekday, each in sorted(found.items()) if each.minutes is not None}


def running(session: Session) -> TimeEntry | None:
    """The entry whose timer runs."""
    return session.exec(_RUNNING.order_by(col(TimeEntry.id)).limit(1)).first()


def elapsed_minutes(entry: TimeEntry, now: datetime) -> int:
    """Whole minutes since an entry's start; negative when the clock stands before it."""
    return (now - entry.started_at) // timedelta(minutes=1)


def week_minutes(session: Session, *, from_at: datetime, to_at: datetime, now: datetime) -> dict[int, int]:
    """Minutes by activity id of the entries that start from `from_at` on and before `to_at`.

    A running timer counts with what has run so far.
    """
    query = (
        select(TimeEntry.activity_id, func.sum(TimeEntry.minutes))
        .where(TimeEntry.started_at >= from_at, TimeEntry.started_at < to_at, col(TimeEntry.minutes).is_not(None))
        .group_by(col(TimeEntry.activity_id))
    )
    found = {activity_id: minutes or 0 for activity_id, minutes in session.exec(query)}
    for entry in session.exec(_RUNNING.where(TimeEntry.started_at >= from_at, TimeEntry.started_at < to_at)):
        so_far = max(0, elapsed_minutes(entry, now))
        found[entry.activity_id] = found.get(entry.activity_id, 0) + so_far
    return found
