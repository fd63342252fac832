"""What a contact does now, and where."""

from sqlmodel import Session

from crm.actions.checked import brief, optional, required
from crm.models import Contact, Organization, Position
from crm.store import contacts, names, records


def set_position(session: Session, contact: Contact, organization: str | None, title: str | None) -> list[str]:
    """Say what a contact does now: None leaves a part as it is, an empty text clears it. Gives remarks.

    An organization that is not known yet is added.

    Raises:
        BadValueError: a text cannot be stored.
    """
    if organization is None and title is None:
        return []
    current = next((each for each in contacts.positions(session, contact) if each.current), None)
    position = current or Position(contact_id=contact.id)
    remarks: list[str] = []
    if title is not None:
        position.title = optional(title, what="The title")
    if organization is not None:
        employer, remarks = _employer(session, organization)
        position.organization_id = employer.id if employer else None
    _keep(session, position)
    return remarks


def _employer(session: Session, name: str) -> tuple[Organization | None, list[str]]:
    if not name:
        return None, []
    required(name, what="The organization")
    known = names.organization(session, name)
    if known is not None:
        return known, []
    near = names.alike(name, [each.name for each in records.every(session, Organization)])
    made = contacts.organization_named(session, name)
    return made, [f"new organization {brief(name)} ({made.ref})", *(f"there is also {each}" for each in near)]


def _keep(session: Session, position: Position) -> None:
    """Store a position that says something; one that says nothing goes."""
    if position.organization_id is not None or position.title is not None:
        records.add(session, position)
    elif position.id is not None:
        session.delete(position)
        session.flush()
