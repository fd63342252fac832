"""VTIMEZONE tells what zoneinfo tells, or it is not written."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars.entry import Entry
from calendars.ical import render
from calendars.timezones import vtimezone

STAMP = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEARS_2026_TO_2031 = [FIRST + timedelta(hours=5 * step) for step in range(6 * 365 * 24 // 5)]
TOLD = [
    "America/Los_Angeles",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
]
UNTOLD = [
    "Africa/Abidjan",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Jerusalem",
    "Etc/UTC",
    "UTC",
]


def onsets(component) -> list[tuple[datetime, timedelta]]:
    """When each observance begins, in UTC, and its offset: read from the written text with dateutil alone."""
    found = []
    for part in component.subcomponents:
        before, after = part["TZOFFSETFROM"].td, part["TZOFFSETTO"].td
        start = part["DTSTART"].dt.replace(tzinfo=None)
        times = [start]
        if "RRULE" in part:
            rule = rrulestr(part["RRULE"].to_ical().decode(), dtstart=start)
            times = rule.between(start, datetime(2101, 1, 1), inc=True)  # noqa: DTZ001 - VTIMEZONE's times are local
        found += [((each - before).replace(tzinfo=UTC), after) for each in times]
    return sorted(found)


def disagreements(component, zone: ZoneInfo, instants: list[datetime]) -> list[datetime]:
    """The instants at which the component gives another offset than zoneinfo."""
    table = onsets(component)
    wrong, at = [], 0
    for instant in sorted(instants):
        while at + 1 < len(table) and table[at + 1][0] <= instant:
            at += 1
        if table[at][1] != instant.astimezone(zone).utcoffset():
            wrong.append(instant)
    return wrong


def written(component):
    """The component as a client reads it."""
    return Calendar.from_ical(component.to_ical())


@pytest.fixture
def zone_folders() -> Iterator[None]:
    """Lets a test point zoneinfo at other folders."""
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.parametrize("key", TOLD)
def test_agrees_with_zoneinfo_from_2026_to_2031(key):
    """At every fifth hour, and a second before and at each change, it gives zoneinfo's offset."""
    zone = ZoneInfo(key)
    component = written(vtimezone(zone, YEARS_2026_TO_2031))
    changes = [at for at, _ in onsets(component) if at.year in range(2026, 2032)]
    edges = changes + [at - timedelta(seconds=1) for at in changes]
    assert disagreements(component, zone, YEARS_2026_TO_2031 + edges) == []


@given(
    key=st.sampled_from(sorted(zoneinfo.available_timezones() - {"localtime"})),
    instants=st.lists(
        st.datetimes(datetime(1960, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
        min_size=1,
        max_size=30,
    ),
)
def test_never_says_what_zoneinfo_does_not(key, instants):
    """For any zone and any instants it is either not built or right at each of them."""
    component = vtimezone(ZoneInfo(key), instants)
    assert component is None or disagreements(written(component), ZoneInfo(key), instants) == []


@pytest.mark.parametrize("key", TOLD)
def test_shape_that_every_client_reads(key):
    """One STANDARD, at most one DAYLIGHT with the greater offset, yearly rules, no RDATE list, under 500 bytes."""
    component = written(vtimezone(ZoneInfo(key), [FIRST]))
    parts = {part.name: part for part in component.subcomponents}
    assert len(parts) == len(component.subcomponents)
    if len(parts) == 2:
        assert parts["DAYLIGHT"]["TZOFFSETTO"].td > parts["STANDARD"]["TZOFFSETTO"].td
        assert all(part["RRULE"]["FREQ"] == ["YEARLY"] for part in parts.values())
    else:
        assert list(parts) == ["STANDARD"]
    assert b"RDATE" not in component.to_ical()
    assert len(component.to_ical()) < 500


def test_the_summer_clock_is_daylight_in_dublin_too():
    """Irish law calls winter the exception; clients still read the greater offset as DAYLIGHT."""
    parts = {part.name: part for part in vtimezone(ZoneInfo("Europe/Dublin"), [FIRST]).subcomponents}
    assert parts["DAYLIGHT"]["TZOFFSETTO"].td == timedelta(hours=1)
    assert parts["STANDARD"]["TZOFFSETTO"].td == timedelta(0)


@pytest.mark.parametrize(
    "key",
    ["Africa/Casablanca", "Africa/Cairo", "America/Santiago", "Asia/Jerusalem", "UTC", "Etc/UTC", "Africa/Abidjan"],
)
def test_a_zone_that_cannot_or_need_not_be_told_is_written_in_utc(key):
    """Rules that cross midnight, that are no yearly rules, or that are UTC itself give no VTIMEZONE."""
    zone = ZoneInfo(key)
    assert vtimezone(zone, YEARS_2026_TO_2031) is None
    starts = [datetime(2026, month, 10, 12, 30, tzinfo=zone) for month in range(1, 13)]
    data = render("Chats", [entry(each) for each in starts], tz=zone).data
    assert b"TZID" not in data
    assert [event.start for event in Calendar.from_ical(data).events] == starts


def test_instants_before_its_first_year_are_not_told():
    """The rule is told from 1970 on; what lies before it is written in UTC."""
    zone = ZoneInfo("America/Los_Angeles")
    assert vtimezone(zone, [datetime(1969, 7, 1, tzinfo=UTC)]) is None
    assert vtimezone(zone, [datetime.min.replace(tzinfo=UTC)]) is None


def test_a_rule_that_was_not_yet_in_force_is_not_told():
    """Los Angeles changed its clocks on other Sundays before 2007."""
    assert vtimezone(ZoneInfo("America/Los_Angeles"), [datetime(2006, 3, 20, tzinfo=UTC)]) is None


def test_a_zone_without_a_name_is_not_told():
    """A ZoneInfo read from a file object has no key that could be its TZID."""
    path = next(each for each in candidates("Europe/Berlin") if each.is_file())
    with path.open("rb") as file:
        nameless = ZoneInfo.from_file(file)
    assert vtimezone(nameless, [FIRST]) is None
    assert b"TZ" not in render("Chats", [entry(FIRST)], tz=nameless).data


def candidates(key: str) -> list[Path]:
    """Where the zone's file can lie."""
    import tzdata

    return [*(Path(folder, key) for folder in zoneinfo.TZPATH), Path(tzdata.__file__).parent / "zoneinfo" / key]


@pytest.mark.usefixtures("zone_folders")
def test_the_rule_is_read_from_tzdata_where_the_system_has_none():
    """With no zone folders at all, the package tzdata serves zoneinfo and VTIMEZONE alike."""
    zoneinfo.reset_tzpath(())
    zone = ZoneInfo.no_cache("Europe/Berlin")
    component = vtimezone(zone, YEARS_2026_TO_2031)
    assert disagreements(written(component), zone, YEARS_2026_TO_2031) == []


@pytest.mark.usefixtures("zone_folders")
@pytest.mark.parametrize("content", [b"", b"TZif", b"\xff\n\xfe\n", b"x\nPST8PDT,M13.9.9,M11.1.0\n", b"x\n\n"])
def test_a_damaged_file_gives_no_zone(tmp_path, content):
    """What a broken zone file says is not believed, and breaks nothing."""
    zone = ZoneInfo("America/Los_Angeles")
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Los_Angeles").write_bytes(content)
    zoneinfo.reset_tzpath([str(tmp_path)])
    assert vtimezone(zone, [FIRST]) is None


@pytest.mark.usefixtures("zone_folders")
def test_files_that_differ_from_the_zone_in_use_are_not_believed(tmp_path):
    """Two versions of the tz data must not tell one zone in two ways: the entry then goes in UTC."""
    zone = ZoneInfo("America/Los_Angeles")
    other = next(each for each in candidates("Europe/Berlin") if each.is_file()).read_bytes()
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Los_Angeles").write_bytes(other)
    zoneinfo.reset_tzpath([str(tmp_path)])
    assert vtimezone(zone, [FIRST]) is None
    assert b"DTSTART:20260101T000000Z" in render("Chats", [entry(FIRST)], tz=zone).data


def entry(starts: datetime) -> Entry:
    """A chat of 45 minutes."""
    return Entry(
        uid=f"{starts.isoformat()}@networking-crm",
        sequence=0,
        stamped_at=STAMP,
        summary="Coffee with Robin",
        starts=starts,
        minutes=45,
    )
