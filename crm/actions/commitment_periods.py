"""The periods of a commitment: which there are, what was done in each, and how many in a row were kept.

Pure arithmetic with days, by these rules:

* A period is a calendar day, week or month, and is judged by the version in force on its last day. A version with
  another unit cuts the period off in which it begins; what was cut off, and a period in which the unit began, are not
  whole.
* A skip takes the place of one: what was done and skipped, taken together, keeps a period.
* A streak counts kept periods in a row in which something was done. One that was kept by skips alone neither adds nor
  breaks, and neither does one that is not kept yet while it runs, or was never whole.
* Nothing counts before the first version: that is from when on the commitment was accepted.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple

from crm.cadence import week_bounds
from crm.date_words import WEEKDAYS
from crm.models import CommitmentVersion
from crm.models.words import Per

A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often it was done and how often skipped, by the person's own day."""

    done: Counter[date] = field(default_factory=Counter)
    skipped: Counter[date] = field(default_factory=Counter)

    @classmethod
    def of(cls, marks: Iterable[tuple[date, bool]]) -> "Tally":
        """From days, each with whether it was skipped."""
        tally = cls()
        for day, skipped in marks:
            (tally.skipped if skipped else tally.done)[day] += 1
        return tally


@dataclass(frozen=True, slots=True)
class Period:
    """One period, its first and last day included.

    Attributes:
        from_on: the calendar's own first day, also where the unit only began later.
        to_on: the last day; of a period that was cut off, the last before that.
        times: how often it is to be done.
        per: day, week or month.
        done: how often it was done.
        skipped: how often it was skipped, each time with a reason.
        whole: whether the unit was in force for all of it.
    """

    from_on: date
    to_on: date
    times: int
    per: str
    done: int
    skipped: int
    whole: bool

    @property
    def left(self) -> int:
        """How often it is still to be done."""
        return max(0, self.times - self.done - self.skipped)

    @property
    def kept(self) -> bool:
        """Whether nothing is left to do."""
        return not self.left

    @property
    def act_by_on(self) -> date | None:
        """The last day on which to go on so that once a day still suffices; None when nothing is left."""
        return self.to_on - (self.left - 1) * A_DAY if self.left else None

    @property
    def safe_until_on(self) -> date | None:
        """The last day that may pass without doing anything; None when nothing is left."""
        return self.act_by_on - A_DAY if self.act_by_on else None


def period_of(day: date, per: Per | str, *, week_starts_on: str) -> tuple[date, date]:
    """First and last day of the calendar's period that holds `day`."""
    if per == Per.DAY:
        return day, day
    if per == Per.WEEK:
        return week_bounds(day, first_weekday=WEEKDAYS.index(week_starts_on))
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


class _Rhythm(NamedTuple):
    """A version as a plain value: a daily commitment has thousands of periods, each of which looks at it."""

    from_on: date
    times: int
    per: str


def _rhythms(versions: Iterable[CommitmentVersion]) -> list[_Rhythm]:
    return sorted(_Rhythm(each.from_on, each.times, each.per) for each in versions)


def period_at(versions: Iterable[CommitmentVersion], tally: Tally, day: date, *, week_starts_on: str) -> Period:
    """The period that holds a day; before the first version, by the first. Without versions it is once a week."""
    return _period(_rhythms(versions) or [_Rhythm(day, 1, Per.WEEK.value)], tally, day, week_starts_on)


def periods(
    versions: Iterable[CommitmentVersion],
    tally: Tally,
    *,
    until: date,
    week_starts_on: str,
    since: date = date.min,
) -> Iterator[Period]:
    """The periods in their order, from the first version's or the one that holds `since` to the one with `until`."""
    rhythms = _rhythms(versions)
    day = max(since, rhythms[0].from_on) if rhythms else until + A_DAY
    while day <= until:
        period = _period(rhythms, tally, day, week_starts_on)
        yield period
        day = period.to_on + A_DAY


def _period(rhythms: Sequence[_Rhythm], tally: Tally, day: date, week_starts_on: str) -> Period:
    rhythm = _in_force(rhythms, day)
    first, last = period_of(day, rhythm.per, week_starts_on=week_starts_on)
    others = [each.from_on for each in rhythms if each.per != rhythm.per]
    to_on = min((each - A_DAY for each in others if day < each <= last), default=last)
    changed_on = max((each for each in others if each <= day), default=date.min)
    since = min(each.from_on for each in rhythms if each.from_on > changed_on)
    days = [first + number * A_DAY for number in range((to_on - first).days + 1)]
    return Period(
        from_on=first,
        to_on=to_on,
        times=_in_force(rhythms, to_on).times,
        per=rhythm.per,
        done=sum(tally.done.get(each, 0) for each in days),
        skipped=sum(tally.skipped.get(each, 0) for each in days),
        whole=since <= first and to_on == last,
    )


def _in_force(rhythms: Sequence[_Rhythm], day: date) -> _Rhythm:
    """The one in force on a day; before the first one, the first."""
    return next((each for each in reversed(rhythms) if each.from_on <= day), rhythms[0])


def streaks(found: Iterable[Period], *, today: date) -> tuple[int, int]:
    """How many were kept in a row up to now, and at best; see above what counts."""
    now = best = 0
    for each in found:
        if each.kept:
            now += bool(each.done)
        elif each.whole and each.to_on < today:
            now = 0
        best = max(best, now)
    return now, best
