"""What is wrong with an iCalendar stream, line by line (RFC 5545), told from its bytes alone.

This looks at bytes and lines by itself, and only at the end lets icalendar read them: what the writer gets wrong, and
what happened to a file since (an editor, a full disk, half a synchronization), is found all the same.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from icalendar import Calendar

from calendars.window import MOST_ENTRIES
from crm.escaping import quote

MOST_BYTES: Final = 8 * 1024 * 1024
"""More than that is no calendar of at most 1,000 entries."""
LONGEST_OCTETS: Final = 75
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SEPARATORS: Final = re.compile("[\x85\u2028\u2029]")
_HEAD: Final = re.compile(
    r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*)(?:,(?:\"[^\"]*\"|[^\";:,]*))*)*):"
)
_ZONE: Final = re.compile(r";TZID=(?:\"([^\"]*)\"|([^\";:,]*))", re.IGNORECASE)
_CUT: Final = "it is cut off"
_ENTRIES: Final = frozenset({"VEVENT", "VTODO"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and the first line it is wrong in, from 1; 0 is of the whole."""

    line: int
    text: str


@dataclass(slots=True)
class _Part:
    """A component that is being read: its name, where it begins, and how often each property stands in it."""

    name: str
    line: int
    properties: Counter[str] = field(default_factory=Counter)
    uid: str = ""
    action: str = ""


@dataclass(slots=True)
class _Stream:
    """What was seen of a stream so far."""

    faults: list[Fault] = field(default_factory=list)
    open: list[_Part] = field(default_factory=list)
    uids: dict[str, int] = field(default_factory=dict)
    zones: set[str] = field(default_factory=set)
    asked: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    calendars: int = 0


def entries(data: bytes) -> int:
    """How many events and things to do begin in a stream, whatever else is wrong with it."""
    return len(re.findall(rb"^BEGIN:V(?:EVENT|TODO)\r?$", data, re.MULTILINE))


def faults(data: bytes) -> list[Fault]:
    """All that is wrong with a calendar, that it is cut off first, for that explains others.

    Args:
        data: the bytes of one .ics file or answer, however damaged.
    """
    if not data.strip():
        return [Fault(0, "it is empty")]
    if len(data) > MOST_BYTES:
        return [Fault(0, f"it has {len(data):,} bytes; programs give up on so much")]
    found = [*_of_bytes(data), *_of_structure(data)]
    return sorted(found, key=lambda each: _CUT not in each.text) or _read_back(data)


def _of_bytes(data: bytes) -> Iterator[Fault]:
    """Line ends, lengths and characters; each kind of fault once."""
    seen: set[str] = set()
    rest = data if data.endswith(b"\n") else data + b"\n"
    for number, line in enumerate(rest.split(b"\n")[:-1], 1):
        for text in _of_line(line.removesuffix(b"\r"), ends=line.endswith(b"\r")):
            if text not in seen:
                seen.add(text)
                yield Fault(number, text)


def _of_line(line: bytes, *, ends: bool) -> Iterator[str]:
    if not ends:
        yield "the line does not end with CR LF"
    if len(line) > LONGEST_OCTETS:
        yield f"the line is longer than {LONGEST_OCTETS} octets"
    try:
        text = line.decode()
    except UnicodeDecodeError:
        yield "it is not in UTF-8, or a line is folded inside a character"
        return
    if found := _SEPARATORS.search(text):
        yield f"it holds U+{ord(found[0]):04X}, at which some programs begin a new line"
    elif found := _CONTROLS.search(text):
        name = "NUL" if found[0] == "\0" else f"the control character U+{ord(found[0]):04X}"
        yield f"it holds {name}, for which some programs show nothing at all"


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The content lines, unfolded (RFC 5545 3.1), each with the number of its first line."""
    number, held = 1, list[bytes]()
    for at, line in enumerate(data.split(b"\n"), 1):
        bare = line.removesuffix(b"\r")
        if bare[:1] in {b" ", b"\t"} and at > 1:
            held.append(bare[1:])
            continue
        yield number, b"".join(held).decode("utf-8", "replace")
        number, held = at, [bare]
    yield number, b"".join(held).decode("utf-8", "replace")


def _of_structure(data: bytes) -> list[Fault]:
    """Whether every component is whole, has what it needs, and names only time zones that are told."""
    stream, last = _Stream(), 0
    for number, line in _lines(data):
        if line:
            last = number
            _take(stream, number, line)
    for part in stream.open:
        stream.faults.append(Fault(last, f"{_CUT}: the {part.name} of line {part.line} does not end"))
    for zone, number in stream.asked.items():
        if zone not in stream.zones:
            stream.faults.append(Fault(number, f"the time zone {quote(zone)} is named and nowhere told (VTIMEZONE)"))
    if stream.calendars != 1:
        stream.faults.append(Fault(0, f"it holds {stream.calendars or 'no'} calendars instead of one"))
    if stream.entries > MOST_ENTRIES:
        stream.faults.append(Fault(0, f"it has {stream.entries:,} entries; programs grow slow from {MOST_ENTRIES:,}"))
    return sorted(stream.faults, key=lambda each: each.line)


def _take(stream: _Stream, number: int, line: str) -> None:
    found = _HEAD.match(line)
    if found is None:
        stream.faults.append(Fault(number, f"this is no content line: {quote(line)}"))
        return
    name, value = found[1].upper(), line[found.end() :]
    if name == "BEGIN":
        _begin(stream, number, value.upper())
    elif name == "END":
        _end(stream, number, value.upper())
    elif not stream.open:
        stream.faults.append(Fault(number, f"{name} stands outside of the calendar"))
    else:
        _property(stream, number, name, value)
        if zone := _ZONE.search(found[2]):
            stream.asked.setdefault(zone[1] or zone[2] or "", number)


def _begin(stream: _Stream, number: int, name: str) -> None:
    if bool(stream.open) == (name == "VCALENDAR"):
        where = "inside of one" if stream.open else "outside of the calendar"
        stream.faults.append(Fault(number, f"a {quote(name)} begins {where}"))
    stream.open.append(_Part(name, number))
    stream.entries += name in _ENTRIES
    stream.calendars += name == "VCALENDAR"


def _end(stream: _Stream, number: int, name: str) -> None:
    if not stream.open or stream.open[-1].name != name:
        stream.faults.append(Fault(number, f"{quote(name)} ends, and did not begin"))
        return
    stream.faults += _lacks(stream, stream.open.pop())


def _property(stream: _Stream, number: int, name: str, value: str) -> None:
    part = stream.open[-1]
    part.properties[name] += 1
    if part.name == "VCALENDAR" and name == "UID":
        stream.faults.append(Fault(number, "the calendar itself has a UID, which some programs take for each entry's"))
    elif part.name == "VTIMEZONE" and name == "TZID":
        stream.zones.add(value)
    elif name == "RDATE" and any(each.name == "VTIMEZONE" for each in stream.open[-2:]):
        stream.faults.append(
            Fault(number, "its time zone is told with RDATE; some programs are an hour off half a year")
        )
    elif name == "UID":
        part.uid = value
    elif name == "ACTION":
        part.action = value.upper()


def _lacks(stream: _Stream, part: _Part) -> Iterator[Fault]:
    """What a component that is whole does not have, or has twice."""
    needed: tuple[str, ...] = ()
    if part.name in _ENTRIES:
        needed = ("UID", "DTSTAMP", "SEQUENCE", *(("DTSTART",) if part.name == "VEVENT" else ()))
        first = stream.uids.setdefault(part.uid, part.line)
        if part.uid and first != part.line:
            yield Fault(part.line, f"the entry has the UID of that of line {first}")
    elif part.name == "VALARM":
        needed = ("ACTION", "TRIGGER", *(("DESCRIPTION",) if part.action == "DISPLAY" else ()))
    elif part.name == "VCALENDAR":
        needed = ("VERSION", "PRODID")
    for each in (*needed, "DUE"):  # which only a thing to do may have, and need not
        count = part.properties[each]
        if count > 1 or (each in needed and not count):
            yield Fault(part.line, f"the {part.name} that begins here has {'more than one' if count else 'no'} {each}")


def _read_back(data: bytes) -> list[Fault]:
    """Whether a reader understands every value: only asked where all else is right."""
    try:
        calendar = Calendar.from_ical(data)
        wrong = [f"{name}: {why}" for each in calendar.walk() for name, why in each.errors]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        wrong = [str(error)]
    return [Fault(0, f"it cannot be read back: {quote(each, 120)}") for each in wrong[:1]]
