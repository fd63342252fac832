"""What the log holds that can prove a checklist item, the newest first; each function is one query or two."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from crm.models import (
    Activity,
    Answer,
    CheckIn,
    Commitment,
    Contact,
    ContactTag,
    Introduction,
    Question,
    Referral,
    Tag,
    Task,
    TimeEntry,
)
from crm.models.words import ContactKind, InteractionState, TaskKind, Tier
from crm.store import interactions
from crm.store.interactions import Chat

MOST: Final = 300
"""How far back one looks: so many of the newest."""


def open_items(session: Session) -> list[Task]:
    """The checklist's open items, in the order they were added."""
    query = select(Task).where(Task.kind == TaskKind.CHECKLIST, col(Task.done_at).is_(None))
    return list(session.exec(query.order_by(col(Task.id))))


def happened(session: Session, *, since_at: datetime, until_at: datetime) -> list[Chat]:
    """What passed between the person and their contacts from `since_at` on and before `until_at`."""
    happened = [InteractionState.HAPPENED]
    return interactions.chats(session, states=happened, since=since_at, before=until_at, limit=MOST, newest_first=True)


def arranged(session: Session, *, since_at: datetime) -> list[Chat]:
    """The chats that were planned since, whether they have been by now or not."""
    states = [InteractionState.PLANNED, InteractionState.HAPPENED]
    found = interactions.chats(session, states=states, since=since_at, limit=MOST, newest_first=True)
    return [each for each in found if each.interaction.added_at >= since_at]


def answers(session: Session, *, since_at: datetime) -> list[tuple[Answer, Question, Contact]]:
    """What somebody said to a question since."""
    query = (
        select(Answer, Question, Contact)
        .join(Question, col(Question.id) == Answer.question_id)
        .join(Contact, col(Contact.id) == Answer.contact_id)
        .where(Answer.asked_at >= since_at)
    )
    return list(session.exec(query.order_by(col(Answer.asked_at).desc(), col(Answer.id).desc()).limit(MOST)))


def check_ins(session: Session, *, since_at: datetime) -> list[tuple[CheckIn, Commitment]]:
    """How often a commitment was kept since; skips are left out."""
    query = (
        select(CheckIn, Commitment)
        .join(Commitment, col(Commitment.id) == CheckIn.commitment_id)
        .where(CheckIn.done_at >= since_at, col(CheckIn.skip_reason).is_(None))
    )
    return list(session.exec(query.order_by(col(CheckIn.done_at).desc(), col(CheckIn.id).desc()).limit(MOST)))


def entries(session: Session, *, since_at: datetime) -> list[tuple[TimeEntry, Activity]]:
    """The time that was logged by itself since: neither what a chat brought nor what still runs."""
    query = (
        select(TimeEntry, Activity)
        .join(Activity, col(Activity.id) == TimeEntry.activity_id)
        .where(
            TimeEntry.started_at >= since_at,
            col(TimeEntry.minutes).is_not(None),
            col(TimeEntry.interaction_id).is_(None),
        )
    )
    return list(session.exec(query.order_by(col(TimeEntry.started_at).desc(), col(TimeEntry.id).desc()).limit(MOST)))


def referrals(session: Session, *, since_at: datetime) -> list[tuple[Referral, Contact]]:
    """The referrals that were asked for since, and of whom."""
    query = select(Referral, Contact).join(Contact, col(Contact.id) == Referral.contact_id)
    query = query.where(col(Referral.asked_at) >= since_at)
    return list(session.exec(query.order_by(col(Referral.asked_at).desc(), col(Referral.id).desc()).limit(MOST)))


def introductions(session: Session, *, since_at: datetime) -> list[tuple[Introduction, Contact]]:
    """The introductions that were asked for since, and of whom."""
    query = select(Introduction, Contact).join(Contact, col(Contact.id) == Introduction.connector_id)
    query = query.where(col(Introduction.asked_at) >= since_at)
    order = (col(Introduction.asked_at).desc(), col(Introduction.id).desc())
    return list(session.exec(query.order_by(*order).limit(MOST)))


def known_people(session: Session) -> list[Contact]:
    """Whom one tends or studies, those added last first; imported people whom nobody tends are left out."""
    meant = (col(Contact.tier) != Tier.NONE) | (col(Contact.kind) == ContactKind.SOURCE)
    query = select(Contact).where(col(Contact.archived_at).is_(None), meant)
    return list(session.exec(query.order_by(col(Contact.id).desc()).limit(MOST)))


def groups(session: Session) -> dict[str, frozenset[int]]:
    """Who is in each tag that has anybody, by the tag's name."""
    found: dict[str, set[int]] = {}
    query = select(Tag.name, ContactTag.contact_id).join(ContactTag, col(ContactTag.tag_id) == Tag.id)
    for name, number in session.exec(query):
        found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}
