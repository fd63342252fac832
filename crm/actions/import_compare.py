"""What reading rows would change, field by field, without changing anything: file, program and last reading."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from crm import models as m
from crm import rows as r
from crm.actions.import_rows import TARGETS, FieldKey
from crm.actions.merging import Access, Verdict, decoded, encoded, facts, judge
from crm.actions.worksheet_words import called, label_of, worded
from crm.store import matching, names

Baselines = dict[FieldKey, m.WorksheetBaseline]


class Side(StrEnum):
    """Who made the difference since the last reading."""

    NEW = "new"
    """The file names something that is not here yet: reading it adds it."""
    REMOVED = "removed"
    """The person removed it here: it stays removed."""
    FILE = "file"
    """The file says something new: reading it takes that."""
    PROGRAM = "program"
    """The person changed it here: it stays."""
    BOTH = "both"
    """Both changed: the program's stands, unless the person chooses the file's."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that says one thing in the file and another here; `read` is what the file said last time."""

    side: Side
    kind: str
    key: str
    field: str
    label: str
    line: int | None
    file: str | None
    here: str | None
    read: str | None = None

    @property
    def name(self) -> str:
        """What it is about and which field of that, as a person says it: `Monday, available hours`."""
        return ", ".join(filter(None, (called(self.kind, self.key), self.label)))

    @property
    def at(self) -> FieldKey:
        """The field, as the importer knows it."""
        return (self.kind, self.key, self.field)


class Comparison:
    """The database as it stands against any number of readings of a file."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.baselines: Baselines = matching.baselines(session)

    def differences(self, rows: Iterable[r.Row]) -> Iterator[Difference]:
        """Every field of these rows that is not the same here, notices aside."""
        for row in rows:
            if not isinstance(row, r.NoticeRow):
                yield from self._of(row)

    def record(self, row: r.Row) -> m.Record | None:
        """The record that a row means, if there is one."""
        baseline = self.baselines.get((row.KIND, row.key, "record"))
        known = baseline.record_uid if baseline and not isinstance(row, r.PlanRow) else None
        found = matching.by_uid(self.session, row.KIND, known) if known else None
        if found is None and self._is_findable(row):
            found = TARGETS[type(row)].find(self.session, row)
        return found

    def value(self, row: r.Row, name: str) -> object:
        """What one field of the record that a row means says here; None without such a record."""
        record = self.record(row)
        return TARGETS[type(row)].fields[name].get(self.session, record) if record else None

    def _is_findable(self, row: r.Row) -> bool:
        """Looking for a row makes the people and tags it names; so it is looked for only if all are here."""
        if isinstance(row, r.PlanRow):
            return matching.one(self.session, m.Plan) is not None
        people = [getattr(row, each, None) for each in ("from_name", "to_name", "connector", "contact")]
        tag = getattr(row, "tag", None)
        return all(names.called(self.session, each) for each in people if each) and (
            not tag or matching.one(self.session, m.Tag, name=tag) is not None
        )

    def _of(self, row: r.Row) -> Iterator[Difference]:
        record, line = self.record(row), row.source.line
        if record is None:
            baseline = self.baselines.get((row.KIND, row.key, "record"))
            uid = baseline.record_uid if baseline else None
            side = Side.REMOVED if uid and matching.was_removed(self.session, uid) else Side.NEW
            yield Difference(side, row.KIND, row.key, "", "", line, None, None)
            return
        target = TARGETS[type(row)]
        for name, value in facts(row, target).items():
            access, baseline = target.fields[name], self.baselines.get((row.KIND, row.key, name))
            differs = self._side(access, record, value, baseline.value if baseline else None)
            if differs is not None:
                stands = access.implied(self.session, record, value) or access.get(self.session, record)
                yield Difference(
                    side=differs,
                    kind=row.KIND,
                    key=row.key,
                    field=name,
                    label=access.label or label_of(name),
                    line=line,
                    file=worded(name, value),
                    here=None if stands in (None, "", ()) else worded(name, stands),
                    read=None if baseline is None else worded(name, decoded(baseline.value)),
                )

    def _side(self, access: Access, record: m.Record, value: object, read: str | None) -> Side | None:
        stands = access.get(self.session, record)
        implied = access.implied(self.session, record, value)
        if implied is not None:
            return None if implied == value else Side.PROGRAM
        if _holds(access, record, stands, value):
            return None
        match judge(value, read, stands, overwrite=access.additive):
            case Verdict.SAME:
                return None if encoded(stands) == encoded(value) else Side.PROGRAM
            case Verdict.TAKE:
                return Side.FILE
            case Verdict.KEEP:
                return Side.BOTH


def _holds(access: Access, record: m.Record, stands: object, value: object) -> bool:
    """Whether a field that only ever adds has all of it already."""
    if not access.additive or not isinstance(stands, tuple):
        return False
    there = {_identity(each) for each in (*stands, getattr(record, "name", None))}
    return all(_identity(each) in there for each in (value if isinstance(value, tuple) else (value,)))


def _identity(value: object) -> object:
    return (value.kind, value.value) if isinstance(value, r.Method) else value
