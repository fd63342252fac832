"""Cadences that people and tags were given."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from crm.models import Contact, Tag, TagCadence
from crm.store import contacts, records


@dataclass(frozen=True, slots=True)
class Kept:
    """A tag, its cadence if it has one, and how many people are in it."""

    tag: Tag
    cadence: TagCadence | None
    people: int


def of_people(session: Session) -> list[Contact]:
    """Everybody with a cadence of their own, the most frequent first; archived people are left out."""
    query = select(Contact).where(col(Contact.cadence_max_days).is_not(None), col(Contact.archived_at).is_(None))
    order = (col(Contact.cadence_max_days), col(Contact.cadence_min_days), col(Contact.id))
    return list(session.exec(query.order_by(*order)))


def of_tags(session: Session) -> list[Tag]:
    """Every tag with a cadence, the most frequent first."""
    query = select(Tag).join(TagCadence)
    return list(session.exec(query.order_by(col(TagCadence.max_days), col(TagCadence.min_days), col(Tag.id))))


def standing(session: Session, tags: Sequence[Tag]) -> list[Kept]:
    """Each of these tags with its cadence and how many people are in it."""
    there = {tag.id: Kept(tag, cadence, people) for tag, people, cadence in contacts.tags(session)} if tags else {}
    return [there[each.id] for each in tags]


def of_tag(session: Session, tag: Tag) -> TagCadence | None:
    """The cadence of a tag, if it has one."""
    return session.exec(select(TagCadence).where(TagCadence.tag_id == tag.id).order_by(col(TagCadence.id))).first()


def keep_tag(session: Session, tag: Tag, days: tuple[int, int] | None) -> None:
    """Let a tag ask to be in touch every (least, most) days, or ask for nothing."""
    there = of_tag(session, tag)
    if days is None:
        if there is not None:
            records.remove(session, there)
    elif there is None:
        records.add(session, TagCadence(tag_id=tag.id, min_days=days[0], max_days=days[1]))
    else:
        there.min_days, there.max_days = days
