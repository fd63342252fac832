"""How a setting's value is checked: each check gives the value as it is kept, or raises BadValueError."""

import re
from collections.abc import Callable
from datetime import time
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.cadence import parse_cadence
from crm.date_words import WEEKDAYS
from crm.errors import BadValueError
from crm.files import expanded

LONGEST_LINE = 500
_ADDRESS = re.compile(r"[^\s@<>,;:()\"\\]+@[^\s@<>,;:()\"\\]+")  # one bare address, which cannot become two in a header
_TOPIC = re.compile(r"[-_A-Za-z0-9]{0,64}", re.ASCII)
_URL = re.compile(r"https?://[^\s/@?#\\]+(/[^\s\\#]*)?", re.ASCII)


def zone(name: object) -> str:
    """The IANA zone's name; raises BadValueError for an unknown one."""
    try:
        return ZoneInfo(str(name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadValueError(
            f"{name!s:.60} is no time zone; write one like Europe/Berlin or America/Los_Angeles"
        ) from error


def weekday(value: object) -> str:
    """One of monday ... sunday."""
    if value not in WEEKDAYS:
        raise BadValueError(f"{value!s:.60} is no weekday; write monday ... sunday")
    return str(value)


def weekdays(value: object) -> list[str]:
    """Some of monday ... sunday, at least one, in the week's order."""
    found = words(value)
    for each in found:
        weekday(each)
    if not found:
        raise BadValueError("name at least one weekday, such as monday,tuesday")
    return [each for each in WEEKDAYS if each in found]


def clock_time(value: object) -> str:
    """A local time of day, as HH:MM."""
    try:
        return time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError as error:
        raise BadValueError(f"{value!s:.60} is no time of day; write one like 08:00") from error


def span_of_day(value: object) -> str:
    """Nothing, or two different local times of day as HH:MM-HH:MM; the second may lie on the next day."""
    text = str(value).replace(" ", "")
    if not text:
        return ""
    ends = text.split("-")
    try:
        first, last = (clock_time(each) for each in ends)
    except ValueError:
        first = last = ""
    if first == last:
        raise BadValueError(f"{text!a:.60} is no span of the day; write one like 22:00-07:00, or nothing")
    return f"{first}-{last}"


def number(low: int, high: int) -> Callable[[object], int]:
    """A check for a whole number from `low` to `high`."""

    def check(value: object) -> int:
        try:
            found = int(str(value))
        except ValueError:
            found = low - 1
        if not low <= found <= high:
            raise BadValueError(f"{value!s:.60} is out of range; write a whole number from {low} to {high}")
        return found

    return check


def flag(value: object) -> bool:
    """True or false."""
    said = str(value).lower()
    if said not in {"true", "false"}:
        raise BadValueError(f"{value!s:.60} is neither true nor false")
    return said == "true"


def cadence(value: object) -> str:
    """A window such as 4w..6w."""
    parse_cadence(str(value))
    return str(value)


def choice(*choices: str) -> Callable[[object], str]:
    """A check for one of the words."""

    def check(value: object) -> str:
        if value not in choices:
            raise BadValueError(f"{value!s:.60} is none of: {', '.join(choices)}")
        return str(value)

    return check


def line(value: object) -> str:
    """One line of printable characters."""
    text = str(value).strip()
    if not text.isprintable() or len(text) > LONGEST_LINE:
        raise BadValueError(f"this is no line of at most {LONGEST_LINE} printable characters: {value!a:.60}")
    return text


def address(value: object) -> str:
    """Nothing, or one bare e-mail address."""
    text = line(value)
    if text and not (text.isascii() and _ADDRESS.fullmatch(text)):
        raise BadValueError(f"{text:.60} is no e-mail address; write one like me@example.org")
    return text


def addresses(value: object) -> list[str]:
    """Bare e-mail addresses, given as a list or with commas between."""
    return [address(each) for each in words(value)]


def whole_path(value: object) -> str:
    """Nothing, or a path that does not depend on where one is."""
    text = line(value)
    if text and not expanded(text).is_absolute():
        raise BadValueError(f"{text!a:.80} is no whole path; begin it with / or ~")
    return text


def calendar_place(value: object) -> str:
    """Nothing, an http or webcal address that holds no password, or a whole path."""
    text = line(value)
    if "://" not in text:
        return whole_path(text)
    url(re.sub(r"^webcals?://", "https://", text))
    return text


def url(value: object) -> str:
    """Nothing, or an http address that holds no password."""
    text = line(value)
    try:
        sound = not text or (_URL.fullmatch(text) is not None and urlsplit(text).port != 0)
    except ValueError:
        sound = False
    if not sound:
        raise BadValueError("this is no address like https://host/path, without a user or a password in it")
    return text


def words(value: object) -> list[str]:
    """A list of names, given as a list or with commas between."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise BadValueError(f"{value!s:.60} is no list of names; write them with commas between")
    return [word.strip() for word in found if word.strip()]


def topic(value: object) -> str:
    """A topic of ntfy, or nothing."""
    text = str(value)
    if not _TOPIC.fullmatch(text):
        raise BadValueError(f"{text!a:.80} is no topic; write up to 64 letters, digits, - and _")
    return text
