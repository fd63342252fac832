"""Reads calendars with recurring-ical-events, which asks icalendar what happens when."""

from datetime import UTC, datetime
from pathlib import Path

import recurring_ical_events
from icalendar import Calendar
from told import item, tell

SPAN = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


def read(name):
    """Every event and thing to do."""
    calendar = Calendar.from_ical(Path(name).read_bytes())
    some_day = {each["UID"] for each in calendar.todos if "DUE" not in each}  # to these it gives a day of its own
    for each in recurring_ical_events.of(calendar, components=["VEVENT", "VTODO"]).between(*SPAN):
        todo = each.name == "VTODO"
        yield item(
            "todo" if todo else "event",
            uid=each["UID"],
            sequence=each.get("SEQUENCE"),
            texts=map(each.get, ("SUMMARY", "DESCRIPTION", "LOCATION")),
            start=None if each["UID"] in some_day else each["DUE" if todo else "DTSTART"].dt,
            end=None if todo else each["DTEND"].dt,
            alarms=[alarm["TRIGGER"].dt for alarm in each.walk("VALARM")],
            status=each.get("STATUS"),
        )


tell(read)
