"""Where everybody stands whom one could reach out to now, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models import Contact, ContactTag, Interaction, InteractionContact, TagCadence, Task
from crm.models.words import ContactKind, InteractionState, Stage, TaskKind, Tier
from crm.store.shape import table_of

_CONTACT, _TASK, _INTERACTION = table_of(Contact), table_of(Task), table_of(Interaction)
_TAKING_PART, _IN_TAG, _TAG_CADENCE = table_of(InteractionContact), table_of(ContactTag), table_of(TagCadence)
_PRESENT = _TAKING_PART.join(_INTERACTION, _INTERACTION.c.id == _TAKING_PART.c.interaction_id)

LEFT_ALONE: Final = (Stage.DORMANT, Stage.DECLINED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one person stands.

    Attributes:
        contact_id: whom it is about.
        stage: where the outreach stands.
        added_at: since when the person is on the list.
        last_at: when the two were last in touch, as far as is known.
        last_kind: what kind of contact that was; None if no interaction is on record.
        last_direction: who reached out then; None as for the kind.
        cadence: how often to be in touch, (least, most) days, from the person or a tag; None for the general one.
        follow_up_on: the day of the next open follow-up.
    """

    contact_id: int
    stage: Stage
    added_at: datetime
    last_at: datetime | None = None
    last_kind: str | None = None
    last_direction: str | None = None
    cadence: tuple[int, int] | None = None
    follow_up_on: date | None = None


def standings(session: Session) -> list[Standing]:
    """Everybody one could reach out to now, in the order they came in.

    Left out are sources, tier none, archived, dormant and declined people, and whoever a chat is planned with.
    """
    connection = session.connection()
    newest = {row.contact_id: row for row in connection.execute(_newest_interactions())}
    by_tag, follow_ups = _tag_cadences(connection), _follow_up_days(connection)
    return [
        _standing(row, newest.get(row.id), by_tag.get(row.id), follow_ups.get(row.id))
        for row in connection.execute(_reachable())
    ]


def _standing(
    row: sa.Row[Any], newest: sa.Row[Any] | None, by_tag: tuple[int, int] | None, follow_up_on: date | None
) -> Standing:
    own = (row.cadence_min_days, row.cadence_max_days) if row.cadence_max_days else None
    return Standing(
        contact_id=row.id,
        stage=Stage(row.stage),
        added_at=row.added_at,
        last_at=max(filter(None, (row.last_contact_at, newest and newest.starts_at)), default=None),
        last_kind=newest.kind if newest else None,
        last_direction=newest.direction if newest else None,
        cadence=own or by_tag,
        follow_up_on=follow_up_on,
    )


def _reachable() -> sa.Select[Any]:
    planned = (
        sa.select(_TAKING_PART.c.contact_id)
        .select_from(_PRESENT)
        .where(_INTERACTION.c.state == InteractionState.PLANNED)
    )
    it = _CONTACT.c
    return (
        sa.select(it.id, it.stage, it.added_at, it.last_contact_at, it.cadence_min_days, it.cadence_max_days)
        .where(
            it.kind == ContactKind.PERSON,
            it.tier != Tier.NONE,
            it.archived_at.is_(None),
            it.stage.not_in(LEFT_ALONE),
            it.id.not_in(planned),
        )
        .order_by(it.id)
    )


def _newest_interactions() -> sa.Select[Any]:
    """Each contact's newest interaction that happened."""
    it, contact_id = _INTERACTION.c, _TAKING_PART.c.contact_id
    place = sa.func.row_number().over(partition_by=contact_id, order_by=(it.starts_at.desc(), it.id.desc()))
    placed = (
        sa.select(contact_id, it.starts_at, it.kind, it.direction, place.label("place"))
        .select_from(_PRESENT)
        .where(it.state == InteractionState.HAPPENED)
        .subquery()
    )
    return sa.select(placed).where(placed.c.place == 1)


def _tag_cadences(connection: sa.Connection) -> dict[int, tuple[int, int]]:
    """The cadence that a contact's tags ask for; of several, the one that asks soonest."""
    query = sa.select(_IN_TAG.c.contact_id, _TAG_CADENCE.c.min_days, _TAG_CADENCE.c.max_days).join_from(
        _IN_TAG, _TAG_CADENCE, _TAG_CADENCE.c.tag_id == _IN_TAG.c.tag_id
    )
    found: dict[int, tuple[int, int]] = {}
    for number, least, most in connection.execute(query):
        found[number] = min(found.get(number, (least, most)), (least, most), key=lambda each: each[::-1])
    return found


def _follow_up_days(connection: sa.Connection) -> dict[int, date]:
    """The day of each contact's first open follow-up; where it was put off, the day it was put off to."""
    it = _TASK.c
    day = sa.func.coalesce(it.snoozed_until_on, it.due_on)
    query = (
        sa.select(it.contact_id, sa.func.min(day).label("day"))
        .where(it.kind == TaskKind.FOLLOW_UP, it.done_at.is_(None), it.contact_id.is_not(None), day.is_not(None))
        .group_by(it.contact_id)
    )
    return {row.contact_id: row.day for row in connection.execute(query)}
