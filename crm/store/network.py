"""Who is where and who leads to whom: read as edges, so that a network of many thousands stays quick."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from crm.folding import fold
from crm.models import (
    Contact,
    ContactMethod,
    ContactTag,
    Interaction,
    InteractionContact,
    Introduction,
    Organization,
    Position,
    Referral,
    Relationship,
)
from crm.models.base import UtcDateTime
from crm.models.words import TALKS, InteractionState

BATCH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Post:
    """One position: who holds or held it, where, and as what."""

    id: int
    contact_id: int
    organization_id: int | None
    title: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A position and what the organization is called, if it names one."""

    post: Post
    organization: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """What of a contact decides how good a way leads through them."""

    id: int
    kind: str
    tier: str
    stage: str
    last_contact_at: datetime | None
    archived_at: datetime | None
    has_method: bool


@dataclass(frozen=True, slots=True)
class Network:
    """The edges that may matter for a way to somebody or to some organizations, and everybody they touch.

    Attributes:
        people: by id; those who only hold a position are there as well.
        posts: positions at the organizations.
        referrals: (contact id, referral): those at the organizations, and those that name none; one asked of a tag
            stands once for each of its members.
    """

    people: dict[int, Person]
    relationships: Sequence[Relationship]
    introductions: Sequence[Introduction]
    referrals: Sequence[tuple[int, Referral]]
    posts: Sequence[Post]


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that names something: a contact's title, or what is said of them, which does not tell when it was so."""

    contact_id: int
    title: str | None
    context: str | None
    current: bool | None


def around(session: Session, organization_ids: Collection[int], contact_id: int | None = None) -> Network:
    """What leads to these organizations, or to a contact; seven queries, however many people there are."""
    relationships = list(session.exec(select(Relationship).order_by(col(Relationship.id))))
    introductions = list(session.exec(select(Introduction).order_by(col(Introduction.id))))
    referrals, there = _referrals(session, organization_ids), posts(session, organization_ids)
    ids = {number for each in relationships for number in (each.from_contact_id, each.to_contact_id)}
    ids |= {number for each in introductions for number in (each.connector_id, each.contact_id) if number is not None}
    ids |= {*(number for number, _referral in referrals), *(each.contact_id for each in there)}
    people = _people(session, ids | ({contact_id} - {None}))
    return Network(people, relationships, introductions, referrals, there)


def _referrals(session: Session, organization_ids: Collection[int]) -> list[tuple[int, Referral]]:
    here = or_(col(Referral.organization_id).in_(organization_ids), col(Referral.organization_id).is_(None))
    asked = select(Referral.contact_id, Referral).where(here, col(Referral.contact_id).is_not(None))
    of_tag = select(ContactTag.contact_id, Referral).join(Referral, col(Referral.tag_id) == ContactTag.tag_id)
    order = col(Referral.id)
    found = [*session.exec(asked.order_by(order)), *session.exec(of_tag.where(here).order_by(order))]
    return [(number, referral) for number, referral in found if number is not None]


def _people(session: Session, ids: Collection[int | None]) -> dict[int, Person]:
    """People by their ids. Everybody is read where a list of ids would be too long for a statement."""
    it = Contact
    has_method = sa.exists().where(col(ContactMethod.contact_id) == col(it.id))
    columns = (it.id, it.kind, it.tier, it.stage, it.last_contact_at, it.archived_at)
    query = sa.select(*map(col, columns), has_method).order_by(col(it.id))
    if len(ids) <= BATCH:
        query = query.where(col(it.id).in_(ids))
    return {row[0]: Person(*row) for row in session.execute(query) if row[0] in ids}


def employer_ids(session: Session, contact: Contact) -> list[int]:
    """The organizations where a contact is now."""
    query = select(Position.organization_id).where(Position.contact_id == contact.id, col(Position.current).is_(True))
    return [number for number in session.exec(query) if number is not None]


def jobs(session: Session, ids: Collection[int]) -> dict[int, list[Job]]:
    """The positions of these contacts, the present ones first."""
    query = _posts().add_columns(col(Organization.name)).outerjoin(Organization)
    found: dict[int, list[Job]] = {}
    for *columns, name in session.execute(query.where(col(Position.contact_id).in_(ids))):
        post = Post(*columns)
        found.setdefault(post.contact_id, []).append(Job(post, name))
    return {number: sorted(some, key=lambda each: not each.post.current) for number, some in found.items()}


def last_talks(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    """When each of these contacts was last spoken with, in person or by telephone; who never was is left out."""
    who, at = col(InteractionContact.contact_id), col(Interaction.starts_at)
    talked = (who.in_(ids), col(Interaction.kind).in_(TALKS), col(Interaction.state) == InteractionState.HAPPENED)
    query = (
        sa.select(who, sa.func.max(at, type_=UtcDateTime())).join_from(InteractionContact, Interaction).where(*talked)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(who))}


def times_asked(session: Session, ids: Collection[int]) -> dict[int, int]:
    """How often each of these contacts was asked for an introduction or a referral; who never was is left out."""
    counts: dict[int, int] = {}
    for who, asked_at in ((Introduction.connector_id, Introduction.asked_at), (Referral.contact_id, Referral.asked_at)):
        query = sa.select(col(who), sa.func.count()).where(col(who).in_(ids), col(asked_at).is_not(None))
        for number, count in session.execute(query.group_by(col(who))):
            counts[number] = counts.get(number, 0) + count
    return counts


def posts(session: Session, organization_ids: Collection[int]) -> list[Post]:
    """The positions at these organizations, in the order they were added."""
    query = _posts().where(col(Position.organization_id).in_(organization_ids))
    return [Post(*row) for row in session.execute(query)]


def _posts() -> sa.Select[int, int, int | None, str | None, bool]:
    return sa.select(
        col(Position.id),
        col(Position.contact_id),
        col(Position.organization_id),
        col(Position.title),
        col(Position.current),
    ).order_by(col(Position.id))


def mentions(session: Session, keys: Collection[str]) -> Iterator[Mention]:
    """Titles, and what is said of people, that name one of these folded names as words of their own."""
    wanted = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(keys)))})(?!\w|-\w)")
    for post in (Post(*row) for row in session.execute(_posts().where(col(Position.title).is_not(None)))):
        if wanted.search(fold(post.title or "")):
            yield Mention(post.contact_id, post.title, None, post.current)
    about = sa.select(col(Contact.id), col(Contact.context)).where(col(Contact.context).is_not(None))
    for number, context in session.execute(about.order_by(col(Contact.id))):
        if wanted.search(fold(context)):
            yield Mention(number, None, context, None)


def contacts(session: Session, ids: Collection[int]) -> dict[int, Contact]:
    """Contacts by their ids, however many."""
    rest, found = iter(sorted(ids)), dict[int, Contact]()
    while some := list(islice(rest, BATCH)):
        found |= {each.id: each for each in session.exec(select(Contact).where(col(Contact.id).in_(some)))}
    return found
