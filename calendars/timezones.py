"""VTIMEZONE components that every client reads alike (RFC 5545 3.6.5).

A zone is told by its present rule, the POSIX TZ string that ends its TZif file (RFC 9636 3.3): one STANDARD and one
DAYLIGHT observance, each recurring yearly on a weekday of a month. Lists of RDATEs, which icalendar's own
`add_missing_timezones()` writes, are cut to their first value by some clients, so that half the year is an hour off.

The file is looked up where zoneinfo finds it: the folders of `zoneinfo.TZPATH`, then the package tzdata. The two can
differ, hence the rule is also held against the ZoneInfo in use. A zone that cannot be told truly is not told at all;
its entries are then written in UTC, which is always right.
"""

import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_FIRST_YEAR = 1970
_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_NAME = r"<[A-Za-z0-9+-]+>|[A-Za-z]{3,}"
_TIME = r"[+-]?\d{1,3}(?::\d\d){0,2}"
_CHANGE = rf"M(?:1[0-2]|[1-9])\.[1-5]\.[0-6](?:/{_TIME})?"
_POSIX = re.compile(rf"({_NAME})({_TIME})(?:({_NAME})({_TIME})?,({_CHANGE}),({_CHANGE}))?")


def _duration(text: str) -> timedelta:
    """`[+-]h[h][:mm[:ss]]` as a duration."""
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if text.startswith("-") else size


@dataclass(frozen=True, slots=True)
class _Change:
    """A yearly change of the clock: `week` 1-4, or 5 for the last, of `month`; `weekday` 0 is Sunday."""

    month: int
    week: int
    weekday: int
    at: timedelta

    @classmethod
    def read(cls, text: str) -> Self:
        """Reads `Mmonth.week.weekday[/time]`; the time, 2:00 unless given, is told by the clock before the change."""
        day, _, at = text[1:].partition("/")
        month, week, weekday = (int(part) for part in day.split("."))
        return cls(month, week, weekday, _duration(at or "2"))

    @property
    def crosses_midnight(self) -> bool:
        """Whether it happens on another day than the one it names, which BYDAY cannot say."""
        return not timedelta(0) <= self.at < timedelta(days=1)

    def wall(self, year: int) -> datetime:
        """When it happens in that year, by the clock before it: naive, as VTIMEZONE demands."""
        first = date(year, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1))
        if day.month != self.month:
            day -= timedelta(days=7)
        return datetime.combine(day, time()) + self.at

    def rrule(self) -> dict[str, str | int]:
        """The same as a recurrence rule."""
        week = -1 if self.week == 5 else self.week
        return {"FREQ": "YEARLY", "BYMONTH": self.month, "BYDAY": f"{week}{_DAYS[self.weekday]}"}


@dataclass(frozen=True, slots=True)
class _Observance:
    """A season of the clock: its name, the offsets from UTC before and in it, and the change that begins it."""

    name: str
    before: timedelta
    offset: timedelta
    change: _Change | None = None

    def began(self, at: datetime) -> datetime:
        """The last time it began, at `at` (UTC) or before it."""
        if self.change is None:
            return at
        onset = (self.change.wall(at.year) - self.before).replace(tzinfo=UTC)
        return onset if onset <= at else (self.change.wall(at.year - 1) - self.before).replace(tzinfo=UTC)

    def component(self) -> TimezoneStandard | TimezoneDaylight:
        """The sub-component. The greater offset is the DAYLIGHT one, also where (Dublin) the law has it reversed."""
        part = TimezoneDaylight() if self.offset > self.before else TimezoneStandard()
        part.add(
            "DTSTART",
            self.change.wall(_FIRST_YEAR) if self.change else datetime.combine(date(_FIRST_YEAR, 1, 1), time()),
        )
        part.add("TZOFFSETFROM", self.before)
        part.add("TZOFFSETTO", self.offset)
        part.add("TZNAME", self.name)
        if self.change:
            part.add("RRULE", self.change.rrule())
        return part


def _observances(posix: str) -> tuple[_Observance, ...]:
    """The seasons of a POSIX TZ string, whose offsets count westward; none if BYDAY cannot tell them."""
    found = _POSIX.fullmatch(posix)
    if found is None:
        return ()
    name, west, other, other_west, starts, ends = found.groups()
    offset = -_duration(west)
    if other is None:
        return (_Observance(name.strip("<>"), offset, offset),)
    other_offset = -_duration(other_west) if other_west else offset + timedelta(hours=1)
    start, end = _Change.read(starts), _Change.read(ends)
    if start.crosses_midnight or end.crosses_midnight:
        return ()
    return (
        _Observance(other.strip("<>"), offset, other_offset, start),
        _Observance(name.strip("<>"), other_offset, offset, end),
    )


def _tzif(key: str) -> bytes:
    """The bytes zoneinfo reads for a zone; empty if there are none."""
    places = [*(Path(folder, key) for folder in zoneinfo.TZPATH), resources.files("tzdata").joinpath("zoneinfo", key)]
    for place in places:
        if place.is_file():
            return place.read_bytes()
    return b""


def _rule(key: str) -> tuple[_Observance, ...]:
    """The observances of a zone's present rule; none if they cannot be told."""
    _, _, rest = _tzif(key).removesuffix(b"\n").rpartition(b"\n")
    return _observances(rest.decode("ascii", "replace"))


def _offset(observances: tuple[_Observance, ...], at: datetime) -> timedelta | None:
    """The offset in force at an instant: that of the observance which began last."""
    return max(observances, key=lambda each: each.began(at)).offset


def vtimezone(zone: ZoneInfo, instants: Iterable[datetime]) -> Timezone | None:
    """The zone's VTIMEZONE, or None if it would be untrue: then its entries are to be written in UTC.

    It would be where the zone's rule cannot be said with BYDAY (it crosses midnight, or is no yearly rule), where it
    gives another offset than `zone` does at one of the instants, and before 1970. UTC by any name needs none.

    Args:
        zone: the time zone; one without a key has no TZID to be called by.
        instants: what is to be written in it, aware.
    """
    observances = _rule(zone.key) if zone.key else ()
    if not any(each.offset for each in observances):
        return None
    for at in {each.astimezone(UTC) for each in instants}:
        if at.year <= _FIRST_YEAR or _offset(observances, at) != at.astimezone(zone).utcoffset():
            return None
    component = Timezone()
    component.add("TZID", zone.key)
    for each in observances:
        component.add_component(each.component())
    return component
