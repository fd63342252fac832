"""What tripped real calendar programs up: each trap is read here by one that fell into it, or as one did."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import database_support
import pytest
import vobject

from calendars import feeds
from calendars.publish import render_feed
from calendars.window import Window
from crm import models as m
from crm.store import contacts, interactions, records
from crm.store.engine import make_engine, reading, writing

NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
ZONES = ["America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia"]
LINE_BREAKS = "Bob\u2028SUMMARY:Injected\u2029UID:x\x85END:VEVENT\r\x0b\x0c\x1c\x1d\x1e\x00\x1b[0m"


@pytest.fixture
def engine(home):
    """A year of weekly chats, study on Sundays at 2:30, a commitment, a task and a review, all with an odd name."""
    made = make_engine(database_support.url_of(home))
    with writing(made, now=NOW, name="test") as session:
        bob = contacts.add_contact(session, LINE_BREAKS.replace("\0", ""), how_to_reach=LINE_BREAKS.replace("\0", ""))
        for week in range(52):
            interactions.add(
                session, [bob], kind="call", state="planned", starts_at=NOW + timedelta(weeks=week), minutes=30
            )
        records.add(session, m.Task(title="Write", kind="promise", contact_id=bob.id, due_on=date(2026, 1, 9)))
        records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19)))
        records.add(session, m.Availability(weekday=6, minutes=120, best_time="2:30 am"))
        activity = records.add(session, m.Activity(name="Drills"))
        records.add(session, m.ActivityTarget(activity_id=activity.id, from_on=date(2026, 1, 1), weekly_minutes=120))
        made_up = records.add(session, m.Commitment(title="Post", state="accepted"))
        records.add(session, m.CommitmentVersion(commitment_id=made_up.id, from_on=date(2026, 1, 1), times=2))
    return made


def told(engine, name, zone, now=NOW):
    """A feed's entries, and what is written of them."""
    tz = ZoneInfo(zone)
    with reading(engine) as session:
        entries = list(feeds.load(name).entries(session, Window(now, tz)))
        return entries, render_feed(session, feeds.load(name), now=now, tz=tz).data.decode()


def utc(value):
    """An instant in UTC, a day as it is."""
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def lines(component, name):
    """All values of a property, in a component as text, with its lines unfolded."""
    return [line.partition(":")[2] for line in component.splitlines() if line.partition(":")[0] == name]


@pytest.mark.parametrize("zone", ZONES)
def test_vobject_reads_the_same_instants(engine, zone):
    """It reads only the first RDATE of a time zone, and drifts by an hour without one: here it agrees, all year."""
    for name in feeds.names():
        entries, text = told(engine, name, zone)
        calendar = vobject.readOne(text)
        found = {}
        for each in [*calendar.contents.get("vevent", []), *calendar.contents.get("vtodo", [])]:
            at = each.due if each.name == "VTODO" else each.dtstart
            found[each.uid.value] = utc(at.value), len(each.contents.get("valarm", []))
        assert found == {each.uid: (utc(each.starts), len(each.alarms)) for each in entries}


def test_a_splitter_at_every_line_break_finds_each_uid(engine):
    """vdirsyncer takes the first UID line for an item's own, and every odd separator for the end of a line."""
    for name in feeds.names():
        entries, text = told(engine, name, ZONES[0])
        unfolded = text.replace("\r\n ", "")
        assert unfolded.splitlines() == unfolded.split("\r\n")[:-1]
        kind = "VTODO" if name == "tasks" else "VEVENT"
        head, *items = unfolded.split(f"BEGIN:{kind}\r\n")
        assert lines(head, "UID") == []
        assert [len(lines(item, "UID")) for item in items] == [1] * len(entries)
        assert not any(value == "Injected" for item in items for value in lines(item, "SUMMARY"))
        assert not any(ord(letter) < 32 and letter not in "\r\n" for letter in text)


def test_no_study_hour_meets_the_hour_that_is_skipped(engine):
    """On 8 March 2026 the clocks of Los Angeles show no 2:30: the block is an hour later."""
    entries, text = told(engine, "hours", "America/Los_Angeles", datetime(2026, 3, 2, 18, tzinfo=UTC))
    assert [each.starts for each in entries][:2] == [
        datetime(2026, 3, 8, 10, 30, tzinfo=UTC),
        datetime(2026, 3, 15, 9, 30, tzinfo=UTC),
    ]
    assert "T0230" not in text.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]


def test_every_poll_is_the_same(engine):
    """UIDs and stamps are those of the records: a later poll brings nothing new."""
    for name in feeds.names():
        first, text = told(engine, name, ZONES[0])
        again, later = told(engine, name, ZONES[0], NOW + timedelta(hours=20))
        assert (again, later) == (first, text)
