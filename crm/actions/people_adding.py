"""Adding the people whom a file brings: many at once, since there may be tens of thousands."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from crm.actions.people_matching import Match
from crm.folding import first, fold
from crm.models import Contact, ContactMethod, ContactTag, Position
from crm.models.words import Tier
from crm.person_rows import Job, PersonRow
from crm.rows import Method, Row
from crm.store import bulk
from crm.store.people_index import Employers, Tags


def source(row: Row) -> dict[str, Any]:
    """The columns that keep where a row was read."""
    return {"source_file": row.source.file, "source_line": row.source.line, "source_inferred": row.source.inferred}


def external_id(row: PersonRow) -> dict[str, str]:
    """What the source knows the person by, under the source's name."""
    name, _colon, number = (row.who.id or "").partition(":")
    return {name: number} if number else {}


def organizations(employers: Employers, rows: Iterable[PersonRow]) -> dict[str, int]:
    """The ids of all organizations that these rows name, those made that are not there yet."""
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        for job in row.jobs:
            if job.organization:
                wanted.setdefault(job.organization, source(row))
    return employers.ids(wanted)


def position(contact_id: int, job: Job, places: dict[str, int]) -> dict[str, Any]:
    """The columns of a position."""
    where = places[job.organization] if job.organization else None
    return {"contact_id": contact_id, "organization_id": where, "title": job.title, "current": job.current}


def method(contact_id: int, way: Method) -> dict[str, Any]:
    """The columns of a way to reach somebody."""
    columns = {"kind": way.kind, "value": way.value, "label": way.label, "primary": way.primary}
    return {"contact_id": contact_id, **columns}


def add_people(
    session: Session, matches: Sequence[Match], *, employers: Employers, tags: Tags, now: datetime
) -> list[str]:
    """Add a contact of tier none for each row and say in the match which; gives their uids."""
    made = [_contact(each.row, now) for each in matches]
    numbers = bulk.insert(session, Contact, made)
    for match, number in zip(matches, numbers, strict=True):
        match.contact_id = number
    rows = [(number, match.row) for number, match in zip(numbers, matches, strict=True)]
    places = organizations(employers, [row for _number, row in rows])
    bulk.insert(session, Position, [position(number, job, places) for number, row in rows for job in row.jobs])
    bulk.insert(session, ContactMethod, [method(number, way) for number, row in rows for way in row.methods])
    grouped = [(number, {tags.id(name, **source(row)) for name in row.tags}) for number, row in rows]
    links = [{"contact_id": number, "tag_id": tag} for number, some in grouped for tag in sorted(some)]
    bulk.insert(session, ContactTag, links)
    return [each["uid"] for each in made]


def _contact(row: PersonRow, now: datetime) -> dict[str, Any]:
    name, last = row.who.name, row.last_contact_at
    return {
        "uid": str(uuid4()),
        "name": name,
        "name_key": fold(name),
        "first_key": first(name),
        "tier": Tier.NONE.value,
        "aliases": list(row.aliases),
        "place": row.place,
        "birthday": row.birthday,
        "notes": row.notes,
        "cadence_min_days": row.cadence_min_days or row.cadence_days,
        "cadence_max_days": row.cadence_days,
        "last_contact_at": last if last and last <= now else None,
        "external_ids": external_id(row),
        **dict(row.ours),
        **source(row),
    }
