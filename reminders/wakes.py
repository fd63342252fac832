"""When the daemon has something to do next, and what."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlmodel import Session

from crm.store import outbox_report
from reminders.job import Job
from reminders.preview import ToCome, preview
from reminders.terms import Terms

AHEAD: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Wake:
    """An instant (aware UTC) at which something is to be said or done.

    Attributes:
        at: when; the present instant for what waits already.
        reason: the title of what is to be said; of several, their number and rules; or the name of a job.
        channels: where it is to be said; none for a job.
        count: how many reminders.
    """

    at: datetime
    reason: str
    channels: tuple[str, ...] = ()
    count: int = 0


def wakes(session: Session, terms: Terms, jobs: Sequence[Job], *, now: datetime, most: int = 10) -> list[Wake]:
    """The next instants, in order, if nothing changes till then; within `AHEAD`."""
    of_jobs = [Wake(max(each.next_at(now), now), each.name) for each in jobs if each.next_at]
    found = [*_said(session, terms, now, most), *of_jobs]
    return sorted(found, key=lambda each: (each.at, not each.count, each.reason))[:most]


def _said(session: Session, terms: Terms, now: datetime, most: int) -> Iterator[Wake]:
    to_come = preview(session, now=now, until=now + AHEAD, tz=terms.tz, given=terms.given, timing=terms.timing)
    by_instant = [(at, list(group)) for at, group in groupby(to_come, key=lambda each: each.say_at)][:most]
    waiting = outbox_report.waiting_on(session, [each.key for _, group in by_instant for each in group])
    new = set(terms.outlets.channels)
    for at, group in by_instant:
        channels = set[str]().union(*(waiting.get(each.key, new) for each in group))
        yield Wake(at, _reason(group), tuple(sorted(channels)), len(group))


def _reason(group: Sequence[ToCome]) -> str:
    if len(group) == 1:
        return group[0].title
    rules = Counter(each.rule.replace("_", " ") for each in group)
    told = ", ".join(f"{number:,} {rule}" if number > 1 else rule for rule, number in sorted(rules.items()))
    return f"{len(group):,} reminders: {told}"
