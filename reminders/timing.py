"""When something may be said: out of quiet hours, and what is not urgent in the daytime of a working day.

Quiet hours are a span of the local day. Where the clock skips an edge of theirs or shows it twice, they are taken as
long as they can be meant, so that nothing is said at a time of day at which the person wants none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from crm.cadence import day_of, local_instant, midnight
from crm.date_words import WEEKDAYS
from crm.settings import Settings

# A change of the clock can swallow the only minute of a day that is not quiet, and a week can have one working day.
_DAYS_LOOKED_AT: Final = 29
_A_MOMENT: Final = timedelta(minutes=15)  # several turns of a daemon


@dataclass(frozen=True, slots=True)
class Timing:
    """When something may be said.

    Attributes:
        quiet: local wall times from and until which nothing is said; the second may lie on the next day.
        working: the weekdays on which what is not urgent is said, Monday is 0; at least one.
        at: the morning's time of day, before which nothing is said that is not urgent.
        digest: whether what is not urgent is said in one message.
    """

    quiet: tuple[time, time] | None = None
    working: frozenset[int] = frozenset(range(7))
    at: time = time(8)
    digest: bool = True

    @classmethod
    def from_settings(cls, settings: Settings) -> "Timing":
        """As the person set it."""
        edges = [time.fromisoformat(each) for each in settings["reminders.quiet_hours"].split("-") if each]
        return cls(
            quiet=(edges[0], edges[1]) if edges else None,
            working=frozenset(map(WEEKDAYS.index, settings["reminders.working_days"])),
            at=time.fromisoformat(settings["reminders.at"]),
            digest=settings["reminders.digest"],
        )

    def quiet_until(self, now: datetime, tz: ZoneInfo) -> datetime | None:
        """When the quiet hours that hold now end (aware UTC); None when none hold."""
        until = now
        while ends := [end for start, end in self._quiet_spans(day_of(until, tz), tz) if start <= until < end]:
            until = max(ends)
        return until if until > now else None

    def before_quiet(self, instant: datetime, tz: ZoneInfo) -> datetime:
        """A moment before the quiet hours that hold at the instant; where there is none, when they end."""
        spans = self._quiet_spans(day_of(instant, tz), tz)
        starts = [start for start, end in spans if start <= instant < end]
        before = min(starts, default=instant) - _A_MOMENT
        return self.quiet_until(instant, tz) or instant if self.quiet_until(before, tz) else before

    def allowed_at(self, instant: datetime, tz: ZoneInfo, *, urgent: bool) -> datetime:
        """The first instant at or after the given one at which it may be said (both aware UTC)."""
        return _allowed_at(self, instant, tz, urgent)

    def first_allowed(self, instant: datetime, day: date, tz: ZoneInfo) -> datetime | None:
        """The first instant of that day, and not before the given one, for what is not urgent."""
        if day.weekday() not in self.working:
            return None
        found = self._out_of_quiet(max(instant, self._morning(day, tz)), tz)
        return found if day_of(found, tz) == day else None

    def _morning(self, day: date, tz: ZoneInfo) -> datetime:
        """When the day begins for what is not urgent; at midnight if quiet hours fill the rest of it from `at` on."""
        morning = local_instant(day, self.at, tz)
        is_free = day_of(self._out_of_quiet(morning, tz), tz) == day
        return morning if is_free else midnight(day, tz)

    def _out_of_quiet(self, instant: datetime, tz: ZoneInfo) -> datetime:
        return self.quiet_until(instant, tz) or instant

    def _quiet_spans(self, day: date, tz: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The quiet hours that may reach into the day."""
        if self.quiet is None:
            return
        first, last = self.quiet
        for days in (-2, -1, 0, 1):
            begins_on = day + timedelta(days=days)
            ends_on = begins_on + timedelta(days=last <= first)
            yield min(_readings(begins_on, first, tz)), max(_readings(ends_on, last, tz))


def _readings(day: date, at: time, tz: ZoneInfo) -> Iterator[datetime]:
    """The instants that a wall time can mean: two where the clock skips it or shows it twice (PEP 495)."""
    return (datetime.combine(day, at.replace(fold=fold), tzinfo=tz).astimezone(UTC) for fold in (0, 1))


@lru_cache(maxsize=10_000)  # many reminders are of the same few mornings
def _allowed_at(timing: Timing, instant: datetime, tz: ZoneInfo, urgent: bool) -> datetime:
    if urgent:
        return timing.quiet_until(instant, tz) or instant
    today = day_of(instant, tz)
    days = (timing.first_allowed(instant, today + timedelta(days=days), tz) for days in range(_DAYS_LOOKED_AT))
    return next((each for each in days if each is not None), instant)
