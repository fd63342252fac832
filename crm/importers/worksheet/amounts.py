"""Amounts and days as people write them into a form; what could be read in two ways is not read."""

import re
from calendar import monthrange
from datetime import date

from crm import date_words
from crm.clock import YEARS

_NUMBER = r"\d{1,4}(?:\.\d{1,2})?"
_PER = r"(?:\s*(?:/|per|a|each|every)\s*(?:day|week|wk))?"
_HOURS = re.compile(rf"({_NUMBER})\s*(?:h|hr|hrs|hours?)?{_PER}", re.IGNORECASE | re.ASCII)
_HOURS_AND_MINUTES = re.compile(
    r"(\d{1,3})\s*h(?:ours?|rs?)?\s*([0-5]?\d)\s*(?:m|min|mins|minutes?)?", re.IGNORECASE | re.ASCII
)
_MINUTES = re.compile(r"(\d{1,5})\s*(?:m|min|mins|minutes?)", re.IGNORECASE | re.ASCII)
_PERCENT = re.compile(rf"({_NUMBER})\s*(?:%|percent)?", re.IGNORECASE | re.ASCII)
_MONTHS = re.compile(r"(\d{1,3})\s*(?:months?|mo)?", re.IGNORECASE | re.ASCII)
_DAY_NUMBER = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_IN_TEXT = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})|(?:{_DAY_NUMBER}\s+)?(?P<month>[A-Za-z]{{3,9}})\.?,?\s+"
    rf"(?:{_DAY_NUMBER},?\s+)?(?P<year>\d{{4}}))\b",
    re.ASCII,
)


def minutes(text: str, *, at_most_hours: int) -> int | None:
    """Minutes from `4`, `4h`, `1.5 hours`, `1h30`, `90 min`; None for a range, a guess or too much."""
    words = text.strip()
    if found := _HOURS.fullmatch(words):
        value = round(float(found[1]) * 60)
    elif found := _HOURS_AND_MINUTES.fullmatch(words):
        value = int(found[1]) * 60 + int(found[2])
    elif found := _MINUTES.fullmatch(words):
        value = int(found[1])
    else:
        return None
    return value if value <= at_most_hours * 60 else None


def percent(text: str) -> float | None:
    """0 to 100 from `40`, `40%`, `12.5 percent`."""
    found = _PERCENT.fullmatch(text.strip())
    return float(found[1]) if found and float(found[1]) <= 100 else None


def months(text: str) -> int | None:
    """1 to 600 from `6` or `6 months`."""
    found = _MONTHS.fullmatch(text.strip())
    return int(found[1]) if found and 1 <= int(found[1]) <= 600 else None


def day(text: str) -> date | None:
    """The day of `2026-01-05`, `5 January 2026`, `Jan 5, 2026`, with or without its weekday, which must be right."""
    words = date_words.plain(text.strip().rstrip("."))
    first, _, rest = words.partition(" ")
    weekday = date_words.weekday_named(first) if rest else None
    found = _day_of(words if weekday is None else rest)
    return found if found is None or weekday in (None, found.weekday()) else None


def _day_of(words: str) -> date | None:
    written = date_words.day_and_month(words)
    parts = date_words.iso_day(words) or (written and written[2] and (written[2], written[1], written[0]))
    if not parts or parts[0] not in YEARS or not date_words.day_exists(*parts):
        return None
    return date(*parts)


def days_in(text: str) -> list[date]:
    """The days a sentence names with their year, each once; a month alone stands for its last day."""
    found = (_day_in(match) for match in _DAY_IN_TEXT.finditer(text))
    return list(dict.fromkeys(each for each in found if each is not None))


def _day_in(match: re.Match[str]) -> date | None:
    if match["iso"]:
        return _day_of(match["iso"])
    number = match[2] or match[4]
    month = f"{match['month'].lower()} {match['year']}"
    if number:
        return _day_of(f"{number} {month}")
    first = _day_of(f"1 {month}")
    return first and first.replace(day=monthrange(first.year, first.month)[1])
