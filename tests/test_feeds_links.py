"""What a calendar takes a person to: the address of an entry."""

from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import database_support
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import feeds
from calendars.entry import Entry
from calendars.ical import render
from calendars.links import first_link, link_to_join
from calendars.publish import render_feed
from calendars.terms import FeedTerms, Terms
from crm import models as m
from crm.privacy import Detail
from crm.store import interactions, records
from crm.store.engine import make_engine, reading, writing

NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")
ZOOM = "https://us02web.zoom.us/j/123?pwd=a.B_c-d"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://example.com/a.", "https://example.com/a"),
        ("(https://example.com/a_(b)), or", "https://example.com/a_(b)"),
        ("<HTTP://Example.com:8080/a?b=c#d>", "HTTP://Example.com:8080/a?b=c#d"),
        ("[it](https://example.com/ä)!", "https://example.com/ä"),
        ("https://example.com:x/ https://example.com/b", "https://example.com/b"),
        ("https://zoom.us@example.com/", ""),
        ("https://[::1", ""),
        ("http://example.com:99999/", ""),
        ("https://-/ https:// https://. http://..", ""),
        ("javascript:alert(1) file:///etc/passwd ftp://example.com xhttps://example.com", ""),
        ("https://example.com/" + "a" * 2000, ""),
        ("https://example.com/a\r\nATTENDEE:x", "https://example.com/a"),
        ("https://exa\u200bmple.com/", ""),
        (None, ""),
    ],
)
def test_the_first_address_that_is_plain(text, found):
    """What ends the sentence is no part of it; one that programs read in different ways is passed over."""
    assert first_link(text) == found


@pytest.mark.parametrize("call", [ZOOM, "https://meet.google.com/a-b", "https://teams.microsoft.com/l/meetup-join/1"])
def test_a_video_call_comes_first(call):
    """Before the other addresses in the same words; by its host, not by one that only looks like it."""
    assert link_to_join("https://example.com/cv", f"https://zoom.us.example.com/ {call}") == call
    assert link_to_join("https://example.com/cv", "Room 2") == "https://example.com/cv"


@given(st.text(st.one_of(st.sampled_from("http s://@:[]().%\\\r\n\u2028\u202e"), st.characters(codec="utf-8"))))
def test_no_address_costs_an_entry(text):
    """Whatever stands after the scheme: the entry is there, without a remark, and its address has a host."""
    url = first_link(f"https://{text}")
    entry = Entry(uid="a", sequence=0, stamped_at=NOW, summary="x", starts=NOW, url=url)
    rendered = render("x", [entry], tz=ZONE)
    (event,) = Calendar.from_ical(rendered.data).events
    assert rendered.problems == ()
    assert bool(url) == ("URL" in event)
    assert urlsplit(str(event.get("URL", "https://x"))).hostname


@pytest.fixture
def engine(home):
    """One of each thing with an address in it."""
    made = make_engine(database_support.url_of(home))
    with writing(made, now=NOW, name="test") as session:
        interactions.add(session, [], kind="video", state="planned", starts_at=NOW, place="Zoom", note=f"CV; {ZOOM}")
        records.add(session, m.Task(title=f"Read {ZOOM}", kind="promise", due_on=NOW.date()))
        commitment = records.add(session, m.Commitment(title=f"Post on {ZOOM}", state="accepted"))
        version = m.CommitmentVersion(commitment_id=commitment.id, from_on=NOW.date(), times=1, per="month")
        records.add(session, version)
        records.add(session, m.Review(name="Week 2", text=f"See {ZOOM}.", due_on=date(2026, 1, 19)))
    return made


def told(engine, name, detail=Detail.FULL):
    with reading(engine) as session:
        terms = Terms(feeds={name: FeedTerms(detail=detail)})
        calendar = Calendar.from_ical(render_feed(session, feeds.load(name), now=NOW, tz=ZONE, terms=terms).data)
    return [*calendar.events, *calendar.todos]


@pytest.mark.parametrize("name", ["chats", "follow-ups", "tasks", "commitments", "reviews", "all"])
def test_an_address_is_told_in_full_alone(engine, name):
    """In place, note, title or text of each; not where less is told."""
    assert {str(each["URL"]) for each in told(engine, name)} == {ZOOM}
    for detail in (Detail.FIRST_NAMES, Detail.BUSY):
        assert not any("zoom.us/j" in each.to_ical().decode() for each in told(engine, name, detail) if "URL" in each)
        assert not any("URL" in each for each in told(engine, name, detail))
