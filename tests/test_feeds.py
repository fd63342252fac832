"""Every feed: parses back, same bytes for the same data, harmless whatever was typed, and truthful about changes."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import database_support
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from calendars import feeds
from calendars.entry import Entry
from calendars.ical import harmless
from calendars.identity import identity
from calendars.publish import export_feeds, render_feed, upcoming
from calendars.terms import FeedTerms, Terms
from calendars.window import DAYS_AHEAD, DAYS_BACK, MOST_ENTRIES, Window
from crm import models as m
from crm.errors import NotFoundError
from crm.store import about, contacts, erase, interactions, journal, records
from crm.store.engine import make_engine, reading, writing
from crm.store.told import Version

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
DAY = timedelta(days=1)
SECRET = "only for me"  # noqa: S105 - a note, no password
HOSTILE = {
    "lines": "x\r\nATTENDEE:mailto:x@example.com\nSUMMARY:Injected",
    "end": "x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "end alone": "END:VEVENT",
    "ansi": "\x1b[31mred\x1b[0m \x9b5m",
    "osc": "\x1b]0;owned\x07\x1b]8;;http://example.com\x1b\\link\x1b]8;;\x1b\\",
    "rich": "[bold]loud[/bold] [link=file:///etc/passwd]x[/link]",
    "emoji": "👩🏽\u200d💻 Zoë",
    "rtl": "مرحبا \u202e dlrow",
    "long": "Anna-Ünal " * 1000,
    "separators": "Bob\u2028SUMMARY:Injected\u2029x\x85y",
    "controls": "a\x01\x0b\x0c\x1c\x7fb",
    "markup": "<script>alert(1)</script>'; DROP TABLE contact; --",
    "escapes": 'C:\\new\\N;a,b"^n:',
    "blank": " ",
}


class World:
    """A database, written to and read as the program does it."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)

    @contextmanager
    def write(self, now=NOW, summary="x"):
        with writing(self.engine, now=now, name="test") as session:
            yield session
            journal.summarize(session, summary)

    def undo(self, now=LATER):
        with writing(self.engine, now=now, name="undo") as session:
            journal.undo_last(session, now=now)

    def read(self):
        return reading(self.engine)

    def entries(self, name, *, now=NOW, tz=LOS_ANGELES) -> list[Entry]:
        with self.read() as session:
            return list(feeds.load(name).entries(session, Window(now, tz)))

    def entry(self, name, **options) -> Entry:
        (only,) = self.entries(name, **options)
        return only

    def render(self, name, *, now=NOW, tz=LOS_ANGELES):
        with self.read() as session:
            return render_feed(session, feeds.load(name), now=now, tz=tz)

    def events(self, name, **options):
        return components(self.render(name, **options).data)

    def export(self, folder, **options):
        with self.read() as session:
            return export_feeds(session, folder, **({"now": NOW, "tz": LOS_ANGELES} | options))


def components(data: bytes) -> list:
    """Everything that stands in a calendar."""
    there = Calendar.from_ical(data)
    return [*there.events, *there.todos]


def starts(component):
    """When an event starts or a thing to do is due."""
    return component["DUE"].dt if component.name == "VTODO" else component.start


@pytest.fixture
def world(home) -> World:
    """A home with an empty database."""
    return World(database_support.url_of(home))


@pytest.fixture
def folder(tmp_path) -> Path:
    """An empty folder for the files."""
    found = tmp_path / "files"
    found.mkdir()
    return found


@pytest.fixture(params=feeds.names())
def name(request) -> str:
    """Each feed in turn."""
    return request.param


def add_all(session, text="Jane Roe", count=1, first=0):
    """For each number: a contact, a chat, a cancelled one, a follow-up, a promise, a question, an item and a review.

    For the first number, and then for every fiftieth, an activity with a target and a commitment.
    """
    tag = contacts.tag_named(session, "experts")
    for number in range(first, first + count):
        who = contacts.add_contact(
            session,
            text,
            context=text,
            how_to_reach=text,
            notes=SECRET,
            private_notes=SECRET,
        )
        contacts.put_in_tag(session, who, tag)
        contacts.add_method(session, who, "email", text, label=text, primary=True)
        at = NOW + (number % 300) * DAY
        chat = interactions.add(
            session,
            [who],
            kind="coffee",
            state="planned",
            starts_at=at,
            place=text,
            note=text,
            private_note=SECRET,
        )
        interactions.add(session, [who], kind="call", state="cancelled", starts_at=at, note=text)
        for kind in ("follow-up", "promise"):
            records.add(session, m.Task(title=text, kind=kind, contact_id=who.id, due_on=at.date(), note=text))
        question = records.add(session, m.Question(text=text))
        records.add(session, m.QuestionAudience(question_id=question.id, contact_id=who.id))
        records.add(session, m.Answer(question_id=question.id, contact_id=who.id, text="x", asked_at=NOW))
        item = records.add(session, m.Task(title=text, kind="checklist", due_on=at.date()))
        review = m.Review(name=f"{text} {number}", text=text, due_on=at.date(), offset_weeks=number)
        review_id = records.add(session, review).id
        for linked in ({"contact_id": who.id}, {"question_id": question.id}, {"task_id": item.id}):
            records.add(session, m.ReviewLink(review_id=review_id, **linked))
        assert chat.id
        if number == first or not number % 50:
            add_plan(session, f"{text} {number}")


def add_plan(session, text):
    """An activity of two hours a week, two hours of room on Monday if nothing was said of it, and a commitment."""
    activity = records.add(session, m.Activity(name=text))
    records.add(session, m.ActivityTarget(activity_id=activity.id, from_on=date(2026, 1, 1), weekly_minutes=120))
    for day in range(7) if not records.every(session, m.Availability) else ():
        records.add(session, m.Availability(weekday=day, minutes=300, best_time="6-8 pm" if day else None))
    commitment = records.add(session, m.Commitment(title=text, state="accepted"))
    records.add(session, m.CommitmentVersion(commitment_id=commitment.id, from_on=NOW.date(), times=2, per="week"))
    records.add(session, m.CheckIn(commitment_id=commitment.id, done_at=NOW, note=text))


def add_review(session, **values):
    return records.add(session, m.Review(**({"name": "Week 2", "due_on": date(2026, 1, 19)} | values)))


def add_chat(session, *people, **values):
    values = {"kind": "coffee", "state": "planned", "starts_at": NOW + DAY} | values
    return interactions.add(session, people, **values)


def add_jane(session, name="Jane Roe", **values):
    return contacts.add_contact(session, name, **values)


# What holds for every feed


def test_a_feed_says_what_it_is(name):
    """Title, first line of the docstring and the command that fills it are there; the file is called after it."""
    feed = feeds.load(name)
    assert all(text.strip() for text in (feed.title, feed.about, feed.filled_by))
    assert feed.file_name == f"{name}.ics"


def test_the_feeds_are_found_by_file_name():
    """These are there; an unknown one is refused, and the known ones are named."""
    assert feeds.names() == ["all", "chats", "commitments", "follow-ups", "hours", "reviews", "tasks"]
    with pytest.raises(NotFoundError) as error:
        feeds.load("birthdays")
    assert list(error.value.candidates) == feeds.names()


def test_an_empty_feed_is_a_valid_calendar(world, name):
    """Nothing to tell gives a calendar with nothing in it, and no problem."""
    rendered = world.render(name)
    assert (rendered.entries, rendered.problems) == (0, ())
    assert components(rendered.data) == []


def test_a_feed_parses_back(world, name):
    """Each entry comes back with its UID, its start, its summary and as many alarms."""
    with world.write() as session:
        add_all(session, count=5)
    entries, events = world.entries(name), world.events(name)
    assert entries
    assert {str(each["UID"]): (starts(each), str(each["SUMMARY"])) for each in events} == {
        each.uid: (each.starts, each.summary) for each in entries
    }
    assert sum(len(each.walk("VALARM")) for each in events) == sum(
        len(each.alarms) for each in entries if each.status != "cancelled"
    )


def test_the_same_data_gives_the_same_bytes(world, name):
    """On another run, at another hour and on the next day, as long as nothing leaves the window."""
    with world.write() as session:
        add_all(session, count=5, first=2)
    first = world.render(name)
    assert world.render(name) == first
    assert world.render(name, now=NOW + timedelta(hours=26)) == first


def test_a_feed_only_reads(world, name):
    """Telling writes nothing, not even into the session."""
    with world.write() as session:
        add_all(session)
    with world.read() as session:
        list(feeds.load(name).entries(session, Window(NOW, LOS_ANGELES)))
        assert [*session.new, *session.dirty, *session.deleted] == []


def test_the_number_of_queries_does_not_grow(world):
    """With 500 of everything as many queries run, over all feeds, as with 10."""
    with world.write() as session:
        add_all(session, count=10)
    few = queries(world)
    with world.write() as session:
        add_all(session, count=490, first=10)
    assert queries(world) == few


def queries(world) -> int:
    ran: list[str] = []
    with world.read() as session:
        sa.event.listen(session.connection(), "before_cursor_execute", lambda *given: ran.append(given[2]))
        assert len(list(feeds.load("all").entries(session, Window(NOW, LOS_ANGELES)))) > 10
    return len(ran)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_field(world, text):
    """In every feed it comes back as text, adds no component, property or line, and costs no other entry."""
    with world.write() as session:
        add_all(session)
        add_all(session, text, first=1)
    for name in feeds.names():
        rendered, entries = world.render(name), world.entries(name)
        found = components(rendered.data)
        assert rendered.problems == ()
        assert len(found) == len(entries) == rendered.entries
        assert {str(each["SUMMARY"]) for each in found} == {harmless(each.summary) or "(no words)" for each in entries}
        assert {str(each.get("DESCRIPTION", "")) for each in found} == {harmless(each.description) for each in entries}
        assert any(text in each.summary + each.description for each in entries)
        for each in found:
            assert "ATTENDEE" not in each
            assert str(each["SUMMARY"]) != "Injected"
        unfolded = rendered.data.decode().replace("\r\n ", "")
        assert len(unfolded.splitlines()) == unfolded.count("\r\n")
        assert "\u202e" not in unfolded


def test_private_notes_stay_out(world, name):
    """Neither a contact's nor a chat's private note is told, nor what is kept about a contact in general."""
    with world.write() as session:
        add_all(session, count=3)
    assert SECRET.encode() not in world.render(name).data


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Apia", "Asia/Kathmandu"])
@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 10, 31), date(2026, 2, 28)])
def test_zones_and_clock_changes(world, zone, day):
    """Every hour about a clock change comes back as the same instant, and a whole day as the same day."""
    hours = [datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=number) for number in range(72)]
    with world.write() as session:
        jane = add_jane(session)
        for at in hours:
            add_chat(session, jane, starts_at=at, minutes=90)
        add_review(session, due_on=day + DAY)
    events = world.events("all", tz=ZoneInfo(zone))
    assert sorted((each.start, each.end) for each in events if "coffee" in str(each["SUMMARY"]).lower()) == [
        (at, at + timedelta(minutes=90)) for at in hours
    ]
    assert [(each.start, each.end) for each in events if "review" in str(each["SUMMARY"])] == [
        (day + DAY, day + 2 * DAY)
    ]


# Identity: which entry, and when it changed


def test_a_moved_review_keeps_its_uid(world):
    """It moves with a higher SEQUENCE and a later stamp; so it does when the move is taken back."""
    with world.write() as session:
        add_review(session)
    first = world.entry("reviews")
    with world.write(now=NOW + timedelta(hours=1)) as session:
        records.every(session, m.Review)[0].scheduled_on = date(2026, 1, 21)
    moved = world.entry("reviews")
    world.undo(now=NOW + timedelta(hours=2))
    back = world.entry("reviews")
    assert first.uid == moved.uid == back.uid
    assert [each.starts for each in (first, moved, back)] == [date(2026, 1, 19), date(2026, 1, 21), date(2026, 1, 19)]
    assert [each.sequence for each in (first, moved, back)] == [0, 100_000, 200_000]
    assert first.stamped_at < moved.stamped_at < back.stamped_at
    assert first.created_at == back.created_at
    assert "Moved from Mon 19 Jan 2026." in moved.description
    assert "Moved" not in back.description


def test_each_kind_of_entry_has_its_own_uid():
    """Two entries about one record do not hide each other."""
    review, version = m.Review(name="Week 2", added_at=NOW, updated_at=NOW), Version(1, NOW)
    assert identity("review", review, version)["uid"] == f"{review.uid}-review@networking-crm"
    assert identity("block", review, version)["uid"] != identity("review", review, version)["uid"]


def test_a_renamed_contact_is_a_change_of_the_chat(world):
    """The summary changes though the interaction did not, so SEQUENCE and LAST-MODIFIED rise."""
    with world.write() as session:
        add_chat(session, add_jane(session))
    first = world.entry("chats")
    with world.write(now=LATER) as session:
        contacts.rename(records.every(session, m.Contact)[0], "Jane Poe")
    second = world.entry("chats")
    assert second.summary == "Coffee with Jane Poe"
    assert second.sequence > first.sequence
    assert (first.stamped_at, second.stamped_at) == (NOW, LATER)


def test_what_is_not_told_changes_nothing(world):
    """A change of somebody else, or of what is told of nobody, leaves every byte of the calendar; so does its undo."""
    with world.write() as session:
        add_chat(session, add_jane(session))
        add_jane(session, "Kim Poe")
    first = world.render("all")
    with world.write(now=LATER) as session:
        contacts.rename(records.every(session, m.Contact)[1], "Kim Roe")
    for changed in ({"stage": "met"}, {"private_notes": "Likes tea", "tier": "inner"}):
        with world.write(now=LATER) as session:
            records.every(session, m.Contact)[0].sqlmodel_update(changed)
    world.undo(now=LATER)
    assert world.render("all") == first


def test_another_telephone_number_is_a_change_of_the_chat(world):
    """It is told how to reach them, so SEQUENCE rises, even if their stage changes in the same moment."""
    with world.write() as session:
        add_chat(session, add_jane(session))
    first = world.entry("chats")
    with world.write(now=LATER) as session:
        (jane,) = records.every(session, m.Contact)
        jane.stage = "met"
        records.add(session, m.ContactMethod(contact_id=jane.id, kind="phone", value="+1 555 0100"))
    second = world.entry("chats")
    assert second.sequence > first.sequence
    assert (first.stamped_at, second.stamped_at) == (NOW, LATER)


changes = st.lists(st.sampled_from(["rename", "leave", "join", "move", "place", "stage", "undo"]), max_size=10)


@given(steps=changes)
@settings(max_examples=25)
def test_sequence_and_stamp_never_fall(steps, empty_database, tmp_path_factory):
    """Whoever joins, leaves or is renamed, and whatever is undone: a change seen in the calendar raises both."""
    world = World(database_support.copy(empty_database, tmp_path_factory.mktemp("world")))
    with world.write() as session:
        people = [add_jane(session, name) for name in ("Jane Roe", "Kim Poe")]
        add_chat(session, *people)
    for again in range(3):
        with world.write() as session:
            contacts.rename(records.every(session, m.Contact)[1], f"Kim {again}")
    before = world.entry("chats")
    for turn, step in enumerate(steps, start=1):
        change(world, step, NOW + timedelta(minutes=turn))
        after = world.entry("chats")
        assert (after.uid, after.created_at) == (before.uid, before.created_at)
        assert after.sequence >= before.sequence
        assert after.stamped_at >= before.stamped_at
        if (after.summary, after.starts, after.location) != (before.summary, before.starts, before.location):
            assert after.sequence > before.sequence
            assert after.stamped_at > before.stamped_at
        before = after


def change(world, step, now) -> None:
    if step == "undo":
        with world.read() as session:
            standing = [each for each in journal.commands(session, limit=99) if each.undone_at is None]
        if len(standing) > 1:
            world.undo(now=now)
        return
    with world.write(now=now) as session:
        (chat,) = records.every(session, m.Interaction)
        kim = records.every(session, m.Contact)[1]
        links = [each for each in records.every(session, m.InteractionContact) if each.contact_id == kim.id]
        if step == "rename":
            contacts.rename(kim, f"Kim at {now.minute}")
        elif step == "stage":
            kim.stage = "met" if kim.stage == "to-contact" else "to-contact"
        elif step == "leave" and links:
            session.delete(links[0])
        elif step == "join" and not links:
            interactions.take_part(session, chat, [kim])
        elif step == "move":
            chat.starts_at += timedelta(minutes=7)
        else:
            chat.place = f"Room {now.minute}"


def test_a_revision_of_any_size_is_a_valid_sequence():
    """An imported document may say any revision; SEQUENCE stays a 32-bit number (RFC 5545 3.3.8)."""
    review, huge = m.Review(name="Week 2", added_at=NOW, updated_at=NOW), Version(2**60, NOW)
    alone, together = identity("review", review, huge), identity("chat", review, huge, others=[huge])
    assert alone["sequence"] == together["sequence"] == 2**31 - 1
    assert identity("review", review, Version(-3, NOW))["sequence"] == 0


# Reviews


def test_a_review_is_a_free_whole_day(world):
    """With its text, what to type when it is done, and an alarm at nine on the day."""
    with world.write() as session:
        add_review(session, text="What helped most?")
    entry = world.entry("reviews")
    assert (entry.summary, entry.starts, entry.free, entry.alarms) == (
        "Week 2 review",
        date(2026, 1, 19),
        True,
        (-540,),
    )
    assert "What helped most?" in entry.description
    assert "begin: crm review start week-2\n" in entry.description
    assert 'crm review complete week-2 --note "..."' in entry.description
    (event,) = world.events("reviews")
    assert [each["TRIGGER"].dt for each in event.walk("VALARM")] == [timedelta(hours=9)]


def test_what_is_to_happen_by_a_review(world):
    """Items of the checklist still open by its day, then what is linked, each once, on one line; none if done."""
    with world.write() as session:
        review = add_review(session)
        for title, due_on in (("Read\nit", review.due_on), ("Before", None), ("Later", date(2026, 1, 20))):
            records.add(session, m.Task(title=title, kind="checklist", due_on=due_on))
        records.add(session, m.Task(title="Done", kind="checklist", done_at=NOW))
        question = records.add(session, m.Question(text="What helped?"))
        for linked in ({"task_id": 1}, {"contact_id": add_jane(session).id}, {"question_id": question.id}):
            records.add(session, m.ReviewLink(review_id=review.id, **linked))
    told = (
        "To have happened by then:\n- t2 Before\n- t1 Read it\n- talk with Jane Roe\n- an answer to q1 What helped?\n\n"
    )
    assert told in world.entry("reviews").description
    with world.write(LATER) as session:
        records.every(session, m.Review)[0].completed_at = NOW
    assert "by then" not in world.entry("reviews").description


def test_a_long_list_by_a_review_is_cut(world):
    """After ten it says how many more there are, and what shows them."""
    with world.write() as session:
        add_review(session)
        for number in range(12):
            records.add(session, m.Task(title=f"Item {number}", kind="checklist"))
    told = world.entry("reviews").description
    assert "- t10 Item 9\nand 2 more: crm review show week-2\n" in told
    assert "Item 10" not in told


def test_a_change_by_then_is_one_of_its_reviews_alone(world):
    """What is due later, or linked to another review, changes nothing of the first."""
    with world.write() as session:
        add_review(session)
        month = add_review(session, name="Month 2", due_on=date(2026, 3, 1))
    first = world.entries("reviews")
    with world.write(LATER) as session:
        records.add(session, m.Task(title="Later", kind="checklist", due_on=date(2026, 2, 1)))
        records.add(session, m.ReviewLink(review_id=month.id, contact_id=add_jane(session).id))
    later = world.entries("reviews")
    assert later[0] == first[0]
    assert later[1].sequence > first[1].sequence
    assert later[1].stamped_at == LATER


def test_who_is_erased_leaves_a_review_with_a_higher_sequence(world):
    """Also if they had been renamed often, which no longer counts."""
    with world.write() as session:
        records.add(session, m.ReviewLink(review_id=add_review(session).id, contact_id=add_jane(session).id))
    for number in range(5):
        with world.write(NOW + number * DAY) as session:
            contacts.rename(records.every(session, m.Contact)[0], f"Jane {number}")
    before = world.entry("reviews")
    with world.write(NOW + 9 * DAY) as session:
        erase.erase(session, about.gather(session, records.every(session, m.Contact)[0]), now=NOW + 9 * DAY)
    after = world.entry("reviews")
    assert "Jane" not in after.description
    assert after.sequence > before.sequence
    assert after.stamped_at > before.stamped_at


def test_a_completed_review_stays_and_says_so(world):
    """It rings no more and names the local day on which it was done."""
    with world.write() as session:
        add_review(session, completed_at=datetime(2026, 1, 20, 2, 0, tzinfo=UTC))
    entry = world.entry("reviews")
    assert (entry.summary, entry.alarms) == ("Week 2 review (done)", ())
    assert "Done on Mon 19 Jan 2026." in entry.description


def test_reviews_leave_only_for_want_of_a_day(world):
    """One without a day yields nothing; one long ago or far ahead is still told, for there are few."""
    with world.write() as session:
        add_review(session, name="Undated", due_on=None)
        add_review(session, name="Old", due_on=date(2020, 1, 1))
        add_review(session, name="Far", due_on=date(2040, 1, 1))
    assert [each.summary for each in world.entries("reviews")] == ["Old review", "Far review"]


# Follow-ups


def test_open_follow_ups_and_promises(world):
    """Whole days that leave the time free; a name is added where the title does not say it; other tasks stay out."""
    with world.write() as session:
        jane = add_jane(session, how_to_reach="by mail")
        due = {"due_on": date(2026, 1, 9), "contact_id": jane.id}
        records.add(session, m.Task(title="Follow up with jane roe", kind="follow-up", **due))
        records.add(session, m.Task(title="send the repo", kind="promise", **due))
        records.add(session, m.Task(title="an essay", kind="promise", owner="them", **due))
        records.add(session, m.Task(title="Nobody's", kind="follow-up", due_on=date(2026, 1, 9)))
        records.add(session, m.Task(title="Done", kind="follow-up", done_at=NOW, **due))
        records.add(session, m.Task(title="Undated", kind="follow-up"))
        records.add(session, m.Task(title="Checklist", kind="checklist", **due))
    found = world.entries("follow-ups")
    assert [each.summary for each in found] == [
        "Follow up with jane roe",
        "send the repo (Jane Roe)",
        "Jane Roe promised: an essay",
        "Nobody's",
    ]
    assert [each.categories for each in found] == [("Follow-up",), ("Promise",), ("Promise",), ("Follow-up",)]
    assert {(each.starts, each.free) for each in found} == {(date(2026, 1, 9), True)}
    assert "Reach: by mail" in found[0].description
    assert "crm done t1" in found[0].description
    assert "It was due" not in found[0].description


def test_a_follow_up_that_was_put_off_moves(world):
    """It stands on the day it was put off to and says when it was due."""
    with world.write() as session:
        records.add(session, m.Task(title="Write", kind="follow-up", due_on=date(2026, 1, 9)))
    with world.write(now=LATER) as session:
        records.every(session, m.Task)[0].snoozed_until_on = date(2026, 1, 16)
    entry = world.entry("follow-ups")
    assert entry.starts == date(2026, 1, 16)
    assert "It was due on Fri 9 Jan 2026." in entry.description


# Chats


def test_a_chat_to_come(world):
    """Who, where, how to reach them and what to type; alarms a day and an hour before."""
    with world.write() as session:
        jane = add_jane(session, context="met at a meetup", how_to_reach="DM her")
        contacts.add_method(session, jane, "phone", "555 0100")
        contacts.add_method(session, jane, "email", "jane@example.com", label="work", primary=True)
        add_chat(session, jane, place="Café Müller", note="Bring the book", minutes=30)
    entry = world.entry("chats")
    assert (entry.summary, entry.location, entry.starts, entry.minutes) == (
        "Coffee with Jane Roe",
        "Café Müller",
        NOW + DAY,
        30,
    )
    assert (entry.status, entry.free, entry.alarms) == ("confirmed", False, (1440, 60))
    assert "Jane Roe (met at a meetup)" in entry.description
    assert "Reach: DM her; email jane@example.com (work); phone 555 0100" in entry.description
    assert "Bring the book" in entry.description
    assert "crm prep c1" in entry.description
    assert 'After it: crm log-contact c1 --kind coffee --duration 30m --note "..."' in entry.description


@pytest.mark.parametrize(
    ("kind", "people", "summary", "minutes"),
    [
        ("call", 2, "Call with A and B", 30),
        ("video", 3, "Video call with A, B and C", 30),
        ("event", 6, "Event with A, B, C and 3 others", 120),
        ("mock-interview", 1, "Mock interview with A", 60),
        ("email", 1, "E-mail to A", 30),
        ("other", 1, "Chat with A", 30),
        ("coffee", 0, "Coffee", 30),
        ("séance", 1, "Chat with A", 30),
    ],
)
def test_what_a_chat_is_called_and_how_long_it_takes(world, kind, people, summary, minutes):
    """By its kind; an unknown one, as a file may bring, is a chat."""
    with world.write() as session:
        add_chat(session, *(add_jane(session, name) for name in "ABCDEF"[:people]), kind=kind)
    entry = world.entry("chats")
    assert (entry.summary, entry.minutes) == (summary, minutes)


@pytest.mark.parametrize("state", ["cancelled", "missed"])
def test_a_chat_that_did_not_take_place(world, state):
    """It stays as cancelled, frees the time, rings no alarm and asks nothing."""
    with world.write() as session:
        records.add(session, m.Question(text="Why?"))
        add_chat(session, add_jane(session), state=state)
    (event,) = world.events("chats")
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert event.walk("VALARM") == []
    assert f"This was {state}." in str(event["DESCRIPTION"])
    assert "Why?" not in str(event["DESCRIPTION"])


def test_a_chat_that_happened_drops_out(world):
    """What was logged is history, not a calendar's business."""
    with world.write() as session:
        add_chat(session, add_jane(session), state="happened")
    assert world.entries("chats") == []


def test_the_window_of_chats_and_follow_ups(world):
    """60 days back and 400 ahead, by local days; one more either way is out."""
    midnight = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    first, last = midnight - DAYS_BACK * DAY, midnight + (DAYS_AHEAD + 1) * DAY - timedelta(minutes=1)
    inside, outside = [first, last], [first - timedelta(minutes=1), last + timedelta(minutes=1)]
    with world.write() as session:
        for at in inside + outside:
            add_chat(session, starts_at=at)
            day = at.astimezone(LOS_ANGELES).date()
            records.add(session, m.Task(title="x", kind="follow-up", due_on=day))
    assert [each.starts for each in world.entries("chats")] == inside
    assert [each.starts for each in world.entries("follow-ups")] == [date(2025, 11, 6), date(2027, 2, 9)]


def test_what_to_ask(world):
    """Open questions for the person, by name or tag, then for anybody; not answered, closed or somebody else's ones."""
    with world.write() as session:
        jane, kim = add_jane(session), add_jane(session, "Kim Poe")
        tag = contacts.tag_named(session, "experts")
        contacts.put_in_tag(session, jane, tag)
        made = {
            text: records.add(session, m.Question(text=text))
            for text in ("anybody", "answered", "hers", "tagged", "kim's", "closed")
        }
        made["closed"].state = "closed"
        audience = {"answered": jane, "hers": jane, "kim's": kim, "closed": jane}
        for text, who in audience.items():
            records.add(session, m.QuestionAudience(question_id=made[text].id, contact_id=who.id))
        for _twice in range(2):
            records.add(session, m.QuestionAudience(question_id=made["tagged"].id, tag_id=tag.id))
        records.add(session, m.QuestionAudience(question_id=made["tagged"].id, contact_id=jane.id))
        records.add(session, m.Answer(question_id=made["answered"].id, contact_id=jane.id, text="x", asked_at=NOW))
        add_chat(session, jane)
    assert "To ask:\n- q3 hers\n- q4 tagged\n- q1 anybody\n\n" in world.entry("chats").description


def test_many_questions_are_cut(world):
    """Seven are told and the rest counted."""
    with world.write() as session:
        for number in range(10):
            records.add(session, m.Question(text=f"Number {number}?"))
        add_chat(session, add_jane(session))
    description = world.entry("chats").description
    assert "- q7 Number 6?\nand 3 more: crm question list" in description
    assert "q8" not in description


@pytest.mark.parametrize("how", ["add", "close", "answer"])
def test_another_question_is_a_change_of_the_chat(world, how):
    """What is asked is part of the text, so SEQUENCE and LAST-MODIFIED rise; and once more when it is taken back."""
    with world.write() as session:
        jane = add_jane(session)
        add_chat(session, jane)
        records.add(session, m.Question(text="First?"))
    first = world.entry("chats")
    with world.write(now=LATER) as session:
        if how == "add":
            records.add(session, m.Question(text="Second?"))
        elif how == "close":
            records.every(session, m.Question)[0].state = "closed"
        else:
            records.add(session, m.Answer(question_id=1, contact_id=1, text="x", asked_at=LATER))
    second = world.entry("chats")
    world.undo(now=LATER + DAY)
    third = world.entry("chats")
    assert third.description == first.description != second.description
    assert [each.stamped_at for each in (first, second, third)] == [NOW, LATER, LATER + DAY]
    assert first.sequence < second.sequence < third.sequence


# All together, and the files


def test_all_is_the_union(world):
    """It holds each entry of every other feed of events, and no other."""
    with world.write() as session:
        add_all(session, count=4)
    others = [each for name in feeds.names() if name not in {"all", "tasks"} for each in world.entries(name)]
    assert sorted(world.entries("all"), key=lambda each: each.uid) == sorted(others, key=lambda each: each.uid)


def test_a_feed_holds_a_thousand_entries_at_most(world):
    """Beyond that the nearest to today are told, and how many there are."""
    with world.write() as session:
        for number in range(MOST_ENTRIES + 20):
            add_review(session, name=f"R{number}", due_on=date(2026, 1, 5) + number * DAY)
    rendered = world.render("reviews")
    days = [each.start for each in components(rendered.data)]
    assert (rendered.entries, max(days)) == (MOST_ENTRIES, date(2026, 1, 5) + (MOST_ENTRIES - 1) * DAY)
    assert rendered.problems == ("the calendar reviews has 1,020 entries; only the 1,000 nearest to today are in it",)


def test_an_entry_that_cannot_be_written_costs_only_itself(world):
    """A review on the calendar's last day has no day after it; it is left out and told, in its feed and in all."""
    with world.write() as session:
        add_review(session, name="Never", due_on=date.max)
        add_review(session)
    for name in ("reviews", "all"):
        rendered = world.render(name)
        assert rendered.entries == 1
        assert len(rendered.problems) == 1
        assert "Never review" in rendered.problems[0]


def test_files_are_written_only_when_they_change(world, folder):
    """A second export writes nothing; a new chat changes its own file and that of all."""
    with world.write() as session:
        add_all(session)
    assert {each.name for each in world.export(folder) if each.changed} == set(feeds.names())
    assert [each.name for each in world.export(folder) if each.changed] == []
    with world.write(now=LATER) as session:
        add_chat(session, add_jane(session, "Kim Poe"))
    done = world.export(folder)
    assert {each.name for each in done if each.changed} == {"all", "chats"}
    assert {each.name: each.entries for each in done} == {
        "all": 3 + 9 + 2 + 9 + 1,
        "chats": 3,
        "commitments": 9,
        "follow-ups": 2,
        "hours": 9,
        "reviews": 1,
        "tasks": 3,
    }
    assert sorted(each.name for each in folder.iterdir()) == [f"{name}.ics" for name in feeds.names()]


def test_one_feed_alone_and_without_alarms(world, folder):
    """Only the feeds named are written, and alarms can be left off."""
    with world.write() as session:
        add_all(session)
    terms = Terms(feeds={"chats": FeedTerms(alarms=False)})
    (done,) = world.export(folder, names=["chats"], terms=terms)
    assert (done.path, done.entries, done.failed) == (folder / "chats.ics", 2, False)
    assert b"VALARM" not in done.path.read_bytes()
    assert list(folder.iterdir()) == [done.path]


@database_support.of_sqlite  # PostgreSQL does not take such a row
def test_a_damaged_row_stops_its_own_feed_only(world, folder):
    """A chat whose time cannot be read fails its feed and all; their files stay, and the others are written."""
    with world.write() as session:
        add_all(session)
    world.export(folder)
    before = (folder / "chats.ics").read_bytes()
    with world.write(now=LATER) as session:
        add_review(session, name="Month 1")
        session.connection().exec_driver_sql("UPDATE interaction SET starts_at = '2026-01-09 soon' WHERE id = 1")
    done = {each.name: each for each in world.export(folder)}
    assert {name for name, each in done.items() if each.failed} == {"all", "chats"}
    assert "chats could not be made" in done["chats"].problems[0]
    assert (folder / "chats.ics").read_bytes() == before
    assert (done["reviews"].changed, done["reviews"].entries) == (True, 2)


def test_a_file_that_cannot_be_written_stops_no_other(world, folder):
    """A folder stands where a file should: that one fails and says so, the others are there."""
    (folder / "chats.ics").mkdir()
    done = {each.name: each for each in world.export(folder)}
    assert [name for name, each in done.items() if each.failed] == ["chats"]
    assert "chats.ics" in done["chats"].problems[0]
    assert done["all"].changed
    assert done["reviews"].changed


def test_what_comes_next():
    """Today's whole days count, a moment ago does not, nor what is cancelled; the calendar's edges do not matter."""
    base = {"sequence": 0, "stamped_at": NOW, "summary": "x"}
    today = Entry(uid="today", starts=date(2026, 1, 5), **base)
    soon = Entry(uid="soon", starts=NOW + timedelta(minutes=1), **base)
    passed = Entry(uid="passed", starts=NOW - timedelta(minutes=1), **base)
    off = Entry(uid="off", starts=NOW + timedelta(seconds=1), status="cancelled", **base)
    edges = [Entry(uid=str(day), starts=day, **base) for day in (date.min, date.max)]
    for zone in (LOS_ANGELES, ZoneInfo("Asia/Kathmandu")):
        assert upcoming([soon, passed, off, *edges], now=NOW, tz=zone) == soon
    assert upcoming([soon, passed, today, off], now=NOW, tz=LOS_ANGELES) == today
    assert upcoming([passed, off], now=NOW, tz=LOS_ANGELES) is None
