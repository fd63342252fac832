"""Promises to oneself, so many times per day, week or month. A proposed one is not accepted."""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of, local_instant, week_bounds
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote, refuse_unstorable
from crm.folding import fold
from crm.models import CheckIn, Commitment, CommitmentVersion
from crm.models.words import CommitmentState, Per
from crm.store import commitments, journal, records
from crm.store.commitments import CommitmentStanding

MOST_TIMES: Final = 99
_OFTEN = re.compile(r"(\d{1,4}) ?(?:/|per|a) ?(day|week|month)", re.ASCII)


def parse_often(text: str) -> tuple[int, Per]:
    """How often, as (times, period): `2/week`, `1 per day`.

    Raises:
        BadValueError: it is not written so, or not 1 to `MOST_TIMES` times.
    """
    found = _OFTEN.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise BadValueError(f"{quote(text)} is no rhythm; write how often per day, week or month, such as 2/week.")
    if not 1 <= int(found[1]) <= MOST_TIMES:
        raise BadValueError(f"{quote(text)} is out of range; write 1 to {MOST_TIMES} times.")
    return int(found[1]), Per(found[2])


def period_of(day: date, per: Per | str, *, week_starts_on: str) -> tuple[date, date]:
    """First and last day of the period that holds `day`."""
    if per == Per.DAY:
        return day, day
    if per == Per.WEEK:
        return week_bounds(day, first_weekday=WEEKDAYS.index(week_starts_on))
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def add(session: Session, title: str, *, times: int, per: Per, accepted: bool, today: date) -> Commitment:
    """Make a commitment, proposed or accepted at once.

    Raises:
        BadValueError: the title is blank, or another commitment has it.
    """
    title = _free_title(session, title)
    state = CommitmentState.ACCEPTED if accepted else CommitmentState.PROPOSED
    made = records.add(session, Commitment(title=title, state=state.value))
    _set_often(session, made, times, per, from_on=today)
    journal.summarize(session, f"{'Accepted' if accepted else 'Proposed'}: {title}, {times}/{per}")
    return made


def accept(session: Session, commitment: Commitment) -> Commitment:
    """Accept what was proposed, or take up again what had ended."""
    commitment.state = CommitmentState.ACCEPTED.value
    journal.summarize(session, f"Accepted: {commitment.title}")
    return commitment


def edit(
    session: Session,
    commitment: Commitment,
    *,
    title: str | None = None,
    often: tuple[int, Per] | None = None,
    today: date,
) -> Commitment:
    """Change a commitment's title, or how often from today on; periods that are over keep their own.

    Raises:
        BadValueError: the title is blank, or another commitment has it.
    """
    if title is not None:
        commitment.title = _free_title(session, title, but=commitment)
    if often is not None:
        _set_often(session, commitment, *often, from_on=today)
    journal.summarize(session, f"Edited: {commitment.title}")
    return commitment


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


def _set_often(session: Session, commitment: Commitment, times: int, per: Per, *, from_on: date) -> None:
    versions = records.parts(session, CommitmentVersion, commitment)
    same_day = next((each for each in versions if each.from_on == from_on), None)
    version = same_day or CommitmentVersion(commitment_id=commitment.id, from_on=from_on, times=times)
    version.times, version.per = times, per.value
    records.add(session, version)


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
        RefusedError: the commitment is not accepted.
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
    journal.summarize(session, f"{'Skipped' if skip_reason else 'Checked in'}: {commitment.title}")
    return records.add(session, made)


def _url(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"https?://[^\s/]\S*", text, re.IGNORECASE):
        raise BadValueError(f"{quote(text)} is no web address; it begins with https://")
    return text


def standing(session: Session, *, now: datetime, tz: ZoneInfo, week_starts_on: str) -> list[CommitmentStanding]:
    """How each accepted commitment stands in the period (by `tz`) that holds `now`."""
    return [
        standing_of(session, each, now=now, tz=tz, week_starts_on=week_starts_on)
        for each in commitments.every(session, CommitmentState.ACCEPTED)
    ]


def standing_of(
    session: Session, commitment: Commitment, *, now: datetime, tz: ZoneInfo, week_starts_on: str
) -> CommitmentStanding:
    """How one commitment stands in the period that holds `now`; a skip is neither done nor left to do."""
    today = day_of(now, tz)
    version = commitments.version_on(records.parts(session, CommitmentVersion, commitment), today)
    times, per = (version.times, version.per) if version else (1, Per.WEEK.value)
    from_on, to_on = period_of(today, per, week_starts_on=week_starts_on)
    from_at, to_at = (local_instant(day, time.min, tz) for day in (from_on, to_on + timedelta(days=1)))
    done, skipped = commitments.counts(session, commitment, from_at=from_at, to_at=to_at)
    return CommitmentStanding(
        ref=commitment.ref,
        uid=commitment.uid,
        title=commitment.title,
        times=times,
        per=per,
        done=done,
        skipped=skipped,
        left=max(0, times - done - skipped),
        from_on=from_on,
        to_on=to_on,
    )
