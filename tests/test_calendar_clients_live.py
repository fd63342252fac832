"""What calendar programs hold after they fetched from a running `crm serve`, or were given a feed by CalDAV."""

import contextlib
import http.client
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import calendar_clients as clients
import calendar_year
import database_support
import pytest
from calendar_subscriber import Subscriber, files_served, serving
from calendar_year import FEEDS, NOW, ZONES, in_zone
from radicale_support import radicale

pytestmark = database_support.of_sqlite  # the programs read what is served, wherever the data came from
HELD = ("all", "tasks")
LATER = NOW + 3 * calendar_year.HOUR
REVIEW = "Review 0 review"


@pytest.fixture(scope="module")
def year(tmp_path_factory, empty_database) -> calendar_year.Year:
    """The files of a year, made once for all workers."""
    return calendar_year.shared(tmp_path_factory, empty_database)


@pytest.fixture(scope="module")
def khal(year):
    """What khal shows after a sync with vdirsyncer, and after another when things were moved; run once for all."""
    return clients.once(year.folder, "khal", lambda: synced(year))


@pytest.fixture(scope="module")
def server(year):
    """What Radicale holds of each feed, and of one when things were moved; run once for all."""
    return clients.once(year.folder, "radicale", lambda: put(year))


def synced(year):
    clients.program("vdirsyncer")
    folder = Path(tempfile.mkdtemp(dir=year.folder))
    home = calendar_year.copy_of(year.home, folder / "home")
    subscriber = Subscriber(folder)
    with contextlib.ExitStack() as stack:
        at = {zone: stack.enter_context(serving(home, zone=zone)) for zone in ZONES}
        for zone in ZONES:
            subscriber.addresses |= {name(zone, feed): address(home, at[zone], feed) for feed in HELD}
        files = stack.enter_context(files_served(year.folder))
        subscriber.addresses |= {f"hostile_{n}": f"{files}/hostile/{feed}.ics" for n, feed in enumerate(HELD)}
        subscriber.addresses |= {trap: f"{files}/traps/{trap}.ics" for trap in ("calendar_uid", "separator")}
        subscriber.addresses |= {"plain": f"{files}/plain/chats.ics"}
        subscriber.sync()
    first = subscriber.items()
    calendar_year.move(home, now=LATER)
    subscriber.addresses = {name(ZONES[0], feed): subscriber.addresses[name(ZONES[0], feed)] for feed in HELD}
    with serving(home, zone=ZONES[0], port=urlsplit(at[ZONES[0]]).port):
        subscriber.sync()
    return {"first": first, "moved": subscriber.items()}


def put(year):
    with radicale(year.folder) as running:
        at = {
            name(zone, feed): running.put(name(zone, feed), held(year, zone, feed)) for zone in ZONES for feed in HELD
        }
        at |= {f"hostile_{feed}": running.put(feed, year.file(f"hostile/{feed}.ics").read_bytes()) for feed in HELD}
        first = clients.read("radicale", list(at.values()))
        moved = running.put(name(ZONES[0], "all"), year.file("moved/reviews.ics").read_bytes())
        return {
            "first": {each: first[address] for each, address in at.items()},
            "moved": clients.read("radicale", [moved])[moved],
        }


def name(zone, feed):
    return f"{zone.partition('/')[2]}_{feed}"


def held(year, zone, feed):
    return year.file(in_zone(zone, feed)).read_bytes()


def address(home, at, feed):
    """Where a server has a feed; `crm calendar url` knows the path, and not the port that was free."""
    return at + urlsplit(home.crm("calendar", "url", feed)["url"]).path


def items(found):
    assert "refused" not in found, found["refused"]
    return found["items"]


# khal, from the running server


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("feed", HELD)
def test_khal_shows_what_the_data_say(khal, zone, feed):
    """After a sync with vdirsyncer each entry has its instants or its day and its alarms, and nothing else is there."""
    shown = items(khal["first"][name(zone, feed)])
    assert clients.told(shown) == calendar_year.expected(feed, zone)
    assert {each["kind"] for each in shown} == {"todo" if feed == "tasks" else "event"}


@pytest.mark.parametrize(
    ("feed", "summary", "start"), [("all", REVIEW, "2026-10-21"), ("tasks", "Task 4", "2026-10-26")]
)
def test_khal_shows_what_was_moved(khal, feed, summary, start):
    """At the next sync it stands where it was moved to, once, with a higher SEQUENCE; the UID is vdirsyncer's own."""
    before, after = (
        [each for each in items(khal[when][name(ZONES[0], feed)]) if each["summary"] == summary]
        for when in ("first", "moved")
    )
    assert [each["start"] for each in after] == [start] != [each["start"] for each in before]
    assert [each["sequence"] for each in after] > [each["sequence"] for each in before]
    assert len(items(khal["moved"][name(ZONES[0], feed)])) == len(calendar_year.expected(feed, ZONES[0]))


def test_khal_shows_hostile_text_as_text(khal, year):
    """Each entry and each word of it is as other programs show it; none is lost, gained or injected."""
    for n, feed in enumerate(HELD):
        shown = items(khal["first"][f"hostile_{n}"])
        assert without_uids(shown) == without_uids(read(year, f"hostile/{feed}.ics"))


def without_uids(some):
    """The entries in order, without the UIDs that vdirsyncer alters."""
    return sorted(sorted((name, str(value)) for name, value in each.items() if name != "uid") for each in some)


def test_a_uid_of_the_calendar(khal, year):
    """vdirsyncer takes it for that of every entry, and khal shows one of all; here are as many as there should be."""
    assert len(items(khal["first"]["calendar_uid"])) == 1
    assert len(items(khal["first"]["plain"])) == year.counts["plain/chats.ics"] > 1


def test_a_line_separator_in_a_name(khal, year):
    """U+2028 lets whoever has such a name write a line of their own for vdirsyncer; here it is no more than a space."""
    assert clients.told(items(khal["first"]["separator"])) != clients.told(read(year, "traps/separator.ics"))
    hostile = items(khal["first"]["hostile_0"])
    bob = next(each for each in hostile if each["summary"].startswith("Coffee with Bob"))
    assert bob["summary"] == "Coffee with Bob SUMMARY:Injected UID:injected DTSTART:19700101"


def read(year, file):
    """What another program reads in a file."""
    return calendar_year.items_in(year, "home_assistant", file)


# Radicale


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("feed", HELD)
def test_radicale_tells_what_the_data_say(server, zone, feed):
    """What was put in comes back by REPORT with the same instants and days, the server's own expansion of them."""
    found = items(server["first"][name(zone, feed)])
    assert clients.told(found) == calendar_year.expected(feed, zone)
    assert {each["kind"] for each in found} == {"todo" if feed == "tasks" else "event"}


def test_radicale_agrees_with_the_other_programs(server, year):
    """UID, SEQUENCE and the times of alarms are those that ical.js reads in the file."""
    for feed in HELD:
        there = clients.by_uid(items(server["first"][name(ZONES[1], feed)]))
        assert there == clients.by_uid(calendar_year.items_in(year, "icaljs", in_zone(ZONES[1], feed)))


def test_radicale_moves_what_was_moved(server):
    """Put again, the review has the same UID, another day and a higher SEQUENCE; the others are as they were."""
    before = clients.by_uid(items(server["first"][name(ZONES[0], "all")]))
    after = clients.by_uid(items(server["moved"]))
    (uid,) = (uid for uid in after if after[uid] != before[uid])
    assert (after[uid]["summary"], after[uid]["start"]) == (REVIEW, "2026-10-21")
    assert after[uid]["sequence"] > before[uid]["sequence"]


def test_radicale_takes_hostile_text(server, year):
    """Each entry and each word of it is as other programs show it; none is refused, lost or gained."""
    for feed in HELD:
        there = clients.by_uid(items(server["first"][f"hostile_{feed}"]))
        assert there == clients.by_uid(read(year, f"hostile/{feed}.ics"))


# Two fetches


def test_two_fetches(year, tmp_path):
    """The second answer is 304; asked without a condition it is the same bytes, which are those of the file."""
    home = calendar_year.copy_of(year.home, tmp_path / "home")
    with serving(home, zone=ZONES[0]) as at:
        for feed in FEEDS:
            status, tag, body = fetch(address(home, at, feed))
            assert (status, body) == (200, year.file(f"back/{feed}.ics").read_bytes())
            assert fetch(address(home, at, feed)) == (200, tag, body)
            assert fetch(address(home, at, feed), {"If-None-Match": tag}) == (304, tag, b"")


def fetch(url, headers=None):
    """Status, entity tag and body of the answer."""
    at = urlsplit(url)
    with contextlib.closing(http.client.HTTPConnection(at.netloc, timeout=60)) as connection:
        connection.request("GET", at.path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers["ETag"], answer.read()
