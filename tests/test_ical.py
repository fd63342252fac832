"""Calendars: valid for every client, whatever people typed, and the same bytes for the same entries."""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars.entry import Entry
from calendars.ical import harmless, render

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
STAMP = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
REVIEW = Entry(uid="1@networking-crm", sequence=3, stamped_at=STAMP, summary="Week 2 review", starts=date(2026, 1, 19))
CHAT = Entry(
    uid="2@networking-crm",
    sequence=1,
    stamped_at=STAMP,
    summary="Coffee with Robin",
    starts=datetime(2026, 7, 1, 17, 0, tzinfo=UTC),
    minutes=45,
    alarms=(15, 60),
    location="Café Müller",
    url="https://example.com/c3",
    categories=("coffee", "a, b"),
)
NASTY = [
    "\r\nATTENDEE:mailto:x@example.com",
    "\nBEGIN:VEVENT\nSUMMARY:Injected\nEND:VEVENT\n",
    "BEGIN:VEVENT",
    "END:VCALENDAR",
    "\x00",
    "\x1b[31m",
    "\x0b\x0c\x1c\x1d\x1e\x7f\x9b",
    "\x85SUMMARY:x",
    "\u2028SUMMARY:x",
    "\u2029",
    "\u202eright to left",
    "مرحبا",
    "👩🏽\u200d💻",
    "\udc80",
    "\\N",
    "C:\\Notes\\new\\",
    "a;b,c:d\"e'f^n",
    "\r",
    "\ufeff",
    " leading and trailing \t",
    "é" * 80,
    "long " * 2000,
]
# A letter stands first in what must come back exactly: icalendar drops a byte order mark that begins a value.
hostile = st.lists(st.one_of(st.sampled_from(NASTY), st.text()), max_size=6).map("".join)
opened = hostile.map("x{}".format)


def lines(data: bytes) -> list[str]:
    """The content lines, unfolded as RFC 5545 3.1 says and in no other way."""
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def only_event(data: bytes):
    """The one event, as a client reads it."""
    (event,) = Calendar.from_ical(data).events
    return event


def assert_well_formed(data: bytes) -> None:
    """CRLF alone ends lines; none is over 75 octets; none is cut inside a character; none holds a control."""
    physical = data.split(b"\r\n")
    assert physical.pop() == b""
    assert max(len(line) for line in physical) <= 75
    for line in physical:
        assert re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", line.decode()) is None


@given(text=opened)
@pytest.mark.parametrize("field", ["summary", "description", "location"])
def test_any_text_comes_back_and_adds_no_line(field, text):
    """Whatever is typed comes back as `harmless` leaves it, in one content line, even for readers that split oddly."""
    rendered = render("Chats", [replace(CHAT, alarms=(), **{field: text})], tz=LOS_ANGELES)
    plain = render("Chats", [replace(CHAT, alarms=(), **{field: "x"})], tz=LOS_ANGELES)
    assert_well_formed(rendered.data)
    assert str(only_event(rendered.data)[field]) == harmless(text)
    assert len(lines(rendered.data)) == len(lines(plain.data))
    assert len(rendered.data.decode().replace("\r\n ", "").splitlines()) == len(lines(plain.data))
    assert rendered.problems == ()


@given(text=opened, categories=st.lists(opened, min_size=1, max_size=3))
def test_every_other_text_is_as_harmless(text, categories):
    """The calendar's name and description, categories and alarms hold any text too."""
    chat = replace(CHAT, summary=text, categories=tuple(categories))
    data = render(text, [chat], tz=LOS_ANGELES, description=text).data
    assert_well_formed(data)
    (event,) = Calendar.from_ical(data).events
    assert event.categories == [harmless(each) for each in categories]
    assert {str(alarm["DESCRIPTION"]) for alarm in event.walk("VALARM")} == {harmless(text)}
    escaped = re.sub(r"([\\;,])", r"\\\1", harmless(text)).replace("\n", "\\n")
    names = ("NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC")
    assert {f"{name}:{escaped}" for name in names} <= set(lines(data))


@given(url=hostile)
def test_an_address_cannot_inject(url):
    """What does not belong into an address is percent-encoded; the line stays one line of ASCII."""
    data = render("Chats", [replace(CHAT, url="https://example.com/" + url)], tz=LOS_ANGELES).data
    assert_well_formed(data)
    assert str(only_event(data)["URL"]).isascii()
    assert len(Calendar.from_ical(data).events) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "example.com/x", "file:///etc/passwd", ":"])
def test_an_address_nobody_should_open_is_left_off(url):
    """Only web, mail and phone addresses are written; the entry stays and the problem is told."""
    rendered = render("Chats", [replace(CHAT, url=url)], tz=LOS_ANGELES)
    assert "URL" not in only_event(rendered.data)
    assert len(rendered.problems) == 1
    assert url in rendered.problems[0]
    assert CHAT.summary in rendered.problems[0]


def test_the_calendar_itself():
    """Names, refresh hints and zone for the clients that read them; no METHOD, and no UID of its own."""
    calendar = Calendar.from_ical(render("Chats", [CHAT], tz=LOS_ANGELES, color="teal", description="Talks").data)
    own = {name: value.to_ical().decode() for name, value in calendar.items()}
    assert own.pop("PRODID").startswith("-//networking-crm//")
    assert own == {
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "NAME": "Chats",
        "X-WR-CALNAME": "Chats",
        "DESCRIPTION": "Talks",
        "X-WR-CALDESC": "Talks",
        "COLOR": "teal",
        "X-WR-TIMEZONE": "America/Los_Angeles",
        "REFRESH-INTERVAL": "PT1H",
        "X-PUBLISHED-TTL": "PT1H",
    }
    assert calendar["REFRESH-INTERVAL"].params == {"VALUE": "DURATION"}


def test_an_empty_calendar_is_valid():
    """A feed with nothing in it is a calendar with nothing in it."""
    rendered = render("Chats", [], tz=LOS_ANGELES)
    assert_well_formed(rendered.data)
    assert Calendar.from_ical(rendered.data).subcomponents == []


def test_a_whole_day():
    """It ends, exclusively, on the next day, leaves the day free, and needs no zone."""
    data = render("Reviews", [replace(REVIEW, starts=date(2026, 2, 28))], tz=LOS_ANGELES).data
    written = lines(data)
    assert "DTSTART;VALUE=DATE:20260228" in written
    assert "DTEND;VALUE=DATE:20260301" in written
    assert "TRANSP:TRANSPARENT" in written
    assert "BEGIN:VTIMEZONE" not in written


def test_a_timed_entry():
    """It stands in the person's zone, which is defined, and is busy; its stamps come from the record."""
    written = lines(render("Chats", [replace(CHAT, created_at=STAMP - timedelta(days=1))], tz=LOS_ANGELES).data)
    assert {
        "BEGIN:VTIMEZONE",
        "TZID:America/Los_Angeles",
        "UID:2@networking-crm",
        "DTSTART;TZID=America/Los_Angeles:20260701T100000",
        "DTEND;TZID=America/Los_Angeles:20260701T104500",
        "DTSTAMP:20260105T170000Z",
        "LAST-MODIFIED:20260105T170000Z",
        "CREATED:20260104T170000Z",
        "SEQUENCE:1",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "LOCATION:Café Müller",
        "URL:https://example.com/c3",
        "CATEGORIES:coffee,a\\, b",
        "TRIGGER:-PT15M",
        "TRIGGER:-PT1H",
        "ACTION:DISPLAY",
    } <= set(written)


def test_a_moment_has_no_end():
    """DTEND must be later than DTSTART (RFC 5545 3.8.2.2), so an entry without minutes has none."""
    for minutes in (None, 0, -5):
        assert "DTEND" not in only_event(render("Chats", [replace(CHAT, minutes=minutes)], tz=LOS_ANGELES).data)


def test_free_or_busy_can_be_said():
    """`transparent` overrides what a whole day or a timed entry would be."""
    data = render("All", [replace(REVIEW, transparent=False), replace(CHAT, transparent=True)], tz=LOS_ANGELES).data
    assert [str(event["TRANSP"]) for event in Calendar.from_ical(data).events] == ["OPAQUE", "TRANSPARENT"]


def test_a_cancelled_entry_rings_no_alarm():
    """It stays, marked, so that clients take it out of people's way, and rings no more."""
    event = only_event(render("Chats", [replace(CHAT, status="cancelled")], tz=LOS_ANGELES).data)
    assert str(event["STATUS"]) == "CANCELLED"
    assert event.walk("VALARM") == []


def test_a_skipped_wall_time_moves_forward():
    """02:30 does not exist on 14 March 2027 in Los Angeles; the instant meant shows as 03:30."""
    chat = replace(CHAT, starts=datetime(2027, 3, 14, 2, 30, tzinfo=LOS_ANGELES))
    data = render("Chats", [chat], tz=LOS_ANGELES).data
    assert b"DTSTART;TZID=America/Los_Angeles:20270314T033000" in data


@pytest.mark.parametrize(("fold", "told"), [(0, b"DTSTART:20271107T083000Z"), (1, b"DTSTART:20271107T093000Z")])
def test_a_repeated_wall_time_is_told_in_utc(fold, told):
    """01:30 comes twice on 7 November 2027 in Los Angeles; in UTC nobody can take the wrong one."""
    chat = replace(CHAT, starts=datetime(2027, 11, 7, 1, 30, fold=fold, tzinfo=LOS_ANGELES))
    data = render("Chats", [chat], tz=LOS_ANGELES).data
    assert told in data
    assert b"TZID" not in data


def test_an_end_that_comes_twice_is_told_in_utc_too():
    """00:45 is plain on that night, 01:30 is not: start and end are then both told in UTC."""
    chat = replace(CHAT, starts=datetime(2027, 11, 7, 0, 45, tzinfo=LOS_ANGELES))
    event = only_event(render("Chats", [chat], tz=LOS_ANGELES).data)
    assert event["DTSTART"].to_ical() == b"20271107T074500Z"
    assert event["DTEND"].to_ical() == b"20271107T083000Z"


def test_a_repeated_wall_time_leaves_out_the_calendars_zone():
    """Some programs turn times in UTC into that zone, and would take the first of the two for the second."""
    repeated = replace(CHAT, uid="3", starts=datetime(2027, 11, 7, 9, 30, tzinfo=UTC))
    assert b"X-WR-TIMEZONE:America/Los_Angeles" in render("Chats", [CHAT], tz=LOS_ANGELES).data
    assert b"X-WR-TIMEZONE" not in render("Chats", [CHAT, repeated], tz=LOS_ANGELES).data


ZONES = [
    "America/Los_Angeles",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
]


@given(
    key=st.sampled_from(ZONES),
    starts=st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    minutes=st.integers(1, 3000),
)
def test_an_instant_comes_back_as_itself(key, starts, minutes):
    """Start and end are the same instants after writing and reading, near clock changes too."""
    starts = starts.replace(microsecond=0)
    event = only_event(render("Chats", [replace(CHAT, starts=starts, minutes=minutes)], tz=ZoneInfo(key)).data)
    assert (event.start, event.end) == (starts, starts + timedelta(minutes=minutes))


entries = st.builds(
    Entry,
    uid=st.integers(0, 30).map("{}@networking-crm".format),
    sequence=st.integers(0, 3),
    stamped_at=st.just(STAMP),
    summary=st.text(max_size=20),
    starts=st.one_of(st.dates(), st.datetimes(timezones=st.sampled_from([UTC, LOS_ANGELES])), st.datetimes()),
    minutes=st.none() | st.integers(-5, 10**12),
)


@given(found=st.lists(entries, max_size=12), seed=st.randoms(use_true_random=False))
def test_the_same_entries_give_the_same_bytes(found, seed):
    """Neither the order in which they come nor a second run changes a byte, whatever years they lie in."""
    first = render("All", found, tz=LOS_ANGELES)
    seed.shuffle(found)
    assert render("All", iter(found), tz=LOS_ANGELES) == first
    assert_well_formed(first.data)


def test_entries_stand_in_order_of_time():
    """By start, a whole day before the hours of its day."""
    days = [replace(REVIEW, uid=f"day{day}", starts=date(2026, 7, day)) for day in (1, 2)]
    chats = [replace(CHAT, uid=f"chat{day}", starts=datetime(2026, 7, day, 9, tzinfo=LOS_ANGELES)) for day in (1, 2)]
    mixed = days + chats
    random.Random(7).shuffle(mixed)  # noqa: S311 - an order, no secret
    found = Calendar.from_ical(render("All", mixed, tz=LOS_ANGELES).data).events
    assert [str(event["UID"]) for event in found] == ["day1", "chat1", "day2", "chat2"]


@pytest.mark.parametrize(
    "bad",
    [
        replace(CHAT, uid="bad", summary="Bad", starts=datetime(2026, 7, 1, 17, 0)),  # noqa: DTZ001 - what is tested
        replace(CHAT, uid="bad", summary="Bad", stamped_at=datetime(2026, 7, 1, 17, 0)),  # noqa: DTZ001 - what is tested
        replace(REVIEW, uid="bad", summary="Bad", starts=date.max),
        replace(CHAT, uid="bad", summary="Bad", starts=datetime.max.replace(tzinfo=UTC)),
        replace(CHAT, uid="bad", summary="Bad", starts=datetime.min.replace(tzinfo=UTC)),
        replace(CHAT, uid="bad", summary="Bad", minutes=10**20),
        replace(CHAT, uid="bad", summary="Bad", alarms=(10**20,)),
    ],
)
def test_one_bad_entry_is_left_out_and_told(bad):
    """An entry whose times cannot be written costs itself, not the calendar."""
    rendered = render("All", [REVIEW, bad, CHAT], tz=LOS_ANGELES)
    assert [str(event["UID"]) for event in Calendar.from_ical(rendered.data).events] == [REVIEW.uid, CHAT.uid]
    assert len(rendered.problems) == 1
    assert '"Bad"' in rendered.problems[0]


def test_a_uid_stands_once():
    """Two entries with one uid would hide each other in clients; the first stays and the other is told."""
    double = replace(CHAT, uid=REVIEW.uid)
    rendered = render("All", [double, REVIEW], tz=LOS_ANGELES)
    assert str(only_event(rendered.data)["SUMMARY"]) == REVIEW.summary
    assert len(rendered.problems) == 1
    assert REVIEW.uid in rendered.problems[0]


def test_a_message_about_an_entry_is_harmless_on_a_terminal():
    """What is said about a bad entry obeys nothing that its name holds."""
    bad = replace(REVIEW, summary="\x1b]0;owned\x07", starts=date.max)
    (problem,) = render("All", [bad], tz=LOS_ANGELES).problems
    assert problem.isprintable()
