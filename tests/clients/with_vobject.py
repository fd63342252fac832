"""Reads calendars with vobject, on which Radicale and many scripts rest."""

from pathlib import Path

import vobject
from told import item, tell

ZONES = vobject.icalendar.__dict__["__tzidMap"]
KNOWN = dict(ZONES)


def read(name):
    """Every event and thing to do."""
    ZONES.clear()  # it keeps the zones of each calendar for the next
    ZONES.update(KNOWN)
    calendar = vobject.readOne(Path(name).read_bytes().decode())
    for each in calendar.contents.get("vevent", []):
        yield _item("event", each, _value(each, "dtstart"), _value(each, "dtend"))
    for each in calendar.contents.get("vtodo", []):
        yield _item("todo", each, _value(each, "due"), None)


def _item(kind, each, start, end):
    return item(
        kind,
        uid=each.uid.value,
        sequence=_value(each, "sequence"),
        texts=[_value(each, name) for name in ("summary", "description", "location")],
        start=start,
        end=end,
        alarms=[alarm.trigger.value for alarm in each.contents.get("valarm", [])],
        status=_value(each, "status"),
    )


def _value(component, name):
    found = component.contents.get(name)
    return found[0].value if found else None


tell(read)
