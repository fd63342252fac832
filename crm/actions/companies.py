"""The company that a person names for an ask; one not known yet is added."""

import re
from typing import Final

from sqlmodel import Session

from crm.actions.checked import brief, required
from crm.models import Organization
from crm.store import contacts, names, records

_REF: Final = re.compile(r"o\d{1,18}", re.ASCII)


def named(session: Session, name: str) -> tuple[Organization, list[str]]:
    """The organization of that name, alias or id; with a new one come remarks, such as others of nearly that name.

    Raises:
        BadValueError: the name is blank.
        NotFoundError, AmbiguousError: the id is unknown, or the alias belongs to several.
    """
    required(name, what="The company")
    if _REF.fullmatch(name):
        return names.the_organization(session, name), []
    known = names.organization(session, name)
    if known is not None:
        return known, []
    near = names.alike(name, [each.name for each in records.every(session, Organization)])
    made = contacts.organization_named(session, name)
    return made, [f"new organization {brief(name)} ({made.ref})", *(f"there is also {each}" for each in near)]
