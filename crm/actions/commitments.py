"""Promises to oneself, so many times per day, week or month. A proposed one is not accepted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitment_rhythm as rhythm
from crm.actions.commitment_periods import Period, Tally, period_at, periods, streaks
from crm.actions.commitment_rhythm import Often
from crm.cadence import day_of
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote, refuse_unstorable
from crm.folding import fold
from crm.models import CheckIn, Commitment, CommitmentVersion
from crm.models.words import CommitmentState, Per
from crm.store import commitments, journal, records
from crm.store.commitments import CommitmentStanding


def add(session: Session, title: str, *, times: int, per: Per, accepted: bool, today: date) -> Commitment:
    """Make a commitment, proposed or accepted at once.

    Raises:
        BadValueError: the title is blank, or another commitment has it.
    """
    title = _free_title(session, title)
    state = CommitmentState.ACCEPTED if accepted else CommitmentState.PROPOSED
    made = records.add(session, Commitment(title=title, state=state.value))
    records.add(session, CommitmentVersion(commitment_id=made.id, from_on=today, times=times, per=per.value))
    journal.summarize(session, f"{'Accepted' if accepted else 'Proposed'}: {title}, {times}/{per}")
    return made


def accept(session: Session, commitment: Commitment, *, today: date) -> Commitment:
    """Accept what was proposed, which counts from today on, or take up again what had ended."""
    if commitment.state == CommitmentState.PROPOSED:
        rhythm.begin(session, commitment, today=today)
    commitment.state = CommitmentState.ACCEPTED.value
    journal.summarize(session, f"Accepted: {commitment.title}")
    return commitment


def edit(
    session: Session,
    commitment: Commitment,
    *,
    title: str | None = None,
    often: Often | None = None,
    today: date,
    week_starts_on: str,
) -> Commitment:
    """Change a commitment's title, or how often; see `commitment_rhythm.change` for when that counts from.

    Raises:
        BadValueError: the title is blank, or another commitment has it.
    """
    if title is not None:
        commitment.title = _free_title(session, title, but=commitment)
    if often is not None:
        rhythm.change(session, commitment, often, today=today, week_starts_on=week_starts_on)
    journal.summarize(session, f"Edited: {commitment.title}")
    return commitment


def ease(
    session: Session, commitment: Commitment, often: Often, *, today: date, week_starts_on: str
) -> CommitmentVersion:
    """Promise less, from the next period on: nobody eases their way out of the one that runs.

    Raises:
        RefusedError: it is more often than today's rhythm.
        BadValueError: it is just as often.
    """
    rhythm.refuse_harder(session, commitment, often, today=today)
    made = rhythm.change(session, commitment, often, today=today, week_starts_on=week_starts_on)
    journal.summarize(session, f"Eased: {commitment.title} to {often[0]}/{often[1]}")
    return made


def remove(session: Session, commitment: Commitment) -> bool:
    """End a commitment and keep its check-ins; one that never had any is removed, which gives True."""
    journal.summarize(session, f"Ended: {commitment.title}")
    if commitments.has_check_ins(session, commitment):
        commitment.state = CommitmentState.ENDED.value
        return False
    records.remove(session, commitment, (CommitmentVersion,))
    return True


def _free_title(session: Session, title: str, but: Commitment | None = None) -> str:
    refuse_unstorable(title, what="The title")
    if not title.strip():
        raise BadValueError("a commitment needs a title that says what you promise, such as Post on LinkedIn")
    for each in commitments.every(session):
        if each is not but and fold(each.title) == fold(title):
            raise BadValueError(f"there is a commitment {quote(title)} already: {each.ref} ({each.state})")
    return title


def check_in(
    session: Session,
    commitment: Commitment,
    *,
    at: datetime,
    now: datetime,
    url: str | None = None,
    note: str | None = None,
    skip_reason: str | None = None,
) -> CheckIn:
    """Count a commitment once more, or skip it once with a reason.

    Raises:
        RefusedError: the commitment is not accepted, or what the URL shows was credited to it before.
        BadValueError: `at` is still to come, the URL is none, or the reason is blank.
    """
    if commitment.state != CommitmentState.ACCEPTED:
        raise RefusedError(
            f"{quote(commitment.title)} is {commitment.state}, not accepted; "
            f"take it on first: crm commitment accept {commitment.ref}"
        )
    if at > now:
        raise BadValueError("a check-in is for what has been done; its time lies in the future")
    if skip_reason is not None and not skip_reason.strip():
        raise BadValueError("--skip needs a reason, such as --skip 'was ill'")
    made = CheckIn(commitment_id=commitment.id, done_at=at, url=_url(url), note=note, skip_reason=skip_reason)
    for what, text in (("The URL", url), ("The note", note), ("The reason", skip_reason)):
        refuse_unstorable(text or "", what=what)
    if url is not None:
        _refuse_credited(session, commitment, url)
    journal.summarize(session, f"{'Skipped' if skip_reason else 'Checked in'}: {commitment.title}")
    return records.add(session, made)


def _url(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"https?://[^\s/]\S*", text, re.IGNORECASE):
        raise BadValueError(f"{quote(text)} is no web address; it begins with https://")
    return text


def _refuse_credited(session: Session, commitment: Commitment, url: str) -> None:
    """Refuse an address that proves a check-in already, LinkedIn's other addresses of one post included."""
    from crm.importers.linkedin.shares import mark  # noqa: PLC0415 - only a check-in with an address needs it

    for each in commitments.check_ins(session, commitment):
        if each.url and mark(each.url) == mark(url):
            raise RefusedError(
                f"that was credited to {quote(commitment.title)} before, as {each.ref}; "
                "for something else give its own --url, or none"
            )


def take_back(session: Session, commitment: Commitment, check_in: CheckIn) -> None:
    """Remove one check-in or skip of a commitment."""
    journal.summarize(session, f"Took back a check-in: {commitment.title}")
    records.remove(session, check_in)


def standing(session: Session, *, now: datetime, tz: ZoneInfo, week_starts_on: str) -> list[CommitmentStanding]:
    """How each accepted commitment stands in the period (by `tz`) that holds `now`, in three queries."""
    return [each.standing for each in accepted(session, now=now, tz=tz, week_starts_on=week_starts_on)]


def standing_of(
    session: Session, commitment: Commitment, *, now: datetime, tz: ZoneInfo, week_starts_on: str
) -> CommitmentStanding:
    """How one commitment stands in the period that holds `now`; a skip is neither done nor left to do."""
    (story,) = stories(session, [commitment], now=now, tz=tz, week_starts_on=week_starts_on)
    return story.standing


@dataclass(frozen=True, slots=True)
class Story:
    """How a commitment stands, and all its periods so far, the running one last."""

    standing: CommitmentStanding
    periods: Sequence[Period]


def accepted(session: Session, *, now: datetime, tz: ZoneInfo, week_starts_on: str) -> list[Story]:
    """The story of each accepted commitment up to `now`, in three queries."""
    there = commitments.every(session, CommitmentState.ACCEPTED)
    return stories(session, there, now=now, tz=tz, week_starts_on=week_starts_on)


def stories(
    session: Session, there: Sequence[Commitment], *, now: datetime, tz: ZoneInfo, week_starts_on: str
) -> list[Story]:
    """The story of each of these commitments up to `now`, in two queries."""
    today, ids = day_of(now, tz), [each.id for each in there]
    versions, marks = records.parts_of(session, CommitmentVersion, ids), commitments.marks(session, ids)
    return [
        _story(
            each,
            versions[each.id],
            Tally.of((day_of(at, tz), skipped) for at, skipped in marks[each.id]),
            today,
            week_starts_on,
        )
        for each in there
    ]


def judged(commitment: Commitment, story: Story) -> Sequence[Period]:
    """The periods that count: none of a proposal, and of what has ended those up to its last check-in."""
    if commitment.state == CommitmentState.PROPOSED:
        return ()
    if commitment.state == CommitmentState.ACCEPTED:
        return story.periods
    marked = [number for number, each in enumerate(story.periods) if each.done or each.skipped]
    return story.periods[: max(marked, default=-1) + 1]


def _story(
    commitment: Commitment, versions: Sequence[CommitmentVersion], tally: Tally, today: date, week_starts_on: str
) -> Story:
    found = list(periods(versions, tally, until=today, week_starts_on=week_starts_on))
    here = period_at(versions, tally, today, week_starts_on=week_starts_on)
    return Story(standing_in(commitment, here, *streaks(found, today=today)), found)


def standing_in(commitment: Commitment, period: Period, streak: int = 0, best_streak: int = 0) -> CommitmentStanding:
    """How a commitment stands in a period."""
    return CommitmentStanding(
        ref=commitment.ref,
        uid=commitment.uid,
        title=commitment.title,
        times=period.times,
        per=period.per,
        done=period.done,
        skipped=period.skipped,
        left=period.left,
        from_on=period.from_on,
        to_on=period.to_on,
        act_by_on=period.act_by_on,
        safe_until_on=period.safe_until_on,
        streak=streak,
        best_streak=best_streak,
    )
