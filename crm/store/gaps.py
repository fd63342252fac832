"""What is blank: counted in the database as it stands, so that a filled blank is gone at once."""

import json
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import (
    Activity,
    ActivityTarget,
    Availability,
    Commitment,
    Contact,
    ContactMethod,
    Question,
    Review,
    WorksheetBaseline,
)
from crm.models.words import CommitmentState, ContactKind, QuestionState, Tier

SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader of a worksheet could not settle: its line, words and remedy."""

    ref: str
    file: str
    line: int | None
    level: str
    text: str
    subject: str
    remedy: str
    blank: bool


def unreachable(session: Session) -> list[Contact]:
    """People one tends whom nothing says how to reach, in the order they came in."""
    with_method = select(ContactMethod.contact_id)
    query = select(Contact).where(
        Contact.kind == ContactKind.PERSON,
        Contact.tier != Tier.NONE,
        col(Contact.archived_at).is_(None),
        sa.func.coalesce(Contact.how_to_reach, "") == "",
        col(Contact.id).not_in(with_method),
    )
    return list(session.exec(query.order_by(col(Contact.id))))


def open_questions(session: Session) -> int:
    """How many questions are open."""
    query = select(sa.func.count()).select_from(Question).where(Question.state == QuestionState.OPEN)
    return session.exec(query).one()


def undated_reviews(session: Session) -> int:
    """How many reviews have no day."""
    return session.exec(select(sa.func.count()).select_from(Review).where(col(Review.due_on).is_(None))).one()


def activities_without_target(session: Session) -> list[Activity]:
    """Activities with neither hours nor a share."""
    with_target = select(ActivityTarget.activity_id).where(
        sa.or_(col(ActivityTarget.weekly_minutes).is_not(None), col(ActivityTarget.share_percent).is_not(None))
    )
    return list(session.exec(select(Activity).where(col(Activity.id).not_in(with_target)).order_by(col(Activity.id))))


def known_weekdays(session: Session) -> int:
    """How many weekdays say what room they have."""
    query = select(sa.func.count()).select_from(Availability).where(col(Availability.minutes).is_not(None))
    return session.exec(query).one()


def proposed_commitments(session: Session) -> list[Commitment]:
    """Commitments that wait for a yes."""
    query = select(Commitment).where(Commitment.state == CommitmentState.PROPOSED)
    return list(session.exec(query.order_by(col(Commitment.id))))


def notices(session: Session) -> list[Notice]:
    """What the last readings could not settle and the person did not either, by line."""
    query = select(WorksheetBaseline).where(WorksheetBaseline.kind == "notice")
    found = [_notice(each) for each in session.exec(query)]
    return sorted(
        (each for each in found if each.level != SETTLED), key=lambda each: (each.file, each.line or 0, each.text)
    )


def _notice(row: WorksheetBaseline) -> Notice:
    told = json.loads(row.value)
    return Notice(row.ref, row.file, row.line, told["level"], row.key, told["subject"], told["remedy"], told["blank"])


def settle(notice: WorksheetBaseline) -> None:
    """Mark what was unsure as settled; another reading of the file does not ask again."""
    notice.value = json.dumps(json.loads(notice.value) | {"level": SETTLED}, ensure_ascii=False, sort_keys=True)


def is_settled(notice: WorksheetBaseline) -> bool:
    """Whether the person settled it."""
    return bool(json.loads(notice.value)["level"] == SETTLED)
