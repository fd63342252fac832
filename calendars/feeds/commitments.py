"""What you promised yourself, on the last day of each coming week, month or day, with how often it was done."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import identity
from calendars.links import first_link
from calendars.window import Window
from calendars.wording import paragraphs
from crm.actions.commitment_periods import Period, Tally, periods
from crm.cadence import day_of, local_instant
from crm.models import Commitment, CommitmentVersion
from crm.models.words import CommitmentState, Per
from crm.store import commitments, feed_history, records
from crm.store.feed_history import Touched
from crm.store.told import OF_A_CHECK_IN, OF_A_COMMITMENT, Version, Versions

TITLE = "Commitments"
FILLED_BY = 'crm commitment add "Post on LinkedIn" 2/week'
COLOR = "crimson"

DAILY_WEEKS_AHEAD: Final = 1
"""A daily one is told no farther, for it would drown the others."""
_AT_NINE: Final = -9 * 60
_AT_SIX_PM: Final = -18 * 60


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each period of an accepted commitment, from this week on; a whole day."""
    accepted = commitments.every(session, CommitmentState.ACCEPTED)
    ids = [each.id for each in accepted]
    versions = records.parts_of(session, CommitmentVersion, ids)
    since_at = local_instant(min(window.weeks()[0], window.today.replace(day=1)), time(), window.tz)
    marks = commitments.marks(session, ids, since_at=since_at)
    touched = list(feed_history.touched(session, OF_A_CHECK_IN, since=since_at))
    told = Versions(session, OF_A_COMMITMENT)
    for each in accepted:
        tally = Tally.of((day_of(at, window.tz), skipped) for at, skipped in marks[each.id])
        for period in _periods(versions[each.id], tally, window):
            changes = [change for change in touched if _is_of(change, each, period, window.tz)]
            yield _entry(each, told.of(each), period, changes)


def _periods(versions: Sequence[CommitmentVersion], tally: Tally, window: Window) -> Iterator[Period]:
    first = window.weeks()[0]
    until = window.end_of_weeks()
    daily_until = window.end_of_weeks(DAILY_WEEKS_AHEAD)
    for each in periods(versions, tally, since=first, until=until, week_starts_on=window.week_starts_on):
        if each.per != Per.DAY or each.to_on <= daily_until:
            yield each


def _is_of(change: Touched, commitment: Commitment, period: Period, tz: ZoneInfo) -> bool:
    """Whether a change of a check-in is one of this period."""
    return any(
        values["commitment_id"] == commitment.id and period.from_on <= day_of(values["done_at"], tz) <= period.to_on
        for values in change.values
    )


def _entry(commitment: Commitment, version: Version, period: Period, touched: Sequence[Touched]) -> Entry:
    stands = _stands(period)
    return Entry(
        **identity(
            f"{period.per}-{period.from_on}",
            commitment,
            version,
            others=[Version(each.times, each.last_at) for each in touched],
        ),
        summary=f"{commitment.title} ({stands})",
        brief=f"Commitment ({stands})",
        starts=period.to_on,
        description=paragraphs(
            f"{period.skipped} skipped." if period.skipped else "",
            "" if period.kept else f"When it is done: crm check-in {commitment.ref}",
        ),
        url=first_link(commitment.title),
        categories=("Commitment",),
        status="done" if period.kept else "confirmed",
        done_at=max((each.last_at for each in touched), default=None),
        alarms=(_AT_SIX_PM if period.per == Per.DAY else _AT_NINE,),
    )


def _stands(period: Period) -> str:
    """How it stands, in words that do not change by themselves when the next day comes."""
    if not period.kept:
        return f"{period.done + period.skipped} of {period.times}"
    return "done" if period.done else "skipped"
