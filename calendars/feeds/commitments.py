"""What you promised yourself, on the last day of each week, month or day, with how often it was done."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars.entry import Entry
from calendars.identity import identity, removed
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
_LONGEST: Final = timedelta(days=31)
_AT_NINE: Final = -9 * 60
_AT_SIX_PM: Final = -18 * 60


def entries(session: Session, window: Window) -> Iterator[Entry]:
    """One for each period of an accepted commitment; a whole day.

    What was still to come of one that ended is cancelled, and all that was told of one that was removed.
    """
    accepted = commitments.every(session, CommitmentState.ACCEPTED)
    ended = _ended(session, window)
    there = [*accepted, *(commitment for commitment, _ in ended.values())]
    ids = [each.id for each in there]
    versions = records.parts_of(session, CommitmentVersion, ids)
    since_at = local_instant(window.days()[0] - _LONGEST, time(), window.tz)
    marks = commitments.marks(session, ids, since_at=since_at)
    touched: dict[int, list[Touched]] = defaultdict(list)
    for change in feed_history.touched(session, OF_A_CHECK_IN, since=since_at):
        for number in {values["commitment_id"] for values in change.values}:
            touched[number].append(change)
    told = Versions(session, OF_A_COMMITMENT)
    for each in there:
        told_at = ended[each.id][1] if each.id in ended else window.now
        tally = Tally.of((day_of(at, window.tz), skipped) for at, skipped in marks[each.id])
        for period in _periods(versions[each.id], tally, window, told_at):
            changes = [change for change in touched[each.id] if _is_of(change, each, period, window.tz)]
            cancelled = each.id in ended and not period.kept and period.to_on >= day_of(told_at, window.tz)
            yield _entry(each, told.of(each), period, changes, cancelled=cancelled)
    yield from _removed(session, window)


def _ended(session: Session, window: Window) -> dict[int, tuple[Commitment, datetime]]:
    """The commitments that ended of late, by their ids, and when; to undo that one was taken up again is to end it."""
    found: dict[int, datetime] = {}
    for each in feed_history.touched(session, OF_A_COMMITMENT, since=window.remembered_since()):
        if {values["state"] for values in each.values} == {CommitmentState.ACCEPTED, CommitmentState.ENDED}:
            number = each.values[0]["id"]
            found[number] = max(found.get(number, each.last_at), each.last_at)
    ended = commitments.every(session, CommitmentState.ENDED)
    return {each.id: (each, found[each.id]) for each in ended if each.id in found}


def _removed(session: Session, window: Window) -> Iterator[Entry]:
    gone = feed_history.removed(session, OF_A_COMMITMENT, since=window.remembered_since())
    versions = feed_history.parts_of(session, gone, CommitmentVersion)
    for grave in gone:
        if grave.values["state"] == CommitmentState.ACCEPTED:
            for period in _periods(versions[grave.uid], Tally(), window, grave.removed_at):
                yield removed(_kind(period), grave, summary="Commitment", starts=period.to_on)


def _periods(
    versions: Sequence[CommitmentVersion], tally: Tally, window: Window, told_at: datetime
) -> Iterator[Period]:
    """As far ahead as was told at that instant; things to do, and daily ones, from this week on."""
    last = replace(window, now=told_at)
    this_week, until = window.weeks()[0], last.end_of_weeks()
    since = this_week if window.to_dos else window.days()[0]
    daily_until = last.end_of_weeks(DAILY_WEEKS_AHEAD)
    for each in periods(versions, tally, since=since, until=until, week_starts_on=window.week_starts_on):
        if each.per != Per.DAY or this_week <= each.to_on <= daily_until:
            yield each


def _is_of(change: Touched, commitment: Commitment, period: Period, tz: ZoneInfo) -> bool:
    """Whether a change of a check-in is one of this period."""
    return any(
        values["commitment_id"] == commitment.id and period.from_on <= day_of(values["done_at"], tz) <= period.to_on
        for values in change.values
    )


def _entry(
    commitment: Commitment, version: Version, period: Period, touched: Sequence[Touched], *, cancelled: bool
) -> Entry:
    stands = _stands(period)
    return Entry(
        **identity(
            _kind(period),
            commitment,
            version,
            others=[Version(each.times, each.last_at) for each in touched],
        ),
        summary=f"{commitment.title} ({stands})",
        typed=commitment.title,
        unnamed=f"Commitment ({stands})",
        starts=period.to_on,
        description=paragraphs(
            f"{period.skipped} skipped." if period.skipped else "",
            "" if period.kept or cancelled else f"When it is done: crm check-in {commitment.ref}",
        ),
        url=first_link(commitment.title),
        categories=("Commitment",),
        status="done" if period.kept else "cancelled" if cancelled else "confirmed",
        done_at=max((each.last_at for each in touched), default=None),
        alarms=(_AT_SIX_PM if period.per == Per.DAY else _AT_NINE,),
    )


def _kind(period: Period) -> str:
    return f"{period.per}-{period.from_on}"


def _stands(period: Period) -> str:
    """How it stands, in words that do not change by themselves when the next day comes."""
    if not period.kept:
        return f"{period.done + period.skipped} of {period.times}"
    return "done" if period.done else "skipped"
