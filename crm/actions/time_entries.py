"""Mending the time log: an entry is changed or removed, but for what a chat brought and what is being timed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.checked import optional
from crm.actions.hours import refuse_unspent
from crm.cadence import midnight
from crm.dates import say_day
from crm.durations import say_duration
from crm.errors import BadValueError, RefusedError
from crm.models import Activity, TimeEntry
from crm.store import journal, records, time_entries
from crm.store.time_entries import Listing, Logged


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of an entry; None leaves it as it is, and an empty note clears it."""

    activity: Activity | None = None
    started_at: datetime | None = None
    minutes: int | None = None
    note: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to change."""
        return all(each is None for each in (self.activity, self.started_at, self.minutes, self.note))


def entries(
    session: Session,
    *,
    activity: Activity | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    limit: int | None = None,
    tz: ZoneInfo,
) -> Listing:
    """The last `limit` entries that began on these days, both included, by the days of `tz`; None is no bound.

    Raises:
        BadValueError: the last day lies before the first.
    """
    if from_on and to_on and to_on < from_on:
        raise BadValueError(f"{say_day(to_on)} is before {say_day(from_on)}; give the earlier day to --from")
    return time_entries.listing(
        session,
        activity=activity,
        from_at=midnight(from_on, tz) if from_on else None,
        to_at=midnight(to_on + timedelta(days=1), tz) if to_on else None,
        limit=limit,
    )


def edit(session: Session, entry: TimeEntry, changes: Changes, *, now: datetime) -> Logged:
    """Change an entry.

    Raises:
        BadValueError: there is nothing to change, or by its new start and length it is not over yet.
        RefusedError: a chat brought it, or it is being timed; the command that changes it is named.
    """
    if changes.is_empty:
        raise BadValueError("nothing to change; say for example --duration 1h30 or --activity reading")
    _refuse_foreign(entry)
    started_at, minutes = changes.started_at or entry.started_at, changes.minutes or entry.minutes
    if (changes.started_at, changes.minutes) != (None, None):
        refuse_unspent(started_at, minutes or 0, now=now)
    entry.activity_id = changes.activity.id if changes.activity else entry.activity_id
    entry.started_at, entry.minutes = started_at, minutes
    entry.note = entry.note if changes.note is None else optional(changes.note, what="The note")
    found = time_entries.whole(session, records.add(session, entry))
    journal.summarize(session, f"Changed {entry.ref}: {say_duration(entry.minutes or 0)} of {found.activity.name}")
    return found


def remove(session: Session, entry: TimeEntry) -> Logged:
    """Remove an entry, for good where it came from a file: reading that file again does not bring it back.

    Raises:
        RefusedError: as `edit`.
    """
    _refuse_foreign(entry)
    found = time_entries.whole(session, entry)
    records.remove(session, entry)
    journal.summarize(session, f"Removed {say_duration(entry.minutes or 0)} of {found.activity.name}")
    return found


def _refuse_foreign(entry: TimeEntry) -> None:
    if entry.interaction_id is not None:
        chat = f"i{entry.interaction_id}"
        raise RefusedError(
            f"{entry.ref} counts the time of a chat; change the chat: crm interaction edit {chat} --duration 45m"
            f' (or "" for none), or crm interaction remove {chat}'
        )
    if entry.minutes is None:
        raise RefusedError(f"{entry.ref} is being timed; stop it first: crm timer stop (--duration 2h if it ran on)")
