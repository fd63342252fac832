"""Referrals with the people and organizations they are about, and who else could refer."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, col, select

from crm.models import Contact, ContactTag, Organization, Position, Referral, Tag
from crm.models.words import ContactKind, ReferralState

OPEN: Final = (
    ReferralState.PLANNED,
    ReferralState.ASKED,
    ReferralState.AGREED,
    ReferralState.SUBMITTED,
    ReferralState.INTERVIEWING,
)
"""The states in which an ask runs; there is one such per person and organization."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A referral, the contact or tag it is asked of, and where to."""

    referral: Referral
    contact: Contact | None
    tag: Tag | None
    organization: Organization | None


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody who could refer, and by which asks, tags and positions."""

    contact: Contact
    asks: tuple[Ask, ...]
    groups: tuple[Ask, ...]
    positions: tuple[tuple[Position, Organization], ...]


def listed(session: Session, *, states: Collection[ReferralState] = tuple(ReferralState)) -> list[Ask]:
    """The referrals in these states, in the order they came in."""
    return _asks(session, col(Referral.state).in_(states))


def ask(session: Session, referral: Referral) -> Ask:
    """A referral with everybody it is about."""
    (only,) = _asks(session, col(Referral.id) == referral.id)
    return only


def of(session: Session, contacts: Collection[int]) -> list[Ask]:
    """The referrals of the contacts with these ids, in the order they came in; those of their tags are not theirs."""
    return _asks(session, col(Referral.contact_id).in_(contacts))


def of_tag(session: Session, tag: Tag) -> list[Ask]:
    """The rows that make everybody in a tag a candidate."""
    return _asks(session, col(Referral.tag_id) == tag.id)


def _asks(session: Session, condition: Any) -> list[Ask]:  # noqa: ANN401 - SQLAlchemy's own expressions
    query = (
        select(Referral, Contact, Tag, Organization)
        .outerjoin(Contact, col(Contact.id) == Referral.contact_id)
        .outerjoin(Tag, col(Tag.id) == Referral.tag_id)
        .outerjoin(Organization, col(Organization.id) == Referral.organization_id)
        .where(condition)
        .order_by(col(Referral.id))
    )
    return [Ask(*row) for row in session.exec(query)]


def leads(session: Session, organization: Organization | None) -> list[Lead]:
    """Who could refer: who is in a referral, in a tag of one, or works there now; three queries.

    Args:
        session: a reading one.
        organization: only for this one, and for what names none; None takes every ask, and nobody for where they work.
    """
    asks = [each for each in listed(session) if _is_for(each, organization)]
    by_tag = _members(session, {each.tag.id for each in asks if each.tag})
    people: dict[int, Contact] = {}
    own: dict[int, list[Ask]] = defaultdict(list)
    groups: dict[int, list[Ask]] = defaultdict(list)
    positions: dict[int, list[tuple[Position, Organization]]] = defaultdict(list)
    for each in asks:
        for contact in by_tag[each.tag.id] if each.tag else filter(None, [each.contact]):
            people[contact.id] = contact
            (groups if each.tag else own)[contact.id].append(each)
    for contact, position in _employees(session, organization):
        people[contact.id] = contact
        if organization is not None:
            positions[contact.id].append((position, organization))
    return [
        Lead(contact, tuple(own[number]), tuple(groups[number]), tuple(positions[number]))
        for number, contact in sorted(people.items())
        if contact.archived_at is None and contact.kind == ContactKind.PERSON
    ]


def _is_for(ask: Ask, organization: Organization | None) -> bool:
    return organization is None or ask.organization is None or ask.organization.id == organization.id


def _members(session: Session, tags: Collection[int]) -> dict[int, list[Contact]]:
    query = select(ContactTag.tag_id, Contact).join(Contact, col(Contact.id) == ContactTag.contact_id)
    found: dict[int, list[Contact]] = {each: [] for each in tags}
    for number, contact in session.exec(query.where(col(ContactTag.tag_id).in_(tags))):
        found[number].append(contact)
    return found


def _employees(session: Session, organization: Organization | None) -> list[tuple[Contact, Position]]:
    if organization is None:
        return []
    query = select(Contact, Position).join(Position, col(Position.contact_id) == Contact.id)
    query = query.where(Position.organization_id == organization.id, col(Position.current))
    return list(session.exec(query.order_by(col(Position.id))))
