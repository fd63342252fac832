"""Whom one knows at a company: those surely there, and apart from them those who may be."""

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from crm.actions.checked import brief
from crm.actions.warmth import closeness
from crm.escaping import for_terminal, shorten
from crm.models import Contact, Organization
from crm.models.words import ContactKind
from crm.store import network, organizations
from crm.store.network import Job
from crm.store.organizations import Match, Matches

LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Hit:
    """What puts somebody at the company: a position there, or a text that names it.

    Attributes:
        current: whether they are there now; None where the text does not say.
        where: the organization as it is called on record; None for a text.
        context: what is said of them, where that names the company.
    """

    contact_id: int
    title: str | None
    where: str | None
    context: str | None
    current: bool | None
    match: Match

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The surest first: strong before weak, now before once, the name before an alias."""
        return self.match is Match.WEAK, self.current is False, self.match is Match.ALIAS


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody at the company, and what says so."""

    contact: Contact
    hit: Hit


@dataclass(frozen=True, slots=True)
class People:
    """Whom one knows at a company.

    Attributes:
        names: what the company is called on record; empty when there is no such organization.
        found: one entry a person, the closest first; those put away and sources last.
        former, weak: how many more there are who were there once, and who may have to do with it.
        near: organizations that may be meant.
    """

    names: tuple[str, ...]
    found: tuple[Known, ...]
    former: int
    weak: int
    near: tuple[str, ...]


def typed(organization: Organization) -> str:
    """An organization as one types it in a shell: its name, or its id where the name is long or hard to type."""
    name = organization.name
    return quoted(name) if len(name) <= LONGEST_NAME and name.isprintable() else organization.ref


def quoted(name: str) -> str:
    """A name as one types it in a shell, no longer than fits in a line."""
    return shlex.quote(shorten(for_terminal(name), LONGEST_NAME))


def say_job(job: Job) -> str:
    """`data engineer at Acme`."""
    title, where = job.post.title or "", job.organization or ""
    return brief(title) if where in title and where else " at ".join(brief(each) for each in (title, where) if each)


def people_at(session: Session, company: str, *, former: bool, weak: bool, now: datetime) -> People:
    """Whom one knows at a company; with them, on request, who was there and who is only likely to be.

    Raises:
        BadValueError: the name cannot be stored anywhere.
    """
    matches = organizations.matching(session, company)
    shown: dict[int, Hit] = {}
    hidden: dict[int, Hit] = {}
    for hit in sorted(_hits(session, matches), key=lambda each: each.rank):
        wanted = (weak or hit.match is not Match.WEAK) and (former or hit.current is not False)
        (shown if wanted else hidden).setdefault(hit.contact_id, hit)
    left_out = [hit for number, hit in hidden.items() if number not in shown]
    only_weak = sum(hit.match is Match.WEAK and not weak for hit in left_out)
    people = network.contacts(session, shown)
    known = [Known(people[number], hit) for number, hit in shown.items()]
    return People(
        names=tuple(matches.names[each] for each in matches.strong),
        found=tuple(sorted(known, key=lambda each: _order(each, now))),
        former=len(left_out) - only_weak,
        weak=only_weak,
        near=tuple(matches.names[each] for each in sorted(matches.weak)),
    )


def _hits(session: Session, matches: Matches) -> Iterator[Hit]:
    sure: Collection[int] = matches.strong
    for post in network.posts(session, [*sure, *matches.weak]):
        assert post.organization_id is not None
        match = matches.strong.get(post.organization_id, Match.WEAK)
        yield Hit(post.contact_id, post.title, matches.names[post.organization_id], None, post.current, match)
    for mention in network.mentions(session, matches.keys):
        yield Hit(mention.contact_id, mention.title, None, mention.context, mention.current, Match.WEAK)


def _order(known: Known, now: datetime) -> tuple[object, ...]:
    contact, hit = known.contact, known.hit
    aside = contact.archived_at is not None or contact.kind == ContactKind.SOURCE
    return hit.rank[:2], aside, closeness(contact, now=now), contact.id
