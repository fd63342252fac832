"""Calendars as they are easily written, each with one of the faults that broke a program people use."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

ZONE = ZoneInfo("America/Los_Angeles")
STAMP = datetime(2026, 10, 1, tzinfo=UTC)
SUMMER, WINTER = datetime(2027, 7, 1, 16, tzinfo=UTC), datetime(2027, 1, 5, 17, tzinfo=UTC)
SKIPPED, TWICE = datetime(2027, 3, 14, 2, 30, tzinfo=ZONE), datetime(2026, 11, 1, 1, 30, tzinfo=ZONE)


def write(folder: Path, plain: bytes) -> None:
    """Write them all; `plain` is a feed of this program with nothing wrong in it."""
    folder.mkdir()
    skipped_and_twice = _calendar([SKIPPED, TWICE], zones=False)
    for name, data in {
        "rdate": _calendar([SUMMER, WINTER], zones=True),
        "no_zone": _calendar([SUMMER, WINTER], zones=False),
        "walls": skipped_and_twice.replace(b"BEGIN:VEVENT", _zone_of(plain) + b"BEGIN:VEVENT", 1),
        "calendar_uid": plain.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nUID:a-calendar\r\n", 1),
        "nul": plain.replace(b"Plain 0", b"Pl\x00in 0"),
        "escape": plain.replace(b"Plain 0", b"Pl\x1bin 0"),
        "blank": plain.replace(b"SUMMARY:Coffee with Plain 0", b"SUMMARY: "),
        "separator": plain.replace(b"with Plain 0", "Bob\u2028SUMMARY:Injected".encode()),
        "render_1": _rendered(),
        "render_2": _rendered(),
    }.items():
        (folder / f"{name}.ics").write_bytes(data)


def _calendar(starts: list[datetime], *, zones: bool) -> bytes:
    """Events at these times, with the time zones that icalendar makes or none at all."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//nobody//nothing//EN")
    for n, start in enumerate(starts):
        there = start.astimezone(ZONE) if start.tzinfo is UTC else start
        event = Event()
        event.add("UID", f"{n}@example.com")
        event.add("SEQUENCE", 0)
        event.add("DTSTAMP", STAMP)
        event.add("SUMMARY", f"Event {n}")
        event.add("DTSTART", there)
        event.add("DTEND", there + timedelta(hours=1))
        calendar.add_component(event)
    if zones:
        calendar.add_missing_timezones()
    return calendar.to_ical()


def _zone_of(calendar: bytes) -> bytes:
    """Its VTIMEZONE."""
    start, _, rest = calendar.partition(b"BEGIN:VTIMEZONE")
    assert rest, start
    return b"BEGIN:VTIMEZONE" + rest.partition(b"END:VTIMEZONE")[0] + b"END:VTIMEZONE\r\n"


def _rendered() -> bytes:
    """An event that is given its UID when it is written."""
    calendar = Calendar.new(prodid="-//nobody//nothing//EN")
    calendar.add_component(Event.new(summary="Event", start=SUMMER, end=SUMMER + timedelta(hours=1)))
    return calendar.to_ical()
