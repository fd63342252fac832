"""What is to stand elsewhere: each entry as a resource of its own for CalDAV, or each calendar as a file."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.entry import Entry
from calendars.ical import render
from calendars.publish import render_feed, shown_entries
from calendars.terms import Terms

PRODUCT: Final = b"PRODID:-//networking-crm//"
_OF_CALENDAR: Final = re.compile(rb"(?:VERSION|PRODID|CALSCALE):")
"""What a resource keeps of a calendar's own properties: its name and colour are the collection's (RFC 4791 4.1)."""

_OF_RECORD: Final = re.compile(rb"^UID:([0-9a-f-]{36})-[^\s@]+@networking-crm\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Item:
    """One resource.

    Attributes:
        uid: what `published` knows it by.
        name: under which it lies there.
        data: what is to lie there; the same as long as nothing changed.
        component: VEVENT, VTODO, or VCALENDAR for a whole calendar.
        due_on: of what is kept in step, the day that is put there.
        done: of what is kept in step, whether it is put there as done.
    """

    uid: str
    name: str
    data: bytes
    component: str
    due_on: date | None = None
    done: bool | None = None

    @property
    def fingerprint(self) -> str:
        """The digest of what is to lie there."""
        return hashlib.sha256(self.data).hexdigest()


def mark_of(uid: str) -> bytes:
    """How a line begins that what this program put there has: the entry's UID, or of a whole calendar what wrote it."""
    return f"UID:{uid}".encode() if "@" in uid else PRODUCT


def has_line(data: bytes, mark: bytes) -> bool:
    """Whether an iCalendar stream has a line that begins so, however it is folded (RFC 5545 3.1)."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data)
    return any(line.startswith(mark) for line in unfolded.splitlines())


def uids_in(data: bytes) -> set[str]:
    """The uids of the records that a calendar tells of, if it was written by this program."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", data)
    return {each.decode() for each in _OF_RECORD.findall(unfolded)}


def resource(entry: Entry, tz: ZoneInfo) -> tuple[Item | None, tuple[str, ...]]:
    """One entry as a resource of a CalDAV collection; None if it cannot be written, and a line on what is wrong."""
    rendered = render("", [entry], tz=tz)
    if not rendered.entries:
        return None, rendered.problems
    component = "VTODO" if entry.to_do else "VEVENT"
    item = Item(entry.uid, f"{entry.uid}.ics", _bare(rendered.data), component)
    return item, rendered.problems


def _bare(data: bytes) -> bytes:
    """Without the calendar's own properties."""
    begin, *rest = data.splitlines(keepends=True)
    body = next(place for place, line in enumerate(rest) if line.startswith(b"BEGIN:"))
    return b"".join([begin, *filter(_OF_CALENDAR.match, rest[:body]), *rest[body:]])


def resources(
    session: Session, names: Sequence[str], *, now: datetime, tz: ZoneInfo, terms: Terms
) -> tuple[list[Item], list[str]]:
    """The entries of these feeds, each once, and what is wrong with others.

    What is cancelled is left out, and so is removed where it stood: a collection tells its readers itself what is gone.

    Raises:
        NotFoundError: there is no feed of that name.
    """
    found: dict[str, Item] = {}
    problems: list[str] = []
    for entry in _entries(session, names, now=now, tz=tz, terms=terms):
        item, wrong = resource(entry, tz)
        problems += wrong
        if item:
            found.setdefault(item.uid, item)
    return list(found.values()), list(dict.fromkeys(problems))


def _entries(session: Session, names: Iterable[str], *, now: datetime, tz: ZoneInfo, terms: Terms) -> Iterator[Entry]:
    for name in names:
        shown, _ = shown_entries(session, feeds.load(name), now=now, tz=tz, terms=terms)
        yield from (each for each in shown if each.status != "cancelled")


def files(
    session: Session, names: Sequence[str], *, now: datetime, tz: ZoneInfo, terms: Terms, file: str = ""
) -> tuple[list[Item], list[str]]:
    """Each feed as a file, and what is wrong with entries in it; `file` is another name for a single one.

    Raises:
        NotFoundError: there is no feed of that name.
    """
    found, problems = [], list[str]()
    for name in names:
        feed = feeds.load(name)
        rendered = render_feed(session, feed, now=now, tz=tz, terms=terms)
        problems += rendered.problems
        found.append(Item(feed.name, file or feed.file_name, rendered.data, "VCALENDAR"))
    return found, list(dict.fromkeys(problems))
