"""What could show that two contacts are one person, and which pairs are known to be two."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from crm.models import Contact, ContactMethod, Organization, Position, Setting
from crm.person_rows import profile_slug
from crm.store import organizations, records

APART: Final = "not-the-same:"
"""Begins the name of the setting that keeps two uids apart; it is one of the data's own choices."""

_PHONE_DIGITS: Final = 10
_FEWEST_DIGITS: Final = 7


@dataclass(frozen=True, slots=True)
class Face:
    """As much of a contact as telling people apart takes.

    Attributes:
        names: the name and every alias, as written.
        handles: the ways to reach them, as (kind, value) that two spellings of one address share.
        employers: where they work or worked, as `organizations.key` has it.
    """

    id: int
    uid: str
    name: str
    kind: str
    tier: str
    names: tuple[str, ...]
    handles: frozenset[tuple[str, str]]
    employers: frozenset[str]

    @property
    def ref(self) -> str:
        """The short id that people type."""
        return f"{Contact.LETTER}{self.id}"


def faces(session: Session) -> list[Face]:
    """Everybody, in the order they came in; four queries of plain columns, however many there are."""
    handles, employers = _handles(session), _employers(session)
    columns = (Contact.id, Contact.uid, Contact.name, Contact.kind, Contact.tier, Contact.aliases)
    rows = session.execute(select(*columns).order_by(col(Contact.id)))  # type: ignore[call-overload]
    return [
        Face(
            number,
            uid,
            name,
            kind,
            tier,
            (name, *aliases),
            frozenset(handles.get(number, ())),
            frozenset(employers.get(number, ())),
        )
        for number, uid, name, kind, tier, aliases in rows
    ]


def _handles(session: Session) -> dict[int, list[tuple[str, str]]]:
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, kind, value in session.exec(select(ContactMethod.contact_id, ContactMethod.kind, ContactMethod.value)):
        known = handle(kind, value)
        if known is not None:
            found[number].append(known)
    return found


def handle(kind: str, value: str) -> tuple[str, str] | None:
    """What the spellings of one address or number share; None for what tells nobody apart.

    Of a phone number the last ten digits count, so that `0170 1234567` and `+49 170 1234567` are one.
    """
    if kind == "phone":
        digits = "".join(each for each in value if each.isdecimal())
        return (kind, digits[-_PHONE_DIGITS:]) if len(digits) >= _FEWEST_DIGITS else None
    if kind == "linkedin" or "linkedin.com/in/" in value.lower():
        slug = profile_slug(value)
        return ("linkedin", slug) if slug else None
    return (kind, value.strip().casefold()) if kind in {"email", "instagram"} else None


def same_way(kind: str, value: str) -> tuple[str, str]:
    """What two ways to reach somebody share only if one of them is enough: all digits count here."""
    if kind == "phone":
        return kind, "".join(each for each in value if each.isdecimal()).removeprefix("00")
    known = handle(kind, value)
    return known or (kind, value.strip().casefold().rstrip("/"))


def _employers(session: Session) -> dict[int, set[str]]:
    keys = {
        number: organizations.key(name) for number, name in session.exec(select(Organization.id, Organization.name))
    }
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, organization in session.exec(select(Position.contact_id, Position.organization_id)):
        if organization is not None:
            found[number].add(keys[organization])
    return found


# Pairs that are two people


def apart(session: Session) -> set[frozenset[str]]:
    """The pairs of uids that the person said are two people."""
    return {frozenset(uids(each)) for each in every(session)}


def keep_apart(session: Session, one: Contact, other: Contact) -> bool:
    """Remember that two contacts are two people; False when that was known."""
    name = _name(one.uid, other.uid)
    if session.exec(select(Setting).where(Setting.name == name)).first():
        return False
    records.add(session, Setting(name=name, value="true"))
    return True


def pass_on(session: Session, contact: Contact, heir: Contact) -> None:
    """Whoever is not the contact is not the heir either; what kept those two apart goes."""
    for setting in of(session, contact):
        (third,) = {*uids(setting)} - {contact.uid}
        name = _name(heir.uid, third)
        known = session.exec(select(Setting).where(Setting.name == name)).first()
        if third == heir.uid or known is not None:
            session.delete(setting)
        else:
            setting.name = name
        session.flush()


def of(session: Session, contact: Contact) -> list[Setting]:
    """What keeps the contact apart from others."""
    return [each for each in every(session) if contact.uid in uids(each)]


def every(session: Session) -> list[Setting]:
    """Everything that keeps two contacts apart, in the order it was said."""
    query = select(Setting).where(col(Setting.name).startswith(APART, autoescape=True))
    return [each for each in session.exec(query.order_by(col(Setting.id))) if len(uids(each)) == 2]


def uids(setting: Setting) -> Sequence[str]:
    """The uids of the two."""
    return setting.name.removeprefix(APART).split("+")


def _name(one: str, other: str) -> str:
    return APART + "+".join(sorted((one, other)))
