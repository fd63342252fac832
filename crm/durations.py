"""Durations as people type them, and as they are said back; always whole minutes."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from crm.errors import BadValueError
from crm.escaping import quote

LONGEST_MINUTES: Final = 24 * 60
# Below this a bare number could as well be hours, so it is asked about; from here on hours would pass a day's work.
LEAST_BARE_MINUTES: Final = 15

_NUMBER = r"\d{1,9}(?:[.,]\d{1,9})?"
_HOUR_UNIT = r"(?:h|hrs?|hours?)"
_MINUTE_UNIT = r"(?:m|mins?|minutes?)"

_BARE = re.compile(_NUMBER, re.ASCII)
_HOURS = re.compile(rf"({_NUMBER}) ?{_HOUR_UNIT}", re.ASCII)
_MINUTES = re.compile(rf"({_NUMBER}) ?{_MINUTE_UNIT}", re.ASCII)
_BOTH = re.compile(rf"(\d{{1,9}}) ?{_HOUR_UNIT} ?([0-5]?\d)(?: ?{_MINUTE_UNIT})?", re.ASCII)
_CLOCK_FACE = re.compile(r"(\d{1,9}):([0-5]\d)", re.ASCII)


def parse_duration(text: str) -> int:
    """A duration in minutes, 1 to `LONGEST_MINUTES`: `45m`, `1h30`, `1 h 30 min`, `1.5h`, `1,5h`, `1:30`, `90`.

    `1:30` is an hour and a half: there are no seconds here that it could mean. A bare number is minutes. Parts of a
    minute are rounded, a half up.

    Raises:
        BadValueError: it is no duration, is out of range, or is a bare number that could be hours.
    """
    words = " ".join(text.lower().split())
    minutes = _bare(words) if _BARE.fullmatch(words) else _with_unit(words)
    if minutes is None:
        raise BadValueError(f"{quote(text)} is no duration; write for example 45m, 1h30, 1.5h or 90 (minutes).")
    whole = int(minutes.to_integral_value(ROUND_HALF_UP))
    if not 1 <= whole <= LONGEST_MINUTES:
        raise BadValueError(f"{quote(text)} is out of range; a duration is at least 1 minute and at most 24 hours.")
    return whole


def say_duration(minutes: int) -> str:
    """The minutes as `1 h 30 min`, `2 h`, `45 min` or `0 min`; with a minus sign when negative."""
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0 or hours == 0)
    return ("-" if minutes < 0 else "") + " ".join(parts)


def _bare(number: str) -> Decimal:
    minutes = _decimal(number)
    if 0 < minutes < LEAST_BARE_MINUTES:
        raise BadValueError(f'"{number}" could be hours or minutes: {number}h or {number}m?')
    return minutes


def _with_unit(words: str) -> Decimal | None:
    if found := _MINUTES.fullmatch(words):
        return _decimal(found[1])
    if found := _HOURS.fullmatch(words):
        return _decimal(found[1]) * 60
    if found := _BOTH.fullmatch(words) or _CLOCK_FACE.fullmatch(words):
        return Decimal(int(found[1]) * 60 + int(found[2]))
    return None


def _decimal(number: str) -> Decimal:
    return Decimal(number.replace(",", "."))
