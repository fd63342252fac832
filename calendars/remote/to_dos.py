"""Things to do that are kept in step with a calendar elsewhere: follow-ups, promises, and commitments' present period.

Each is a VTODO in a resource of its own. What the calendar's programs add to it, such as alarms of their own, stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Todo
from sqlmodel import Session

from calendars.entry import Entry
from calendars.feeds import commitments as promised
from calendars.feeds import follow_ups
from calendars.remote.items import Item, resource
from calendars.terms import Terms
from calendars.window import Window
from crm.actions.calendar_sync import Seen
from crm.cadence import day_of
from crm.store import feeds

_AT = "@networking-crm"
_OURS = (
    *("SUMMARY", "DUE", "STATUS", "PERCENT-COMPLETE", "COMPLETED", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED"),
    *("DTSTART", "DURATION", "RRULE"),
)
"""What is replaced in a thing to do, or taken out: a start after the new day, or a rule, would contradict it."""
_OURS_IF_SAID = ("DESCRIPTION", "CATEGORIES", "URL")


@dataclass(frozen=True, slots=True)
class ToDo:
    """A thing to do, as it is to stand there."""

    item: Item
    title: str
    due_on: date | None
    done: bool


def to_dos(session: Session, window: Window, terms: Terms) -> tuple[list[ToDo], list[str]]:
    """What is to stand there, and a line on each that cannot: open ones, and those done of late."""
    found, problems = [], list[str]()
    for entry in _entries(session, window, terms):
        item, wrong = resource(entry, window.tz)
        problems += wrong
        if item:
            done = entry.status == "done"
            assert not isinstance(entry.starts, datetime)
            put = replace(item, due_on=entry.starts, done=done)
            found.append(ToDo(put, entry.summary, entry.starts, done))
    return found, problems


def _entries(session: Session, window: Window, terms: Terms) -> Iterator[Entry]:
    _, last = window.days()
    since = window.remembered_since()
    as_task, as_commitment = (terms.of(feed).shown(session) for feed in ("tasks", "commitments"))
    for each in feeds.tasks(session, to_on=last, done_since=since):
        if each.task.kind in feeds.TASK_KINDS:
            done_at = each.task.done_at
            entry = replace(follow_ups.entry("kept", each), status="done" if done_at else "confirmed", done_at=done_at)
            yield _as_to_do(as_task(entry))
    present: dict[str, Entry] = {}
    for entry in sorted(promised.entries(session, window), key=lambda each: str(each.starts)):
        assert entry.starts is not None
        assert not isinstance(entry.starts, datetime)
        if entry.starts >= window.today and entry.status != "cancelled":
            present.setdefault(entry.uid[:36], entry)
    for entry in present.values():
        own = replace(entry, uid=f"{entry.uid.removesuffix(_AT)}-kept{_AT}")
        yield _as_to_do(as_commitment(own))


def _as_to_do(entry: Entry) -> Entry:
    return replace(entry, to_do=True)


def seen(data: bytes, uid: str, tz: ZoneInfo) -> Seen | None:
    """What a resource says of the thing to do with that UID; None if it cannot be read, or says nothing of it."""
    found = _todo(_parsed(data), uid)
    if found is None:
        return None
    done = str(found.get("STATUS", "")).upper() == "COMPLETED" or "COMPLETED" in found
    due = _value(found, "DUE")
    try:
        return Seen(
            due_on=day_of(_aware(due, tz), tz) if isinstance(due, datetime) else due,
            done=done or str(found.get("PERCENT-COMPLETE", "")) == "100",
            done_at=_instant(found, "COMPLETED"),
            modified_at=_instant(found, "LAST-MODIFIED"),
        )
    except (OverflowError, ValueError):  # a time at the edge of the calendar
        return None


def merged(ours: bytes, theirs: bytes, uid: str) -> bytes:
    """Ours, with what other programs added to it there."""
    calendar, own = _parsed(theirs), _todo(_parsed(ours), uid)
    there = _todo(calendar, uid)
    if calendar is None or there is None or own is None:
        return ours
    for name in (*_OURS, *(each for each in _OURS_IF_SAID if each in own)):
        there.pop(name, None)
    for name in (*_OURS, *_OURS_IF_SAID):
        if name in own:
            there[name] = own[name]
    if not there.subcomponents:
        there.subcomponents = own.subcomponents
    try:
        return bytes(calendar.to_ical())
    except (ValueError, TypeError, AttributeError, LookupError):  # what another program left there cannot be written
        return ours


def _parsed(data: bytes) -> Calendar | None:
    """The calendar; None for what is none, such as a fault of the other program."""
    try:
        found = Calendar.from_ical(data)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        return None
    return found if isinstance(found, Calendar) else None


def _todo(calendar: Calendar | None, uid: str) -> Todo | None:
    found = calendar.walk("VTODO") if calendar is not None else []
    return next((each for each in found if isinstance(each, Todo) and str(each.get("UID", "")) == uid), None)


def _value(found: Todo, name: str) -> date | None:
    value = getattr(found.get(name), "dt", None)
    return value if isinstance(value, date) else None


def _aware(at: datetime, tz: ZoneInfo) -> datetime:
    """A time without a zone is one on the person's clock (RFC 5545 3.3.5)."""
    return (at if at.tzinfo else at.replace(tzinfo=tz)).astimezone(UTC)


def _instant(found: Todo, name: str) -> datetime | None:
    value = _value(found, name)
    return _aware(value, ZoneInfo("UTC")) if isinstance(value, datetime) else None
