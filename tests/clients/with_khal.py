"""Reads folders of items, as vdirsyncer keeps them, with khal, which shows events; the things to do lie beside them."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytz
from icalendar import Calendar
from khal.cli_utils import build_collection
from khal.settings import get_config
from told import item, tell

SPAN = datetime(2020, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001 - khal asks without a zone for whole days
CONFIG = """
[calendars]
[[feed]]
path = {path}
readonly = True
[locale]
local_timezone = UTC
default_timezone = UTC
[sqlite]
path = {path}.db
"""


def read(name):
    """Every event and thing to do."""
    path = Path(name)
    config = path.with_name(path.name + ".conf")
    config.write_text(CONFIG.format(path=path))
    collection = build_collection(get_config(str(config)), None)
    for each in collection.get_localized(*map(pytz.UTC.localize, SPAN)):
        yield _event(each, each.end)
    for each in collection.get_floating(*SPAN):
        yield _event(each, each.end + timedelta(days=1) if each.allday else each.end)
    for each in path.glob("*.ics"):
        yield from map(_todo, Calendar.from_ical(each.read_bytes()).walk("VTODO"))


def _event(each, end):
    return item(
        "event",
        uid=each.uid,
        sequence=_value(each, "SEQUENCE"),
        texts=(each.summary, each.description, each.location),
        start=each.start,
        end=end,
        alarms=[trigger for trigger, _ in each.alarms],
        status=_value(each, "STATUS"),
    )


def _value(each, name):
    """Of a property that khal keeps and does not tell."""
    found = re.search(rf"^{name}:(\w+)", each.raw, re.MULTILINE)
    return found and found[1]


def _todo(each):
    return item(
        "todo",
        uid=each["UID"],
        sequence=each["SEQUENCE"],
        texts=map(each.get, ("SUMMARY", "DESCRIPTION", "LOCATION")),
        start=each["DUE"].dt if "DUE" in each else None,
        end=None,
        alarms=[alarm["TRIGGER"].dt for alarm in each.walk("VALARM")],
        status=each["STATUS"],
    )


tell(read)
