"""What is noted of chats that came from the person's own calendar elsewhere, and who may be named in it.

Such a chat is noted among what is `published`, under a target that ends with `#chats`: `uid` is the appointment's,
`href` the uid of the interaction that it became.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, ContactMethod, Interaction, Published
from crm.models.words import ContactKind, InteractionState, Tier
from crm.store import interactions
from crm.store.interactions import Chat
from crm.store.readings import pieces
from crm.store.shape import table_of

END: Final = "#chats"
_CONTACT: Final = table_of(Contact).c
_METHOD: Final = table_of(ContactMethod).c


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an appointment may name.

    Attributes:
        id: the contact's.
        name: in full.
        aliases: other names.
        tended: whether one keeps in touch with them.
        emails: their addresses, case-folded.
    """

    id: int
    name: str
    aliases: tuple[str, ...]
    tended: bool
    emails: tuple[str, ...]


def people(session: Session) -> list[Person]:
    """Everybody but archived people and sources; two queries."""
    there = (_CONTACT.archived_at.is_(None), _CONTACT.kind == ContactKind.PERSON)
    emails: dict[int, list[str]] = defaultdict(list)
    query = sa.select(_METHOD.contact_id, _METHOD.value).join(Contact, _CONTACT.id == _METHOD.contact_id)
    for number, value in session.execute(query.where(_METHOD.kind == "email", *there)):
        emails[number].append(value.strip().casefold())
    columns = (_CONTACT.id, _CONTACT.name, _CONTACT.aliases, _CONTACT.tier)
    rows = session.execute(sa.select(*columns).where(*there).order_by(_CONTACT.id))
    return [Person(row.id, row.name, tuple(row.aliases), row.tier != Tier.NONE, tuple(emails[row.id])) for row in rows]


def contacts(session: Session, ids: Collection[int]) -> dict[int, Contact]:
    """These contacts, by id."""
    found: dict[int, Contact] = {}
    for some in pieces(ids):
        found |= {each.id: each for each in session.exec(select(Contact).where(col(Contact.id).in_(some)))}
    return found


def by_uid(session: Session, uids: Collection[str]) -> dict[str, Interaction]:
    """Those of the interactions that are there."""
    found: dict[str, Interaction] = {}
    for some in pieces(uids):
        found |= {each.uid: each for each in session.exec(select(Interaction).where(col(Interaction.uid).in_(some)))}
    return found


def noted(session: Session) -> dict[str, str]:
    """Of every appointment that became a chat, in whatever calendar it was, the interaction's uid."""
    query = sa.select(col(Published.uid), col(Published.href)).where(col(Published.target).endswith(END))
    return {row.uid: row.href for row in session.execute(query.order_by(col(Published.id)))}


def planned(session: Session, *, since: datetime, before: datetime) -> list[Chat]:
    """The planned chats that begin in that time, by when they start."""
    return interactions.chats(session, states=[InteractionState.PLANNED], since=since, before=before)
