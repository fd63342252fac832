"""Days and instants as people type them, and as they are said back.

    WHEN    = INSTANT | DAY | ["at"] TIME | DAY ["at"] TIME | TIME ["on"] DAY
    INSTANT = "now" | "in 45 minutes" | "2 hours ago" | "2026-01-05T14:30:00Z"
    DAY     = "today" | "tomorrow" | "yesterday" | "2026-01-05" | "3 feb" | "feb 3 2026" | "in 2 weeks" | "a month ago"
              | WEEKDAY | "next" WEEKDAY | "last" WEEKDAY | WEEKDAY DAY
    TIME    = "14:30" | "14:30:05" | "9am" | "2:30 pm" | "noon"

Case, commas and surplus spaces do not matter; names of days and months may be cut to three letters or more.

A weekday, a day and month without the year, and a time alone are the nearest such in the direction asked for: forward,
or back for what has happened (`past`). Today counts; with a time of day, the moment counts that lies on the right
side of now, and now itself does. Every other form says itself which day it means and is not held to the direction.
`next tue` and `last tue` lie in the next and in the previous ISO week, which begins on Monday. A weekday before
another form only confirms it. A month later is the same day of the month, clamped to its end.

A wall time that DST skips moves forward; of one that the clock shows twice, the first is meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

from crm import date_words
from crm.cadence import add_months, day_of, local_instant
from crm.clock import YEARS
from crm.errors import BadValueError
from crm.escaping import quote

_NEAR_DAYS: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}
_NEAR_WEEKS: Final = {"next": 7, "last": -7}
_UNIT_DAYS: Final = {"d": 1, "day": 1, "w": 7, "week": 7}
_UNIT_MONTHS: Final = {"month": 1, "year": 12}
_UNIT_MINUTES: Final = {"min": 1, "minute": 1, "h": 60, "hr": 60, "hour": 60}

_LONGEST_TEXT: Final = 60
_YEARS_BETWEEN_LEAP_DAYS: Final = 8  # at most, as from 1896 to 1904
_EXAMPLES_AHEAD: Final = "2026-01-05, 3 feb, tomorrow 9:00, fri 14:30, next tue or in 2 weeks"
_EXAMPLES_BACK: Final = "2026-01-05, 3 feb, yesterday 18:00, fri 14:30, last tue or 3 days ago"


@dataclass(frozen=True, slots=True)
class When:
    """What a text says: the local day, and the instant (aware UTC) if it names a time of day as well."""

    day: date
    at: datetime | None


def parse_when(text: str, *, now: datetime, tz: ZoneInfo, past: bool = False) -> When:
    """Read a day with or without a time of day, in the grammar at the head of this module.

    Args:
        text: what was typed.
        now: the present instant, aware UTC.
        tz: the person's zone, in which the wall time and the days are meant.
        past: look back for the nearest weekday, day and month or time, as for something that has happened.

    Raises:
        BadValueError: the text is not understood, names no day or time of the calendar, or leaves the years `YEARS`.
    """
    asked = _Asked(text, now, tz, past)
    words = date_words.plain(text)
    try:
        when = _read(words, asked) if len(words) <= _LONGEST_TEXT else None
    except OverflowError:
        raise asked.out_of_range() from None
    if when is None:
        raise _not_understood(words, asked)
    if when.day.year not in YEARS:
        raise asked.out_of_range()
    return when


def parse_day(text: str, *, now: datetime, tz: ZoneInfo, past: bool = False) -> date:
    """Read a day; as `parse_when`, but a time of day is refused, for it would be lost.

    Raises:
        BadValueError: as `parse_when`, or the text names a time of day.
    """
    when = parse_when(text, now=now, tz=tz, past=past)
    if when.at is not None:
        raise BadValueError(f"{quote(text)} has a time of day where only a day fits; write {say_day(when.day)}.")
    return when.day


def parse_instant(
    text: str, *, now: datetime, tz: ZoneInfo, past: bool = False, default_time: time | None = None
) -> datetime:
    """Read an instant (aware UTC); as `parse_when`, with a time of day for texts that name none.

    Args:
        text: what was typed.
        now: the present instant, aware UTC.
        tz: the person's zone.
        past: look back instead of forward.
        default_time: the wall time of a day named without one. For today it gives way to `now` if it would fall on the
            wrong side: `today` of something that has happened is never later than now.

    Raises:
        BadValueError: as `parse_when`, or the text names no time of day and there is no default.
    """
    when = parse_when(text, now=now, tz=tz, past=past)
    if when.at is not None:
        return when.at
    if default_time is None:
        raise BadValueError(f"{quote(text)} has no time of day; add one, as in {say_day(when.day)} 9:00.")
    at = local_instant(when.day, default_time, tz)
    if when.day == day_of(now, tz):
        return min(at, now) if past else max(at, now)
    return at


def say_day(day: date) -> str:
    """The day with its weekday, in English whatever the locale: `Mon 5 Jan 2026`; `parse_day` reads it back."""
    weekday, month = date_words.WEEKDAYS[day.weekday()], date_words.MONTHS[day.month - 1]
    return f"{weekday[:3].capitalize()} {day.day} {month[:3].capitalize()} {day.year}"


def say_instant(instant: datetime, *, tz: ZoneInfo) -> str:
    """The aware instant as wall time in `tz`, to the minute: `Mon 5 Jan 2026 14:30`; `parse_instant` reads it back."""
    local = instant.astimezone(tz)
    return f"{say_day(local.date())} {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed, and when, where and in which direction it is meant."""

    text: str
    now: datetime
    tz: ZoneInfo
    past: bool

    @property
    def today(self) -> date:
        return day_of(self.now, self.tz)

    @property
    def step(self) -> int:
        return -1 if self.past else 1

    def days_from_today(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def moment(self, at: datetime) -> When:
        return When(day_of(at, self.tz), at)

    def when(self, day: date, at: time | None) -> When:
        return When(day, None) if at is None else self.moment(local_instant(day, at, self.tz))

    def on_right_side(self, when: When) -> bool:
        if when.at is None:
            return when.day <= self.today if self.past else when.day >= self.today
        return when.at <= self.now if self.past else when.at >= self.now

    def out_of_range(self) -> BadValueError:
        return BadValueError(f"{quote(self.text)} is outside the years {YEARS[0]} to {YEARS[-1]}.")


def _not_understood(words: str, asked: _Asked) -> BadValueError:
    said, clear = quote(asked.text), date_words.clear_forms(words)
    if clear is not None:
        return BadValueError(f"{said} is not read, since countries order such dates differently; write {clear}.")
    if date_words.span(words)[1] == "m":
        return BadValueError(f"{said} could be minutes or months; write min or months instead of m.")
    examples = _EXAMPLES_BACK if asked.past else _EXAMPLES_AHEAD
    return BadValueError(f"{said} is no day or time that can be read; write {examples}.")


def _read(words: str, asked: _Asked) -> When | None:
    at = _instant(words, asked)
    if at is not None:
        return asked.moment(at)
    day_words, time_of_day = date_words.split_time(words)
    return None if not words else _day(day_words, time_of_day, asked)


def _instant(words: str, asked: _Asked) -> datetime | None:
    if words == "now":
        return asked.now
    amount, unit = date_words.span(words)
    if unit in _UNIT_MINUTES:
        return asked.now + timedelta(minutes=amount * _UNIT_MINUTES[unit])
    return date_words.iso_instant(words)


def _day(words: str, at: time | None, asked: _Asked) -> When | None:
    first, _, rest = words.partition(" ")
    weekday = date_words.weekday_named(first)
    if weekday is not None and rest:
        return _confirmed(_day(rest, at, asked), weekday)
    day = _named_day(words, asked)
    if day is not None:
        return asked.when(day, at)
    days = _days_in_turn(words, asked)
    return None if days is None else _nearest(days, at, asked)


def _confirmed(when: When | None, weekday: int) -> When | None:
    if when is not None and when.day.weekday() != weekday:
        name = date_words.WEEKDAYS[weekday].capitalize()
        raise BadValueError(
            f"That day is {say_day(when.day)}, no {name}; correct it, add the year or leave the weekday out."
        )
    return when


def _named_day(words: str, asked: _Asked) -> date | None:
    """The day, if the words tell it without a direction."""
    if words in _NEAR_DAYS:
        return asked.days_from_today(_NEAR_DAYS[words])
    return _written_day(words, asked) or _counted_day(words, asked) or _day_of_near_week(words, asked)


def _written_day(words: str, asked: _Asked) -> date | None:
    day, month, year = date_words.day_and_month(words) or (0, 0, None)
    parts = date_words.iso_day(words) if year is None else (year, month, day)
    if parts is None:
        return None
    if parts[0] not in YEARS:
        raise asked.out_of_range()
    return date_words.calendar_day(*parts)


def _counted_day(words: str, asked: _Asked) -> date | None:
    amount, unit = date_words.span(words)
    if unit in _UNIT_MONTHS:
        return add_months(asked.today, amount * _UNIT_MONTHS[unit])
    return asked.days_from_today(amount * _UNIT_DAYS[unit]) if unit in _UNIT_DAYS else None


def _day_of_near_week(words: str, asked: _Asked) -> date | None:
    which, _, name = words.partition(" ")
    weekday = date_words.weekday_named(name)
    if weekday is None or which not in _NEAR_WEEKS:
        return None
    return asked.days_from_today(weekday - asked.today.weekday() + _NEAR_WEEKS[which])


def _days_in_turn(words: str, asked: _Asked) -> Iterator[date] | None:
    """The days that the words can mean, from today on in the direction asked for; no words mean any day."""
    if not words:
        return (asked.days_from_today(asked.step * days) for days in count())
    weekday = date_words.weekday_named(words)
    if weekday is not None:
        away = asked.step * (weekday - asked.today.weekday()) % 7
        return (asked.days_from_today(asked.step * days) for days in count(away, 7))
    parts = date_words.day_and_month(words)
    return None if parts is None else _yearly(parts[0], parts[1], asked)


def _yearly(day: int, month: int, asked: _Asked) -> Iterator[date]:
    date_words.refuse_in_every_year(day, month)
    years = (asked.today.year + asked.step * ahead for ahead in range(_YEARS_BETWEEN_LEAP_DAYS + 2))
    return (date(year, month, day) for year in years if year in YEARS and date_words.day_exists(year, month, day))


def _nearest(days: Iterator[date], at: time | None, asked: _Asked) -> When:
    for day in days:
        when = asked.when(day, at)
        if asked.on_right_side(when):
            return when
    raise asked.out_of_range()
