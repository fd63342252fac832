"""Reads calendars with libical, with which Evolution and GNOME Calendar read them, and times by their VTIMEZONEs.

What it finds wrong it notes in the calendar as X-LIC-ERROR; a calendar with such a note counts as refused.
"""

import ctypes
from ctypes import Structure, c_char_p, c_int, c_long, c_uint, c_void_p
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from told import item, tell

ICAL = ctypes.CDLL("libical.so.3")


class Time(Structure):
    """`struct icaltimetype` of libical 3 (icaltime.h)."""

    _fields_ = (
        *((name, c_int) for name in ("year", "month", "day", "hour", "minute", "second", "is_date", "is_daylight")),
        ("zone", c_void_p),
    )


class Duration(Structure):
    """`struct icaldurationtype` (icalduration.h)."""

    _fields_ = (("is_neg", c_int), *((name, c_uint) for name in ("days", "weeks", "hours", "minutes", "seconds")))


class Trigger(Structure):
    """`struct icaltriggertype` (icaltypes.h)."""

    _fields_ = (("time", Time), ("duration", Duration))


def function(gives, name, *takes):
    """A function as the headers declare it."""
    found = ICAL[name]
    found.restype, found.argtypes = gives, takes
    return found


parse = function(c_void_p, "icalparser_parse_string", c_char_p)
free = function(None, "icalcomponent_free", c_void_p)
written = function(c_char_p, "icalcomponent_as_ical_string", c_void_p)
component_kind = function(c_int, "icalcomponent_string_to_kind", c_char_p)
first_component = function(c_void_p, "icalcomponent_get_first_component", c_void_p, c_int)
next_component = function(c_void_p, "icalcomponent_get_next_component", c_void_p, c_int)
property_kind = function(c_int, "icalproperty_string_to_kind", c_char_p)
first_property = function(c_void_p, "icalcomponent_get_first_property", c_void_p, c_int)
status = function(c_int, "icalcomponent_get_status", c_void_p)
status_of_name = function(c_int, "icalproperty_string_to_status", c_char_p)
sequence = function(c_int, "icalcomponent_get_sequence", c_void_p)
uid = function(c_char_p, "icalcomponent_get_uid", c_void_p)
summary = function(c_char_p, "icalcomponent_get_summary", c_void_p)
description = function(c_char_p, "icalcomponent_get_description", c_void_p)
location = function(c_char_p, "icalcomponent_get_location", c_void_p)
start = function(Time, "icalcomponent_get_dtstart", c_void_p)
end = function(Time, "icalcomponent_get_dtend", c_void_p)
due = function(Time, "icalcomponent_get_due", c_void_p)
trigger = function(Trigger, "icalproperty_get_trigger", c_void_p)
seconds = function(c_int, "icaldurationtype_as_int", Duration)
seconds_since_1970 = function(c_long, "icaltime_as_timet_with_zone", Time, c_void_p)


def read(name):
    """Every event and thing to do."""
    calendar = parse(Path(name).read_bytes())
    if calendar is None:
        raise ValueError("it has no end")
    notes = [line for line in written(calendar).splitlines() if line.startswith(b"X-LIC-ERROR")]
    if notes:
        raise ValueError(notes)
    for each in components(calendar, b"VEVENT"):
        yield _item("event", each, start(each), _moment(end(each)))
    for each in components(calendar, b"VTODO"):
        yield _item("todo", each, due(each), None)
    free(calendar)


def components(parent, name):
    """Those of a kind that stand in another."""
    kind = component_kind(name)
    each = first_component(parent, kind)
    while each:
        yield each
        each = next_component(parent, kind)


def _item(kind, each, begins, ends):
    return item(
        kind,
        uid=uid(each).decode(),
        sequence=sequence(each),
        texts=[_text(text(each)) for text in (summary, description, location)],
        start=_moment(begins),
        end=ends,
        alarms=[_before(alarm) for alarm in components(each, b"VALARM")],
        status="CANCELLED" if status(each) == status_of_name(b"CANCELLED") else None,
    )


def _before(alarm):
    return timedelta(seconds=seconds(trigger(first_property(alarm, property_kind(b"TRIGGER"))).duration))


def _text(value):
    return (value or b"").decode()


def _moment(at):
    """In UTC by the zone that libical found for it, without a zone if it found none; None for its null time."""
    if not at.year:
        return None
    if at.is_date:
        return date(at.year, at.month, at.day)
    if at.zone is None:
        return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second)  # noqa: DTZ001 - it has none
    return datetime.fromtimestamp(seconds_since_1970(at, at.zone), UTC)


tell(read)
