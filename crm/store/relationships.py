"""Relationships between contacts."""

from sqlmodel import Session, select

from crm.models import Contact, Relationship


def find(session: Session, subject: Contact, verb: str, other: Contact) -> Relationship | None:
    """The relationship of that kind from one contact to the other."""
    query = select(Relationship).where(
        Relationship.from_contact_id == subject.id,
        Relationship.to_contact_id == other.id,
        Relationship.type == verb,
    )
    return session.exec(query).first()


def between(session: Session, subject: Contact, other: Contact) -> list[str]:
    """The kinds of relationship from one contact to the other."""
    query = select(Relationship.type).where(
        Relationship.from_contact_id == subject.id, Relationship.to_contact_id == other.id
    )
    return list(session.exec(query))
