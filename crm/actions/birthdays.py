"""Birthdays as people type them: with a year, or without one."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from crm import date_words
from crm.cadence import day_of
from crm.errors import BadValueError
from crm.escaping import quote

_A_LEAP_YEAR: Final = 2000
_OLDEST: Final = 1800


def parse_birthday(text: str, *, now: datetime, tz: ZoneInfo) -> str:
    """`1990-04-12` or `12 apr 1990` as an ISO day; `--04-12` or `12 apr` as --MM-DD (vCard 4.0, RFC 6350 4.3.4).

    Raises:
        BadValueError: it is no day, the calendar has no such day, or it is still to come.
    """
    words = date_words.plain(text)
    day, month, year = date_words.day_and_month(words) or (0, 0, None)
    if words.startswith("--"):
        _year, month, day = date_words.iso_day(f"{_A_LEAP_YEAR}-{words[2:]}") or (0, 0, 0)
    elif not day:
        year, month, day = date_words.iso_day(words) or (None, 0, 0)
    if not day:
        raise BadValueError(f"{quote(text)} is no birthday; write 1990-04-12, 12 apr 1990, or 12 apr without a year.")
    born = date_words.calendar_day(_A_LEAP_YEAR if year is None else year, month, day)
    if year is None:
        return f"--{born:%m-%d}"
    if not year >= _OLDEST or born > day_of(now, tz):
        raise BadValueError(f"{quote(text)} is no birthday of somebody alive; check the year.")
    return born.isoformat()
