"""Promises to oneself: finding them, how often they were to be kept, and how often they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from crm.errors import NotFoundError
from crm.escaping import quote
from crm.folding import fold
from crm.models import CheckIn, Commitment, CommitmentVersion
from crm.models.words import CommitmentState
from crm.store import choice, records


@dataclass(frozen=True, slots=True)
class CommitmentStanding:
    """How one commitment stands in its present period, `from_on` to `to_on`: `left` is what is still to be done."""

    ref: str
    uid: str
    title: str
    times: int
    per: str
    done: int
    skipped: int
    left: int
    from_on: date
    to_on: date


def every(session: Session, *states: CommitmentState) -> list[Commitment]:
    """The commitments in one of these states, in the order they were added; without states, all."""
    there = records.every(session, Commitment)
    return [each for each in there if not states or each.state in states]


def commitment(session: Session, text: str) -> Commitment:
    """The commitment of that title, short id or uid, or the only one whose title has words that begin like these.

    What has ended is found by its title or id only, or if nothing else has such words.

    Raises:
        NotFoundError: there is none; the titles are listed.
        AmbiguousError: several answer to that.
    """
    there = every(session)
    exact = [each for each in there if fold(each.title) == fold(text)]
    worded = [each for each in there if choice.has_words(each.title, choice.words(text))]
    kept = [each for each in worded if each.state != CommitmentState.ENDED]
    found = choice.only(text, [exact, choice.by_id(text, there), kept, worded], label=lambda each: each.title)
    if found is None:
        way_out = "see: crm commitment list" if there else 'make one: crm commitment add "Post on LinkedIn" 2/week'
        candidates = [f"{each.ref} {each.title}" for each in there[:10]]
        raise NotFoundError(f"there is no commitment {quote(text)}; {way_out}", candidates=candidates)
    return found


def version_on(versions: Sequence[CommitmentVersion], day: date) -> CommitmentVersion | None:
    """The version in force on a day; before the first one, the first."""
    in_force = [each for each in versions if each.from_on <= day]
    if in_force:
        return max(in_force, key=lambda each: each.from_on)
    return min(versions, key=lambda each: each.from_on, default=None)


def counts(session: Session, commitment: Commitment, *, from_at: datetime, to_at: datetime) -> tuple[int, int]:
    """How often a commitment was kept and skipped from an instant on and before another."""
    query = select(func.count(col(CheckIn.id)), func.count(col(CheckIn.skip_reason))).where(
        CheckIn.commitment_id == commitment.id, CheckIn.done_at >= from_at, CheckIn.done_at < to_at
    )
    every_one, skipped = session.exec(query).one()
    return every_one - skipped, skipped


def has_check_ins(session: Session, commitment: Commitment) -> bool:
    """Whether anything was ever logged on a commitment."""
    return session.exec(select(CheckIn.id).where(CheckIn.commitment_id == commitment.id).limit(1)).first() is not None
