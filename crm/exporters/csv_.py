"""One table of all contacts, for spreadsheets: RFC 4180, a row each, and nothing in it that a spreadsheet would run.

The file begins with a byte order mark, since Excel takes UTF-8 without one for the encoding of the country. Several
values in one cell are separated by `; `, the main one has `* ` in front, and a label stands behind in brackets.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sqlmodel import Session

from crm.cadence import say_cadence
from crm.exporters.csv_cells import guarded, item, joined
from crm.models import Contact, ContactMethod, ContactTag, Organization, Position, Tag
from crm.store import records
from crm.store.shape import table_of

PRIVATE: Final = "private_notes"

METHODS: Final = {"emails": "email", "phones": "phone", "linkedin": "linkedin"}
"""The columns of the commonest kinds of methods; all others share `other_methods`."""

TEXTS: Final = {
    "name": "name",
    "kind": "kind",
    "tier": "tier",
    "stage": "stage",
    "context": "context",
    "how_to_reach": "how_to_reach",
    "status": "status_text",
    "place": "place",
    "birthday": "birthday",
    "notes": "notes",
    PRIVATE: "private_notes",
    "uid": "uid",
}
"""Columns that are a text of the contact as it is, with the contact's own name for it."""

INSTANTS: Final = ("last_contact_at", "archived_at", "added_at", "updated_at")

COLUMNS: Final = (
    *("name", "aliases", "tags", "organization", "title", *METHODS, "other_methods", "tier", "stage", "cadence"),
    *("last_contact_at", "birthday", "context", "how_to_reach", "status", "place", "notes", PRIVATE),
    *("other_positions", "kind", "external_ids", "archived_at", "added_at", "updated_at", "uid"),
)
"""In the table's order: what people read comes first, what only the program needs comes last."""

_BOM: Final = "\ufeff"


def table(session: Session, *, include_private: bool = False) -> tuple[bytes, int]:
    """The table, and how many private notes were left out of it."""
    contacts = records.every(session, Contact)
    columns = [each for each in COLUMNS if include_private or each != PRIVATE]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guarded(row[column]) for column in columns] for row in rows(session, contacts))
    left_out = 0 if include_private else private_notes(session)
    return (_BOM + out.getvalue()).encode(), left_out


def private_notes(session: Session) -> int:
    """How many contacts have private notes."""
    return sum(each.private_notes is not None for each in records.every(session, Contact))


def rows(session: Session, contacts: Sequence[Contact]) -> Iterator[dict[str, str]]:
    """Each contact's cells by column, before they are made harmless; what is unknown is empty."""
    ids = [each.id for each in contacts]
    tags = records.parts_of(session, ContactTag, ids)
    positions = records.parts_of(session, Position, ids)
    methods = records.parts_of(session, ContactMethod, ids)
    in_tags = {link.tag_id for links in tags.values() for link in links}
    tag_names = records.values_of(session, table_of(Tag), "name", in_tags)
    employers = {each.organization_id for held in positions.values() for each in held if each.organization_id}
    organizations = records.values_of(session, table_of(Organization), "name", employers)
    for each in contacts:
        yield {
            **{column: getattr(each, name) or "" for column, name in TEXTS.items()},
            **{column: _instant(getattr(each, column)) for column in INSTANTS},
            **_positions(positions[each.id], organizations),
            **_methods(methods[each.id]),
            "aliases": joined(map(item, each.aliases)),
            "tags": joined(item(tag_names[link.tag_id]) for link in tags[each.id]),
            "cadence": _cadence(each.cadence_min_days, each.cadence_max_days),
            "external_ids": joined(pair(name, value) for name, value in sorted(each.external_ids.items())),
        }


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _cadence(least: int | None, most: int | None) -> str:
    return "" if least is None or most is None else say_cadence(least, most)


def pair(name: str, value: str) -> str:
    """`name: value`, as one item."""
    return f"{item(name, marks=':')}: {item(value)}"


def _positions(held: Sequence[Position], organizations: Mapping[int, str]) -> dict[str, str]:
    """The present position in columns of its own, all others in one."""
    current = next((each for each in held if each.current), None)
    names = {each.id: organizations.get(each.organization_id or 0, "") for each in held}
    others = (_position(each, names[each.id]) for each in held if each is not current)
    return {
        "organization": names[current.id] if current else "",
        "title": (current.title or "") if current else "",
        "other_positions": joined(others),
    }


def _position(position: Position, organization: str) -> str:
    """`title @ organization`, and whether it is over."""
    told = f"{item(position.title or '', marks='@')} @ {item(organization, marks='@')}"
    return told if position.current else f"{told} [past]"


def _methods(held: Sequence[ContactMethod]) -> dict[str, str]:
    columns = {
        column: joined(_method(each, item(each.value)) for each in held if each.kind == kind)
        for column, kind in METHODS.items()
    }
    others = (_method(each, pair(each.kind, each.value)) for each in held if each.kind not in METHODS.values())
    return {**columns, "other_methods": joined(others)}


def _method(method: ContactMethod, told: str) -> str:
    """`* value [label]`: the asterisk is that of the main one."""
    label = f" [{item(method.label)}]" if method.label else ""
    return f"{'* ' if method.primary else ''}{told}{label}"
