"""Time entries one by one: as they are listed, found again by their uid, and where they overlap with others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from crm.durations import LONGEST_MINUTES
from crm.errors import NotFoundError
from crm.escaping import quote
from crm.models import Activity, Interaction, TimeEntry, Tombstone
from crm.store import records


@dataclass(frozen=True, slots=True)
class Logged:
    """A time entry with its activity, and the short id of the chat that brought it, if one did."""

    entry: TimeEntry
    activity: Activity
    chat: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Some entries, those that began last at the end; `count` and `minutes` are of all that were asked for.

    A running timer is among the entries and counted, and its minutes are not: it has none yet.
    """

    shown: list[Logged]
    count: int
    minutes: int


def one(session: Session, text: str) -> TimeEntry:
    """The entry of that short id (`e5`), number or uid.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return records.by_ref(session, TimeEntry, text)
    except NotFoundError:
        raise NotFoundError(f"there is no time entry {quote(text)}; see: crm hours entries") from None


def whole(session: Session, entry: TimeEntry) -> Logged:
    """An entry with what belongs to it."""
    chat = session.get(Interaction, entry.interaction_id) if entry.interaction_id else None
    return Logged(entry, session.get_one(Activity, entry.activity_id), chat.ref if chat else None)


def listing(
    session: Session,
    *,
    activity: Activity | None = None,
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    limit: int | None = None,
) -> Listing:
    """The last `limit` entries of an activity that start from `from_at` on and before `to_at`; without, all of them."""
    within = [TimeEntry.activity_id == activity.id] if activity else []
    within += [TimeEntry.started_at >= from_at] if from_at else []
    within += [TimeEntry.started_at < to_at] if to_at else []
    query = select(TimeEntry, Activity, Interaction)
    query = query.join(Activity).join(Interaction, isouter=True).where(*within)
    newest = query.order_by(col(TimeEntry.started_at).desc(), col(TimeEntry.id).desc())
    found = [
        Logged(entry, of, chat.ref if chat else None)
        for entry, of, chat in session.exec(newest if limit is None else newest.limit(limit))
    ]
    counted = select(func.count(col(TimeEntry.id)), func.sum(TimeEntry.minutes)).where(*within)
    count, minutes = session.exec(counted).one()
    return Listing(found[::-1], count, minutes or 0)


def with_uids(session: Session, uids: Iterable[str]) -> dict[str, TimeEntry]:
    """The entries there are of these uids."""
    found: dict[str, TimeEntry] = {}
    for some in records.batches(uids):
        found |= {each.uid: each for each in session.exec(select(TimeEntry).where(col(TimeEntry.uid).in_(some)))}
    return found


def removed(session: Session, uids: Iterable[str]) -> set[str]:
    """Which of these uids belonged to entries that were removed."""
    found: set[str] = set()
    for some in records.batches(uids):
        found |= set(session.exec(select(Tombstone.uid).where(col(Tombstone.uid).in_(some))))
    return found


def ended_between(session: Session, from_at: datetime, to_at: datetime) -> list[TimeEntry]:
    """The entries that start from `from_at` on and before `to_at` and have ended, in the order they began."""
    within = select(TimeEntry).where(TimeEntry.started_at >= from_at, TimeEntry.started_at < to_at)
    ended = within.where(col(TimeEntry.minutes).is_not(None))
    return list(session.exec(ended.order_by(col(TimeEntry.started_at), col(TimeEntry.id))))


def overlapping(session: Session, entry: TimeEntry) -> Logged | None:
    """The first other entry, of any activity, that has ended and shares some time with this one."""
    ends_at = entry.started_at + timedelta(minutes=entry.minutes or 0)
    for each in ended_between(session, entry.started_at - timedelta(minutes=LONGEST_MINUTES), ends_at):
        if each.id != entry.id and entry.started_at < each.started_at + timedelta(minutes=each.minutes or 0):
            return whole(session, each)
    return None
