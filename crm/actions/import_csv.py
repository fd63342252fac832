"""Taking our own CSV back: into an empty home as it was, elsewhere with what the person edited in a spreadsheet.

A row is known by its uid. Nobody is deleted, and a contact that changed here after the file was written is kept.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlmodel import Session

from crm.actions.import_document import Counts
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote
from crm.exporters.csv_ import COLUMNS, METHODS, TEXTS, rows
from crm.exporters.csv_reader import Line, Place, value
from crm.folding import first, fold
from crm.models import Contact, ContactMethod, ContactTag, Part, Position
from crm.models.words import Tier
from crm.store import bulk, contacts, names, records

_KEPT_BY_THE_PROGRAM: Final = frozenset({"added_at", "updated_at", "uid"})
_POSITIONS: Final = frozenset({"organization", "title", "other_positions"})
_METHODS: Final = frozenset({*METHODS, "other_methods"})
_PARTS: Final = _POSITIONS | _METHODS | {"tags"}

_Values = dict[str, Any]
_Model = type[Any]


def import_csv(session: Session, lines: Sequence[Line]) -> Counts:
    """Take every row of a table.

    Raises:
        BadValueError: there is none.
        RefusedError: two rows have one uid, or a row without one names somebody who is here already.
    """
    if not lines:
        raise BadValueError("the table has no rows; nothing was changed")
    known = {each.uid: each for each in records.every(session, Contact)}
    by_uid = _by_uid(session, lines)
    here = [known[uid] for uid in by_uid if uid in known]
    work = _Import(session)
    for contact, stands in zip(here, rows(session, here), strict=True):
        work.merge(contact, stands, by_uid[contact.uid])
    work.add({uid: line for uid, line in by_uid.items() if uid not in known})
    work.counts.by_key["contacts"] = len(lines)
    return work.counts


def _by_uid(session: Session, lines: Sequence[Line]) -> dict[str, Line]:
    """The rows by their uids; somebody whom the person wrote into the table gets a new one."""
    found: dict[str, Line] = {}
    for line in lines:
        uid = value(line, "uid") if "uid" in line.cells else None
        if uid in found:
            raise RefusedError(
                f"lines {found[uid].number} and {line.number} have the same uid; take it out of one of them"
            )
        if uid is None:
            _refuse_namesake(session, line)
        found[uid or str(uuid4())] = line
    return found


def _refuse_namesake(session: Session, line: Line) -> None:
    there = names.called(session, line.cells["name"])
    if there:
        raise RefusedError(
            f"line {line.number}: {quote(there[0].name)} is here already; write their uid into the row "
            f"({there[0].uid}), or take the row out"
        )


class _Import:
    """One table going in."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.counts = Counts()
        self._organizations: dict[str, int] = {}
        self._tags: dict[str, int] = {}

    def merge(self, contact: Contact, stands: dict[str, str], line: Line) -> None:
        """Take what was edited in somebody's row."""
        edited = {
            column
            for column, cell in line.cells.items()
            if column not in _KEPT_BY_THE_PROGRAM and cell != stands[column]
        }
        if not edited:
            self.counts.same += 1
        elif _is_newer(contact, line):
            self.counts.kept += 1
        else:
            self._put(contact, replace(line, cells={**stands, **line.cells}), edited)
            self.counts.changed += 1

    def _put(self, contact: Contact, line: Line, edited: Set[str]) -> None:
        for name, held in _columns(line, edited):
            setattr(contact, name, held)
        for part in self._replaced(contact, edited):
            self.session.delete(part)
        self.session.flush()
        for model, values in self._parts(line, edited):
            self.session.add(model(contact_id=contact.id, **values))
        self.session.flush()

    def _replaced(self, contact: Contact, edited: Set[str]) -> Iterator[Part]:
        """The parts that stand in edited columns."""
        if "tags" in edited:
            yield from records.parts(self.session, ContactTag, contact)
        if edited & _POSITIONS:
            yield from records.parts(self.session, Position, contact)
        for method in records.parts(self.session, ContactMethod, contact):
            if _column(method.kind) in edited:
                yield method

    def add(self, lines: dict[str, Line]) -> None:
        """Add people, many at a time; somebody imported is not nagged about unless the table says so."""
        described = [
            {"tier": Tier.NONE.value, **dict(_columns(line, line.cells.keys())), **_instants(line), "uid": uid}
            for uid, line in lines.items()
        ]
        ids = bulk.insert(self.session, Contact, described)
        parts: dict[_Model, list[_Values]] = {ContactTag: [], Position: [], ContactMethod: []}
        for number, line in zip(ids, lines.values(), strict=True):
            for model, values in self._parts(line, line.cells.keys()):
                parts[model].append({"contact_id": number, **values})
        for model, found in parts.items():
            bulk.insert(self.session, model, found)
        self.counts.new += len(ids)

    def _parts(self, line: Line, columns: Set[str]) -> Iterator[tuple[_Model, _Values]]:
        """The parts that stand in these columns; positions are told by three columns together."""
        if "tags" in columns:
            yield from ((ContactTag, {"tag_id": tag}) for tag in dict.fromkeys(map(self._tag, value(line, "tags"))))
        if columns & _POSITIONS:
            for place in _places(line):
                employer = self._organization(place.organization) if place.organization else None
                yield Position, {"organization_id": employer, "title": place.title, "current": place.current}
        for column in (each for each in COLUMNS if each in _METHODS & columns):
            for way in value(line, column):
                yield (
                    ContactMethod,
                    {"kind": way.kind, "value": way.value, "label": way.label, "primary": way.primary},
                )

    def _organization(self, name: str) -> int:
        if name not in self._organizations:
            self._organizations[name] = contacts.organization_named(self.session, name).id
        return self._organizations[name]

    def _tag(self, name: str) -> int:
        if name not in self._tags:
            self._tags[name] = contacts.tag_named(self.session, name).id
        return self._tags[name]


def _is_newer(contact: Contact, line: Line) -> bool:
    """Whether the contact changed here after the file was written."""
    written: datetime | None = value(line, "updated_at") if "updated_at" in line.cells else None
    return written is not None and contact.updated_at.replace(microsecond=0) > written


def _columns(line: Line, columns: Set[str]) -> Iterator[tuple[str, Any]]:
    """The contact's own columns that stand in these of the table."""
    for column in columns - _PARTS - _KEPT_BY_THE_PROGRAM:
        held = value(line, column)
        if column == "cadence":
            least, most = held or (None, None)
            yield from (("cadence_min_days", least), ("cadence_max_days", most))
            continue
        yield TEXTS.get(column, column), list(held) if isinstance(held, tuple) else held
        if column == "name":
            yield from (("name_key", fold(held)), ("first_key", first(held)))


def _instants(line: Line) -> _Values:
    """When the contact came and last changed, where the table says so."""
    said = {column: value(line, column) for column in ("added_at", "updated_at") if column in line.cells}
    return {column: at for column, at in said.items() if at is not None}


def _places(line: Line) -> Iterator[Place]:
    """All positions, the present one first."""
    said = {column: value(line, column) for column in _POSITIONS if column in line.cells}
    present = Place(said.get("organization"), said.get("title"), current=True)
    yield from (each for each in (present, *said.get("other_positions", ())) if each.organization or each.title)


def _column(kind: str) -> str:
    """The column in which methods of a kind stand."""
    return next((column for column, its_kind in METHODS.items() if its_kind == kind), "other_methods")
