"""A whole day in zones far apart: the person's own calendar counts, whatever the machine's zone is."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

ZONES = ("America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu")


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch, home):
    """The person's zone, set for the program and for the machine."""
    monkeypatch.setenv("CRM_TIMEZONE", request.param)
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def at(zone, text):
    """A local time of the zone, as CRM_NOW takes it."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC).isoformat()


@pytest.mark.parametrize("day", ["2026-01-06", "2026-03-07", "2026-10-31"])
def test_a_day_begins_and_ends_at_the_persons_midnight(crm, home, zone, day):
    """Just after midnight it is the new day; tomorrow's chat is at that wall time, in JSON, reminder and calendar."""
    midnight, tomorrow = f"{day}T00:01", date.fromisoformat(day) + timedelta(days=1)
    crm("contact", "add", "Jane Roe", now=at(zone, midnight))
    assert crm("today", "--json").json["date"] == day
    planned = crm("schedule", "jane", "tomorrow", "9:30", "--kind", "coffee", "--json").json["interaction"]
    start = datetime.fromisoformat(f"{tomorrow}T09:30").replace(tzinfo=zone)
    assert datetime.fromisoformat(planned["starts_at"]) == start
    crm("calendar", "export")
    calendar = icalendar.Calendar.from_ical((home / "calendars" / "chats.ics").read_bytes())
    (event,) = calendar.walk("VEVENT")
    assert event.start == start
    crm("reminder", "tick", now=at(zone, f"{day}T07:59"))
    said = crm("reminder", "tick", "--json", now=at(zone, f"{day}T08:00")).json["deliveries"]
    assert [each["state"] for each in said] == ["completed"]
    assert crm("reminder", "tick", "--json", now=at(zone, f"{day}T23:59")).json["deliveries"] == []


def test_a_late_evening_counts_on_its_own_day(crm, zone):
    """Time logged at 23:30 on Sunday belongs to the week that ends then."""
    crm("hours", "add", "Projects", "--role", "projects", now=at(zone, "2026-01-11T23:45"))
    crm("log-hours", "45m", "projects", "--at", "yesterday 23:30")
    crm("log-hours", "15m", "projects", "--at", "today 23:30")
    sunday = crm("week", "--json").json
    assert (sunday["to_on"], sunday["activities"][0]["minutes"]) == ("2026-01-11", 60)
    monday = crm("week", "--json", now=at(zone, "2026-01-12T00:15")).json
    assert (monday["from_on"], monday["activities"][0]["minutes"]) == ("2026-01-12", 0)
