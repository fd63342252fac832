"""Reads calendars with `ical`, the library that Home Assistant reads them with."""

from pathlib import Path

from ical.calendar_stream import IcsCalendarStream
from told import item, tell


def read(name):
    """Every event and thing to do."""
    calendar = IcsCalendarStream.calendar_from_ics(Path(name).read_bytes().decode())
    for each in calendar.events:
        yield _item("event", each, each.dtstart, each.dtend, each.alarm)
    for each in calendar.todos:
        yield _item("todo", each, each.due, None, each.alarms)


def _item(kind, each, start, end, alarms):
    return item(
        kind,
        uid=each.uid,
        sequence=each.sequence,
        texts=(each.summary, each.description, each.location),
        start=start,
        end=end,
        alarms=[alarm.trigger for alarm in alarms],
        status=each.status and each.status.value,
    )


tell(read)
