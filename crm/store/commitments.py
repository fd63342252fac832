"""Promises to oneself: finding them, how often they were to be kept, and how often they were."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from crm.errors import NotFoundError
from crm.escaping import quote
from crm.folding import fold
from crm.models import CheckIn, Commitment, CommitmentVersion, Tombstone
from crm.models.words import CommitmentState
from crm.store import choice, records


@dataclass(frozen=True, slots=True)
class CommitmentStanding:
    """How one commitment stands in a period, its present one unless said otherwise.

    Attributes:
        times: how often it is to be done in the period, `from_on` to `to_on`.
        done: how often it was.
        skipped: how often it was skipped with a reason, which takes the place of one.
        left: what is still to be done.
        act_by_on: the last day on which to go on so that once a day still suffices; None when nothing is left.
        safe_until_on: the day before that.
        streak: how many periods in a row were kept up to now.
        best_streak: how many at best.
    """

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
    act_by_on: date | None = None
    safe_until_on: date | None = None
    streak: int = 0
    best_streak: int = 0


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


def marks(
    session: Session, ids: Collection[int], *, since_at: datetime | None = None, before_at: datetime | None = None
) -> dict[int, list[tuple[datetime, bool]]]:
    """When each of these commitments was done or skipped (True), from an instant on and before another; one query."""
    query = select(CheckIn.commitment_id, CheckIn.done_at, col(CheckIn.skip_reason).is_not(None)).where(
        col(CheckIn.commitment_id).in_(ids)
    )
    if since_at is not None:
        query = query.where(CheckIn.done_at >= since_at)
    if before_at is not None:
        query = query.where(CheckIn.done_at < before_at)
    found: dict[int, list[tuple[datetime, bool]]] = {each: [] for each in ids}
    for owner, done_at, skipped in session.exec(query):
        found[owner].append((done_at, bool(skipped)))
    return found


def check_ins(session: Session, commitment: Commitment) -> list[CheckIn]:
    """All check-ins and skips of a commitment, the newest first."""
    query = select(CheckIn).where(CheckIn.commitment_id == commitment.id)
    return list(session.exec(query.order_by(col(CheckIn.done_at).desc(), col(CheckIn.id).desc())))


def check_in(session: Session, commitment: Commitment, ref: str) -> CheckIn:
    """The check-in or skip of a commitment by its short id (`k3`) or uid.

    Raises:
        NotFoundError: this commitment has none of that id.
    """
    found = choice.by_id(ref, check_ins(session, commitment))
    if not found:
        raise NotFoundError(f"it has no check-in {quote(ref)}; see: crm commitment check-ins {commitment.ref} --all")
    return found[0]


def addresses(session: Session) -> set[str]:
    """The addresses that prove check-ins."""
    return {url for url in session.exec(select(CheckIn.url).where(col(CheckIn.url).is_not(None))) if url}


def removed_check_ins(session: Session) -> set[str]:
    """The uids of the check-ins that were taken back."""
    return set(session.exec(select(Tombstone.uid).where(Tombstone.table_name == CheckIn.__tablename__)))


def has_check_ins(session: Session, commitment: Commitment) -> bool:
    """Whether anything was ever logged on a commitment."""
    return session.exec(select(CheckIn.id).where(CheckIn.commitment_id == commitment.id).limit(1)).first() is not None
