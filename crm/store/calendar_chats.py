"""What is noted of chats that came from the person's own calendar elsewhere, and who may be named in it.

Such a chat is noted among what is `published`, under a target that ends with `#chats`: `uid` is the appointment's,
`href` the uid of the interaction that it became, `etag` and `fingerprint` how both sides agreed on it. `done` is false
while it stands there, true where it was cancelled there, and missing where it is given up: another calendar lies there.
A note that changes is made anew, so that the highest id tells of every change: the feeds leave out what stands there.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Self

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, ContactMethod, Interaction, Published
from crm.models.words import ContactKind, InteractionState, Tier
from crm.store import interactions
from crm.store.interactions import Chat
from crm.store.readings import pieces
from crm.store.shape import table_of

END: Final = "#chats"
_TABLE: Final = table_of(Published)
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


@dataclass(frozen=True, slots=True)
class Stands:
    """When, how long and where an appointment is; of the place its digest is enough to see a change."""

    starts_at: datetime
    minutes: int | None
    place: str

    @classmethod
    def of(cls, starts_at: datetime, minutes: int | None, place: str | None) -> Self:
        """The digest is made here."""
        return cls(starts_at, minutes, sha256((place or "").encode()).hexdigest()[:32])

    @classmethod
    def here(cls, interaction: Interaction) -> Self:
        """As it is on record."""
        return cls.of(interaction.starts_at, interaction.minutes, interaction.place)

    @classmethod
    def agreed(cls, row: Published) -> Self:
        """As both sides agreed on it last."""
        at, _, minutes = (row.etag or "").partition(" ")
        return cls(datetime.fromisoformat(at), int(minutes) if minutes else None, row.fingerprint or "")

    def noted(self) -> dict[str, str]:
        """As `agreed` reads it."""
        return {"etag": f"{self.starts_at.isoformat()} {self.minutes or ''}", "fingerprint": self.place}


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


def noted(session: Session) -> list[Published]:
    """The note of every appointment that became a chat, in whatever calendar it was."""
    return list(session.exec(select(Published).where(col(Published.target).endswith(END)).order_by(col(Published.id))))


def is_noted(session: Session, uid: str) -> str:
    """The uid of the interaction that an appointment became, by now; empty where it became none."""
    query = sa.select(_TABLE.c.href).where(_TABLE.c.uid == uid, _TABLE.c.target.endswith(END))
    return session.scalars(query).first() or ""


def note(session: Session, row: Published, **values: Any) -> None:  # noqa: ANN401 - any of the table's columns
    """Make the note anew, with other values; one that is gone by now is not brought back."""
    which = (_TABLE.c.target == row.target) & (_TABLE.c.uid == row.uid)
    if session.connection().execute(sa.delete(_TABLE).where(which)).rowcount:
        kept = row.model_dump(exclude={"id"})
        session.connection().execute(sa.insert(_TABLE).values(**kept | values))


def last_noted() -> sa.Select[tuple[int | None]]:
    """The highest id of a note: another one whenever what is noted of such chats has changed."""
    return sa.select(sa.func.max(_TABLE.c.id)).where(_TABLE.c.target.endswith(END))


def told_there(session: Session) -> set[str]:
    """The uids of the interactions that the person's own calendar tells as they are, or that both sides cancelled."""
    query = (
        select(Published, Interaction)
        .join(Interaction, col(Interaction.uid) == col(Published.href))
        .where(col(Published.target).endswith(END), col(Published.done).is_not(None))
    )
    return {interaction.uid for row, interaction in session.exec(query) if _tells(row, interaction)}


def _tells(row: Published, interaction: Interaction) -> bool:
    if row.done:
        return interaction.state == InteractionState.CANCELLED
    there, here = Stands.agreed(row), Stands.here(interaction)
    return there.starts_at == here.starts_at and (not interaction.place or there.place == here.place)


def planned(session: Session, *, since: datetime, before: datetime) -> list[Chat]:
    """The planned chats that begin in that time, by when they start."""
    return interactions.chats(session, states=[InteractionState.PLANNED], since=since, before=before)
