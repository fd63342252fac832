"""Finding whom the rows of another program's file mean, for some hundred rows at a time."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.address_fields import given_and_family
from crm.escaping import for_ics
from crm.folding import fold
from crm.models import Contact, ContactMethod, Organization, Position, Tag, WorksheetBaseline
from crm.models.words import ContactKind, Tier
from crm.person_rows import profile_slug
from crm.store import bulk
from crm.store.readings import pieces
from crm.store.shape import table_of

MOST_NAMESAKES: Final = 20
"""So many people of one name are looked at."""

LINKEDIN: Final = "linkedin"
VCARD: Final = "vcard"

_CONTACT: Final = table_of(Contact).c
_METHOD: Final = table_of(ContactMethod).c
_ORGANIZATION: Final = table_of(Organization).c
_POSITION: Final = table_of(Position).c
_BASELINE: Final = table_of(WorksheetBaseline).c


@dataclass(frozen=True, slots=True)
class Known:
    """A contact that a row may mean: what tells people of one name apart."""

    id: int
    uid: str
    name: str
    name_key: str
    tended: bool
    external_ids: dict[str, str]
    slugs: frozenset[str]
    emails: frozenset[str]
    birthday: str | None
    employers: frozenset[str]

    @property
    def ref(self) -> str:
        """The short id."""
        return f"{Contact.LETTER}{self.id}"


def identities(session: Session, source: str, kind: str) -> dict[str, int]:
    """Whom a source's ids mean, for those contacts that no file of this kind has brought: typed, or from elsewhere."""
    read = sa.select(_BASELINE.record_uid).where(_BASELINE.kind == kind, _BASELINE.record_uid.is_not(None))
    elsewhere = _CONTACT.uid.not_in(read)
    found: dict[str, int] = {}
    if source == VCARD:  # a card that this program wrote carries the contact's own uid
        found |= {row.uid: row.id for row in session.execute(sa.select(_CONTACT.uid, _CONTACT.id).where(elsewhere))}
    if source == LINKEDIN:
        query = sa.select(_METHOD.contact_id, _METHOD.value).join(Contact, _CONTACT.id == _METHOD.contact_id)
        for number, value in session.execute(query.where(_METHOD.kind == LINKEDIN, elsewhere).order_by(_METHOD.id)):
            slug = profile_slug(value)
            if slug:
                found.setdefault(slug, number)
    held = sa.select(_CONTACT.id, _CONTACT.external_ids).where(sa.cast(_CONTACT.external_ids, sa.String) != "{}")
    for number, ids in session.execute(held.where(elsewhere)):
        if source in ids:
            found[ids[source]] = number
    return found


def with_emails(session: Session, emails: Collection[str]) -> dict[str, list[int]]:
    """Who has these addresses, given in lower case."""
    found: dict[str, list[int]] = defaultdict(list)
    lowered = sa.func.lower(_METHOD.value)
    for some in pieces(emails):
        query = sa.select(lowered, _METHOD.contact_id).where(_METHOD.kind == "email", lowered.in_(some))
        for email, number in session.execute(query.order_by(_METHOD.id)):
            if number not in found[email]:
                found[email].append(number)
    return found


def named(session: Session, name_keys: Collection[str]) -> dict[str, list[int]]:
    """Up to `MOST_NAMESAKES` people of each folded name, the tended ones first; archived people and sources aside."""
    found: dict[str, list[int]] = defaultdict(list)
    place = sa.func.row_number().over(
        partition_by=_CONTACT.name_key, order_by=(_CONTACT.tier == Tier.NONE, _CONTACT.id)
    )
    for some in pieces(name_keys):
        ranked = (
            sa.select(_CONTACT.id, _CONTACT.name_key, place.label("place"))
            .where(_CONTACT.name_key.in_(some), _CONTACT.archived_at.is_(None), _CONTACT.kind == ContactKind.PERSON)
            .subquery()
        )
        query = sa.select(ranked.c.id, ranked.c.name_key).where(ranked.c.place <= MOST_NAMESAKES)
        for number, key in session.execute(query.order_by(ranked.c.place)):
            found[key].append(number)
    return found


def known(session: Session, ids: Collection[int]) -> dict[int, Known]:
    """What tells these contacts from others."""
    found: dict[int, Known] = {}
    names_of = ("id", "uid", "name", "name_key", "tier", "external_ids", "birthday")
    for some in pieces(ids):
        ways, employers = _ways(session, some), _employers(session, some)
        for row in session.execute(sa.select(*(_CONTACT[name] for name in names_of)).where(_CONTACT.id.in_(some))):
            found[row.id] = Known(
                id=row.id,
                uid=row.uid,
                name=row.name,
                name_key=row.name_key,
                tended=row.tier != Tier.NONE,
                external_ids=row.external_ids,
                slugs=frozenset(slug for kind, way in ways[row.id] if kind == LINKEDIN and (slug := profile_slug(way))),
                emails=frozenset(way.casefold() for kind, way in ways[row.id] if kind == "email"),
                birthday=row.birthday,
                employers=frozenset(employers[row.id]),
            )
    return found


def _ways(session: Session, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    query = sa.select(_METHOD.contact_id, _METHOD.kind, _METHOD.value).where(_METHOD.contact_id.in_(ids))
    for number, kind, value in session.execute(query):
        found[number].append((kind, value))
    return found


def _employers(session: Session, ids: Collection[int]) -> dict[int, set[str]]:
    """The folded names of where each of them works now."""
    found: dict[int, set[str]] = defaultdict(set)
    query = (
        sa.select(_POSITION.contact_id, _ORGANIZATION.name_key)
        .join(Organization, _ORGANIZATION.id == _POSITION.organization_id)
        .where(_POSITION.contact_id.in_(ids), _POSITION.current.is_(True))
    )
    for number, key in session.execute(query):
        found[number].add(key)
    return found


class LooseNames:
    """Whom a name may mean that is nobody's in full: by another name of theirs, or by given and family name alone.

    Archived people and sources are left out. All names are read once.
    """

    def __init__(self, session: Session) -> None:
        self._by_alias: dict[str, set[int]] = defaultdict(set)
        self._by_ends: dict[str, set[int]] = defaultdict(set)
        there = (_CONTACT.archived_at.is_(None), _CONTACT.kind == ContactKind.PERSON)
        for row in session.execute(sa.select(_CONTACT.id, _CONTACT.name, _CONTACT.aliases).where(*there)):
            for alias in row.aliases:
                self._by_alias[fold(alias)].add(row.id)
            for ends in filter(None, map(given_and_family, (row.name, *row.aliases))):
                self._by_ends[ends].add(row.id)

    def meant(self, name: str) -> set[int]:
        """The ids of everybody who may be meant."""
        return self._by_alias.get(fold(name), set()) or self._by_ends.get(given_and_family(name) or "", set())


class Employers:
    """The organizations that rows name: found by exact name or alias, or made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_alias: dict[str, int] = {}
        query = sa.select(_ORGANIZATION.id, _ORGANIZATION.aliases).order_by(_ORGANIZATION.id)
        for number, aliases in session.execute(query.where(sa.cast(_ORGANIZATION.aliases, sa.String) != "[]")):
            for alias in aliases:
                self._by_alias.setdefault(fold(alias), number)

    def ids(self, wanted: Mapping[str, Mapping[str, object]]) -> dict[str, int]:
        """The id of each organization named; one not there yet is made, with the columns given for it."""
        found = self.there(wanted)
        missing: dict[str, str] = {}
        for name in wanted:
            if name not in found:
                missing.setdefault(fold(name), name)
        made = [{"name": name, "name_key": key, **wanted[name]} for key, name in missing.items()]
        new = dict(zip(missing, bulk.insert(self._session, Organization, made), strict=True))
        return {name: found[name] if name in found else new[fold(name)] for name in wanted}

    def there(self, names: Collection[str]) -> dict[str, int]:
        """The id of each organization named that is there."""
        keys = {name: fold(name) for name in names}
        found = {key: self._by_alias[key] for key in keys.values() if key in self._by_alias}
        for some in pieces(dict.fromkeys(keys.values())):
            query = sa.select(_ORGANIZATION.name_key, _ORGANIZATION.id).where(_ORGANIZATION.name_key.in_(some))
            found |= {row.name_key: row.id for row in self._session.execute(query)}
        return {name: found[key] for name, key in keys.items() if key in found}


class Tags:
    """The tags that rows name: found case and accents aside (of two, the first), or made."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._there: dict[str, int] = {}
        for each in session.exec(select(Tag).order_by(col(Tag.id))):
            self._there.setdefault(_tag_key(each.name), each.id)

    def id(self, name: str, **values: object) -> int:
        """The id of the tag of that name; one not there yet is made."""
        key = _tag_key(name)
        if key not in self._there:
            (self._there[key],) = bulk.insert(self._session, Tag, [{"name": name, **values}])
        return self._there[key]


def _tag_key(name: str) -> str:
    """What two spellings of a tag share, control characters, which a vCard cannot hold, aside."""
    return fold(for_ics(name))
