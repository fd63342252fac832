"""Contacts as vCards: 3.0 (RFC 2426), which phones read, and 4.0 (RFC 6350).

Every card has a UID that stays, so that an address book changes its entry instead of adding another: the contact's, or
the one that the contact's card had when it was imported. What a vCard has no property for stands in properties of our
own (`X-CRM-...`), which other programs pass over. The same data gives the same bytes. Private notes are left out unless
one asks for them; who knows whom is not told.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from crm.address_fields import is_east_asian, ways, without_titles
from crm.models import Contact, ContactMethod, ContactTag, Organization, Position, Tag
from crm.models.words import ContactKind
from crm.store import records
from crm.store.shape import table_of
from crm.vcards import escaped, flat, folded

VERSIONS: Final = ("3.0", "4.0")

_PRODID: Final = "-//networking-crm//networking-crm//EN"
_BATCH: Final = 1000
_LABELS: Final = {"phone": frozenset({"home", "work", "cell", "fax", "pager"})}
_PLAIN_LABELS: Final = frozenset({"home", "work"})
_URI: Final = re.compile(r"https?://[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII | re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHAT: Final = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:\S+", re.ASCII | re.IGNORECASE)
_PARTICLES: Final = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "bin", "ibn", "al", "el")
)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with what hangs on it; positions are organization, title, and whether it is so today."""

    contact: Contact
    methods: Sequence[ContactMethod]
    positions: Sequence[tuple[str, str, bool]]
    tags: Sequence[str]


def cards(session: Session, *, version: str = "3.0", include_private: bool = False) -> Iterator[str]:
    """The card of each contact, in the order they were added, its lines ended by CRLF.

    Args:
        session: where the contacts are.
        version: one of `VERSIONS`.
        include_private: take the private notes along (`X-CRM-PRIVATE-NOTE`).
    """
    everybody = records.every(session, Contact)
    for start in range(0, len(everybody), _BATCH):
        for person in _people(session, everybody[start : start + _BATCH]):
            yield card(person, version=version, include_private=include_private)


def card(person: Person, *, version: str, include_private: bool) -> str:
    """The card of one contact; see `cards`."""
    lines = _lines(person, is_4=version == "4.0", include_private=include_private)
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _people(session: Session, contacts: Sequence[Contact]) -> Iterator[Person]:
    """Some contacts with what hangs on them, in a fixed number of queries."""
    ids = [each.id for each in contacts]
    methods = records.parts_of(session, ContactMethod, ids)
    positions = records.parts_of(session, Position, ids)
    tags = records.parts_of(session, ContactTag, ids)
    employers = {each.organization_id for some in positions.values() for each in some} - {None}
    named = records.values_of(session, table_of(Organization), "name", {each for each in employers if each})
    called = records.values_of(session, table_of(Tag), "name", {each.tag_id for some in tags.values() for each in some})
    for contact in contacts:
        jobs = [
            (named.get(each.organization_id or 0, ""), each.title or "", each.current) for each in positions[contact.id]
        ]
        yield Person(contact, methods[contact.id], jobs, [called[each.tag_id] for each in tags[contact.id]])


def _lines(person: Person, *, is_4: bool, include_private: bool) -> Iterator[str]:
    """The lines of a card, not yet folded."""
    contact = person.contact
    yield from ("BEGIN:VCARD", f"VERSION:{'4.0' if is_4 else '3.0'}", f"PRODID:{_PRODID}")
    yield _uid(contact.external_ids.get("vcard") or contact.uid, is_4=is_4)
    yield f"REV:{_instant(contact.updated_at, is_4=is_4)}"
    if is_4:
        yield "KIND:individual"
    name = contact.name if flat(contact.name) else contact.ref
    yield f"FN:{escaped(name)}"
    yield f"N:{';'.join(map(escaped, _name_parts(name)))}"
    yield from _listed("NICKNAME", contact.aliases)
    yield from _jobs(person.positions)
    for number, method in enumerate(person.methods, start=1):
        yield from _way(method, f"item{number}", is_4=is_4)
    if contact.birthday:
        yield _birthday(contact.birthday, is_4=is_4)
    if contact.place:
        yield f"ADR:;;{escaped(contact.place)};;;;"
    yield from _listed("CATEGORIES", person.tags)
    yield from _text("NOTE", contact.notes)
    yield from _ours(contact)
    yield from _text("X-CRM-PRIVATE-NOTE", contact.private_notes if include_private else None)
    yield "END:VCARD"


def _text(name: str, value: str | None) -> Iterator[str]:
    if value:
        yield f"{name}:{escaped(value)}"


def _listed(name: str, values: Sequence[str]) -> Iterator[str]:
    if values:
        yield f"{name}:{','.join(map(escaped, values))}"


def _ours(contact: Contact) -> Iterator[str]:
    """What only this program keeps of a contact."""
    if contact.kind != ContactKind.PERSON:
        yield from _text("X-CRM-KIND", contact.kind)
    yield from _text("X-CRM-TIER", contact.tier)
    yield from _text("X-CRM-STAGE", contact.stage)
    yield from _text("X-CRM-HOW-TO-REACH", contact.how_to_reach)
    yield from _text("X-CRM-CONTEXT", contact.context)
    yield from _text("X-CRM-STATUS", contact.status_text)
    days = dict.fromkeys(filter(None, (contact.cadence_min_days, contact.cadence_max_days)))
    yield from _text("X-CRM-CADENCE-DAYS", "..".join(map(str, days)))
    if contact.last_contact_at:
        yield f"X-CRM-LAST-CONTACT:{_instant(contact.last_contact_at, is_4=False)}"
    if contact.archived_at:
        yield f"X-CRM-ARCHIVED-AT:{_instant(contact.archived_at, is_4=False)}"


def _instant(at: datetime, *, is_4: bool) -> str:
    """An instant in UTC: 3.0 in the extended form of ISO 8601, 4.0 in the basic one (RFC 6350 4.3.5)."""
    return f"{at:%Y%m%dT%H%M%SZ}" if is_4 else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _uid(uid: str, *, is_4: bool) -> str:
    """The UID; 4.0 wants a URI, or a word that it is none (RFC 6350 6.7.6)."""
    if is_4 and _UUID.fullmatch(uid):
        return f"UID:urn:uuid:{uid}"
    return f"UID{';VALUE=text' if is_4 else ''}:{escaped(uid)}"


def _birthday(day: str, *, is_4: bool) -> str:
    """A birthday; 3.0 has no day without a year, so it is written as Apple does."""
    if is_4:
        return f"BDAY:--{day[2:].replace('-', '')}" if day.startswith("--") else f"BDAY:{day.replace('-', '')}"
    return f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{day[2:]}" if day.startswith("--") else f"BDAY:{day}"


def _jobs(positions: Sequence[tuple[str, str, bool]]) -> Iterator[str]:
    """The present position as address books know it; others are ours."""
    now = next((each for each in positions if each[2]), None)
    for each in positions:
        where, what, is_current = each
        if each is now:
            yield from _text("ORG", where)
            yield from _text("TITLE", what)
        else:
            yield f"X-CRM-{'' if is_current else 'FORMER-'}POSITION:{escaped(where)};{escaped(what)}"


# Names -------------------------------------------------------------------------------------------------------------


def _name_parts(name: str) -> tuple[str, str, str, str, str]:
    """Family, given and middle names, title and suffix, as far as a name shows them; FN has the name itself."""
    titles, bare, suffixes = without_titles(name)
    prefix, suffix = " ".join(titles), " ".join(suffixes)
    if len(bare) < 2:
        return "", " ".join(bare), "", prefix, suffix
    if is_east_asian(name):
        return bare[0], " ".join(bare[1:]), "", prefix, suffix
    start = len(bare) - 1
    while start > 1 and bare[start - 1] in _PARTICLES:
        start -= 1
    return " ".join(bare[start:]).rstrip(","), bare[0], " ".join(bare[1:start]), prefix, suffix


# Ways to reach them ------------------------------------------------------------------------------------------------


def _way(method: ContactMethod, group: str, *, is_4: bool) -> Iterator[str]:
    """A way to reach somebody; a label that is no TYPE of the standard stands beside it, as Apple writes it."""
    name, value = _named_value(method)
    label = method.label or ""
    types = label.split(" ") if set(label.split(" ")) <= _LABELS.get(method.kind, _PLAIN_LABELS) else []
    is_typed = bool(types) and name in {"EMAIL", "TEL", "URL"}
    words = [method.kind] if name == "X-SOCIALPROFILE" else types if is_typed else []
    if method.primary and not is_4:
        words = [*words, "pref"]
    parameters = (f";TYPE={','.join(words)}" if words else "") + (";PREF=1" if method.primary and is_4 else "")
    if not label or is_typed:
        yield f"{name}{parameters}:{value}"
        return
    yield f"{group}.{name}{parameters}:{value}"
    yield f"{group}.X-ABLabel:{escaped(label)}"


def _named_value(method: ContactMethod) -> tuple[str, str]:
    """The property that gives back just this way when it is read, and its value."""
    kind, value = method.kind, method.value
    is_plain = value == " ".join(value.split()) and any(each.kind == kind for each in ways(kind, [value]))
    if is_plain and kind == "email" and not value.lower().startswith("mailto:"):
        return "EMAIL", escaped(value)
    if is_plain and kind == "phone" and not re.match(r"tel:|.*;ext=", value, re.IGNORECASE):
        return "TEL", escaped(value)
    if is_plain and kind == "url" and _URI.fullmatch(value):
        return "URL", value
    if is_plain and kind in {"linkedin", "instagram"} and not value.lower().startswith("x-apple:"):
        return "X-SOCIALPROFILE", value if _URI.fullmatch(value) else escaped(value)
    if is_plain and kind == "other" and _CHAT.fullmatch(value):
        return "IMPP", escaped(value)
    return "X-CRM-METHOD", f"{escaped(kind)};{escaped(value)}"
