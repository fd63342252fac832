"""What was found, with whom and what it is about: a fixed number of queries for however many."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm import models as m
from crm.store.search.finding import MODELS
from crm.store.search.index import dialect
from crm.store.search.kinds import KINDS_AT_MOST

R = TypeVar("R", bound=m.Record)


@dataclass(frozen=True, slots=True)
class Item:
    """One record that was found.

    Attributes:
        people: whom it is about; of a person, nobody.
        owner: the question of an answer, the commitment of a check-in, the activity of a time entry, or the
            organization of a person, an introduction or a referral.
        texts: what the index has of it: its name and text, and what is private only if that was searched.
    """

    record: m.Record
    people: Sequence[m.Contact]
    owner: m.Question | m.Commitment | m.Activity | m.Organization | None
    texts: Sequence[str]


def items(session: Session, best: Sequence[tuple[int, int]], *, private: bool) -> list[Item]:
    """The records of these kinds' numbers and ids, in this order."""
    records = {
        (number, record.id): record
        for number in {number for number, _id in best}
        for record in _by_id(session, MODELS[number], [id_ for kind, id_ in best if kind == number]).values()
    }
    texts = _texts(session, best, private=private)
    people = _people(session, records.values())
    owners = _owners(session, records.values())
    return [
        Item(records[place], people.get(records[place].uid, ()), owners.get(records[place].uid), texts.get(place, ()))
        for place in best
        if place in records
    ]


def _by_id(session: Session, model: type[R], ids: Collection[int | None]) -> dict[int, R]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each for each in session.exec(select(model).where(col(model.id).in_(wanted)))}


def _texts(
    session: Session, best: Sequence[tuple[int, int]], *, private: bool
) -> dict[tuple[int, int], tuple[str, ...]]:
    columns = ("name", "text", "private") if private else ("name", "text")
    key = sa.column(dialect(session.connection()).KEY, sa.BigInteger)
    query: Any = sa.select(key.label("key"), *map(sa.column, columns)).select_from(sa.table("search"))
    wanted = [id_ * KINDS_AT_MOST + number for number, id_ in best]
    rows = session.connection().execute(query.where(key.in_(wanted)))
    return {(row[0] % KINDS_AT_MOST, row[0] // KINDS_AT_MOST): tuple(row[1:]) for row in rows}


def _people(session: Session, records: Iterable[m.Record]) -> dict[str, list[m.Contact]]:
    """Whom each record, by uid, is about."""
    listed = list(records)
    ids = {each.uid: _linked(each) for each in listed if not isinstance(each, m.Contact)}
    ids |= _participants(session, m.InteractionContact, [each for each in listed if isinstance(each, m.Interaction)])
    ids |= _participants(session, m.QuestionAudience, [each for each in listed if isinstance(each, m.Question)])
    people = _by_id(session, m.Contact, [each for some in ids.values() for each in some])
    return {uid: [people[each] for each in some] for uid, some in ids.items()}


def _linked(record: m.Record) -> list[int]:
    numbers = (getattr(record, name, None) for name in ("contact_id", "connector_id"))
    return [number for number in numbers if number is not None]


def _participants(session: Session, part: type[Any], records: Sequence[m.Record]) -> dict[str, list[int]]:
    uids = {each.id: each.uid for each in records}
    found: dict[str, list[int]] = {uid: [] for uid in uids.values()}
    owner = col(getattr(part, part.OWNER))
    query = select(owner, col(part.contact_id)).where(owner.in_(uids), col(part.contact_id).is_not(None))
    for number, contact_id in session.exec(query.order_by(col(part.id))) if uids else ():
        found[uids[number]].append(contact_id)
    return found


def _owners(session: Session, records: Iterable[m.Record]) -> dict[str, Any]:
    """The question, commitment, activity or organization that each record, by uid, belongs to."""
    listed = list(records)
    found: dict[str, Any] = {}
    for column, model in (
        ("question_id", m.Question),
        ("commitment_id", m.Commitment),
        ("activity_id", m.Activity),
        ("organization_id", m.Organization),
    ):
        ids = {each.uid: number for each in listed if (number := getattr(each, column, None)) is not None}
        known = _by_id(session, model, ids.values())
        found |= {uid: known[number] for uid, number in ids.items()}
    return found | _employers(session, [each for each in listed if isinstance(each, m.Contact)])


def _employers(session: Session, contacts: Sequence[m.Contact]) -> dict[str, m.Organization]:
    uids = {each.id: each.uid for each in contacts}
    query: Any = (
        select(m.Position.contact_id, m.Organization)
        .join(m.Organization)
        .where(col(m.Position.contact_id).in_(uids), col(m.Position.current).is_(True))
        .order_by(col(m.Position.id).desc())
    )
    return {uids[number]: organization for number, organization in session.exec(query)} if uids else {}
