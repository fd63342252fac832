"""Organizations: finding every record of one company by what people call it, who is there, and who could help."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import Session, col, select

from crm.errors import NotFoundError
from crm.escaping import refuse_unstorable
from crm.folding import fold
from crm.models import Contact, Introduction, Organization, Position, Referral, WorksheetBaseline
from crm.store import contacts, records, references

_FORMS: Final = """
inc incorporated corp corporation co company llc llp lp ltd limited plc pbc gmbh mbh ag kg kgaa ohg ug se sa sas sarl
srl s.p.a bv nv vof ab asa a/s aps oy oyj kk pte pty pvt private bhd sdn & +
"""
LEGAL_FORMS: Final = frozenset(_FORMS.split())
"""Words that say under which law a company is; at the end of a name they tell no two companies apart.

`S.p.A.` needs its dots, for a spa is something else, and so does `AS`, which is written `A/S` here.
"""
_INITIALS: Final = re.compile(r"(?:\w\.){2,}")
_WORD: Final = re.compile(r"\w+")
_FILLERS: Final = frozenset({"the", "of", "and", "for"})
NEARLY: Final = 80
LONGEST_COMPARED: Final = 80


class Match(StrEnum):
    """How sure it is that an organization is the one that was named."""

    EXACT = "exact"
    ALIAS = "alias"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Matches:
    """The records that mean one company.

    Attributes:
        names: the name of each organization there is, by its id.
        strong: those that have the name, an alias, or the name under another legal form, by id.
        weak: those whose name only shares its words, or is nearly written so; by id.
        keys: every name of the strong ones, as `key` has it; of an unknown company, the one that was typed.
    """

    names: Mapping[int, str]
    strong: Mapping[int, Match]
    weak: frozenset[int]
    keys: frozenset[str]


def key(name: str) -> str:
    """What the spellings of one company's name share: besides case and accents, legal forms at the end are left out.

    `Meta Platforms, Inc.` and `META  Platforms` have one key; `Meta` and `Metaverse Labs` have two.
    """
    words = [bare for word in fold(name).split() if (bare := _bare(word))]
    while len(words) > 1 and words[-1] in LEGAL_FORMS and words[:-1] != ["the"]:
        words.pop()
    return " ".join(words) or fold(name)


def _bare(word: str) -> str:
    """A word without the punctuation around it; initials (`L.L.C.`) without their dots, unless a form needs them."""
    bare = word.strip(".,;()")
    if bare in LEGAL_FORMS or not _INITIALS.fullmatch(f"{bare}."):
        return bare
    return bare.replace(".", "")


def matching(session: Session, text: str) -> Matches:
    """The organizations that `text` means, and those it might mean; never by a part of a word.

    What is an alias of one of them is followed: where Meta is also called Facebook, `Facebook, Inc.` is Meta too. An id
    such as o3 names one where nothing is called so.
    """
    rows = session.exec(select(Organization.id, Organization.name, Organization.aliases)).all()
    keys_of = {number: frozenset(map(key, (name, *aliases))) for number, name, aliases in rows}
    names_of = {number: name for number, name, _aliases in rows}
    wanted = {key(refuse_unstorable(text, what="The name"))}
    strong = _called(keys_of, wanted)
    named = None if strong else _by_id(session, text)
    if named is not None:
        text, wanted = named.name, set(keys_of[named.id])
        strong = _called(keys_of, wanted)
    folded = fold(text)
    sure = {
        number: Match.EXACT if fold(names_of[number]) == folded else Match.ALIAS
        for number in names_of
        if number in strong
    }
    weak = frozenset(number for number in names_of if number not in sure and _is_near(keys_of[number], wanted))
    return Matches(names_of, sure, weak, frozenset(wanted))


def _by_id(session: Session, text: str) -> Organization | None:
    try:
        return records.by_ref(session, Organization, text)
    except NotFoundError:
        return None


def _called(keys_of: Mapping[int, frozenset[str]], wanted: set[str]) -> set[int]:
    """Who has one of the wanted keys; the other keys of those are wanted from then on."""
    found: set[int] = set()
    while more := {number for number, keys in keys_of.items() if number not in found and keys & wanted}:
        found |= more
        wanted |= frozenset().union(*(keys_of[number] for number in more))
    return found


def _is_near(keys: Collection[str], wanted: Collection[str]) -> bool:
    """Whether one name has all the words of another, or is nearly written like it."""
    return any(
        _share_words(one, other) or fuzz.ratio(one[:LONGEST_COMPARED], other[:LONGEST_COMPARED]) >= NEARLY
        for one in keys
        for other in wanted
    )


def _share_words(one: str, other: str) -> bool:
    mine, theirs = _words(one), _words(other)
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name)) - _FILLERS


@dataclass(frozen=True, slots=True)
class Summary:
    """An organization and how many people are there now."""

    organization: Organization
    people: int


@dataclass(frozen=True, slots=True)
class Place:
    """An organization with its people, and what could be asked: (of whom, for what, state)."""

    organization: Organization
    people: Sequence[tuple[Position, Contact]]
    asks: Sequence[tuple[Contact | None, str, str]]


def listed(session: Session, *, targets: bool = False) -> list[Summary]:
    """Every organization, or the target ones only: targets first, then by name."""
    people = (
        select(Position.organization_id, sa.func.count(col(Position.contact_id).distinct()).label("people"))
        .where(col(Position.current).is_(True))
        .group_by(col(Position.organization_id))
        .subquery()
    )
    query = select(Organization, sa.func.coalesce(people.c.people, 0)).outerjoin(
        people, people.c.organization_id == Organization.id
    )
    if targets:
        query = query.where(col(Organization.target).is_(True))
    order = (col(Organization.target).desc(), col(Organization.name_key))
    return [Summary(organization, count) for organization, count in session.exec(query.order_by(*order))]


def place(session: Session, organization: Organization) -> Place:
    """An organization with everything that hangs on it."""
    query = select(Position, Contact).join(Contact).where(Position.organization_id == organization.id)
    people = session.exec(query.order_by(col(Position.current).desc(), col(Position.id)))
    introductions = references.of_kind(session, organization, Introduction)
    referrals = references.of_kind(session, organization, Referral)
    there = contacts.by_id(
        session, [*(each.connector_id for each in introductions), *(each.contact_id for each in referrals)]
    )
    asks: list[tuple[Contact | None, str, str]] = [
        *((there[each.connector_id], f"{each.want}: {each.placeholder or ''}", each.state) for each in introductions),
        *((there.get(each.contact_id or 0), "a referral", each.state) for each in referrals),
    ]
    return Place(organization, [(position, contact) for position, contact in people], asks)


def merge(session: Session, kept: Organization, other: Organization) -> None:
    """Let one organization take over what hangs on another, which goes; a position that would stand twice goes too."""
    there = {(each.contact_id, each.title, each.current) for each in references.of_kind(session, kept, Position)}
    for position in references.of_kind(session, other, Position):
        if (position.contact_id, position.title, position.current) in there:
            session.delete(position)
        else:
            position.organization_id = kept.id
    for row in (*references.of_kind(session, other, Introduction), *references.of_kind(session, other, Referral)):
        row.organization_id = kept.id
    for read in session.exec(select(WorksheetBaseline).where(WorksheetBaseline.record_uid == other.uid)):
        read.record_uid = kept.uid
    session.flush()
    records.remove(session, other)
