"""How to reach people, who could help with that, and what to type for them."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from crm.errors import CrmError
from crm.folding import fold
from crm.models import Contact, ContactMethod, Introduction, Relationship
from crm.models.words import IntroductionState, Tier
from crm.store import names

_PLAIN_WORD: Final = re.compile(r"(?![a-z]\d+$)[a-z][a-z0-9]{0,29}", re.ASCII)
"""What is easily typed, and no short id such as c2."""


@dataclass(frozen=True, slots=True)
class Way:
    """Somebody who could bring one to a contact, and what is asked of them."""

    connector: Contact
    introduction: Introduction


@dataclass(frozen=True, slots=True)
class Tie:
    """How two contacts hang together: `one` knows (or manages, taught ...) `other`."""

    one: Contact
    type: str
    other: Contact


@dataclass(frozen=True, slots=True)
class Reach:
    """How one contact can be reached.

    Attributes:
        methods: their channels, the primary one first.
        ways: who could introduce them.
        ties: who knows whom, of those who have to do with them.
        with_method: the ids of those in the ties who have a channel themselves.
        led_to: the ids of those in the ties whom this contact in turn could introduce.
    """

    contact: Contact
    methods: tuple[ContactMethod, ...]
    ways: tuple[Way, ...]
    ties: tuple[Tie, ...]
    with_method: frozenset[int]
    led_to: frozenset[int]


def reach(session: Session, ids: Sequence[int]) -> list[Reach]:
    """How each of the contacts with these ids can be reached, in their order; four queries, however many they are."""
    contacts = {each.id: each for each in session.exec(select(Contact).where(col(Contact.id).in_(ids)))}
    ties = _ties(session, ids)
    near = {each: {side.id for tie in ties[each] for side in (tie.one, tie.other)} - {each} for each in ids}
    everybody = list(set(ids).union(*near.values()))
    methods, ways = _methods(session, everybody), _ways(session, everybody)
    return [
        Reach(
            contact=contacts[each],
            methods=tuple(methods[each]),
            ways=tuple(ways[each]),
            ties=tuple(ties[each]),
            with_method=frozenset(other for other in near[each] if methods[other]),
            led_to=frozenset(other for other in near[each] if each in {way.connector.id for way in ways[other]}),
        )
        for each in ids
    ]


def handle(session: Session, contact: Contact) -> str:
    """What to type for a contact: the first name where that is short and means nobody else, else the short id."""
    if not _PLAIN_WORD.fullmatch(contact.first_key):
        return contact.ref
    try:
        found = names.contact(session, contact.first_key)
    except CrmError:
        return contact.ref
    return contact.first_key if found.id == contact.id else contact.ref


def handles(session: Session, people: Sequence[Contact]) -> dict[int, str]:
    """What to type for each of several people one tends, by id: the same as `handle`, in two queries."""
    keys = {each.first_key for each in people if _PLAIN_WORD.fullmatch(each.first_key)}
    exactly, by_first = _called(session, keys), defaultdict[str, set[int]](set)
    tended = select(Contact.first_key, Contact.id).where(
        col(Contact.first_key).in_(keys), Contact.tier != Tier.NONE, col(Contact.archived_at).is_(None)
    )
    for key, number in session.exec(tended):
        by_first[key].add(number)
    return {
        each.id: each.first_key if (exactly[each.first_key] or by_first[each.first_key]) == {each.id} else each.ref
        for each in people
    }


def _called(session: Session, keys: Collection[str]) -> defaultdict[str, set[int]]:
    """Whose whole name or alias each key is."""
    found = defaultdict[str, set[int]](set)
    query = select(Contact.id, Contact.name_key, Contact.aliases)
    has_alias = sa.cast(Contact.aliases, sa.String) != "[]"
    for number, name_key, aliases in session.exec(query.where(or_(col(Contact.name_key).in_(keys), has_alias))):
        for key in {name_key, *map(fold, aliases)} & set(keys):
            found[key].add(number)
    return found


def _methods(session: Session, ids: Sequence[int]) -> defaultdict[int, list[ContactMethod]]:
    query = select(ContactMethod).where(col(ContactMethod.contact_id).in_(ids))
    found: defaultdict[int, list[ContactMethod]] = defaultdict(list)
    for each in session.exec(query.order_by(col(ContactMethod.primary).desc(), col(ContactMethod.id))):
        found[each.contact_id].append(each)
    return found


def _ways(session: Session, ids: Sequence[int]) -> defaultdict[int, list[Way]]:
    query = (
        select(Introduction, Contact)
        .join(Contact, col(Contact.id) == Introduction.connector_id)
        .where(col(Introduction.contact_id).in_(ids), Introduction.state != IntroductionState.DECLINED)
    )
    found: defaultdict[int, list[Way]] = defaultdict(list)
    for introduction, connector in session.exec(query.order_by(col(Introduction.id))):
        if introduction.contact_id is not None:
            found[introduction.contact_id].append(Way(connector, introduction))
    return found


def _ties(session: Session, ids: Sequence[int]) -> defaultdict[int, list[Tie]]:
    one, other = aliased(Contact), aliased(Contact)
    query = (
        select(Relationship, one, other)
        .join(one, col(one.id) == Relationship.from_contact_id)
        .join(other, col(other.id) == Relationship.to_contact_id)
        .where(or_(col(Relationship.from_contact_id).in_(ids), col(Relationship.to_contact_id).in_(ids)))
    )
    found: defaultdict[int, list[Tie]] = defaultdict(list)
    for relationship, first, second in session.exec(query.order_by(col(Relationship.id))):
        for number in {relationship.from_contact_id, relationship.to_contact_id} & set(ids):
            found[number].append(Tie(first, relationship.type, second))
    return found
