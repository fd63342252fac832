"""Faults that broke programs people use: each shown with the program that it breaks, and that the feeds are free of it.

Two more, which break vdirsyncer and khal, are in test_calendar_clients_live.py.
"""

from datetime import UTC, datetime, timedelta

import calendar_clients as clients
import calendar_year
import database_support
import pytest
from calendar_traps import SUMMER, WINTER, ZONE
from calendar_year import ZONES, in_zone

pytestmark = database_support.of_sqlite  # the programs read files, wherever the data came from
TRAPS = "traps/{}.ics"


@pytest.fixture(scope="module")
def year(tmp_path_factory, empty_database) -> calendar_year.Year:
    """The files, made once for all workers."""
    return calendar_year.shared(tmp_path_factory, empty_database)


def starts(year, client, file):
    return [each["start"] for each in calendar_year.items_in(year, client, file)]


def told(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("client", ["icaljs", "vobject"])
def test_time_zones_by_lists_of_dates(year, client):
    """VTIMEZONEs as icalendar makes them put summer an hour late; here each zone is two yearly rules."""
    assert starts(year, client, TRAPS.format("rdate")) == [told(SUMMER + timedelta(hours=1)), told(WINTER)]
    assert clients.told(calendar_year.items_in(year, client, in_zone(ZONES[0], "chats"))) == calendar_year.expected(
        "chats", ZONES[0]
    )
    assert b"RDATE" not in b"".join(each.read_bytes() for each in ours(year))


def test_no_time_zone(year):
    """Without a VTIMEZONE ical.js knows no zone, and shows the time of another; here each TZID has its own."""
    assert starts(year, "icaljs", TRAPS.format("no_zone")) == [
        each.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S") for each in (SUMMER, WINTER)
    ]
    for file in ours(year):
        text = file.read_text(encoding="utf-8")
        assert text.count("BEGIN:VTIMEZONE") == len({line for line in text.splitlines() if line.startswith("TZID:")})
        assert ("TZID=" in text) == ("BEGIN:VTIMEZONE" in text)


BEFORE, AFTER = datetime(2027, 3, 14, 9, 30, tzinfo=UTC), datetime(2027, 3, 14, 10, 30, tzinfo=UTC)
SUMMERY, WINTERY = datetime(2026, 11, 1, 8, 30, tzinfo=UTC), datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
WALLS = {
    "home_assistant": (AFTER, SUMMERY),
    "icaljs": (BEFORE, WINTERY),
    "libical": (BEFORE, WINTERY),
    "recurring_events": (AFTER, SUMMERY),
    "sabre": (AFTER, SUMMERY),
    "vobject": (BEFORE, SUMMERY),
}


@pytest.mark.parametrize("client", clients.READERS)
def test_times_that_the_clock_skips_or_repeats(year, client):
    """Programs differ by an hour about them; here such a time is put off or written in UTC, and all are of one mind."""
    assert starts(year, client, TRAPS.format("walls")) == [told(each) for each in WALLS[client]]
    spring = sorted(starts(year, client, "spring/hours.ics"))
    first, *others = [datetime.strptime(each, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for each in spring]
    assert first.astimezone(ZONE).strftime("%d %b %H:%M") == "14 Mar 03:30"
    assert {each.astimezone(ZONE).strftime("%H:%M") for each in others} == {"02:30"}


@pytest.mark.parametrize(
    ("client", "trap"),
    [("home_assistant", "nul"), ("home_assistant", "escape"), ("libical", "nul"), ("libical", "blank")],
)
def test_control_characters(year, client, trap):
    """One in a name, or nothing but a blank, and the file is refused, empty or in error; here they are left out."""
    assert "refused" in calendar_year.all_read(year, client)[str(year.file(TRAPS.format(trap)))]
    hostile = calendar_year.items_in(year, client, "hostile/chats.ics")
    assert len(hostile) == year.counts["hostile/chats.ics"]
    assert {"Coffee with ab", "Coffee with a[31mb"} <= {each["summary"] for each in hostile}


@pytest.mark.parametrize("client", clients.READERS)
def test_identities_made_when_written(year, client):
    """Each time it is read all is new, though nothing changed; here UID and SEQUENCE are the record's."""
    once, again = (calendar_year.items_in(year, client, TRAPS.format(f"render_{n}")) for n in (1, 2))
    assert clients.told(once) == clients.told(again)
    assert not clients.by_uid(once).keys() & clients.by_uid(again).keys()
    here, later = (calendar_year.items_in(year, client, file) for file in (in_zone(ZONES[0], "all"), "again/all.ics"))
    assert clients.by_uid(here) == clients.by_uid(later)


def ours(year):
    """The files that this program wrote."""
    return [each for each in year.files() if each.parent.name != "traps"]
