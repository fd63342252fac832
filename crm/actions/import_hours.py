"""Time that another program tracked comes into the time log: once, however often the file is read.

An entry's uid follows from the tracker's id for it or, where the file has none, from its start, length and project. So
an entry that is here stays as the person has it, and one that they removed does not come back. An entry that begins on
the same second, for as long and on the same activity, is the same one whichever file it comes from.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.hours import add_activity
from crm.dates import say_instant
from crm.durations import LONGEST_MINUTES, say_duration
from crm.errors import BadValueError, CrmError
from crm.escaping import quote
from crm.folding import fold
from crm.models import Activity, TimeEntry
from crm.models.words import ActivityRole
from crm.person_rows import SkippedRow
from crm.rows import Row
from crm.store import bulk, choice, hours, journal, time_entries
from crm.time_rows import TimeRow

SPACE: Final = UUID("3f0b8c3e-7a55-5c1d-9d4e-2b6a1f0e9c77")
LEAST_SECONDS: Final = 30
LONGEST: Final = timedelta(minutes=LONGEST_MINUTES)


@dataclass(slots=True)
class Project:
    """What became of one project of the file: the activity its entries count for, or None where none was found."""

    name: str
    activity: str | None = None
    new: int = 0
    minutes: int = 0
    same: int = 0
    removed: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of the file that is not taken, and why; `name` says which one."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """A new entry that lies over one that was there already."""

    activity: str
    started_at: datetime
    minutes: int
    there: str


@dataclass(slots=True)
class Report:
    """What became of the file: by project, what was skipped, and what overlaps with time logged before.

    `has_wall_times` tells that the file is a table, whose times have no zone.
    """

    projects: list[Project] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    has_wall_times: bool = False

    def count(self, what: str) -> int:
        """How many entries there are of `new`, `same`, `removed` or `left_out`, or how many new `minutes`."""
        return sum(getattr(each, what) for each in self.projects)

    @property
    def is_in_vain(self) -> bool:
        """Whether no entry found an activity."""
        return not any(each.new or each.same or each.removed for each in self.projects)

    def told(self) -> dict[str, object]:
        """As `--json` tells it."""
        counts = {what: self.count(what) for what in ("new", "minutes", "same", "removed", "left_out")}
        parts = {"projects": self.projects, "skipped": self.skipped, "overlaps": self.overlaps}
        return counts | parts


def sorted_out(rows: Iterable[Row], *, now: datetime, tz: ZoneInfo) -> tuple[list[TimeRow], list[Skipped]]:
    """The entries that can be taken, and those that cannot, named by their line or their start in `tz`.

    Raises:
        CrmError: there is none that can be taken.
        BadValueError: the file holds the time of several people.
    """
    good: list[TimeRow] = []
    skipped: list[Skipped] = []
    for row in rows:
        if isinstance(row, TimeRow):
            why = _unfit(row, now)
            good += [] if why else [row]
            skipped += [Skipped(_which(row, tz), why)] if why else []
        elif isinstance(row, SkippedRow):
            skipped.append(Skipped(row.name, row.reason))
    people = sorted({row.person for row in good if row.person})
    if len(people) > 1:
        named = ", ".join(quote(each) for each in people[:4])
        raise BadValueError(f"the file holds the time of {len(people)} people ({named}); export your own alone")
    if not good:
        why = f": {skipped[0].name}: {skipped[0].reason}" if skipped else "; export it again, with the days you want"
        raise CrmError(f"the file holds no time entry that can be taken{why}")
    return good, skipped


def _which(row: TimeRow, tz: ZoneInfo) -> str:
    return f"line {row.source.line}" if row.source.line else say_instant(row.started_at, tz=tz)


def _unfit(row: TimeRow, now: datetime) -> str | None:
    if row.started_at > now:
        return "it begins in the future"
    if row.seconds < LEAST_SECONDS:
        return "it is shorter than half a minute"
    if _minutes(row) > LONGEST_MINUTES:
        return f"it is longer than {say_duration(LONGEST_MINUTES)}; mend it in the other program and export again"
    return None


def _minutes(row: TimeRow) -> int:
    """Whole minutes, a half rounded up."""
    return (row.seconds + 30) // 60


def projects(rows: Sequence[TimeRow]) -> dict[str, tuple[int, int]]:
    """Each project's number of entries and minutes, in the order they come."""
    counts, minutes = Counter(row.project for row in rows), Counter[str]()
    for row in rows:
        minutes[row.project] += _minutes(row)
    return {name: (count, minutes[name]) for name, count in counts.items()}


def matched(session: Session, names: Iterable[str], mapped: Mapping[str, str]) -> dict[str, Activity | None]:
    """The activity that each project's entries count for: the one it is mapped to, else the only one called so.

    A project is called as an activity where the names are alike, case aside, or the project is its role or words of it.

    Raises:
        NotFoundError, AmbiguousError: a project is mapped to what is no activity, or to several.
    """
    there = hours.activities(session)
    chosen = {fold(project): hours.activity(session, activity) for project, activity in mapped.items()}
    return {name: chosen.get(fold(name)) or _called(name, there) for name in names}


def _called(name: str, there: Sequence[Activity]) -> Activity | None:
    wanted = choice.words(name)
    exact = [each for each in there if fold(each.name) == fold(name)]
    worded = [
        each for each in there if each.role == fold(name) or (wanted and set(wanted) <= set(choice.words(each.name)))
    ]
    found = exact or worded
    return found[0] if len(found) == 1 else None


def with_added(
    session: Session, activities: Mapping[str, Activity | None], wanted: Iterable[str]
) -> dict[str, Activity | None]:
    """The same, with a new activity for each of the projects that are `wanted` and have none; one needs a name."""
    found = dict(activities)
    for name in wanted:
        if name and found[name] is None:
            # Names that differ in case only are one activity.
            there = _called(name, hours.activities(session))
            found[name] = there or add_activity(session, name, role=ActivityRole.OTHER)
    return found


def take(
    session: Session,
    rows: Sequence[TimeRow],
    activities: Mapping[str, Activity | None],
    *,
    form: str,
    skipped: Sequence[Skipped] = (),
) -> Report:
    """Add what is not there yet, as one change that can be undone; a project without an activity is left out."""
    report = Report(skipped=list(skipped), has_wall_times=any(row.source.line for row in rows))
    told = {name: Project(name, each.name if each else None) for name, each in activities.items()}
    report.projects = list(told.values())
    by_uid = {str(uuid5(SPACE, f"{form}:{row.key}")): row for row in rows}
    known, gone = time_entries.with_uids(session, by_uid), time_entries.removed(session, by_uid)
    others = _others(session, list(by_uid.values()), known)
    new: list[dict[str, object]] = []
    for uid, row in by_uid.items():
        project, activity, minutes = told[row.project], activities[row.project], _minutes(row)
        if uid in known or (activity and others.has(activity, row.started_at, minutes)):
            project.same += 1
        elif uid in gone:
            project.removed += 1
        elif activity is None:
            project.left_out += 1
        else:
            project.new += 1
            project.minutes += minutes
            report.overlaps += others.overlaps(activity, row.started_at, minutes)
            new.append(
                {"uid": uid, "activity_id": activity.id, "started_at": row.started_at, "minutes": minutes}
                | ({"note": row.note} if row.note else {})
            )
    doubled = len(rows) - len(by_uid)
    report.skipped += [Skipped(f"{doubled} entries", "they stand in the file twice")] if doubled else []
    bulk.insert(session, TimeEntry, new)
    entries = "1 entry" if len(new) == 1 else f"{len(new)} entries"
    journal.summarize(session, f"Imported {say_duration(report.count('minutes'))} in {entries} from {form}")
    return report


@dataclass(frozen=True, slots=True)
class _Others:
    """Entries that did not come from this file, by activity id, in the order they began."""

    by_activity: dict[int, list[TimeEntry]]

    def has(self, activity: Activity, started_at: datetime, minutes: int) -> bool:
        return any(
            each.started_at == started_at and each.minutes == minutes
            for each in self._from(activity, started_at, started_at)
        )

    def overlaps(self, activity: Activity, started_at: datetime, minutes: int) -> Iterator[Overlap]:
        ended_at = started_at + timedelta(minutes=minutes)
        for each in self._from(activity, started_at - LONGEST, ended_at):
            ends_at = each.started_at + timedelta(minutes=each.minutes or 0)
            if each.started_at < ended_at and started_at < ends_at:
                yield Overlap(activity.name, started_at, minutes, each.ref)
                return

    def _from(self, activity: Activity, from_at: datetime, to_at: datetime) -> Iterator[TimeEntry]:
        there = self.by_activity.get(activity.id, [])
        for place in range(bisect_left(there, from_at, key=lambda each: each.started_at), len(there)):
            if there[place].started_at > to_at:
                return
            yield there[place]


def _others(session: Session, rows: Sequence[TimeRow], known: Mapping[str, TimeEntry]) -> _Others:
    found: dict[int, list[TimeEntry]] = {}
    if rows:
        first, last = min(row.started_at for row in rows), max(row.started_at for row in rows)
        for each in time_entries.ended_between(session, first - LONGEST, last + LONGEST):
            if each.uid not in known:
                found.setdefault(each.activity_id, []).append(each)
    return _Others(found)
