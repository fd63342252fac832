"""A commitment in danger: on the morning of the last day on which once a day still suffices, a daily one at evening.

Each check-in settles what was asked for, so of a period that needs two more, the second is spoken of on a later day.
It expires when the period ends. The period in which a commitment was accepted, or got another unit, is let be: it
never breaks a streak.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitment_words as words
from crm.actions.commitment_periods import Period, Tally, period_of, periods
from crm.actions.commitments import standing_in
from crm.cadence import day_of, local_instant, midnight
from crm.models import Commitment, CommitmentVersion
from crm.models.words import CommitmentState, Per
from crm.store import commitments, records
from reminders.lines import line, offers
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "catch_up_days": 7,
    "evening": "18:00",
    "week_starts_on": "monday",
}
_A_DAY: Final = timedelta(days=1)


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each period that is not kept, from those that ended so many days back to those that end soon."""
    there = commitments.every(session, CommitmentState.ACCEPTED)
    if not there:
        return
    starts_on, today = options["week_starts_on"], day_of(now, tz)
    since = today - timedelta(days=options["catch_up_days"])
    first = min(period_of(since, per, week_starts_on=starts_on)[0] for per in Per)
    ids = [each.id for each in there]
    versions = records.parts_of(session, CommitmentVersion, ids)
    marks = commitments.marks(session, ids, since_at=midnight(first, tz))
    until = day_of(now + options["ahead"], tz)
    for each in there:
        tally = Tally.of((day_of(at, tz), skipped) for at, skipped in marks[each.id])
        for period in periods(versions[each.id], tally, since=since, until=until, week_starts_on=starts_on):
            reminder = _reminder(each, period, now, tz, options)
            if reminder is None or not each.added_at <= reminder.due_at <= now + options["ahead"]:
                continue
            if period.per == Per.DAY or not _was_heeded(reminder, marks[each.id]):
                yield reminder


def _was_heeded(reminder: Reminder, marks: Sequence[tuple[datetime, bool]]) -> bool:
    """Whether something was done since it fell due: then nothing more is asked on that day."""
    return any(reminder.due_at <= at and (reminder.expires_at is None or at < reminder.expires_at) for at, _ in marks)


def _reminder(
    commitment: Commitment, period: Period, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]
) -> Reminder | None:
    if period.act_by_on is None or not period.whole:
        return None
    is_daily, day = period.per == Per.DAY, max(period.act_by_on, period.from_on)
    at = time.fromisoformat(options["evening"]) if is_daily else options["at"]
    stands, said_on = standing_in(commitment, period), min(max(day, day_of(now, tz)), period.to_on)
    remark = words.remark(stands, today=said_on)
    return Reminder(
        key=occurrence_key("commitment", commitment.uid, period.from_on, "" if is_daily else str(period.left)),
        rule="commitment",
        title=f"{line(commitment.title)}: {words.count(stands, today=said_on)}, {remark}",
        body=_body(commitment, period),
        subject_table="commitment",
        subject_uid=commitment.uid,
        local_on=day,
        due_at=local_instant(day, at, tz),
        expires_at=midnight(period.to_on + _A_DAY, tz),
    )


def _body(commitment: Commitment, period: Period) -> str:
    skipped = f"{period.skipped} skipped.\n" if period.skipped else ""
    ref = commitment.ref
    ways = {"Done": f"crm check-in {ref}", "Skip one, with the reason": f"crm check-in {ref} --skip REASON"}
    return skipped + offers(**ways)
