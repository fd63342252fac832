"""The words of `crm.dates`: what a text says, before anybody asks which day it means.

Every function takes words in lower case with single blanks, and answers nothing where they are of another form.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from typing import Final

from crm.errors import BadValueError
from crm.escaping import quote

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LEAP_YEAR: Final = 2024


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


_HALF = r" ?[ap]\.?m\.?"
_TIME_FORM = rf"(?P<time>\d{{1,2}}:\d\d(?::\d\d(?:\.\d+)?)?(?:{_HALF})?|\d{{1,2}}{_HALF}|noon)"
_TIME_LAST = _pattern(rf"(?:(?P<day>.+?) )??(?:at )?{_TIME_FORM}")
_TIME_FIRST = _pattern(rf"(?:at )?{_TIME_FORM} (?:on )?(?P<day>.+)")
_TIME_PARTS = _pattern(rf"(\d{{1,2}})(?::(\d\d))?(?::(\d\d)(?:\.\d+)?)?(?P<half>{_HALF})?")
_ISO_DAY = _pattern(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ISO_T = _pattern(r"(\d{4}-\d{1,2}-\d{1,2})t(\d.*)")
_ISO_INSTANT = _pattern(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)? ?(z|[+-]\d\d(?::?\d\d)?)")
_YEAR = r"(?: (?P<year>\d{4}))?"
_DAY_NUMBER = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DAY_MONTH = _pattern(rf"{_DAY_NUMBER} (?P<month>[a-z]+){_YEAR}")
_MONTH_DAY = _pattern(rf"(?P<month>[a-z]+) {_DAY_NUMBER}{_YEAR}")
_SPAN = _pattern(r"(?P<ahead>in )?(?:(?P<count>\d+) ?|an? )(?P<unit>[a-z]+?)s?(?P<back> ago)?")
_NO_ORDER = _pattern(r"(?!in |.* ago$).*(?:\d[/.]\d|\b\d{1,2}-\d{1,2}-\d)")
_TWO_ORDERS = _pattern(r"(?:.* )?(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?(?: .*)?")
_YEAR_FIRST = _pattern(r"(?:.* )?(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?: .*)?")


def plain(text: str) -> str:
    """The text in the form in which all the functions here want it."""
    words = " ".join(text.lower().replace(",", " ").split())
    return _ISO_T.sub(r"\1 \2", words)


def weekday_named(word: str) -> int | None:
    """0 for `mon`, `monday` or anything between, to 6 for `sunday`."""
    return _index(word, WEEKDAYS)


def month_exists(month: int) -> bool:
    """Whether a year has a month of that number."""
    return 1 <= month <= len(MONTHS)


def day_exists(year: int, month: int, day: int) -> bool:
    """Whether the calendar of that year has the day."""
    return month_exists(month) and 1 <= day <= monthrange(year, month)[1]


def iso_day(words: str) -> tuple[int, int, int] | None:
    """Year, month and day of `2026-01-05`; the numbers are not checked."""
    found = _ISO_DAY.fullmatch(words)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def day_and_month(words: str) -> tuple[int, int, int | None] | None:
    """Day, month and, if given, year of `3 feb`, `3rd february 2026` or `feb 3`; only the month is checked."""
    found = _DAY_MONTH.fullmatch(words) or _MONTH_DAY.fullmatch(words)
    month = None if found is None else _index(found["month"], MONTHS)
    if found is None or month is None:
        return None
    return int(found["day"]), month + 1, int(found["year"]) if found["year"] else None


def span(words: str) -> tuple[int, str]:
    """How many units ahead (below zero: back) and the unit: `in 2 weeks` is 2 week; no unit if it is no span."""
    found = _SPAN.fullmatch(words)
    if found is None or bool(found["ahead"]) == bool(found["back"]):
        return 0, ""
    return int(found["count"] or 1) * (-1 if found["back"] else 1), found["unit"]


def split_time(words: str) -> tuple[str, time | None]:
    """The words for the day, and the time of day that ends or begins the text.

    Raises:
        BadValueError: no clock shows that time.
    """
    found = _TIME_LAST.fullmatch(words) or _TIME_FIRST.fullmatch(words)
    return (words, None) if found is None else (found["day"] or "", _time_of_day(found["time"]))


def iso_instant(words: str) -> datetime | None:
    """The instant (aware UTC, whole seconds) of `2026-01-05 14:30:00z` or the like with an offset.

    Raises:
        BadValueError: it has the form of an instant, but numbers that no calendar, clock or offset has.
        OverflowError: in UTC it is outside Python's calendar.
    """
    found = _ISO_INSTANT.fullmatch(words)
    if found is None:
        return None
    year, month, day, hour, minute, second, offset = found.groups(default="00")
    written = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second}{offset.upper()}"
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except ValueError:
        raise BadValueError(f"There is no instant {quote(written)}; write one like 2026-01-05T14:30:00Z.") from None


def calendar_day(year: int, month: int, day: int) -> date:
    """The day.

    Raises:
        BadValueError: the calendar has no such day.
    """
    if not month_exists(month):
        raise BadValueError(f"There is no month {month}; the order is year-month-day, as in 2026-01-05.")
    if not day_exists(year, month, day):
        raise _no_such_day(f"{day} {MONTHS[month - 1].capitalize()} {year}", monthrange(year, month)[1])
    return date(year, month, day)


def refuse_in_every_year(day: int, month: int) -> None:
    """Refuse a day and month that not even a leap year has.

    Raises:
        BadValueError: there is no such day.
    """
    if not day_exists(_LEAP_YEAR, month, day):
        raise _no_such_day(f"{day} {MONTHS[month - 1].capitalize()}", monthrange(_LEAP_YEAR, month)[1])


def clear_forms(words: str) -> str | None:
    """What to write instead of a date with slashes, dots or two dashes, on whose order nobody agrees."""
    if _NO_ORDER.match(words) is None:
        return None
    return _readings(words) or _year_first(words) or "3 feb 2026 or 2026-02-03, and a time as 9:30"


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """Where the name stands that the word is or is cut from; three letters tell all of them apart."""
    return next((at for at, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)


def _time_of_day(words: str) -> time:
    found = _TIME_PARTS.fullmatch("12pm" if words == "noon" else words)
    assert found is not None, "_TIME_FORM lets nothing else through"
    hour, minute, second = (int(part or 0) for part in found.groups()[:3])
    half = (found["half"] or "").strip()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 24
    try:
        return time(hour, minute, second)
    except ValueError:
        raise BadValueError(f"There is no time of day {quote(words)}; write 14:30, 9am or 2:30pm.") from None


def _no_such_day(said: str, last: int) -> BadValueError:
    return BadValueError(f"There is no {said}; that month ends on day {last}.")


def _readings(words: str) -> str:
    """Both orders of a date, as far as the calendar has them; a dot without a year may as well stand in a time."""
    found = _TWO_ORDERS.fullmatch(words)
    if found is None or not (found[4] or found[2] == "/"):
        return ""
    one, other, year = int(found[1]), int(found[3]), int(found[4] or _LEAP_YEAR)
    both = dict.fromkeys(((one, other), (other, one)))
    forms = (f"{day} {MONTHS[month - 1][:3]}" for day, month in both if day_exists(year, month, day))
    return " or ".join(f"{form} {found[4] or ''}".strip() for form in forms)


def _year_first(words: str) -> str:
    found = _YEAR_FIRST.fullmatch(words)
    if found is None:
        return ""
    year, month, day = (int(part) for part in found.groups())
    return f"{year}-{month:02}-{day:02}" if day_exists(year, month, day) else ""
