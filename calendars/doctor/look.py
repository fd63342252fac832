"""Each calendar as it would be told now and as its file has it; and whether both are sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.doctor.validity import MOST_BYTES, Fault, entries, faults
from calendars.publish import FAULTS, render_feed
from calendars.terms import Terms
from crm.actions.doctor import Check
from crm.errors import CrmError

ANEW: Final = "write it anew: crm calendar export"


@dataclass(frozen=True, slots=True)
class Look:
    """One calendar.

    Attributes:
        name: the feed's name.
        path: its file.
        now: what would be told now; None if it cannot be made.
        why: why it cannot.
        problems: a line on each entry that was left out or altered.
        file: what the file holds; None if there is none.
        written_at: when it was written, aware UTC.
        unread: why the file cannot be read.
        faults: what is wrong with the file, where it holds something else than would be told now.
    """

    name: str
    path: Path
    now: bytes | None = None
    why: str = ""
    problems: tuple[str, ...] = ()
    file: bytes | None = None
    written_at: datetime | None = None
    unread: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether the file is what would be written now."""
        return self.file is not None and self.file == self.now

    @property
    def is_whole(self) -> bool:
        """Whether the file, if there is one, can be read, and nothing is wrong with it."""
        return not self.unread and not self.faults


def look(session: Session, folder: Path, *, now: datetime, tz: ZoneInfo, terms: Terms) -> list[Look]:
    """Every calendar, and its file in the folder; nothing is written."""
    return [_look(session, name, folder / f"{name}.ics", now=now, tz=tz, terms=terms) for name in feeds.names()]


def _look(session: Session, name: str, path: Path, *, now: datetime, tz: ZoneInfo, terms: Terms) -> Look:
    data, why, problems = b"", "", tuple[str, ...]()
    file, written_at, unread = _read(path)
    try:
        rendered = render_feed(session, feeds.load(name), now=now, tz=tz, terms=terms)
        data, problems = rendered.data, rendered.problems
    except CrmError as error:
        why = error.message
    except FAULTS as error:
        why = f"it could not be made ({type(error).__name__}: {error!s:.200})"
    wrong = () if file is None or file == data else tuple(faults(file))
    return Look(name, path, None if why else data, why, problems, file, written_at, unread, wrong)


def _read(path: Path) -> tuple[bytes | None, datetime | None, str]:
    """What a file holds, when it was written, and why it cannot be read."""
    try:
        there = path.stat()
        if not path.is_file():
            return None, None, "it is no file"
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None, None, ""
    except OSError as error:
        return None, None, f"it cannot be read ({error.strerror})"
    return data, datetime.fromtimestamp(there.st_mtime, UTC), ""


def sound(looks: Sequence[Look]) -> Iterator[Check]:
    """Whether each calendar, and each file that holds something else, is what calendar programs can read."""
    for each in looks:
        yield _told(each)
        if not each.is_whole:
            yield _of_file(each.path, each.faults, each.unread)


def _told(each: Look) -> Check:
    if each.now is None:
        return Check(f"calendar {each.name}", ok=False, remedy=f"{each.why}; look at the database: crm doctor")
    count = entries(each.now)
    size = f"{len(each.now) / 1000:,.0f} kB" if len(each.now) >= 1000 else f"{len(each.now)} bytes"
    told = f"calendar {each.name} ({count:,} {'entry' if count == 1 else 'entries'}, {size})"
    if found := faults(each.now):
        remedy = f"{_first(found)}; a fault in this program, please report it: crm calendar export"
        return Check(told, ok=False, remedy=remedy)
    if not each.problems:
        return Check(told, ok=True)
    more = f" (and {len(each.problems) - 1:,} more: crm calendar export)" if len(each.problems) > 1 else ""
    return Check(told, ok=True, remedy=f"{each.problems[0]}{more}")


def _of_file(path: Path, found: Sequence[Fault], unread: str) -> Check:
    """Whether a file is what calendar programs can read, with the line of the first fault in it."""
    told = f"file {path.name}"
    if unread:
        return Check(told, ok=False, remedy=f"{path}: {unread}; move it away, then {ANEW}")
    return Check(told, ok=not found, remedy=f"{path}, {_first(found)}; {ANEW}" if found else "")


def _first(found: Sequence[Fault]) -> str:
    where = f"line {found[0].line}: " if found[0].line else "as a whole: "
    return f"{where}{found[0].text}" + (f" (and {len(found) - 1:,} more)" if len(found) > 1 else "")


def of_files(folder: Path) -> Check:
    """Whether all calendar files in a folder can be read; nothing is built, so that it is quick.

    None in it is no fault.
    """
    for name in feeds.names():
        path = folder / f"{name}.ics"
        data, _, unread = _read(path)
        found = _of_file(path, () if data is None else faults(data), unread)
        if not found.ok:
            return Check("calendars", ok=False, remedy=found.remedy)
    return Check("calendars", ok=True)
