"""When a week's hours could be spent: its days' room, filled with the activities by what each still lacks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crm.cadence import local_instant

SHORTEST_MINUTES: Final = 15
_STEP: Final = timedelta(minutes=15)
_TIME: Final = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s?([ap])\.?m\b|\b([01]?\d|2[0-3]):([0-5]\d)\b")
_SPAN: Final = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s?(?:-|\u2013|to)\s?\d{1,2}(?::\d\d)?\s?([ap])\.?m\b")
_WORDS: Final = (
    ("early morning", time(7)),
    ("morning", time(9)),
    ("noon", time(12)),
    ("lunch", time(12)),
    ("afternoon", time(14)),
    ("after work", time(18)),
    ("evening", time(18)),
    ("night", time(20)),
)


@dataclass(frozen=True, slots=True)
class Block:
    """So many minutes of one activity on a day, after so many of others."""

    activity: int
    day: date
    after_minutes: int
    minutes: int


def blocks(week: date, *, room: Mapping[int, int], targets: Mapping[int, int]) -> Iterator[Block]:
    """A week's blocks: each day goes to the activity that lacks most, then to the next, until its room is used.

    Args:
        week: the week's first day.
        room: minutes by weekday, 0 is Monday.
        targets: minutes of the week by activity.
    """
    left = dict(targets)
    for day in (week + timedelta(days=number) for number in range(7)):
        used, free = 0, room.get(day.weekday(), 0)
        for activity in sorted(left, key=lambda each: (-left[each], each)):
            minutes = min(left[activity], free - used)
            if minutes >= SHORTEST_MINUTES:
                yield Block(activity, day, used, minutes)
                left[activity] -= minutes
                used += minutes


def time_of_day(best_time: str | None) -> time | None:
    """When a person's best time of a day begins: `6-8 pm`, `18:00`, `evenings`; None where that cannot be told."""
    text = " ".join((best_time or "").lower().split())
    if found := _SPAN.search(text):
        return _clock(found[1], found[2], found[3])
    if found := _TIME.search(text):
        return _clock(found[1] or found[4], found[2] or found[5], found[3])
    return next((at for word, at in _WORDS if word in text), None)


def _clock(hour: str, minute: str | None, half: str | None) -> time | None:
    hours, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours <= 12:
        return None
    if half:
        hours = hours % 12 + (12 if half == "p" else 0)
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def starts_at(day: date, at: time, *, after_minutes: int, tz: ZoneInfo) -> datetime:
    """When a block starts, aware UTC; a time that the clock in `tz` skips or shows twice is put off until it does not.

    Calendar programs differ by an hour about such times.
    """
    begins = local_instant(day, at, tz) + timedelta(minutes=after_minutes)
    while not _plain(begins, tz):
        begins += _STEP
    return begins


def _plain(at: datetime, tz: ZoneInfo) -> bool:
    wall = at.astimezone(tz).replace(fold=0)
    return wall.utcoffset() == wall.replace(fold=1).utcoffset()
