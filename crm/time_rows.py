"""What importers of time trackers' files yield, and how those files are read: CSV or JSON, wall times, and notes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, BinaryIO, ClassVar, Final
from zoneinfo import ZoneInfo

from crm import tables
from crm.cadence import local_instant
from crm.clock import YEARS
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.person_rows import SkippedRow
from crm.rows import Row, Source

MAX_BYTES: Final = 64_000_000
"""The largest file that is read whole: some 200,000 entries."""

DEEPEST: Final = "the file is nested too deep; no time tracker writes such"

_BOM: Final = b"\xef\xbb\xbf"
_BEGINNING: Final = 64
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?(?: ?([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE)
_HALF_DAY: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRow(Row):
    """Time spent on a project, in the tracker's own words.

    Attributes:
        project: its name; empty where the tracker has none for it.
        started_at: aware UTC.
        seconds: how long it was, 0 or more.
        id: what stays the same from export to export, if the file tells it.
        note: what was done.
        person: whose time it is, where the file says so.
    """

    KIND: ClassVar[str] = "time"
    project: str
    started_at: datetime
    seconds: int
    id: str | None = None
    note: str | None = None
    person: str = ""

    @property
    def key(self) -> str:
        """The tracker's id; without, start, end and project."""
        return self.id or f"{self.started_at:%Y-%m-%dT%H:%M:%SZ}+{self.seconds} {self.project}"


@dataclass(frozen=True, slots=True)
class Log:
    """A tracker's format, which is a CSV or JSON.

    Attributes:
        columns: what the CSV's header has at least.
        shapes: how its JSON files begin.
        opens: the characters one of which a file begins with that is to be read as JSON.
    """

    columns: frozenset[str]
    shapes: tuple[re.Pattern[bytes], ...]
    opens: bytes

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so is in this format."""
        bare = head.removeprefix(_BOM)
        is_json = any(each.match(bare) for each in self.shapes)
        return is_json or tables.header_of(head, self.columns.issubset) is not None

    def rows(
        self,
        file: BinaryIO,
        name: str,
        *,
        record: Callable[[tables.Record], dict[str, Any]],
        entries: Callable[[Any], Iterable[object]],
        entry: Callable[[object], dict[str, Any]],
        encoding: str | None = None,
    ) -> Iterator[Row]:
        """The time rows of the file of that name, and skipped rows, in its order.

        Args:
            file: a seekable file.
            name: its name, for the source of its rows.
            record: gives the values of one row of the CSV.
            entries: finds the entries in what the JSON holds.
            entry: gives the values of one of these.
            encoding: of its text; None for UTF-8.

        Raises:
            BadValueError: the file is damaged as a whole.
        """
        opening = file.read(_BEGINNING).removeprefix(_BOM).lstrip()[:1]
        file.seek(0)
        if opening and opening in self.opens:
            for place, each in enumerate(entries(read_json(file, encoding=encoding)), start=1):
                yield taken(partial(entry, each), Source(name), f"entry {place}")
            return
        for row in tables.records(file, self.columns.issubset, encoding=encoding):
            if not row.is_blank:
                yield taken(partial(record, row), Source(name, row.line), f"line {row.line}")


def read_json(file: BinaryIO, *, encoding: str | None = None) -> Any:  # noqa: ANN401 - any JSON value
    """What a JSON file holds.

    Raises:
        BadValueError: it is no JSON, cut off, in another encoding, too deep, or larger than `MAX_BYTES`.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadValueError(f"the file is larger than {MAX_BYTES:,} bytes; export it year by year")
    try:
        return json.loads(data.decode(encoding or "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadValueError(f"line {line} is not {encoding or 'UTF-8'}; export the file again") from None
    except json.JSONDecodeError as error:
        raise BadValueError(
            f"the file is no JSON, or cut off: line {error.lineno}, column {error.colno}: {error.msg}; export it again"
        ) from None
    except RecursionError:
        raise BadValueError(DEEPEST) from None


def taken(read: Callable[[], dict[str, Any]], source: Source, name: str) -> Row:
    """The time row of what `read` gives, or the skipped row with what is wrong; `name` says which one it is."""
    try:
        return TimeRow(source=source, **read())
    except BadValueError as error:
        return SkippedRow(source=source, reason=error.message, name=name)


def instant(said: object, tz: ZoneInfo) -> datetime:
    """An ISO 8601 instant (aware UTC, whole seconds); one without an offset is wall time in `tz`.

    Raises:
        BadValueError: it is none, or lies outside the years `YEARS`.
    """
    try:
        found = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise BadValueError(f"{quote(str(said))} is no date with a time, such as 2026-01-05 14:30:00")
    if found.tzinfo is None:
        return local_instant(found.date(), found.time().replace(microsecond=0), tz)
    return found.astimezone(UTC).replace(microsecond=0)


def wall_instant(day: str, time_of_day: str, tz: ZoneInfo) -> datetime:
    """A day and a time of day in two cells (aware UTC): `2026-01-05`, and `14:30:00` or `2:30 PM`.

    Raises:
        BadValueError: one of them is none.
    """
    found = _TIME.fullmatch(time_of_day.strip())
    try:
        on, at = date.fromisoformat(day.strip()), _time(found) if found else None
    except ValueError:
        on, at = None, None
    if on is None or at is None or on.year not in YEARS:
        raise BadValueError(f"{quote(f'{day} {time_of_day}')} is no date with a time, such as 2026-01-05 14:30:00")
    return local_instant(on, at, tz)


def _time(found: re.Match[str]) -> time:
    hour = int(found[1])
    if found[4]:
        hour = hour % _HALF_DAY + (_HALF_DAY if found[4].lower() == "p" else 0)
    return time(hour, int(found[2]), int(found[3] or 0))


def seconds_between(started_at: datetime, ended_at: datetime, *, wall: ZoneInfo | None = None) -> int:
    """How long it was; an end in `wall` time that the clock shows twice is the second where the first is too early.

    Raises:
        BadValueError: the end lies before the start.
    """
    if wall is not None and ended_at < started_at:
        ended_at = ended_at.astimezone(wall).replace(fold=1).astimezone(UTC)
    if ended_at < started_at:
        raise BadValueError("it ends before it begins")
    return (ended_at - started_at) // timedelta(seconds=1)


def name(said: object) -> str:
    """What a tracker calls a project; empty where it says none.

    Raises:
        BadValueError: it holds what cannot be stored.
    """
    return refuse_unstorable(said, what="The project").strip() if isinstance(said, str) else ""


def number(said: object) -> str | None:
    """What a tracker calls an entry, as text: a number or letters; None where it says nothing.

    Raises:
        BadValueError: it holds what cannot be stored.
    """
    return refuse_unstorable(str(said), what="The id") if isinstance(said, str | int) and said else None


def note(texts: Iterable[object], tags: Iterable[object] = ()) -> str | None:
    """What was done, in one text: `Essay; second draft [writing, school]`. None where nothing is said.

    Raises:
        BadValueError: it holds what cannot be stored.
    """
    said = "; ".join(str(each).strip() for each in texts if each and str(each).strip())
    named = ", ".join(str(each).strip() for each in tags if each and str(each).strip())
    whole = " ".join(filter(None, (said, f"[{named}]" if named else "")))
    return refuse_unstorable(whole, what="The note") or None
