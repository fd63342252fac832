"""Taking the lossless document: into an empty home it gives the same document again; elsewhere it adds what is new."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from crm import models as m
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote
from crm.exporters.json_ import Describer
from crm.exporters.json_reader import Item
from crm.folding import first, fold
from crm.store import engine, records
from crm.store.shape import Nested, Shape, table_of


@dataclass
class Counts:
    """How many records were added, were the same already, or were kept because the database has newer ones."""

    new: int = 0
    same: int = 0
    changed: int = 0
    kept: int = 0
    by_key: dict[str, int] = field(default_factory=dict)


@dataclass
class _Import:
    """One document going in."""

    session: Session
    describer: Describer
    counts: Counts = field(default_factory=Counts)
    ids: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def take(self, shape: Shape, items: list[Item]) -> None:
        """Take one table's records; those they refer to are in already."""
        if not items:
            return
        known = self._known(shape)
        highest = records.highest_number(self.session, shape.table)
        for item in items:
            row = known.get(self._identity(shape, item))
            if row is not None:
                self._merge(shape, item, row)
            else:
                self._add(shape, item, highest)
        self.session.flush()
        self.counts.by_key[shape.key] = len(items)

    def _known(self, shape: Shape) -> dict[Any, Any]:
        rows = records.every(self.session, shape.model)
        return {("plan" if shape.model is m.Plan else row.uid): row for row in rows}  # type: ignore[attr-defined]

    def _identity(self, shape: Shape, item: Item) -> object:
        return "plan" if shape.model is m.Plan else item.values["uid"]

    def _add(self, shape: Shape, item: Item, highest: int) -> None:
        values = self._values(shape, item)
        number = _number(shape, item)
        if number is not None and number > highest:
            values["id"] = number
        row = records.add(self.session, shape.model(**values))
        self._add_parts(item, row)
        self.counts.new += 1

    def _add_parts(self, item: Item, row: Any) -> None:  # noqa: ANN401 - one of the models
        for nested, part in item.parts:
            values = {**part.values, **self._linked(nested.model, part, by=nested), nested.model.OWNER: row.id}
            self.session.add(nested.model(**values))

    def _merge(self, shape: Shape, item: Item, row: Any) -> None:  # noqa: ANN401 - one of the models
        values = self._values(shape, item)
        differs = any(getattr(row, name) != value for name, value in values.items())
        if not differs:
            self.counts.same += 1
        elif values.get("revision", 0) > getattr(row, "revision", 0):
            for name, value in values.items():
                setattr(row, name, value)
            for nested in shape.nested:
                for part in records.parts(self.session, nested.model, row):
                    self.session.delete(part)
            self.session.flush()
            self._add_parts(item, row)
            self.counts.changed += 1
        else:
            self.counts.kept += 1

    def _values(self, shape: Shape, item: Item) -> dict[str, Any]:
        values = {**item.values, **self._linked(shape.model, item)}
        if shape.model is m.Contact:
            values |= {"name_key": fold(values["name"]), "first_key": first(values["name"])}
        elif shape.model is m.Organization:
            values["name_key"] = fold(values["name"])
        return values

    def _linked(self, model: type[Any], item: Item, *, by: Nested | None = None) -> dict[str, int]:
        return {
            column: self._id(model, column, named, item.where, by.by if by and by.flat else "uid")
            for column, named in item.links.items()
        }

    def _id(self, model: type[Any], column: str, named: str, where: str, by: str) -> int:
        (link,) = table_of(model).c[column].foreign_keys
        key = (link.column.table.name, by, named)
        if key not in self.ids:
            found = records.number_of(self.session, link.column.table, by, named)
            if found is None:
                raise BadValueError(f"{where}: refers to {quote(named)}, which the document does not have")
            self.ids[key] = found
        return self.ids[key]


def _number(shape: Shape, item: Item) -> int | None:
    """The id that a short id such as c3 asks for."""
    letter = getattr(shape.model, "LETTER", "")
    if not letter or item.ref is None:
        return None
    digits = item.ref.removeprefix(letter) if isinstance(item.ref, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) > 0):
        raise BadValueError(f"{item.where}.ref: {quote(repr(item.ref))} is no short id such as {letter}3")
    return int(digits)


def import_document(session: Session, tables: list[tuple[Shape, list[Item]]], *, today: date) -> Counts:
    """Take every record. One that is known by its uid stays when it is the same or newer here.

    Raises:
        BadValueError: the document has no records, names what it does not have, or names one uid twice.
        RefusedError: a record clashes with another of the same name that is here already.
    """
    if not any(items for _shape, items in tables):
        raise BadValueError("the document has no records; nothing was changed")
    work = _Import(session, Describer(session, today))
    for shape, items in tables:
        try:
            work.take(shape, items)
        except sa.exc.IntegrityError as error:
            raise RefusedError(
                f"{shape.key}: a record with the same name or uid is here already; nothing was changed. "
                "Import into an empty home (CRM_HOME=...), or rename one of the two"
            ) from error
    _advance(session, tables)
    return work.counts


def _advance(session: Session, tables: list[tuple[Shape, list[Item]]]) -> None:
    """The short ids of what was removed are not used again either."""
    by_table = {shape.table.name: shape for shape, _items in tables}
    for shape, items in tables:
        if shape.model is not m.Tombstone:
            continue
        for item in items:
            grave = by_table.get(item.values["table_name"])
            ref = item.values.get("ref")
            if grave is not None and ref:
                number = _number(grave, Item(item.where, {}, {}, ref=ref))
                engine.advance_ids(session, grave.table.name, number or 0)
