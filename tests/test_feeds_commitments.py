"""Commitments in a calendar: past periods, and what ended or was removed; and titles where first names are told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import database_support
import pytest
import sqlalchemy as sa
from icalendar import Calendar

from calendars import feeds
from calendars.publish import render_feed, shown_entries
from calendars.terms import FeedTerms, Terms
from crm import models as m
from crm.actions import commitments
from crm.privacy import Detail
from crm.store import contacts, journal, records
from crm.store.engine import make_engine, reading, writing

ZONE = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 3, 18, 17, 0, tzinfo=UTC)  # a Wednesday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SUNDAY = date(2026, 3, 22)


class World:
    """A database, and what the feeds tell of it."""

    def __init__(self, url):
        self.engine = make_engine(url)

    def write(self, now=NOW):
        return writing(self.engine, now=now, name="test")

    def end(self, now):
        with self.write(now) as session:
            commitments.remove(session, records.every(session, m.Commitment)[0])

    def undo(self, now):
        with writing(self.engine, now=now, name="undo") as session:
            journal.undo_last(session, now=now)

    def entries(self, name="commitments", now=NOW, **terms):
        with reading(self.engine) as session:
            found = shown_entries(
                session, feeds.load(name), now=now, tz=ZONE, terms=Terms(feeds={name: FeedTerms(**terms)})
            )
        return {each.uid: each for each in found[0]}

    def stand(self, now=NOW, **terms):
        """The last day of each entry with its status and how far it is, by day."""
        found = sorted(self.entries(now=now, **terms).values(), key=lambda each: str(each.starts))
        return [(each.starts, each.status, each.summary.partition("(")[2].rstrip(")")) for each in found]

    def titles(self, name):
        """What a phone shows."""
        return [each.summary for each in self.entries(name, detail=Detail.FIRST_NAMES).values()]


@pytest.fixture
def world(home):
    """A home with an empty database."""
    return World(database_support.url_of(home))


def promise(session, title="Post", times=1, per="week", from_on=SUNDAY - 6 * DAY):
    made = records.add(session, m.Commitment(title=title, state="accepted"))
    records.add(session, m.CommitmentVersion(commitment_id=made.id, from_on=from_on, times=times, per=per))
    return made


# What passed


def test_past_periods_stand_with_how_they_ended(world):
    """For 60 days: kept, in part, not at all; as things to do, and of a daily one, only from this week on."""
    with world.write() as session:
        made = promise(session, times=2, from_on=SUNDAY - 27 * DAY)
        for ago in (8, 9, 15):
            records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW - ago * DAY))
    week = [SUNDAY + number * 7 * DAY for number in range(-3, 9)]
    ended = ["0 of 2", "1 of 2", "done", *["0 of 2"] * 9]
    assert world.stand() == [
        (day, "done" if it == "done" else "confirmed", it) for day, it in zip(week, ended, strict=True)
    ]
    assert [day for day, *_ in world.stand(to_dos=True)] == week[3:]
    later = world.stand(NOW + 50 * DAY)
    assert [it for _, _, it in later if it != "0 of 2"] == ["1 of 2", "done"]
    assert world.stand(NOW + 75 * DAY)[0][0] == SUNDAY + 14 * DAY


def test_a_past_period_keeps_its_version(world):
    """Nothing in it moves while the weeks go by, however many check-ins lie in between."""
    with world.write() as session:
        made = promise(session, times=2, per="month", from_on=date(2026, 3, 1))
        promise(session, "Read", per="day", from_on=date(2026, 3, 1))
        records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
    with world.write(NOW + HOUR) as session:
        records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
    march = next(
        each for each in world.entries().values() if each.starts == date(2026, 3, 31) and "Post" in each.summary
    )
    assert (march.summary, march.sequence) == ("Post (done)", 2)
    for days in (20, 40, 60, 73):
        assert world.entries(now=NOW + days * DAY)[march.uid] == march
    assert march.uid not in world.entries(now=NOW + 74 * DAY)
    read = [each.starts for each in world.entries().values() if "Read" in each.summary]
    assert (min(read), max(read)) == (SUNDAY - 6 * DAY, SUNDAY + 7 * DAY)


# What ended or was removed


@pytest.mark.parametrize(("per", "many"), [("day", 14), ("week", 10), ("month", 3)])
@pytest.mark.parametrize("with_check_in", [False, True], ids=["removed", "ended"])
def test_what_ended_is_cancelled_and_comes_back(world, per, many, with_check_in):
    """Each entry keeps its UID and day; SEQUENCE rises with it, and again when it is taken back."""
    with world.write() as session:
        made = promise(session, "Call Jane Roe", 2, per, from_on=SUNDAY - 13 * DAY)
        if with_check_in:
            records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
    seen = [world.entries()]
    world.end(NOW + HOUR)
    seen.append(world.entries())
    world.undo(NOW + 2 * HOUR)
    seen.append(world.entries())
    before, gone, back = seen
    assert len(before) == many
    assert set(before) == set(gone) == set(back)
    today = NOW.astimezone(ZONE).date()
    for uid, each in gone.items():
        past = with_check_in and each.starts < today
        assert (each.status, each.starts) == ("confirmed" if past else "cancelled", before[uid].starts)
        assert back[uid].status == "confirmed"
        assert before[uid].sequence < each.sequence < back[uid].sequence
        assert before[uid].stamped_at < each.stamped_at < back[uid].stamped_at
        assert with_check_in or each.summary == "Commitment"
        assert past or "crm check-in" not in each.description


def test_no_more_is_cancelled_than_was_told(world):
    """It leaves with its period, or after 60 days; what had been kept stays kept; none rings."""
    with world.write() as session:
        made = promise(session)
        promise(session, "Read")
        records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
    told = {each.uid for each in world.entries().values()}
    world.end(NOW + HOUR)
    with world.write(NOW + 2 * HOUR) as session:
        commitments.remove(session, records.every(session, m.Commitment)[1])
    assert set(world.entries()) == told
    assert [each for each in world.stand() if each[1] == "done"] == [(SUNDAY, "done", "done")]
    with reading(world.engine) as session:
        calendar = Calendar.from_ical(render_feed(session, feeds.load("commitments"), now=NOW, tz=ZONE).data)
    assert {(str(each["STATUS"]), len(each.walk("VALARM"))) for each in calendar.events} == {
        ("CANCELLED", 0),
        ("CONFIRMED", 0),
    }
    assert set(world.entries(now=NOW + 30 * DAY)) <= told
    assert world.entries(now=NOW + 61 * DAY) == {}


def test_what_was_never_accepted_is_not_cancelled(world):
    """Nor what had ended before it was removed, nor what was added and taken back."""
    with world.write() as session:
        for state in ("proposed", "ended"):
            made = promise(session, state)
            made.state = state
    with world.write(NOW + HOUR) as session:
        for each in records.every(session, m.Commitment):
            records.remove(session, each, (m.CommitmentVersion,))
    with world.write(NOW + 2 * HOUR) as session:
        promise(session)
    world.undo(NOW + 3 * HOUR)
    assert world.entries() == {}


def test_a_removal_is_told_by_the_last_rhythm(world):
    """Removed, put back, eased, and removed again: each entry once, with the UID that it had."""
    with world.write() as session:
        promise(session)
    world.end(NOW + HOUR)
    world.undo(NOW + 2 * HOUR)
    with world.write(NOW + 3 * HOUR) as session:
        records.every(session, m.CommitmentVersion)[0].per = "month"
    before = world.entries()
    world.end(NOW + 4 * HOUR)
    assert {uid: each.starts for uid, each in world.entries().items()} == {
        uid: each.starts for uid, each in before.items()
    }


def test_many_take_no_more_queries(world):
    """However many commitments stand, ended or were removed."""

    def queries():
        seen = []
        sa.event.listen(world.engine, "before_cursor_execute", lambda *_: seen.append(1))
        world.entries()
        return len(seen)

    def add(many):
        with world.write() as session:
            for number in range(3 * many):
                made = promise(session, f"{many} {number}")
                if number % 3:
                    records.add(session, m.CheckIn(commitment_id=made.id, done_at=NOW))
        with world.write(NOW + HOUR) as session:
            for each in records.every(session, m.Commitment)[-3 * many :: 3]:
                commitments.remove(session, each)
            for each in records.every(session, m.Commitment)[-2 * many :: 2]:
                commitments.remove(session, each)

    add(1)
    few = queries()
    add(20)
    assert queries() == few
    assert {each.summary for each in world.entries().values()} > {"Commitment", "20 1 (0 of 1)", "20 2 (done)"}


# Titles where first names only are told


@pytest.mark.parametrize(
    ("title", "about", "owner", "told"),
    [
        ("Choose a project", None, "me", "Choose a project"),
        ("Ask Lopez", None, "me", "Ask …"),
        ("Lopez", None, "me", "Checklist"),
        ("Lopez's", None, "me", "Checklist"),
        ("Mail Ana Lopez on +1 555 010 0199", None, "me", "Mail Ana on …"),
        ("Ask how it went", "Kim Poe", "me", "Ask how it went (Kim)"),
        ("Send KIM the slides", "Kim Poe", "me", "Send KIM the slides"),
        ("Kimono shop", "Kim Poe", "me", "Kimono shop (Kim)"),
        ("Ask poe, POE or Poe's team", "Kim Poe", "me", "Ask …, … or …'s team (Kim)"),
        ("Kim Poe", "Kim Poe", "me", "Kim"),
        ("poe", "Kim Poe", "me", "Checklist: Kim"),
        ("Ask Lopez and o'neill", "Mary-Jane O'Neill", "me", "Ask … and … (Mary-Jane)"),
        ("a van for ludwig and BEEK", "Beek, Ludwig van", "me", "a van for ludwig and …"),
        ("send the deck", "Kim Poe", "them", "send the deck (Kim promised)"),
        ("Poe", "Kim Poe", "them", "Promise of Kim"),
        ("see https://example.org/in/kimpoe", "Kim Poe", "me", "see … (Kim)"),
        ("Read " * 2000, "Kim Poe", "me", "Read " * 2000 + " (Kim)"),
        ("!!", None, "me", "!!"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_task_is_told_by_its_title(world, title, about, owner, told):
    """Without surnames: of whom it is about in any case, of others beside the first name or with a capital letter."""
    with world.write() as session:
        contacts.add_contact(session, "Ana Lopez")
        who = contacts.add_contact(session, about).id if about else None
        kind = "promise" if owner == "them" else "checklist"
        records.add(session, m.Task(title=title, kind=kind, owner=owner, contact_id=who, due_on=SUNDAY))
    assert world.titles("tasks") == [told]


def test_two_promises_to_one_person_can_be_told_apart(world):
    """Each is told by its own words, with a version that rises when these change; a removed one is not told on."""
    with world.write() as session:
        kim = contacts.add_contact(session, "Kim Poe")
        for title in ("Send the slides", "Read her paper"):
            records.add(session, m.Task(title=title, kind="promise", contact_id=kim.id, due_on=SUNDAY))
    assert world.titles("follow-ups") == ["Send the slides (Kim)", "Read her paper (Kim)"]
    first = next(iter(world.entries("follow-ups", detail=Detail.FIRST_NAMES).values()))
    with world.write(NOW + HOUR) as session:
        records.every(session, m.Task)[0].title = "Send the slides twice"
    later = world.entries("follow-ups", detail=Detail.FIRST_NAMES)[first.uid]
    assert (later.summary, later.description) == ("Send the slides twice (Kim)", "")
    assert later.sequence > first.sequence
    with world.write(NOW + 2 * HOUR) as session:
        records.remove(session, records.every(session, m.Task)[0])
    assert world.titles("follow-ups") == ["Read her paper (Kim)", "Promise"]


def test_a_commitment_is_told_by_its_title(world):
    """Without surnames; where no word is left, as a commitment."""
    with world.write() as session:
        contacts.add_contact(session, "Ana Lopez")
        for title in ("Post on LinkedIn", "Write to Ana Lopez", "Lopez"):
            promise(session, title, times=2)
    assert set(world.titles("commitments")) == {
        "Post on LinkedIn (0 of 2)",
        "Write to Ana (0 of 2)",
        "Commitment (0 of 2)",
    }
    assert {each.summary for each in world.entries(detail=Detail.BUSY).values()} == {"Networking"}
