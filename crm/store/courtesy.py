"""What courtesy goes by: messages without an answer, whom one wrote to of one's own accord, thanks still owed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from crm.models import Contact, Interaction, InteractionContact, Introduction, Referral, Waiver
from crm.models.words import TALKS, Direction, InteractionState, IntroductionState, ReferralState
from crm.store.shape import table_of

DONE_FOR_ONE: Final = (IntroductionState.MADE, IntroductionState.MET)
"""An introduction in these states was made, and the connector waits for thanks or for word of how it went."""

REFERRED: Final = (ReferralState.SUBMITTED, ReferralState.INTERVIEWING, ReferralState.OFFER)
"""A referral in these states was handed in."""

_INTERACTION, _TAKING_PART = table_of(Interaction), table_of(InteractionContact)
_INTRODUCTION, _REFERRAL = table_of(Introduction), table_of(Referral)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """How many times in a row one wrote without an answer, and when the last time was (aware UTC)."""

    count: int
    last_at: datetime


def unanswered(session: Session, ids: Sequence[int] | None = None) -> dict[int, Unanswered]:
    """What one sent each contact since they last wrote or the two last talked; those who owe no answer are left out.

    Of contacts at the same instant the one recorded later counts as later.
    """
    it, contact_id = _INTERACTION.c, _TAKING_PART.c.contact_id
    answer = sa.case((or_(it.direction == Direction.IN, it.kind.in_(TALKS)), 1), else_=0)
    since = sa.func.sum(answer).over(partition_by=contact_id, order_by=(it.starts_at.desc(), it.id.desc()))
    happened = _contacts(ids).with_only_columns(contact_id, it.starts_at, since.label("answers_since")).subquery()
    query = (
        sa.select(happened.c.contact_id, sa.func.count(), sa.func.max(happened.c.starts_at))
        .where(happened.c.answers_since == 0)
        .group_by(happened.c.contact_id)
    )
    return {number: Unanswered(count, last_at) for number, count, last_at in session.execute(query)}


def talked(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those of the contacts with whom one really talked, as far as is on record."""
    query = _contacts(ids).where(_INTERACTION.c.kind.in_(TALKS))
    return frozenset(session.execute(query).scalars())


def wrote_last(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those of the contacts from whom the last contact came: what one sends them now is an answer."""
    it, contact_id = _INTERACTION.c, _TAKING_PART.c.contact_id
    place = sa.func.row_number().over(partition_by=contact_id, order_by=(it.starts_at.desc(), it.id.desc()))
    placed = _contacts(ids).with_only_columns(contact_id, it.direction, place.label("place")).subquery()
    last = sa.select(placed.c.contact_id).where(placed.c.place == 1, placed.c.direction == Direction.IN)
    return frozenset(session.execute(last).scalars())


def waivers(session: Session, contact: Contact) -> list[Waiver]:
    """The rules that were set aside for a contact, the newest first."""
    query = select(Waiver).where(Waiver.contact_id == contact.id)
    return list(session.exec(query.order_by(col(Waiver.added_at).desc(), col(Waiver.id).desc())))


def reached_out(session: Session, *, since_at: datetime, until_at: datetime) -> int:
    """How many different people one wrote to of one's own accord from `since_at` on and before `until_at`."""
    return len(reached(session, since_at=since_at, until_at=until_at))


def reached(session: Session, *, since_at: datetime, until_at: datetime) -> frozenset[int]:
    """Whom one wrote to, or asked for something, of one's own accord from `since_at` on and before `until_at`."""
    return frozenset(number for number, own in written_to(session, since_at=since_at, until_at=until_at).items() if own)


def written_to(session: Session, *, since_at: datetime, until_at: datetime) -> dict[int, bool]:
    """Whom one wrote to, or asked, from `since_at` on and before `until_at`, and whether of one's own accord.

    Somebody's first message of the span decides: where they had written last, it is an answer, and so is what follows.
    """
    span = _events(since_at=since_at, until_at=until_at)
    events = _events(whom=sa.select(span.c.contact_id))
    in_turn = (events.c.at, events.c.id)
    before = sa.func.lag(events.c.direction).over(partition_by=events.c.contact_id, order_by=in_turn)
    told = sa.select(events, before.label("before")).subquery()
    place = sa.func.row_number().over(partition_by=told.c.contact_id, order_by=(told.c.at, told.c.id))
    written = (
        sa.select(told.c.contact_id, told.c.before, place.label("place"))
        .where(told.c.direction == Direction.OUT, told.c.talk == 0, told.c.at >= since_at, told.c.at < until_at)
        .subquery()
    )
    first = sa.select(written.c.contact_id, written.c.before).where(written.c.place == 1)
    return {number: before != Direction.IN for number, before in session.execute(first)}


def thanks_owed(session: Session, ids: Sequence[int] | None = None) -> dict[int, list[Introduction | Referral]]:
    """What somebody did for the person that was not thanked for, by contact id, in the order it came in.

    That is an introduction made (thanks) or met (word of how it went), and a referral handed in, however it ended.
    """
    introductions = select(Introduction).where(col(Introduction.state).in_(DONE_FOR_ONE))
    handed_in = or_(
        col(Referral.state).in_(REFERRED),
        (col(Referral.state) == ReferralState.DECLINED) & col(Referral.outcome).is_not(None),
    )
    referrals = select(Referral).where(
        handed_in, col(Referral.thanked_at).is_(None), col(Referral.contact_id).is_not(None)
    )
    if ids is not None:
        introductions = introductions.where(col(Introduction.connector_id).in_(ids))
        referrals = referrals.where(col(Referral.contact_id).in_(ids))
    found: defaultdict[int, list[Introduction | Referral]] = defaultdict(list)
    for introduction in session.exec(introductions.order_by(col(Introduction.id))):
        found[introduction.connector_id].append(introduction)
    for referral in session.exec(referrals.order_by(col(Referral.id))):
        if referral.contact_id is not None:
            found[referral.contact_id].append(referral)
    return dict(found)


def _contacts(ids: Sequence[int] | sa.Select[Any] | None) -> sa.Select[Any]:
    """Every contact that happened, once for each who took part."""
    both = _TAKING_PART.join(_INTERACTION, _INTERACTION.c.id == _TAKING_PART.c.interaction_id)
    query = sa.select(_TAKING_PART.c.contact_id).select_from(both)
    query = query.where(_INTERACTION.c.state == InteractionState.HAPPENED)
    return query if ids is None else query.where(_TAKING_PART.c.contact_id.in_(ids))


def _events(
    *, whom: sa.Select[Any] | None = None, since_at: datetime | None = None, until_at: datetime | None = None
) -> sa.Subquery:
    """What passed between the person and each contact: contacts that happened, and asks; of some people, or a span."""
    it, talk = _INTERACTION.c, sa.case((_INTERACTION.c.kind.in_(TALKS), 1), else_=0)
    out, number = sa.literal(Direction.OUT.value), sa.literal(0)
    columns = (_TAKING_PART.c.contact_id, it.starts_at, it.direction, talk, it.id)
    selects = [_contacts(whom).with_only_columns(*columns).where(*_within(it.starts_at, since_at, until_at))]
    for table, connector in ((_INTRODUCTION, _INTRODUCTION.c.connector_id), (_REFERRAL, _REFERRAL.c.contact_id)):
        asked = sa.select(connector, table.c.asked_at, out, number, table.c.id)
        asked = asked.where(table.c.asked_at.is_not(None), connector.is_not(None))
        asked = asked.where(*_within(table.c.asked_at, since_at, until_at))
        selects.append(asked if whom is None else asked.where(connector.in_(whom)))
    union = sa.union_all(*selects).subquery()
    names = ("contact_id", "at", "direction", "talk", "id")
    return sa.select(*(each.label(name) for each, name in zip(union.c, names, strict=True))).subquery()


def _within(
    at: sa.Column[datetime], since_at: datetime | None, until_at: datetime | None
) -> Iterator[sa.ColumnElement[bool]]:
    if since_at is not None:
        yield at >= since_at
    if until_at is not None:
        yield at < until_at
