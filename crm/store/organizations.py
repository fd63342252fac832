"""Organizations with who is there, and who could help with getting there."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, Introduction, Organization, Position, Referral
from crm.store import contacts, references


@dataclass(frozen=True, slots=True)
class Summary:
    """An organization and how many people are there now."""

    organization: Organization
    people: int


@dataclass(frozen=True, slots=True)
class Place:
    """An organization with its people, and what could be asked: (of whom, for what, state)."""

    organization: Organization
    people: Sequence[tuple[Position, Contact]]
    asks: Sequence[tuple[Contact | None, str, str]]


def listed(session: Session, *, targets: bool = False) -> list[Summary]:
    """Every organization, or the target ones only: targets first, then by name."""
    people = (
        select(Position.organization_id, sa.func.count(col(Position.contact_id).distinct()).label("people"))
        .where(col(Position.current).is_(True))
        .group_by(col(Position.organization_id))
        .subquery()
    )
    query = select(Organization, sa.func.coalesce(people.c.people, 0)).outerjoin(
        people, people.c.organization_id == Organization.id
    )
    if targets:
        query = query.where(col(Organization.target).is_(True))
    order = (col(Organization.target).desc(), col(Organization.name_key))
    return [Summary(organization, count) for organization, count in session.exec(query.order_by(*order))]


def place(session: Session, organization: Organization) -> Place:
    """An organization with everything that hangs on it."""
    query = select(Position, Contact).join(Contact).where(Position.organization_id == organization.id)
    people = session.exec(query.order_by(col(Position.current).desc(), col(Position.id)))
    introductions = references.of_kind(session, organization, Introduction)
    referrals = references.of_kind(session, organization, Referral)
    there = contacts.by_id(
        session, [*(each.connector_id for each in introductions), *(each.contact_id for each in referrals)]
    )
    asks: list[tuple[Contact | None, str, str]] = [
        *((there[each.connector_id], f"{each.want}: {each.placeholder or ''}", each.state) for each in introductions),
        *((there.get(each.contact_id or 0), "a referral", each.state) for each in referrals),
    ]
    return Place(organization, [(position, contact) for position, contact in people], asks)
