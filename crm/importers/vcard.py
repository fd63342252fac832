"""vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350), as phones, Apple, Google, Outlook and Monica write them.

A file is read one card at a time. Groups are no people: their members get them as tags. What has no field of its own
(a second address, a department, an anniversary) stands below the notes; pictures are left out. The fields that
`crm export vcard` adds count for people who are new, the cadence for everybody. Private notes stay in the file: what
it said is remembered, and that is no place for them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import BinaryIO, Final

from crm import address_fields
from crm.address_fields import Entry, one_line, ways
from crm.importers import base_name
from crm.models.words import ContactKind, Stage, Tier
from crm.person_rows import Job, PersonRow, SkippedRow, TieRow, Who
from crm.rows import Method, NoticeRow, Row, Source
from crm.vcards import Card, Property, cards, fields, starts_like_cards

PRIVATE: Final = "the private note is left in the file; crm export json --include-private carries private notes"

Labels = Mapping[str, str]
"""What a person calls the properties of each group (Apple: `item1.X-ABLabel`)."""
_GROUP: Final = re.compile(rb"KIND[^:\r\n]{0,40}:\s*group", re.IGNORECASE)
_CHUNK_BYTES: Final = 1_048_576
_APPLE_LABEL: Final = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_LINE_ENDS: Final = re.compile(r"\s*[\r\n\t]\s*")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)
_SYSTEM_TAGS: Final = frozenset({"mycontacts", "my contacts"})
_SAYS_NOTHING: Final = frozenset({"pref", "internet", "voice", "text", "intl", "dom", "postal", "parcel", "url", "x-"})
_MESSENGERS: Final = ("SKYPE", "SKYPE-USERNAME", "JABBER", "ICQ", "AIM", "MSN", "YAHOO", "GOOGLE-TALK", "GTALK", "QQ")
_RELATED: Final = {
    "RELATED": "",
    "X-ABRELATEDNAMES": "",
    "X-SPOUSE": "spouse",
    "X-EVOLUTION-SPOUSE": "spouse",
    "X-MANAGER": "manager",
    "X-EVOLUTION-MANAGER": "manager",
    "X-ASSISTANT": "assistant",
    "X-EVOLUTION-ASSISTANT": "assistant",
}
_THEY: Final = {
    "manager": "manages",
    "boss": "manages",
    "supervisor": "manages",
    "mentor": "mentors",
    "teacher": "taught",
    "referred by": "introduced",
    "introduced by": "introduced",
}
"""What somebody who is called so does to the person of the card."""

_OURS: Final[dict[str, tuple[str, type[StrEnum] | None]]] = {
    "X-CRM-KIND": ("kind", ContactKind),
    "X-CRM-TIER": ("tier", Tier),
    "X-CRM-STAGE": ("stage", Stage),
    "X-CRM-HOW-TO-REACH": ("how_to_reach", None),
    "X-CRM-CONTEXT": ("context", None),
    "X-CRM-STATUS": ("status_text", None),
}
"""The contact's column of each field that our own export adds, and the words it may hold."""

_BOTH: Final = {
    "friend": "friend-of",
    "best friend": "friend-of",
    "colleague": "works-with",
    "co-worker": "works-with",
    "coworker": "works-with",
}
"""What the person of the card and somebody who is called so are to each other."""


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is made of vCards."""
    return starts_like_cards(head)


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The people of a file of vCards, then who knows whom.

    Raises:
        BadValueError: the file is damaged as a whole, as `crm.vcards.cards` tells it.
    """
    name = base_name(file)
    tags = _members(file, encoding) if _has_groups(file) else {}
    ties: list[TieRow] = []
    for card in cards(file, encoding=encoding):
        source = Source(name, card.line)
        reason = _unusable(card)
        if reason:
            yield SkippedRow(source=source, reason=reason, name=_name(card))
            continue
        for row in address_fields.people([_entry(card, tags)], file=name):
            if isinstance(row, PersonRow):
                person = _completed(row, card)
                ties += _ties(card, person.who, source)
                yield person
                if card.first("X-CRM-PRIVATE-NOTE"):
                    yield NoticeRow(source=source, level="warning", subject=person.who.name, text=PRIVATE)
            else:
                yield row
    yield from ties


# Cards that are no people ------------------------------------------------------------------------------------------


def _unusable(card: Card) -> str | None:
    if card.fault:
        return card.fault
    if card.first("VERSION") is None:
        return "it is no vCard: it has no VERSION"
    if _is_group(card):
        members = len(card.all("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"))
        return f"a group, not a person; its members ({members}) get it as a tag"
    return "an organization or a thing, not a person" if _is_thing(card) else None


def _is_group(card: Card) -> bool:
    return any(each.text.strip().lower() == "group" for each in card.all("KIND", "X-ADDRESSBOOKSERVER-KIND"))


def _is_thing(card: Card) -> bool:
    kind = card.first("KIND")
    if kind is not None and kind.text.strip().lower() in {"org", "location", "application", "device"}:
        return True
    shown = card.first("X-ABSHOWAS")
    return shown is not None and shown.text.strip().lower() == "company" and card.first("N") is None


def _has_groups(file: BinaryIO) -> bool:
    """Whether a group may be among the cards, so that a first reading pays."""
    file.seek(0)
    before = b""
    while chunk := file.read(_CHUNK_BYTES):
        if _GROUP.search(before + chunk):
            return True
        before = chunk[-64:]
    return False


def _members(file: BinaryIO, encoding: str | None) -> dict[str, list[str]]:
    """The groups that each person is in, by their UID."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for card in cards(file, encoding=encoding):
        if card.fault is None and _is_group(card) and _name(card):
            for member in card.all("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"):
                found[_uid(member.text)].append(_name(card))
    return found


# People ------------------------------------------------------------------------------------------------------------


def _entry(card: Card, tags: Mapping[str, list[str]]) -> Entry:
    labels = {each.group: _called(each.text) for each in card.all("X-ABLABEL") if each.group}
    uid = card.first("UID")
    places = list(_places(card, labels))
    return Entry(
        line=card.line,
        name=_name(card),
        aliases=list(_aliases(card)),
        tags=[*_tags(card), *(tags.get(_uid(uid.text), []) if uid else [])],
        jobs=list(_jobs(card)),
        methods=list(_methods(card, labels)),
        places=places,
        birthday=_birthday(card),
        notes="\n\n".join(each.text for each in card.all("NOTE")),
        extras=list(_extras(card, labels)),
        private=address_fields.is_private(*(each.text for each in card.all("CLASS"))),
    )


def _completed(row: PersonRow, card: Card) -> PersonRow:
    """The row with what only a vCard tells: an id, and what our own exports add."""
    uid, cadence, last = (card.first(each) for each in ("UID", "X-CRM-CADENCE-DAYS", "X-CRM-LAST-CONTACT"))
    shortest, longest = _days(cadence.text) if cadence else (None, None)
    return replace(
        row,
        who=Who(row.who.name, f"vcard:{_uid(uid.text)}" if uid else None),
        cadence_days=longest,
        cadence_min_days=shortest,
        last_contact_at=_instant(last.text) if last else None,
        ours=tuple(_ours(card)),
    )


def _ours(card: Card) -> Iterator[tuple[str, str | datetime]]:
    """What our own export says of tier, stage, archive and the person's words; what is none of it is passed over."""
    for name, (column, words) in _OURS.items():
        said = card.first(name)
        if said is not None and said.text and (words is None or said.text in list(words)):
            yield column, said.text
    if (archived := card.first("X-CRM-ARCHIVED-AT")) and (at := _instant(archived.text)):
        yield "archived_at", at


def _uid(text: str) -> str:
    """A UID as 3.0 and 4.0 share it."""
    return re.sub(r"^urn:uuid:", "", text.strip(), flags=re.IGNORECASE)


def _days(text: str) -> tuple[int | None, int | None]:
    """The shortest and longest time between two contacts: `28..42`, or `42`, which is the longest."""
    found = re.fullmatch(r"(?:(\d{1,4})\.\.)?(\d{1,4})", text.strip(), re.ASCII)
    shortest, longest = (int(each or 0) for each in found.groups()) if found else (0, 0)
    return (shortest or None, longest or None) if shortest <= longest else (None, None)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else None


def _one_line(text: str) -> str:
    return _LINE_ENDS.sub(" ", text.strip())


def _name(card: Card) -> str:
    shown = card.first("FN")
    if shown is not None and shown.text.strip():
        return _one_line(shown.text)
    parts = card.first("N")
    family, given, middle = ([*map(_one_line, fields(parts.value)), "", "", ""] if parts else [""] * 3)[:3]
    return address_fields.full_name(given, middle, family)


def _aliases(card: Card) -> Iterator[str]:
    for each in card.all("NICKNAME"):
        yield from filter(None, map(_one_line, fields(each.value, ",")))
    sounds = (card.first(f"X-PHONETIC-{part}-NAME") for part in ("FIRST", "MIDDLE", "LAST"))
    phonetic = address_fields.full_name(*(_one_line(each.text) if each else "" for each in sounds))
    if phonetic:
        yield phonetic


def _tags(card: Card) -> Iterator[str]:
    version = card.first("VERSION")
    is_old = version is not None and version.text.strip() == "2.1"
    for each in card.all("CATEGORIES"):
        for part in fields(each.value, ";") if is_old else [each.value]:
            yield from (tag for tag in fields(part, ",") if tag.lower() not in _SYSTEM_TAGS)


def _birthday(card: Card) -> str:
    """The birthday as the file writes it; the year that Apple writes where there is none becomes 1604."""
    found = card.first("BDAY")
    if found is None:
        return ""
    text = found.text.strip()
    omitted = found.parameter("X-APPLE-OMIT-YEAR")
    return text.replace(omitted, "1604", 1) if omitted and text.startswith(omitted) else text


def _jobs(card: Card) -> Iterator[Job]:
    """Organizations with the titles of the same group, or in the same order; then those that only our exports tell."""
    organizations, titles = card.all("ORG"), card.all("TITLE") or card.all("ROLE")
    tied = {each.group for each in titles} & {each.group for each in organizations}

    def group(each: Property) -> str:
        return each.group if each.group in tied else ""

    for name in dict.fromkeys(map(group, [*organizations, *titles])):
        there = [[each for each in some if group(each) == name] for some in (organizations, titles)]
        for organization, title in zip_longest(*there):
            where = _one_line(fields(organization.value)[0]) if organization else ""
            yield Job(where or None, _one_line(title.text) if title else None)
    for each in card.all("X-CRM-POSITION", "X-CRM-FORMER-POSITION"):
        where, what = [*fields(each.value), ""][:2]
        yield Job(where or None, what or None, current=each.name == "X-CRM-POSITION")


def _extras(card: Card, labels: Labels) -> Iterator[tuple[str, str]]:
    """What has no field of its own."""
    for each in card.all("ORG"):
        yield "Department", ", ".join(filter(None, map(_one_line, fields(each.value)[1:])))
    titles = [each.text for each in card.all("TITLE")]
    for each in card.all("ROLE") if titles else []:
        yield "Role", "" if each.text in titles else _one_line(each.text)
    for each in card.all("ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-ABDATE"):
        label = labels.get(each.group, "").capitalize() or ("Date" if each.name == "X-ABDATE" else "Anniversary")
        yield label, address_fields.birthday(each.text.strip()) or each.text.strip()
    for each in card.all("RELATED"):
        if _SCHEME.match(each.text) and not each.text.lower().startswith("urn:uuid:"):
            yield "Related", _one_line(each.text)


# Ways to reach them ------------------------------------------------------------------------------------------------


def _called(text: str) -> str:
    """A label as a person reads it: Apple's own are wrapped."""
    found = _APPLE_LABEL.fullmatch(text.strip())
    return found[1].lower() if found else _one_line(text)


def _label(each: Property, labels: Labels) -> str:
    return labels.get(each.group) or " ".join(word for word in each.types if word and word not in _SAYS_NOTHING)


def _rank(each: Property) -> int:
    """How much a way is preferred: 1 most (4.0, RFC 6350 5.3), 101 not at all."""
    if "pref" in each.types:
        return 1
    rank = each.parameter("PREF")
    return int(rank) if re.fullmatch(r"\d{1,3}", rank, re.ASCII) else 101


def _methods(card: Card, labels: Labels) -> Iterator[Method]:
    """The ways to reach somebody; of each kind, the most preferred one is the primary one."""
    found = [(_rank(each), _method(each, labels)) for each in card.properties]
    best: dict[str, int] = {}
    for rank, method in found:
        if method is not None:
            best[method.kind] = min(rank, best.get(method.kind, 100))
    for rank, method in found:
        if method is not None:
            primary = best.get(method.kind) == rank
            if primary:
                best[method.kind] = 0
            yield replace(method, primary=primary)


def _method(each: Property, labels: Labels) -> Method | None:
    """The way to reach somebody that a property tells, if it tells one."""
    kind, label, value = "", _label(each, labels), _one_line(each.text)
    if each.name == "EMAIL":
        kind, value = "email", re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
    elif each.name == "TEL":
        kind, value = "phone", re.sub(r"^tel:", "", value, flags=re.IGNORECASE).replace(";ext=", " ext. ")
    elif each.name in {"URL", "X-URL"}:
        kind = "url"
    elif each.name in {"X-SOCIALPROFILE", "SOCIALPROFILE"}:
        return _profile(each, labels)
    elif each.name == "IMPP":
        kind, label = "other", labels.get(each.group) or each.parameter("X-SERVICE-TYPE") or label
    elif each.name.removeprefix("X-") in _MESSENGERS:
        kind, label = "other", each.name.removeprefix("X-").removesuffix("-USERNAME").lower()
    elif each.name == "X-CRM-METHOD":
        kind, value = [*fields(each.value), ""][:2]
        return Method(kind, value, label or None) if kind and value else None
    return next(ways(kind, [value], label), None) if kind else None


def _profile(each: Property, labels: Labels) -> Method | None:
    """A page or name on LinkedIn, Instagram or elsewhere."""
    service = each.parameter("SERVICE-TYPE") or next((word for word in each.types if word != "pref"), "")
    value = re.sub(r"^x-apple:", "", _one_line(each.text), flags=re.IGNORECASE)
    kind = service if service in {"linkedin", "instagram"} else "url" if _SCHEME.match(value) else "other"
    label = labels.get(each.group) or ("" if kind == service else service)
    return next(ways(kind, [value], label), None)


def _places(card: Card, labels: Labels) -> Iterator[tuple[str, str]]:
    """The addresses, the preferred one first, each in one line."""
    for each in sorted(card.all("ADR"), key=_rank) or card.all("LABEL"):
        label, place = _label(each, labels), _address(each)
        if place:
            yield f"Address ({label})" if label else "Address", place


def _address(each: Property) -> str:
    if each.name == "LABEL":
        return one_line(each.text)
    box, extended, street, city, region, code, country = (fields(each.value) + [""] * 7)[:7]
    parts = [part for part in (street, extended, box, city, f"{region} {code}".strip(), country) if part]
    return one_line(*parts) if len(parts) > 1 else _one_line("".join(parts))


# Who knows whom ----------------------------------------------------------------------------------------------------


def _ties(card: Card, who: Who, source: Source) -> Iterator[TieRow]:
    labels = {each.group: _called(each.text) for each in card.all("X-ABLABEL") if each.group}
    for each in card.all(*_RELATED):
        other, role = _other(each), (_RELATED[each.name] or _label(each, labels)).lower()
        if other is None or other.name == who.name or role == "me":
            continue
        if role in _THEY:
            yield TieRow(source=source, one=other, type=_THEY[role], other=who)
        else:
            yield TieRow(source=source, one=who, type=_BOTH.get(role, "knows"), other=other)


def _other(each: Property) -> Who | None:
    """The person that a property names, by their UID or name."""
    text = _one_line(each.text)
    if text.lower().startswith("urn:uuid:"):
        return Who("", f"vcard:{_uid(text)}")
    return None if _SCHEME.match(text) else Who(text)
