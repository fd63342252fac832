"""Where everybody stands whom one could reach out to now, in a fixed number of queries.

Whoever is left out (tier none above all: that is what imports bring by the thousand) is left out by the database, so
that their rows are never read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models import Contact, ContactTag, Interaction, InteractionContact, Tag, TagCadence, Task
from crm.models.words import TALKS, ContactKind, Direction, InteractionState, Stage, TaskKind, Tier
from crm.store.shape import table_of

_CONTACT, _TASK, _INTERACTION = table_of(Contact), table_of(Task), table_of(Interaction)
_TAKING_PART, _IN_TAG = table_of(InteractionContact), table_of(ContactTag)
_TAG, _TAG_CADENCE = table_of(Tag), table_of(TagCadence)
_PRESENT = _TAKING_PART.join(_INTERACTION, _INTERACTION.c.id == _TAKING_PART.c.interaction_id)

MOST: Final = 5_000
"""So many people can be asked about by their ids at once; a statement takes a limited number of values."""


@dataclass(frozen=True, slots=True)
class TagSays:
    """What a tag asks for: to be in touch every so many (least, most) days."""

    name: str
    days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The next open follow-up: its day, and when the newest one was planned."""

    due_on: date
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands.

    Attributes:
        contact_id: whom it is about.
        stage: where the outreach stands.
        added_at: since when the person is on the list.
        tier: how closely they are tended.
        last_at: when anything last passed between the two, as far as is known.
        last_kind: what kind of contact that was; None if no interaction is on record.
        last_direction: who reached out then; None as for the kind.
        real_at: when they last wrote or the two last talked; a message without an answer is not that.
        talked_at: when the two last talked.
        own: how often to be in touch, (least, most) days, as said of the person.
        tag: the same as said of the tag that asks soonest.
        follow_up: what the person planned.
    """

    contact_id: int
    stage: Stage
    added_at: datetime
    tier: Tier = Tier.ACTIVE
    last_at: datetime | None = None
    last_kind: str | None = None
    last_direction: str | None = None
    real_at: datetime | None = None
    talked_at: datetime | None = None
    own: tuple[int, int] | None = None
    tag: TagSays | None = None
    follow_up: FollowUp | None = None


def reachable() -> sa.Select[Any]:
    """The ids of everybody one could reach out to now.

    Left out are sources, tier none, archived and declined people, and whoever a chat is planned with.
    """
    planned = (
        sa.select(_TAKING_PART.c.contact_id)
        .select_from(_PRESENT)
        .where(_INTERACTION.c.state == InteractionState.PLANNED)
    )
    it = _CONTACT.c
    return sa.select(it.id).where(
        it.kind == ContactKind.PERSON,
        it.tier != Tier.NONE,
        it.archived_at.is_(None),
        it.stage != Stage.DECLINED,
        it.id.not_in(planned),
    )


def standings(session: Session, ids: Sequence[int] | None = None) -> list[Standing]:
    """Where everybody stands who is `reachable`, or everybody of these ids (at most `MOST`), in the order they came.

    Five queries, however many people there are.
    """
    connection = session.connection()
    among = reachable() if ids is None else sa.select(_CONTACT.c.id).where(_CONTACT.c.id.in_(ids))
    newest = {row.contact_id: row for row in connection.execute(_newest_interactions(among))}
    real = {row.contact_id: row for row in connection.execute(_real_contacts(among))}
    by_tag, follow_ups = _tag_cadences(connection, among), _follow_ups(connection, among)
    return [
        _standing(row, newest.get(row.id), real.get(row.id), by_tag.get(row.id), follow_ups.get(row.id))
        for row in connection.execute(_people(among))
    ]


def _standing(
    row: sa.Row[Any],
    newest: sa.Row[Any] | None,
    real: sa.Row[Any] | None,
    tag: TagSays | None,
    follow_up: FollowUp | None,
) -> Standing:
    newest_at = newest.starts_at if newest else None
    # What is known without an interaction, as from an import, may have been anything: it counts as real.
    known_at = row.last_contact_at
    known_at = None if known_at and newest_at and known_at <= newest_at else known_at
    return Standing(
        contact_id=row.id,
        stage=Stage(row.stage),
        added_at=row.added_at,
        tier=Tier(row.tier),
        last_at=_latest(known_at, newest_at),
        last_kind=newest.kind if newest and not known_at else None,
        last_direction=newest.direction if newest and not known_at else None,
        real_at=_latest(known_at, real.real_at if real else None),
        talked_at=real.talked_at if real else None,
        own=(row.cadence_min_days, row.cadence_max_days) if row.cadence_max_days else None,
        tag=tag,
        follow_up=follow_up,
    )


def _latest(*instants: datetime | None) -> datetime | None:
    return max((each for each in instants if each), default=None)


def _people(among: sa.Select[Any]) -> sa.Select[Any]:
    it = _CONTACT.c
    columns = (it.id, it.stage, it.tier, it.added_at, it.last_contact_at, it.cadence_min_days, it.cadence_max_days)
    return sa.select(*columns).where(it.id.in_(among)).order_by(it.id)


def _happened(among: sa.Select[Any], *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return (
        sa.select(_TAKING_PART.c.contact_id, *columns)
        .select_from(_PRESENT)
        .where(_INTERACTION.c.state == InteractionState.HAPPENED, _TAKING_PART.c.contact_id.in_(among))
    )


def _newest_interactions(among: sa.Select[Any]) -> sa.Select[Any]:
    """Each contact's newest interaction that happened."""
    it, contact_id = _INTERACTION.c, _TAKING_PART.c.contact_id
    place = sa.func.row_number().over(partition_by=contact_id, order_by=(it.starts_at.desc(), it.id.desc()))
    placed = _happened(among, it.starts_at, it.kind, it.direction, place.label("place")).subquery()
    return sa.select(placed).where(placed.c.place == 1)


def _real_contacts(among: sa.Select[Any]) -> sa.Select[Any]:
    """When each contact last wrote or talked with one, and when the two last talked."""
    it, talked = _INTERACTION.c, _INTERACTION.c.kind.in_(TALKS)
    real_at = sa.func.max(it.starts_at).label("real_at")
    talked_at = sa.func.max(sa.case((talked, it.starts_at))).label("talked_at")
    real = _happened(among, real_at, talked_at).where(sa.or_(talked, it.direction == Direction.IN))
    return real.group_by(_TAKING_PART.c.contact_id)


def _tag_cadences(connection: sa.Connection, among: sa.Select[Any]) -> dict[int, TagSays]:
    """The cadence that a contact's tags ask for; of several, the one that asks soonest."""
    query = (
        sa.select(_IN_TAG.c.contact_id, _TAG.c.name, _TAG_CADENCE.c.min_days, _TAG_CADENCE.c.max_days)
        .select_from(_IN_TAG.join(_TAG_CADENCE, _TAG_CADENCE.c.tag_id == _IN_TAG.c.tag_id))
        .join(_TAG, _TAG.c.id == _IN_TAG.c.tag_id)
        .where(_IN_TAG.c.contact_id.in_(among))
        .order_by(_TAG_CADENCE.c.max_days, _TAG_CADENCE.c.min_days, _TAG.c.id)
    )
    found: dict[int, TagSays] = {}
    for number, name, least, most in connection.execute(query):
        found.setdefault(number, TagSays(name, (least, most)))
    return found


def _follow_ups(connection: sa.Connection, among: sa.Select[Any]) -> dict[int, FollowUp]:
    """Each contact's first open follow-up; where it was put off, the day it was put off to."""
    it = _TASK.c
    day = sa.func.coalesce(it.snoozed_until_on, it.due_on)
    query = (
        sa.select(it.contact_id, sa.func.min(day), sa.func.max(it.added_at))
        .where(it.kind == TaskKind.FOLLOW_UP, it.done_at.is_(None), it.contact_id.in_(among), day.is_not(None))
        .group_by(it.contact_id)
    )
    return {number: FollowUp(due_on, planned_at) for number, due_on, planned_at in connection.execute(query)}
