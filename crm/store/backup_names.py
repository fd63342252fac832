"""What the names of backups say: when each was made and why; and from that, which nightly ones are no longer needed."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from crm.cadence import day_of, local_instant

NIGHTLY: Final = "nightly"
"""The label of the backups that the daemon makes, and that rotation may remove. What others made stays."""

_NAME: Final = re.compile(r"crm-(\d{8}T\d{6}Z)(?:-([a-z]+(?:-[a-z]+)*))?(?:-(\d+))?\.db", re.ASCII)
_STAMP: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A backup by its name: when it was made (aware UTC), which of several of that second, and why it was made."""

    made_at: datetime
    number: int
    label: str
    name: str

    @classmethod
    def of(cls, name: str) -> Self | None:
        """What the name says; None where it is nobody's but the person's own."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            made_at = datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(made_at, int(found[3] or 0), found[2] or "", name)


@dataclass(frozen=True, slots=True)
class Keep:
    """Of how many days, ISO weeks and months the last nightly backup is kept; 0 keeps none for that."""

    days: int
    weeks: int
    months: int


def stem(now: datetime, label: str) -> str:
    """The name, without its ending, of a backup made now."""
    return now.astimezone(UTC).strftime(f"crm-{_STAMP}") + (f"-{label}" if label else "")


def night_of(instant: datetime, at: time, tz: ZoneInfo) -> date:
    """The local day whose hour for backing up (`at`, local wall time) was the last to pass before the instant."""
    day = day_of(instant, tz)
    while local_instant(day, at, tz) > instant:  # twice after a day that the zone left out
        day -= timedelta(days=1)
    return day


def next_night(now: datetime, at: time, tz: ZoneInfo) -> datetime:
    """When (aware UTC) the hour for backing up comes next, after `now`."""
    return local_instant(night_of(now, at, tz) + timedelta(days=1), at, tz)


def is_due(names: Iterable[str], *, now: datetime, at: time, tz: ZoneInfo) -> bool:
    """Whether this night's backup is still to be made.

    Names dated after `now` do not count: they were made before the clock was set back, and would otherwise put off the
    next backup until the clock is there again.
    """
    night = night_of(now, at, tz)
    return all(night_of(each.made_at, at, tz) != night for each in _nightly(names, now))


def surplus(names: Iterable[str], keep: Keep, *, now: datetime, tz: ZoneInfo) -> list[str]:
    """The nightly backups that need not be kept, the oldest first.

    Days, weeks and months count that have a backup, wherever they lie: a clock that is set forward, or a machine that
    was away for a year, takes nothing. The newest is kept, and so is what is dated after `now`: the clock was set back.
    """
    oldest_first = sorted(_nightly(names, now))
    kept = {each.name for each in oldest_first[-1:]}
    for most, period in ((keep.days, _day), (keep.weeks, _week), (keep.months, _month)):
        last = {period(day_of(each.made_at, tz)): each.name for each in oldest_first}
        kept.update(sorted(last.values(), reverse=True)[:most])
    return [each.name for each in oldest_first if each.name not in kept]


def _nightly(names: Iterable[str], now: datetime) -> Iterator[Named]:
    for each in map(Named.of, names):
        if each is not None and each.label == NIGHTLY and each.made_at <= now:
            yield each


def _day(day: date) -> date:
    return day


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
