"""Finding: which records have the words and pass the filters, best first; one statement, however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm import models as m
from crm.folding import fold
from crm.models.words import Tier
from crm.store import names
from crm.store.search.index import dialect
from crm.store.search.kinds import KINDS_AT_MOST
from crm.store.search.words import Word

Condition = sa.ColumnElement[bool]

MODELS: Final[tuple[type[m.Record], ...]] = (
    m.Contact,
    m.Organization,
    m.Interaction,
    m.Question,
    m.Answer,
    m.Task,
    m.Introduction,
    m.Referral,
    m.Commitment,
    m.CheckIn,
    m.TimeEntry,
    m.Review,
)
"""The model of each kind, at its number."""

TEXT: Final = 3
"""The level of what has the words in its text; 0 are exact names, 1 names with the words, 2 with their beginnings."""
OPEN: Final = ("name", "text", "about")
CONTACT, ORGANIZATION = MODELS.index(m.Contact), MODELS.index(m.Organization)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a record must be besides having the words; an empty one lets all pass.

    Of `kinds` (tables), `stages` and `tiers` it is one; all `tags` and `organizations` (ids) it has. All but the kinds
    are held against the people it is about. `since_at` is the first instant that counts.
    """

    kinds: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    tags: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()
    since_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; `private` also in private notes, `inside` within words (phrases aside)."""

    words: Sequence[Word]
    filters: Filters
    private: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """The best records as (kind's number, id), people first, and how many there are in all."""

    best: Sequence[tuple[int, int]]
    total: int
    people: int


def find(session: Session, asked: Search, *, limit: int) -> Hits:
    """The best `limit` records: people, then the rest, and each at least half of it where there are so many.

    Within each: who is called exactly so, names with the words, then texts; people one tends before those who are only
    known; how well the words fit; the newest.
    """
    found = _found(session, asked).subquery()
    order = (found.c.level, found.c.aside, sa.cast(found.c.score, sa.Integer), found.c.at.desc(), found.c.key)
    ranked = sa.select(
        found.c.key,
        found.c.person,
        sa.func.row_number().over(partition_by=found.c.person, order_by=order).label("place"),
        sa.func.count().over().label("total"),
        sa.func.sum(found.c.person).over().label("people"),
    ).subquery()
    shown = sa.select(ranked).order_by(ranked.c.place > (limit + 1) // 2, ranked.c.person.desc(), ranked.c.place)
    rows = session.connection().execute(shown.limit(limit)).all()
    if not rows:
        return Hits((), 0, 0)
    best = sorted(rows, key=lambda row: (-row.person, row.place))
    return Hits([(row.key % KINDS_AT_MOST, row.key // KINDS_AT_MOST) for row in best], rows[0].total, rows[0].people)


def count(session: Session, asked: Search) -> int:
    """How many records there are in all."""
    return (
        session.connection()
        .execute(sa.select(sa.func.count()).select_from(_found(session, asked).subquery()))
        .scalar_one()
    )


def _found(session: Session, asked: Search) -> sa.CompoundSelect[Any]:
    hits = _matching(session, asked, (*OPEN, "private") if asked.private else OPEN).cte("hits")
    level = sa.case((hits.c.key.in_(_exact(session, asked.words)), 0), *_named(session, asked, hits), else_=TEXT)
    kinds = (
        _of_kind(number, model, hits, level, asked.filters)
        for number, model in enumerate(MODELS)
        if not asked.filters.kinds or model.__tablename__ in asked.filters.kinds
    )
    return sa.union_all(*kinds)


def _named(session: Session, asked: Search, hits: sa.CTE) -> list[tuple[Condition, int]]:
    """The levels of those whose names have the words: whole, or by their beginnings."""
    if not asked.words:
        return []
    whole = replace(asked, words=[replace(word, whole=True) for word in asked.words])
    return [
        (hits.c.key.in_(sa.select(_matching(session, each, ("name",)).cte(f"named_{level}").c.key)), level)
        for level, each in ((1, whole), (2, asked))
    ]


def _matching(session: Session, asked: Search, columns: Sequence[str]) -> sa.Select[int, float]:
    """Key and score of what has every word in these columns."""
    connection = session.connection()
    here = dialect(connection)
    looked_up = [word for word in asked.words if word.indexed and (word.whole or not asked.inside)]
    key = sa.column(here.KEY, sa.BigInteger)
    everything = sa.select(key.label("key"), sa.literal(0.0).label("score")).select_from(sa.table("search"))
    query = here.matching(connection, looked_up, columns) if looked_up else everything
    for word in asked.words:
        if word not in looked_up:
            within = [sa.column(column, sa.String).icontains(word.text, autoescape=True) for column in columns]
            query = query.where(sa.or_(*within, key.in_(_named_within(word))))
    return query


def _named_within(word: Word) -> sa.CompoundSelect[Any]:
    """The keys of people and organizations with the word within their name, accents and case aside."""
    within = fold(word.text)
    return sa.union_all(
        *(
            sa.select(sa.cast(model.id, sa.BigInteger) * KINDS_AT_MOST + number).where(
                col(model.name_key).contains(within, autoescape=True)
            )
            for number, model in ((CONTACT, m.Contact), (ORGANIZATION, m.Organization))
        )
    )


def _exact(session: Session, words: Sequence[Word]) -> list[int]:
    """The keys of those who are called exactly what was typed."""
    text = " ".join(word.text for word in words)
    if not text:
        return []
    called = [each.id * KINDS_AT_MOST + CONTACT for each in names.called(session, text)]
    organizations = session.exec(select(m.Organization.id).where(m.Organization.name_key == fold(text)))
    return [*called, *(number * KINDS_AT_MOST + ORGANIZATION for number in organizations)]


def _of_kind(
    number: int, model: type[Any], hits: sa.CTE, level: sa.ColumnElement[int], filters: Filters
) -> sa.Select[Any]:
    at = _at(model)
    person = model is m.Contact
    aside = sa.case((col(m.Contact.archived_at).is_not(None), 2), (col(m.Contact.tier) == Tier.NONE, 1), else_=0)
    query = (
        sa.select(
            hits.c.key,
            hits.c.score,
            level.label("level") if person or model is m.Organization else sa.literal(TEXT).label("level"),
            sa.literal(int(person)).label("person"),
            (aside if person else sa.literal(0)).label("aside"),
            at.label("at"),
        )
        .join_from(hits, model, model.id == hits.c.key // KINDS_AT_MOST)
        .where(hits.c.key % KINDS_AT_MOST == number, *_conditions(model, filters))
    )
    return query if filters.since_at is None else query.where(at >= filters.since_at)


def _at(model: type[Any]) -> sa.ColumnElement[datetime]:
    """When a record of the kind was, or was last heard of."""
    added: Any = col(model.added_at)
    dated: dict[type[Any], Sequence[Any]] = {
        m.Interaction: (m.Interaction.starts_at,),
        m.Answer: (m.Answer.asked_at,),
        m.Task: (m.Task.done_at,),
        m.Introduction: (m.Introduction.moved_at, m.Introduction.asked_at),
        m.Referral: (m.Referral.moved_at, m.Referral.asked_at),
        m.CheckIn: (m.CheckIn.done_at,),
        m.TimeEntry: (m.TimeEntry.started_at,),
        m.Review: (m.Review.completed_at,),
    }
    if model is m.Contact:
        return sa.case((col(m.Contact.last_contact_at) > added, col(m.Contact.last_contact_at)), else_=added)
    return sa.func.coalesce(*map(col, dated[model]), added, type_=added.type) if model in dated else added


def _conditions(model: type[Any], filters: Filters) -> list[Condition]:
    """What the filters ask of the people, or else of the organization, that a record is about."""
    of_people = _people_conditions(filters)
    if not of_people and not filters.organizations:
        return []
    there = [
        col(m.Contact.id).in_(
            select(m.Position.contact_id).where(m.Position.organization_id == each, col(m.Position.current).is_(True))
        )
        for each in sorted(filters.organizations)
    ]
    ways = _about(model, select(m.Contact.id).where(*of_people, *there))
    if filters.organizations:
        ways += _at_organization(model, filters.organizations, of_people)
    return [sa.or_(*ways)] if ways else [sa.false()]


def _people_conditions(filters: Filters) -> list[Condition]:
    wanted: list[Condition] = []
    if filters.stages:
        wanted.append(col(m.Contact.stage).in_(sorted(filters.stages)))
    if filters.tiers:
        wanted.append(col(m.Contact.tier).in_(sorted(filters.tiers)))
    tagged = (select(m.ContactTag.contact_id).where(m.ContactTag.tag_id == tag) for tag in sorted(filters.tags))
    return [*wanted, *(col(m.Contact.id).in_(each) for each in tagged)]


def _about(model: type[Any], people: Any) -> list[Condition]:  # noqa: ANN401 - a query of ids
    """The ways in which a record of the kind is about one of these people."""
    tags = select(m.ContactTag.tag_id).where(col(m.ContactTag.contact_id).in_(people))
    if model is m.Contact:
        return [col(m.Contact.id).in_(people)]
    if model is m.Interaction:
        link = m.InteractionContact
        return [col(model.id).in_(select(link.interaction_id).where(col(link.contact_id).in_(people)))]
    if model is m.Question:
        part = m.QuestionAudience
        theirs = sa.or_(col(part.contact_id).in_(people), col(part.tag_id).in_(tags))
        return [col(model.id).in_(select(part.question_id).where(theirs))]
    ways: list[Condition] = [
        col(getattr(model, name)).in_(people) for name in ("contact_id", "connector_id") if hasattr(model, name)
    ]
    return [*ways, col(model.tag_id).in_(tags)] if model is m.Referral else ways


def _at_organization(model: type[Any], there: frozenset[int], of_people: Sequence[Condition]) -> list[Condition]:
    """The organization itself, and what is asked for there of people who pass the other filters."""
    if model is m.Organization:
        return [] if of_people else [col(model.id).in_(there)]
    if model in (m.Introduction, m.Referral):
        ways = _about(model, select(m.Contact.id).where(*of_people))
        return [sa.and_(col(model.organization_id).in_(there), *([sa.or_(*ways)] if of_people else []))]
    return []


def near(session: Session, words: Sequence[Word]) -> list[str]:
    """Up to three names of people and organizations that the words may be a misspelling of."""
    if not words:
        return []
    every = [*session.exec(select(m.Contact.name)), *session.exec(select(m.Organization.name))]
    return names.nearest(" ".join(word.text for word in words), every)
