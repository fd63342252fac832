"""Contacts, organizations and tags: making them, and what hangs on them."""

from typing import Any

from sqlmodel import Session, col, select

from crm.models import Contact, ContactMethod, ContactTag, Organization, Position, Tag
from crm.store import names, records


def add_contact(session: Session, name: str, **values: Any) -> Contact:  # noqa: ANN401 - any of the table's columns
    """A new contact with its look-up keys."""
    made = Contact(name=name, name_key=names.fold(name), first_key=names.first(name), **values)
    return records.add(session, made)


def rename(contact: Contact, name: str) -> None:
    """Give a contact another name, and the keys that go with it."""
    contact.name, contact.name_key, contact.first_key = name, names.fold(name), names.first(name)


def organization_named(session: Session, name: str, **values: Any) -> Organization:  # noqa: ANN401 - as above
    """The organization of that name or alias, made with `values` if there is none."""
    found = names.organization(session, name)
    return found or records.add(session, Organization(name=name, name_key=names.fold(name), **values))


def tag_named(session: Session, name: str, **values: Any) -> Tag:  # noqa: ANN401 - as above
    """The tag of that name without `@`, made with `values` if there is none."""
    found = session.exec(select(Tag).where(Tag.name == name)).first()
    return found or records.add(session, Tag(name=name, **values))


def put_in_tag(session: Session, contact: Contact, tag: Tag) -> bool:
    """See to it that a contact is in a tag; False when it was already."""
    link = select(ContactTag).where(ContactTag.contact_id == contact.id, ContactTag.tag_id == tag.id)
    if session.exec(link).first():
        return False
    records.add(session, ContactTag(contact_id=contact.id, tag_id=tag.id))
    return True


def add_method(
    session: Session, contact: Contact, kind: str, value: str, *, label: str | None = None, primary: bool = False
) -> bool:
    """Add a way to reach a contact; False when it is already there."""
    same = select(ContactMethod).where(
        ContactMethod.contact_id == contact.id, ContactMethod.kind == kind, ContactMethod.value == value
    )
    if session.exec(same).first():
        return False
    records.add(session, ContactMethod(contact_id=contact.id, kind=kind, value=value, label=label, primary=primary))
    return True


def positions(session: Session, contact: Contact) -> list[Position]:
    """A contact's positions, in the order they were added."""
    return list(session.exec(select(Position).where(Position.contact_id == contact.id).order_by(col(Position.id))))
