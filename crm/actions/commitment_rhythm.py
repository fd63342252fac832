"""How often a commitment is to be kept, and from when on: harder counts at once, easier from the next period."""

import re
from datetime import date, timedelta
from typing import Final

from sqlmodel import Session

from crm.actions.commitment_periods import period_of
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote
from crm.models import Commitment, CommitmentVersion
from crm.models.words import CommitmentState, Per
from crm.store import records
from crm.store.commitments import version_on

MOST_TIMES: Final = 99
_OFTEN = re.compile(r"(\d{1,4}) ?(?:/|per|a) ?(day|week|month)", re.ASCII)
_IN_400_YEARS: Final = {Per.DAY: 146_097, Per.WEEK: 20_871, Per.MONTH: 4_800}
"""How many there are in the years after which the calendar repeats itself."""

Often = tuple[int, Per]
"""So many times per period."""


def parse_often(text: str) -> Often:
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


def is_harder(often: Often, than: Often) -> bool:
    """Whether it is more often, counted over many years: once a day is harder than six times a week."""
    return often[0] * _IN_400_YEARS[often[1]] > than[0] * _IN_400_YEARS[than[1]]


def begin(session: Session, commitment: Commitment, *, today: date) -> None:
    """Let a commitment that was only proposed count from today on; nothing could be checked in before."""
    versions = sorted(records.parts(session, CommitmentVersion, commitment), key=lambda each: each.from_on)
    for each in versions[:-1]:
        session.delete(each)
    for each in versions[-1:]:
        each.from_on = today


def change(
    session: Session, commitment: Commitment, often: Often, *, today: date, week_starts_on: str
) -> CommitmentVersion:
    """Let another rhythm count: from today on if it is harder, else from the next period's first day on.

    It takes the place of what was to come. What is not accepted counts for nothing yet, so it changes at once.
    """
    versions = _without_coming(session, commitment, today)
    now = version_on(versions, today)
    if now is not None and often == (now.times, now.per):
        return now
    from_on = today
    if now and commitment.state == CommitmentState.ACCEPTED and not is_harder(often, (now.times, Per(now.per))):
        from_on = period_of(today, now.per, week_starts_on=week_starts_on)[1] + timedelta(days=1)
    same_day = next((each for each in versions if each.from_on == from_on), None)
    version = same_day or CommitmentVersion(commitment_id=commitment.id, from_on=from_on, times=often[0])
    version.times, version.per = often[0], often[1].value
    return records.add(session, version)


def refuse_harder(session: Session, commitment: Commitment, often: Often, *, today: date) -> None:
    """Let only what is easier than today's rhythm pass.

    Raises:
        RefusedError: it is harder.
        BadValueError: it is just as often.
    """
    now = version_on(records.parts(session, CommitmentVersion, commitment), today)
    if now is None:
        return
    if is_harder(often, (now.times, Per(now.per))):
        raise RefusedError(
            f"{often[0]}/{often[1]} is more often than {now.times}/{now.per}, so it eases nothing; "
            f"to do more: crm commitment edit {commitment.ref} --often {often[0]}/{often[1]}"
        )
    if often == (now.times, now.per):
        raise BadValueError(f"{quote(commitment.title)} is {now.times}/{now.per} already; give a rhythm that is easier")


def _without_coming(session: Session, commitment: Commitment, today: date) -> list[CommitmentVersion]:
    """The versions so far; those that were to come are removed, unless they are all there is."""
    versions = records.parts(session, CommitmentVersion, commitment)
    coming = [each for each in versions if each.from_on > today]
    for each in coming if len(coming) < len(versions) else ():
        session.delete(each)
        versions.remove(each)
    session.flush()
    return versions
