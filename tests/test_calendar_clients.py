"""What real calendar programs read in the files of a year: each the same, and what the data say."""

import functools

import calendar_clients as clients
import calendar_year
import database_support
import pytest
from calendar_year import FEEDS, ZONES, in_zone

pytestmark = database_support.of_sqlite  # the programs read files, wherever the data came from
HERE = "zones/America_Los_Angeles"


@pytest.fixture(scope="module")
def year(tmp_path_factory, empty_database) -> calendar_year.Year:
    """The files, made once for all workers."""
    return calendar_year.shared(tmp_path_factory, empty_database)


@pytest.fixture(scope="module")
def read(year):
    """The items that a program reads in a file."""
    return functools.partial(calendar_year.items_in, year)


@pytest.fixture(params=clients.READERS)
def client(request) -> str:
    """Each program in turn."""
    return request.param


@pytest.mark.parametrize("zone", ZONES)
def test_every_feed_of_a_year(year, read, client, zone):
    """Each entry's instants or days and its alarms are those of the data, in any zone, across changes of the clock."""
    for feed in FEEDS:
        items = read(client, in_zone(zone, feed))
        assert clients.told(items) == calendar_year.expected(feed, zone), feed
        assert len(items) == year.counts[in_zone(zone, feed)]
        assert {each["kind"] for each in items} == {"todo" if feed == "tasks" else "event"}


def test_all_programs_read_alike(year, read, client):
    """In every file UID, SEQUENCE, all texts, the times of the alarms and all else is what Home Assistant reads."""
    for file in year.counts:
        assert clients.by_uid(read(client, file)) == clients.by_uid(read("home_assistant", file)), file


def test_things_to_do(year, read, client):
    """What is told as things to do instead of events is due on the same day, with as many alarms; no old promise is."""
    for feed in ("commitments", "follow-ups", "reviews"):
        items = read(client, f"to-dos/{feed}.ics")
        assert {each["kind"] for each in items} == {"todo"}
        assert clients.told(items) == sorted(
            (summary, start, None, alarms)
            for summary, start, _, alarms in calendar_year.expected(feed, ZONES[0])
            if feed != "commitments" or start >= str(calendar_year.MONDAY)
        )


def test_nothing_changed_nothing_new(year):
    """Some hours later the files hold the same bytes."""
    for feed in FEEDS:
        assert year.file(f"again/{feed}.ics").read_bytes() == year.file(in_zone(ZONES[0], feed)).read_bytes()


MOVED = [
    ("reviews", "Review 0 review", "2026-10-21"),
    ("follow-ups", "Task 4", "2026-10-26"),
    ("tasks", "Task 4", "2026-10-26"),
    ("chats", "Coffee with Zoë Ünal", "2026-10-14T22:30:00Z"),
]


@pytest.mark.parametrize(("feed", "summary", "start"), MOVED, ids=[each[0] for each in MOVED])
def test_what_is_moved_moves(read, client, feed, summary, start):
    """It has the same UID and a higher SEQUENCE, once more so when the move is taken back; nothing else moves."""
    before, moved, back = (clients.by_uid(read(client, f"{folder}/{feed}.ics")) for folder in (HERE, "moved", "back"))
    assert set(before) == set(moved) == set(back)
    (uid,) = (uid for uid in moved if still(moved[uid]) != still(before[uid]))
    assert (moved[uid]["summary"], moved[uid]["start"]) == (summary, start)
    assert before[uid]["sequence"] < moved[uid]["sequence"] < back[uid]["sequence"]
    assert {uid: still(each) for uid, each in back.items()} == {uid: still(each) for uid, each in before.items()}


def still(item):
    """The item without what each change moves on."""
    return {**item, "sequence": None}


@pytest.mark.parametrize("feed", ["reviews", "follow-ups", "tasks", "chats"])
def test_only_what_changed_is_new(read, feed):
    """Of all entries, the one that was moved is the only one with another SEQUENCE."""
    before, moved = (clients.by_uid(read("icaljs", f"{folder}/{feed}.ics")) for folder in (HERE, "moved"))
    assert len([uid for uid in moved if moved[uid] != before[uid]]) == 1


@pytest.mark.parametrize(
    ("feed", "was", "summary"),
    [
        ("chats", "Coffee with Ana Díaz; Lima, Perú", "Coffee"),
        ("follow-ups", "Task 5", "Follow-up"),
        ("tasks", "Task 5", "Follow-up"),
    ],
)
def test_what_is_removed_is_cancelled(read, client, feed, was, summary):
    """It stays on its day with the same UID and a higher SEQUENCE, cancelled, without alarms and without a name."""
    before, after = (clients.by_uid(read(client, f"{folder}/{feed}.ics")) for folder in ("back", "gone"))
    assert set(before) == set(after)
    (uid,) = (uid for uid in after if after[uid]["cancelled"] != before[uid]["cancelled"])
    assert (before[uid]["summary"], after[uid]["summary"]) == (was, summary)
    assert after[uid]["start"] == before[uid]["start"]
    assert after[uid]["alarms"] == []
    assert after[uid]["sequence"] > before[uid]["sequence"]


def test_hostile_text(year, read, client):
    """Whatever was typed into every field: no file is refused, no entry lost or gained, none is injected."""
    for feed in FEEDS:
        hostile, plain = (read(client, f"{folder}/{feed}.ics") for folder in ("hostile", "plain"))
        assert len(clients.by_uid(hostile)) == year.counts[f"hostile/{feed}.ics"]
        assert sorted(each[1:] for each in clients.told(hostile)) == sorted(each[1:] for each in clients.told(plain))
        assert not any("injected" in (each["uid"], each["summary"].lower()) for each in hostile)


def test_odd_text_is_told_as_it_is(read, client):
    """Escapes, markup, letters of four bytes, 10,000 characters: each program shows what was typed, to the letter."""
    chats, tasks, hours = (read(client, f"hostile/{feed}.ics") for feed in ("chats", "tasks", "hours"))
    where = {each["location"]: each for each in chats}
    for text in calendar_year.UNALTERED:
        assert where[text]["summary"] == f"Coffee with {text}"
        assert where[text]["description"].count(text) >= 6  # context, how to reach, way, value, label, note
    assert {*calendar_year.UNALTERED} <= {each["summary"] for each in tasks}
    assert {f"{text} (15 min)" for text in calendar_year.UNALTERED} <= {each["summary"] for each in hours}
