"""Contacts, organizations and tags: making them, and what hangs on them."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.folding import first, fold
from crm.models import Contact, ContactMethod, ContactTag, Organization, Position, Tag, TagCadence
from crm.models.words import ContactKind, Stage, Tier
from crm.store import names, records

TIER_ORDER: Final = {tier: place for place, tier in enumerate(Tier)}


def add_contact(session: Session, name: str, **values: Any) -> Contact:  # noqa: ANN401 - any of the table's columns
    """A new contact with its look-up keys."""
    made = Contact(name=name, name_key=fold(name), first_key=first(name), **values)
    return records.add(session, made)


def rename(contact: Contact, name: str) -> None:
    """Give a contact another name, and the keys that go with it."""
    contact.name, contact.name_key, contact.first_key = name, fold(name), first(name)


def organization_named(session: Session, name: str, **values: Any) -> Organization:  # noqa: ANN401 - as above
    """The organization of that name or alias, made with `values` if there is none."""
    found = names.organization(session, name)
    return found or records.add(session, Organization(name=name, name_key=fold(name), **values))


def tag_named(session: Session, name: str, **values: Any) -> Tag:  # noqa: ANN401 - as above
    """The tag of that name without `@`, made with `values` if there is none."""
    found = names.find_tag(session, name)
    return found or records.add(session, Tag(name=name, **values))


def put_in_tag(session: Session, contact: Contact, tag: Tag) -> bool:
    """See to it that a contact is in a tag; False when it was already."""
    if _tag_link(session, contact, tag):
        return False
    records.add(session, ContactTag(contact_id=contact.id, tag_id=tag.id))
    return True


def take_out_of_tag(session: Session, contact: Contact, tag: Tag) -> bool:
    """See to it that a contact is not in a tag; False when it was not."""
    link = _tag_link(session, contact, tag)
    if link is not None:
        session.delete(link)
        session.flush()
    return link is not None


def _tag_link(session: Session, contact: Contact, tag: Tag) -> ContactTag | None:
    link = select(ContactTag).where(ContactTag.contact_id == contact.id, ContactTag.tag_id == tag.id)
    return session.exec(link).first()


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


def set_methods(session: Session, contact: Contact, kind: str, values: Sequence[str]) -> None:
    """Let these, and no others, be the ways of one kind to reach a contact; the first is the primary one."""
    for method in records.parts(session, ContactMethod, contact):
        if method.kind == kind and method.value not in values:
            session.delete(method)
        elif method.kind == kind:
            method.primary = method.value == values[0]
    session.flush()
    for value in values:
        add_method(session, contact, kind, value, primary=value == values[0])


def positions(session: Session, contact: Contact) -> list[Position]:
    """A contact's positions, in the order they were added."""
    return list(session.exec(select(Position).where(Position.contact_id == contact.id).order_by(col(Position.id))))


def tags_of(session: Session, contact: Contact) -> list[Tag]:
    """The tags a contact is in, in the order they were put there."""
    query = select(Tag).join(ContactTag).where(ContactTag.contact_id == contact.id)
    return list(session.exec(query.order_by(col(ContactTag.id))))


def by_id(session: Session, ids: Iterable[int | None]) -> dict[int, Contact]:
    """Contacts by their ids; None among the ids is passed over."""
    wanted = {each for each in ids if each is not None}
    return {each.id: each for each in session.exec(select(Contact).where(col(Contact.id).in_(wanted)))}


def listed(
    session: Session, *, tag: Tag | None = None, stage: Stage | None = None, archived: bool = False
) -> list[Contact]:
    """Contacts by how recently one was in touch; those never spoken with by tier, then as they came in.

    Whom nobody is nagged about (tier none, sources) comes after the others.
    """
    put_away = col(Contact.archived_at)
    query = select(Contact).where(put_away.is_not(None) if archived else put_away.is_(None))
    if tag is not None:
        query = query.where(col(Contact.id).in_(select(ContactTag.contact_id).where(ContactTag.tag_id == tag.id)))
    if stage is not None:
        query = query.where(Contact.stage == stage)
    tier = sa.case(TIER_ORDER, value=col(Contact.tier), else_=len(TIER_ORDER))
    last = col(Contact.last_contact_at)
    aside = sa.or_(col(Contact.tier) == Tier.NONE, col(Contact.kind) == ContactKind.SOURCE)
    return list(session.exec(query.order_by(aside, last.is_(None), last.desc(), tier, col(Contact.id))))


def main_methods(session: Session, contacts: Collection[Contact]) -> dict[int, ContactMethod]:
    """The way to reach each contact first, by the contact's id: the primary one, else the oldest."""
    ids = [each.id for each in contacts]
    query = select(ContactMethod).where(col(ContactMethod.contact_id).in_(ids))
    found: dict[int, ContactMethod] = {}
    for method in session.exec(query.order_by(col(ContactMethod.primary).desc(), col(ContactMethod.id))):
        found.setdefault(method.contact_id, method)
    return found


def tags(session: Session) -> list[tuple[Tag, int, TagCadence | None]]:
    """Every tag by name, with how many people are in it (archived ones aside) and its cadence."""
    people = (
        select(ContactTag.tag_id, sa.func.count().label("people"))
        .join(Contact)
        .where(col(Contact.archived_at).is_(None))
        .group_by(col(ContactTag.tag_id))
        .subquery()
    )
    query = (
        select(Tag, sa.func.coalesce(people.c.people, 0), TagCadence)
        .outerjoin(people, people.c.tag_id == Tag.id)
        .outerjoin(TagCadence, col(TagCadence.tag_id) == Tag.id)
    )
    return [(tag, count, cadence) for tag, count, cadence in session.exec(query.order_by(col(Tag.name)))]
