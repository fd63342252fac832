"""Records as plain values with stable keys: for `--json` one at a time, and whole as the lossless document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from crm import models as m
from crm.date_words import WEEKDAYS
from crm.store import records
from crm.store.shape import BY_MODEL, FORMAT, SHAPES, VERSION, Nested, columns, table_of

POSITIONS = next(nested for nested in BY_MODEL[m.Contact].nested if nested.model is m.Position)
ORGANIZATIONS = table_of(m.Organization)


@dataclass
class Describer:
    """Tells records by uid. `today` decides which dated target and version counts now."""

    session: Session
    today: date
    include_private: bool = False
    left_out: int = 0
    _names: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _parts: dict[type[m.Part], dict[int, list[m.Part]]] = field(default_factory=dict)

    def load(self, rows: Sequence[SQLModel]) -> None:
        """Read all that telling these records of one table takes, in a fixed number of queries."""
        if not rows:
            return
        shape = BY_MODEL[type(rows[0])]
        self._load_names(shape.model, rows)
        for nested in shape.nested:
            found = records.parts_of(self.session, nested.model, [row.id for row in rows])  # type: ignore[attr-defined]
            self._parts.setdefault(nested.model, {}).update(found)
            self._load_names(nested.model, [part for owned in found.values() for part in owned], by=nested.by)
            if nested.model is m.Position:
                self._load_names(m.Position, [part for owned in found.values() for part in owned], by="name")

    def _load_names(self, model: type[SQLModel], rows: Sequence[SQLModel], *, by: str = "uid") -> None:
        for column in columns(model):
            if column.target is None:
                continue
            numbers = {getattr(row, column.name) for row in rows} - {None}
            missing = {number for number in numbers if (column.target.name, by, number) not in self._names}
            for number, name in records.values_of(self.session, column.target, by, missing).items():
                self._names[column.target.name, by, number] = name

    def many(self, rows: Sequence[m.Record]) -> list[dict[str, Any]]:
        """Records of one table with their integer ids, for `--json`."""
        self.load(rows)
        return [self.numbered(row) for row in rows]

    def record(self, row: SQLModel) -> dict[str, Any]:
        """One record as the document tells it."""
        shape = BY_MODEL[type(row)]
        told: dict[str, Any] = {}
        if isinstance(row, m.Record):
            told["uid"] = row.uid
            if row.LETTER:
                told["ref"] = row.ref
        told |= self._columns(row, shape.private)
        for nested in shape.nested:
            told[nested.key] = [self._part(nested, part) for part in self._parts_of(nested, row)]
        return told | self._derived(row, told)

    def numbered(self, row: m.Record) -> dict[str, Any]:
        """One record with its integer id too, for `--json`."""
        return {"id": row.id} | self.record(row)

    def _columns(self, row: SQLModel, private: Iterable[str] = ()) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for column in columns(type(row)):
            value = getattr(row, column.name)
            if column.name in private and not self.include_private:
                self.left_out += value is not None
                continue
            if column.target is not None and value is not None:
                value = self._name(column.target, "uid", value)
            if column.hours and value is not None:
                value = value / 60
            place = told.setdefault(column.group, {}) if column.group else told
            place[column.key] = value
        if told.get("cadence") == {"min_days": None, "max_days": None}:
            told["cadence"] = None
        return told

    def _name(self, table: sa.Table, by: str, number: int) -> str:
        key = (table.name, by, number)
        if key not in self._names:
            self._names[key] = records.values_of(self.session, table, by, {number})[number]
        return self._names[key]

    def _parts_of(self, nested: Nested, row: SQLModel) -> list[m.Part]:
        assert isinstance(row, m.Record)
        if row.id not in self._parts.setdefault(nested.model, {}):
            self.load([row])
        return self._parts[nested.model][row.id]

    def _part(self, nested: Nested, part: m.Part) -> Any:  # noqa: ANN401 - a flat part is a name, others are objects
        if nested.flat is None:
            return self._columns(part)
        (link,) = table_of(nested.model).c[nested.flat].foreign_keys
        return self._name(link.column.table, nested.by, getattr(part, nested.flat))

    def _derived(self, row: SQLModel, told: dict[str, Any]) -> dict[str, Any]:
        """What follows from the rest, told for convenience and not read back."""
        if isinstance(row, m.Contact):
            return self._position_now(row)
        if isinstance(row, m.Activity):
            return _valid_on(told["targets"], self.today, ("weekly_hours", "share_percent"))
        if isinstance(row, m.Commitment):
            return _valid_on(told["versions"], self.today, ("times", "per"))
        if isinstance(row, m.TimeEntry):
            return {"running": row.minutes is None}
        return {}

    def _position_now(self, contact: m.Contact) -> dict[str, str | None]:
        positions = self._parts_of(POSITIONS, contact)
        now = next((each for each in positions if isinstance(each, m.Position) and each.current), None)
        if now is None or now.organization_id is None:
            return {"organization": None, "title": now.title if now else None}
        return {"organization": self._name(ORGANIZATIONS, "name", now.organization_id), "title": now.title}


def _valid_on(versions: list[dict[str, Any]], day: date, keys: tuple[str, ...]) -> dict[str, Any]:
    """The newest version that counts on `day`; before the first one, the first."""
    past = [each for each in versions if each["from_on"] <= day] or versions[:1]
    newest = max(past, key=lambda each: each["from_on"], default=dict.fromkeys(keys))
    return {key: newest[key] for key in keys}


def document(
    session: Session, *, now: datetime, today: date, include_private: bool = False
) -> tuple[dict[str, Any], int]:
    """The lossless document, and how many private notes were left out of it."""
    describer = Describer(session, today, include_private)
    told: dict[str, Any] = {"format": FORMAT, "version": VERSION, "exported_at": now}
    for shape in SHAPES:
        rows = records.every(session, shape.model)
        describer.load(rows)
        told[shape.key] = _collected(shape.key, [describer.record(row) for row in rows])
    return told, describer.left_out


def _collected(key: str, items: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - an object or a list
    if key == "plan":
        return items[0] if items else None
    if key == "availability":
        return dict(_by_weekday(items))
    return items


def _by_weekday(items: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in sorted(items, key=lambda each: each["weekday"]):
        yield WEEKDAYS[item["weekday"]], {key: value for key, value in item.items() if key != "weekday"}
