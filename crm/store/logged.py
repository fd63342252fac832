"""The time that was logged, entry by entry, for what is counted by days."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from crm.models import Activity, TimeEntry
from crm.store import hours


class Spent(NamedTuple):
    """Minutes that began at an instant, on the activity with that id."""

    activity_id: int
    started_at: datetime
    minutes: int


def spent(
    session: Session,
    *,
    now: datetime,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    activity_id: int | None = None,
) -> list[Spent]:
    """The entries that start from `from_at` on and before `to_at`, a logged chat's among them.

    A running timer counts with what has run so far, as it does in the week.
    """
    within = [TimeEntry.started_at >= from_at] if from_at else []
    within += [TimeEntry.started_at < to_at] if to_at else []
    within += [TimeEntry.activity_id == activity_id] if activity_id is not None else []
    columns = select(TimeEntry.activity_id, TimeEntry.started_at, TimeEntry.minutes).where(*within)
    found = [Spent(*row) for row in session.exec(columns.where(col(TimeEntry.minutes).is_not(None)))]
    running = session.exec(select(TimeEntry).where(*within, col(TimeEntry.minutes).is_(None)))
    return found + [
        Spent(each.activity_id, each.started_at, max(0, hours.elapsed_minutes(each, now))) for each in running
    ]


def latest_at(session: Session, *, activity_id: int | None = None) -> datetime | None:
    """When the newest entry began; None where there is none."""
    query = select(TimeEntry.started_at).order_by(col(TimeEntry.started_at).desc()).limit(1)
    if activity_id is not None:
        query = query.where(TimeEntry.activity_id == activity_id)
    return session.exec(query).first()


def ids_of_role(session: Session, role: str) -> Collection[int]:
    """The ids of the activities with that role."""
    return set(session.exec(select(Activity.id).where(Activity.role == role)))
