"""`crm calendar sync`: what one accepted in one's own calendar, and what names a contact, is a planned chat here."""

from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from database_support import engine_of
from dav_support import dav
from http_support import Handler, served
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from publish_support import Collection, configure
from radicale_support import radicale
from sqlmodel import Session

from calendars.remote import chats_events, chats_source
from calendars.remote.chats_source import WebFile
from crm.actions.calendar_whom import Names, Whom
from crm.commands.base import App
from crm.errors import CrmError
from crm.store import feed_history, published
from crm.store.calendar_chats import Person

LATER = "2026-01-05T18:00:00Z"
LATEST = "2026-01-05T19:00:00Z"
JANE = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:Jane@Example.org"
ME = "ATTENDEE;PARTSTAT={}:mailto:me@example.org"
NOW = datetime(2026, 1, 5, 17, tzinfo=UTC)


def event(*lines, uid="one@host", at="DTSTART:20260109T223000Z", title="Coffee with Jane"):
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", at, f"SUMMARY:{title}", *lines, "END:VEVENT", ""]
    )


def ics(*events):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n{''.join(events)}END:VCALENDAR\r\n"


class Own:
    """The person's own calendar: a file, and how it is taken over."""

    def __init__(self, crm, home):
        self.crm, self.file, self.home = crm, home / "own.ics", home

    def holds(self, *events):
        self.file.write_bytes(ics(*events).encode())

    def sync(self, *events, now=None, code=0):
        """What came of it, after these events were put there."""
        if events:
            self.holds(*events)
        return self.crm("calendar", "sync", "--json", code=code, now=now).json["chats"]

    def taken(self, *events, now=None):
        return [each["what"] for each in self.sync(*events, now=now)["taken"]]

    def feed(self):
        """How many chats to come this program's own calendar tells of."""
        self.crm("calendar", "export")
        return (self.home / "calendars" / "chats.ics").read_text().count("STATUS:CONFIRMED")

    def chats(self):
        """What is on record: state, start, length, place and people of each."""
        found = self.crm("export", "json").json["interactions"]
        return [(each["state"], each["starts_at"], each.get("place")) for each in found]


@pytest.fixture
def own(prepared, home):
    """Jane, Kim, two people called Marco, and a calendar of one's own that holds nothing."""
    crm = prepared(
        "contact add 'Jane Roe' --email jane@example.org",
        "contact add 'Kim Lee'",
        "contact add 'Marco Rossi'",
        "contact add 'Marco Polo'",
        "contact add 'Mario Stone'",
    )
    (home / "config.toml").write_text(f'[calendar.sync]\nchats = "{home / "own.ics"}"\n', encoding="utf-8")
    calendar = Own(crm, home)
    calendar.holds()
    return calendar


def test_an_accepted_chat_is_planned_once_and_can_be_undone_for_good(own):
    """As crm schedule would; taken back, it stays away, also when it is moved there."""
    conference = "LOCATION:Cafe Luna\\, Main St"
    done = own.sync(event("DURATION:PT45M", conference))
    assert [each["words"] for each in done["taken"]] == ["planned: i1 coffee with Jane Roe, Fri 9 Jan 2026 14:30"]
    (made,) = own.crm("export", "json").json["interactions"]
    assert (made["kind"], made["state"], made["minutes"], made["place"]) == (
        "coffee",
        "planned",
        45,
        "Cafe Luna, Main St",
    )
    newest = own.crm("history", "--json").json["items"][0]
    assert (newest["name"], newest["summary"]) == (
        "calendar sync",
        "In the calendar, planned: i1 coffee with Jane Roe, Fri 9 Jan 2026 14:30",
    )
    assert own.crm("contact", "show", "jane", "--json").json["stage"] == "scheduled"
    assert own.taken() == []
    own.crm("undo")
    assert own.taken() == []
    assert own.taken(event("DURATION:PT45M", at="DTSTART:20260110T223000Z")) == []
    assert own.chats() == []


def test_what_is_removed_here_stays_away(own):
    """Even if the appointment stands there still."""
    own.sync(event())
    own.crm("interaction", "remove", "i1", "--yes")
    assert (own.taken(), own.chats()) == ([], [])


@pytest.mark.parametrize(
    ("lines", "planned"),
    [
        ([], True),
        (["STATUS:CONFIRMED"], True),
        (["STATUS:TENTATIVE"], False),
        (["STATUS:CANCELLED"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], False),
        ([JANE, ME.format("ACCEPTED")], True),
        ([JANE, ME.format("NEEDS-ACTION")], False),
        ([JANE, ME.format("DECLINED")], False),
        ([JANE, ME.format("TENTATIVE")], False),
        ([JANE], False),
        ([JANE, "ORGANIZER:mailto:ME@example.org"], True),
        (["ORGANIZER:mailto:me@example.org", "ATTENDEE:mailto:jane@example.org", ME.format("DECLINED")], False),
    ],
)
def test_it_counts_when_it_was_accepted(own, lines, planned):
    """One's own word counts; without anybody invited, or as the one who invites, it is accepted."""
    own.crm("config", "set", "calendar.sync.me", "me@example.org,other@example.org")
    assert own.taken(event(*lines)) == ["planned"] * planned


def test_who_did_not_say_by_which_address_they_are_invited_is_told_how(own):
    """If everybody accepted, so did they; else nobody can know."""
    waiting = event(JANE, ME.format("NEEDS-ACTION"), uid="two@host")
    done = own.sync(event(JANE, ME.format("ACCEPTED")), waiting)
    assert [each["what"] for each in done["taken"]] == ["planned"]
    assert "crm config set calendar.sync.me" in done["told"][0]


PEOPLE = [
    Person(1, "Jane Roe", ("Janie", "J. R. Roe"), tended=True, emails=("jane@example.org",)),
    Person(2, "Mario Stone", (), tended=True, emails=()),
    Person(3, "Marco Rossi", (), tended=True, emails=("desk@example.org",)),
    Person(4, "Marco Polo", (), tended=True, emails=("desk@example.org",)),
    Person(5, "Anna Maria Silva", (), tended=True, emails=()),
    Person(6, "Anna Maria", (), tended=True, emails=()),
    Person(7, "Jane Far", (), tended=False, emails=()),
    Person(8, "Zo\u00eb O'Neil-Berg", (), tended=True, emails=()),
    Person(9, "Will Call", (), tended=False, emails=()),
    Person(10, "April May", (), tended=True, emails=()),
]


@pytest.mark.parametrize(
    ("title", "ids"),
    [
        ("Coffee with Jane", (1,)),
        ("coffee w/ jane", (1,)),
        ("Coffee w/Jane @ Cafe Luna", (1,)),
        ("Call with Janie at 3", (1,)),
        ("Chat with JANE, Mario and the team", (1, 2)),
        ("Lunch with Jane & Marco Rossi", (3, 1)),
        ("Jane Roe <> Sam", (1,)),
        ("JANE  ROE", (1,)),
        ("J R Roe: offer", (1,)),
        ("With Zoe O'Neil-Berg", (8,)),
        ("Anna Maria Silva", (5,)),
        ("Anna Maria", (6,)),
        ("Coffee with \u200fJane\u202c", (1,)),
        ("Coffee with Jane Smith", ()),
        ("coffee with jane smith", ()),
        ("Coffee with Jane. Smith", ()),
        ("Coffee with Jane-Marie", ()),
        ("Coffee with Jane's boss", ()),
        ("Coffee with Jan", ()),
        ("Coffee with Maria", ()),
        ("Mario Kart night", ()),
        ("Mario Kart with friends", ()),
        ("Night with Mario Kart", ()),
        ("Jane", ()),
        ("Withjane Roe", ()),
        ("with", ()),
        ("w/", ()),
        ("Jane Far", (7,)),
        ("Dr. Jane Roe, video call", (1,)),
        ("Jane Roe Mario Stone sync", (1, 2)),
        ("COFFEE WITH JANE ROE TUESDAY", (1,)),
        ("coffee with jane roe about berlin", (1,)),
        ("Offer for Jane, Roe Street", ()),
        ("Buy a ticket at will call", ()),
        ("Will call Jane", ()),
        ("Coffee with Will Call", (9,)),
        ("Lunch Will Call", (9,)),
        ("April, May or June", ()),
        ("Canceled: coffee with Jane Roe", ()),
        ("", ()),
    ],
)
def test_whom_a_title_names(title, ids):
    """A full name, or a first name that stands alone after "with"; nobody for another who is called alike."""
    assert Names(PEOPLE).meant(title, ()) == Whom(ids)


@pytest.mark.parametrize(
    ("title", "doubt"),
    [
        ("Coffee with Jane Roe Lopez", (1,)),
        ("Call Mary Jane Roe", (1,)),
        ("coffee with jane roe lopez", (1,)),
        ("Jane roe", (1,)),
        ("Prep for Jane Roe", (1,)),
        ("Prepare coffee with Jane", (1,)),
        ("Lunch with Will Call Center", (9,)),
    ],
)
def test_a_name_that_may_be_part_of_another_is_a_doubt(title, doubt):
    """And so is what one only prepares; unless who is meant was invited."""
    assert Names(PEOPLE).meant(title, ()) == Whom(doubt=doubt)
    if doubt == (1,):
        assert Names(PEOPLE).meant(title, ("jane@example.org",)) == Whom((1,))


@pytest.mark.parametrize(
    ("title", "addresses", "whom"),
    [
        ("Chat", ("jane@example.org",), Whom((1,))),
        ("Coffee with Mario", ("jane@example.org",), Whom((1,))),
        ("Coffee with Jane", ("stranger@example.org",), Whom(doubt=(1,))),
        ("Coffee with Marco", (), Whom(doubt=(3, 4))),
        ("Sync", ("desk@example.org",), Whom(doubt=(3, 4))),
        ("Sync, Marco Polo", ("desk@example.org",), Whom((4,))),
        ("Sync", ("stranger@example.org",), Whom()),
    ],
)
def test_addresses_count_more_than_first_names(title, addresses, whom):
    """A first name beside a stranger's address may be the stranger's; what several share is settled by a full name."""
    assert Names(PEOPLE).meant(title, addresses) == whom


def test_archived_people_and_sources_are_never_named(own):
    """Neither by address nor by name."""
    own.crm("contact", "archive", "jane")
    own.crm("contact", "edit", "kim", "--kind", "source")
    assert own.taken(event(JANE), event(uid="b", title="Kim Lee"), event(uid="c", title="Jane Roe")) == []


def test_a_doubt_is_told_with_the_way_out_and_then_settled(own):
    """Once one of those people was planned at that time, that is the chat."""
    (told,) = own.sync(event(title="Coffee with Marco"))["told"]
    assert told.startswith('"Coffee with Marco" on Fri 9 Jan 2026 14:30 may be with c3 Marco Rossi or c4 Marco Polo')
    command = told.partition("crm ")[2].split()
    assert command == ["schedule", "c3", "2026-01-09", "14:30"]
    assert "c4 Marco Polo" in own.crm("calendar", "sync").out
    own.crm(*command)
    (told,) = own.sync()["told"]
    assert told.startswith('"Coffee with Marco" on Fri 9 Jan 2026 14:30 is i1 with Marco Rossi, which is planned here')
    done = own.sync()
    assert (done["told"], done["taken"], len(own.chats())) == ([], [], 1)


def test_a_chat_that_is_planned_already_is_not_doubled_and_followed(own):
    """Though it begins ten minutes later there; moved there afterwards it is moved here."""
    own.crm("schedule", "jane", "2026-01-09 14:20", "--place", "Cafe Luna")
    assert own.taken(event()) == []
    assert own.chats() == [("planned", "2026-01-09T22:20:00Z", "Cafe Luna")]
    assert own.taken(event(at="DTSTART:20260111T223000Z")) == ["moved"]
    assert own.chats() == [("planned", "2026-01-11T22:30:00Z", "Cafe Luna")]
    assert own.taken(event("STATUS:CANCELLED", at="DTSTART:20260111T223000Z")) == ["cancelled"]


def test_moved_and_cancelled_there_is_so_here(own):
    """Time, place and length; each a command of its own; and planned again if it stands there again."""
    own.sync(event("LOCATION:Cafe Luna"))
    assert own.taken(event("LOCATION:Cafe Sol", at="DTSTART:20260110T223000Z"), now=LATER) == ["moved"]
    assert own.chats() == [("planned", "2026-01-10T22:30:00Z", "Cafe Sol")]
    assert own.taken(event("LOCATION:Library", at="DTSTART:20260110T223000Z")) == ["changed"]
    own.crm("undo", now=LATEST)
    assert (own.taken(), own.chats()[0][2]) == ([], "Cafe Sol")
    gone = event("LOCATION:Library", "STATUS:CANCELLED", at="DTSTART:20260110T223000Z")
    assert own.taken(gone) == ["kept"]  # for it was changed here since: by the undo
    assert own.taken(gone) == []
    assert own.chats()[0][0] == "planned"


def test_what_vanished_or_was_declined_is_cancelled_and_comes_back(own):
    """Once; taken back here, it stays planned here."""
    own.crm("config", "set", "calendar.sync.me", "me@example.org")
    yes, no = (event(JANE, ME.format(word)) for word in ("ACCEPTED", "DECLINED"))
    own.sync(yes)
    own.holds()
    assert (own.taken(), own.taken()) == (["cancelled"], [])
    assert own.taken(yes, now=LATER) == ["planned"]
    assert own.taken(no) == ["cancelled"]
    own.crm("undo")
    assert (own.taken(), own.chats()[0][0]) == ([], "planned")


def test_an_invitation_that_waits_for_an_answer_again_changes_nothing(own):
    """Who invites moves it, so that the answer is open: it is moved here when it is accepted."""
    own.crm("config", "set", "calendar.sync.me", "me@example.org")
    own.sync(event(JANE, ME.format("ACCEPTED")))
    other = {"at": "DTSTART:20260112T223000Z"}
    assert own.taken(event(JANE, ME.format("NEEDS-ACTION"), **other)) == []
    assert own.chats()[0][1] == "2026-01-09T22:30:00Z"
    assert own.taken(event(JANE, ME.format("ACCEPTED"), **other)) == ["moved"]


def test_where_both_sides_changed_what_is_here_stays_and_it_is_told_once(own):
    """Moved here and there; cancelled there and moved here; and another field is taken all the same."""
    own.sync(event(), event(uid="two@host", title="Kim Lee"))
    own.crm("interaction", "edit", "i1", "--at", "2026-01-08 10:00", now=LATER)
    own.crm("interaction", "edit", "i2", "--at", "2026-01-08 12:00")
    done = own.sync(event(at="DTSTART:20260110T223000Z"), now=LATER)
    assert [each["what"] for each in done["taken"]] == ["kept", "kept"]
    assert "Sat 10 Jan 2026 14:30" in done["taken"][0]["words"]
    assert (own.taken(), [each[0] for each in own.chats()]) == ([], ["planned", "planned"])
    assert own.taken(event("LOCATION:Cafe Sol", at="DTSTART:20260110T223000Z")) == ["changed"]
    assert own.chats()[0] == ("planned", "2026-01-08T18:00:00Z", "Cafe Sol")


def test_what_repeats_is_an_appointment_each_time_for_four_weeks(own):
    """By itself: one that is moved, left out or undone leaves the others alone."""
    weekly = event("RRULE:FREQ=WEEKLY", "EXDATE:20260116T223000Z")
    own.sync(weekly)
    assert [each[1][:10] for each in own.chats()] == ["2026-01-09", "2026-01-23", "2026-01-30"]
    moved = event("RECURRENCE-ID:20260123T223000Z", at="DTSTART:20260124T220000Z")
    own.crm("undo")
    assert own.taken(weekly, moved) == ["moved"]
    assert [each[1][:10] for each in own.chats()] == ["2026-01-09", "2026-01-24"]
    far = event("RECURRENCE-ID:20260123T223000Z", at="DTSTART:20260324T220000Z")
    assert own.taken(weekly, far) == ["moved"]
    assert own.taken(weekly, far, now="2026-01-12T17:00:00Z") == ["planned"]


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYSECOND=1,2,3", "FREQ=HOURLY", "FREQ=NEVER", "X"])
def test_rules_that_nobody_has_chats_by_are_passed_over(own, rule):
    """At once, and the other appointments count; one that was known already is not cancelled for it."""
    own.sync(event())
    done = own.sync(event(f"RRULE:{rule}"), event(uid="two@host", title="Kim Lee"))
    assert [each["title"] for each in done["taken"]] == ["chat with Kim Lee"]


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("DTSTART:20260109T143000", "2026-01-09T22:30:00Z"),
        ("DTSTART;TZID=Europe/Berlin:20260109T143000", "2026-01-09T13:30:00Z"),
        ("DTSTART;TZID=Europe/Berlin:20260709T143000", "2026-07-09T12:30:00Z"),
        ("DTSTART;TZID=Pacific Standard Time:20260709T143000", "2026-07-09T21:30:00Z"),
        ("DTSTART;TZID=America/Los_Angeles:20260308T023000", "2026-03-08T10:30:00Z"),
        ("DTSTART;TZID=Asia/Kathmandu:20260109T143000", "2026-01-09T08:45:00Z"),
        ("DTSTART;TZID=Nowhere/Land:20260109T143000", None),
        ("DTSTART;VALUE=DATE:20260109", None),
        ("DTSTART:20260105T100000Z", None),
        ("DTSTART:20280105T100000Z", None),
        ("DTSTART:soon", None),
        ("DTSTART:99991231T235959Z", None),
    ],
)
def test_when_it_is(own, at, instant):
    """In its own zone or, without one, the person's; whole days, what has passed, or cannot be told is left out."""
    own.sync(event(at=at))
    assert [each[1] for each in own.chats()] == ([instant] if instant else [])


HOSTILE = [
    "Coffee with Jane\\nBEGIN:VEVENT\\nUID:evil",
    "Coffee with Jane \x1b[31m\x07\x00",
    "\u202eCoffee with Jane\u2069",
    "Coffee with Jane [bold]{x}",
    "Coffee with Jane, " + "x" * 1_000_000,
]


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_titles_and_places_do_no_harm(own, title):
    """What a terminal obeys is not printed, nothing is crashed, and one chat comes of it at most."""
    own.holds(event(f"LOCATION:{title}", title=title), event(title=title.replace("Jane", "Marco"), uid="two@host"))
    out = own.crm("calendar", "sync").out
    assert not set("\x1b\x07\x00\u202e") & set(out)
    assert len(out) < 2000
    assert [len(each[2] or "") <= 500 for each in own.chats()] in ([True], [])
    assert Calendar.from_ical(ics(event(title=title.replace("\x00", ""))))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"END:VEVENT", b""),
        lambda _data: b"",
        lambda _data: b"<html>log in</html>",
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"Coffee", b"Caf\xe9"),
        lambda data: data + b" " * 11_000_000,
    ],
    ids=["cut", "unbalanced", "empty", "html", "utf-16", "latin-1", "huge"],
)
def test_what_cannot_be_read_changes_nothing(own, damage):
    """It is said in a line, and nothing is cancelled."""
    own.sync(event())
    own.file.write_bytes(damage(own.file.read_bytes()))
    result = own.crm("calendar", "sync", code=1)
    assert len(result.err.splitlines()) <= 2
    assert own.chats()[0][0] == "planned"


def test_a_whole_calendar_that_is_another_cancels_nothing(own):
    """Three chats that are all gone at once: that is told instead."""
    own.sync(*(event(uid=f"{number}@host", at=f"DTSTART:2026010{number}T223000Z") for number in (6, 7, 8)))
    done = own.sync(event(uid="foreign@host", title="Dentist"))
    assert (done["taken"], len(done["told"])) == ([], 1)
    assert {each[0] for each in own.chats()} == {"planned"}


def three(*more):
    return [*(event(uid=f"{number}@host", at=f"DTSTART:2026010{number}T223000Z") for number in (6, 7, 8)), *more]


def test_what_another_calendar_left_planned_stays_so_whatever_it_holds_next(own):
    """They count again when they come back, and can be cancelled from there."""
    own.sync(*three())
    foreign = event(uid="foreign@host", title="Kim Lee")
    assert own.taken(foreign) == ["planned"]
    assert (own.sync(now=LATER)["taken"], own.sync(now=LATER)["told"]) == ([], [])
    assert {each[0] for each in own.chats()} == {"planned"}
    assert own.taken(foreign, *three(), now=LATEST) == []
    assert own.taken(foreign, *three()[:2], now=LATEST) == ["cancelled"]


def test_a_series_that_is_moved_is_moved_at_once(own):
    """What it was is cancelled before what it is gets planned, and no other calendar is suspected."""
    own.sync(event("RRULE:FREQ=WEEKLY"))
    done = own.sync(event("RRULE:FREQ=WEEKLY", at="DTSTART:20260109T233000Z"), now=LATER)
    assert [each["what"] for each in done["taken"]] == ["cancelled"] * 4 + ["planned"] * 4
    assert done["told"] == []


def test_two_alike_in_one_reading_are_one_chat(own):
    """An invitation, and what one wrote down oneself."""
    both = event(), event(uid="two@host", title="Jane Roe / me")
    assert (own.taken(*both), own.taken(), len(own.chats())) == (["planned"], [], 1)
    assert own.taken(both[1]) == []


def test_what_took_the_time_of_one_that_moved_is_another(own):
    """The first is followed before the second is looked at."""
    own.sync(event())
    assert own.taken(event(at="DTSTART:20260110T223000Z"), event(uid="two@host")) == ["moved", "planned"]


@pytest.mark.parametrize(
    ("lines", "planned"),
    [
        (["ORGANIZER:mailto:me@example.org", "ATTENDEE;PARTSTAT=DECLINED:mailto:jane@example.org"], []),
        (
            [
                "ORGANIZER:mailto:me@example.org",
                "ATTENDEE;PARTSTAT=DECLINED:mailto:jane@example.org",
                "ATTENDEE:mailto:kim@example.org",
            ],
            ["call with Kim Lee"],
        ),
        (["ORGANIZER:mailto:me@example.org", "ATTENDEE;CUTYPE=ROOM:mailto:room@example.org"], ["call with Jane Roe"]),
    ],
)
def test_who_declined_is_not_met_and_a_room_is_nobody(own, lines, planned):
    """Though the title names them; if nobody else comes, nothing is planned."""
    own.crm("contact", "edit", "kim", "--email", "kim@example.org")
    own.crm("config", "set", "calendar.sync.me", "me@example.org")
    done = own.sync(event(*lines, title="Call with Jane"))
    assert ([each["title"] for each in done["taken"]], done["told"]) == (planned, [])


def test_a_new_address_of_ones_calendar_makes_no_difference(own):
    """What was changed here stays, what it does not hold stays planned, and what was undone stays away."""
    own.sync(event(), event(uid="two@host", title="Kim Lee"), event(uid="three@host", title="Mario Stone"))
    own.crm("interaction", "remove", "i3", "--yes")
    own.crm("interaction", "edit", "i1", "--at", "2026-01-09 18:00", now=LATER)
    own.file = own.home / "new.ics"
    own.crm("config", "set", "calendar.sync.chats", str(own.file))
    done = own.sync(event(), event(uid="three@host", title="Mario Stone"), now=LATER)
    assert (done["taken"], len(done["told"])) == ([], 1)
    moved = event(at="DTSTART:20260109T233000Z")
    assert own.taken(moved, event(uid="three@host", title="Mario Stone"), now=LATEST) == ["kept"]
    assert own.feed() == 2  # neither what was moved here, nor what the new one does not hold, stands there
    assert len(own.chats()) == 2


def test_a_chat_that_stands_in_no_calendar_is_told_in_the_feed(own):
    """Moved here and removed there; or given up; once it stands there as it does here, it is left out."""
    own.sync(event())
    own.crm("interaction", "edit", "i1", "--at", "2026-01-09 18:00", now=LATER)
    assert own.feed() == 1
    moved = event(at="DTSTART:20260110T020000Z")
    assert (own.taken(moved, now=LATER), own.feed()) == ([], 0)
    own.crm("interaction", "edit", "i1", "--place", "Cafe Luna", now=LATER)
    assert own.feed() == 1
    own.holds()
    assert (own.taken(now=LATEST), own.feed()) == (["kept"], 1)


def test_what_a_reading_changes_in_the_feeds_changes_their_marks(own):
    """Though nothing is done that a person could take back: a chat is linked, and what both sides changed agrees."""
    own.crm("schedule", "jane", "2026-01-09 14:30")

    def marks():
        with engine_of(own.home).connect() as connection, Session(connection) as session:
            return feed_history.marker(session), published.mark(session)

    before, told = marks(), own.feed()
    own.sync(event())
    assert (told, own.feed()) == (1, 0)
    assert all(one != other for one, other in zip(before, marks(), strict=True))
    own.crm("interaction", "edit", "i1", "--at", "2026-01-09 18:00", now=LATER)
    before, told = marks(), own.feed()
    own.sync(event(at="DTSTART:20260110T020000Z"), now=LATER)
    assert (told, own.feed()) == (1, 0)
    assert all(one != other for one, other in zip(before, marks(), strict=True))
    before = marks()
    own.sync()
    assert marks() == before


@pytest.mark.parametrize(
    ("meanwhile", "events", "state"),
    [
        (("calendar", "sync"), [event(), event(uid="two@host", title="Kim Lee")], ["planned", "planned"]),
        (("interaction", "remove", "i1", "--yes"), [event(uid="two@host", title="Kim Lee")], ["planned"]),
    ],
)
def test_what_happens_while_a_calendar_is_taken_over(own, monkeypatch, meanwhile, events, state):
    """Another machine takes it over as well, or a chat that is about to be cancelled is removed."""
    if meanwhile[0] == "interaction":
        own.sync(event())
    own.holds(*events)
    writing, now = App.writing, []

    def slow(self, name):
        if name == "calendar sync" and not now:
            now.append(name)
            monkeypatch.setattr("crm.commands.calendar_sync.only_one", lambda *_: nullcontext())
            own.crm(*meanwhile)
        return writing(self, name)

    monkeypatch.setattr(App, "writing", slow)
    own.sync(now=LATER)
    assert now
    assert [each[0] for each in own.chats()] == state
    assert own.taken(now=LATEST) == []


def test_a_path_that_depends_on_where_one_is_is_refused(own):
    """The daemon would look elsewhere."""
    assert "whole path" in own.crm("config", "set", "calendar.sync.chats", "own.ics", code=2).err


@contextmanager
def asking(answer=None):
    """A server that asks for a password, or gives everybody this; with what was sent to log in."""
    sent = []

    class Asking(Handler):
        def do_GET(self):  # noqa: N802 - http.server's name
            self.body()
            sent.append(self.headers.get("Authorization"))
            given = answer if answer and self.command == "GET" else b""
            status = 200 if given else 405 if answer else 401
            self.reply(status, given, {"WWW-Authenticate": 'Basic realm="x"'})

        do_REPORT = do_PROPFIND = do_GET  # noqa: N815 - http.server's names

    with served(Asking) as port:
        yield f"http://127.0.0.1:{port}/own", sent


@pytest.mark.parametrize(
    ("publish", "more", "logs_in"),
    [
        ("", "", False),
        ("http://127.0.0.1:1/own", "", False),
        ("{}", "", True),
        ("", '{}user = "jane"\n{}password_file = "{}"\n', True),
    ],
)
@pytest.mark.parametrize(("setting", "own_login"), [("chats", "chats_"), ("url", "")])
def test_a_password_goes_to_the_server_that_it_is_of_and_no_other(own, publish, more, logs_in, setting, own_login):
    """That of calendar.publish to its own; another needs a name and a password of its own."""
    with asking() as (url, sent):
        configure(own.home, publish.format(url))
        with (own.home / "config.toml").open("a") as config:
            config.write(f'[calendar.sync]\n{setting} = "{url}"\n')
            config.write(more.format(own_login, own_login, own.home / "password"))
        result = own.crm("calendar", "sync", code=1)
        said = own.crm("calendar", "doctor", code=1).out.replace("\n", " ")
    assert any(sent) == logs_in
    missing = f"crm config set calendar.sync.{own_login}user NAME"
    assert (missing in result.err) != logs_in
    assert (missing in " ".join(said.split())) != logs_in


def test_an_ics_whose_address_does_not_look_like_one_is_read_without_a_password(own):
    """As what its server answers says."""
    with asking(ics(event()).encode()) as (url, sent):
        configure(own.home, "http://127.0.0.1:1/own")
        with (own.home / "config.toml").open("a") as config:
            config.write(f'[calendar.sync]\nchats = "{url}"\n')
        assert own.taken() == ["planned"]
    assert not any(sent)


def test_what_this_program_put_there_and_what_became_a_whole_day_is_left_alone(own):
    """Else each chat would come back from a published calendar."""
    own.sync(event())
    assert own.taken(event(at="DTSTART;VALUE=DATE:20260109"), event(uid="x-chat@networking-crm")) == []


def test_a_refusal_by_etiquette_is_told(own):
    """A contact who declined: the way round is named, and nothing is planned."""
    own.crm("contact", "edit", "jane", "--stage", "declined")
    done = own.sync(event())
    assert (done["taken"], len(done["told"]), own.chats()) == ([], 1, [])


def test_it_is_not_told_in_the_calendars_again_unless_wanted(own):
    """It stands in the person's own calendar already."""
    own.sync(event(title="Jane Roe"))
    own.crm("schedule", "kim", "2026-01-09 09:00")
    folder = own.home / "calendars"
    for wanted, count in (("false", 1), ("true", 2)):
        own.crm("config", "set", "calendar.chats.from_calendar", wanted)
        own.crm("calendar", "export")
        for name in ("chats", "all"):
            assert (folder / f"{name}.ics").read_text().count("BEGIN:VEVENT") == count


class Killed(BaseException):
    """The process ends here."""


def test_killed_before_it_is_noted_nothing_is_doubled(own, monkeypatch):
    """The chat and the note of it are one transaction."""
    own.holds(event(), event(uid="two@host", title="Kim Lee"))
    begin, calls = published.begin, []

    def dies(*given):
        begin(*given)
        calls.append(given)
        if len(calls) == 2:
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(published, "begin", dies)
        with pytest.raises(Killed):
            own.sync()
    assert len(own.chats()) == 1
    assert (own.taken(), len(own.chats()), own.taken()) == (["planned"], 2, [])


def test_two_at_once(own):
    """The second is told to try again."""
    from filelock import FileLock

    with FileLock(own.home / "sync.lock"):
        assert own.crm("calendar", "sync", code=75).err


def test_the_number_of_queries_does_not_grow_with_the_calendar(own):
    """Five thousand appointments that name nobody, or somebody in doubt, are read with as many queries as ten."""
    counted = []
    for many in (10, 5000):
        own.holds(
            *(event(uid=f"{n}@host", title="Lunch with Marco" if n % 100 == 0 else "Dentist") for n in range(many))
        )
        asked = []

        def count(*given, asked=asked):
            asked.append(given[2])

        sa.event.listen(sa.Engine, "before_cursor_execute", count)
        try:
            assert own.sync()["seen"] == many
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", count)
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_one_that_fails_does_not_stop_the_other(own):
    """To-dos without a server, chats with; and the other way round."""
    with dav() as server, (own.home / "config.toml").open("a") as config:
        config.write('url = "http://127.0.0.1:1/"\n')
        config.flush()
        own.holds(event())
        result = own.crm("calendar", "sync", "--json", code=1)
        assert [each["what"] for each in result.json["chats"]["taken"]] == ["planned"]
        own.file.unlink()
        own.crm("config", "set", "calendar.sync.url", server.url)
        assert own.crm("calendar", "sync", "--json", code=1).json["items"][0]["error"] == ""


def test_an_empty_calendar_says_what_counts(own):
    """A line of what to write, at 80 columns too."""
    assert "Coffee with Jane Roe" in own.crm("calendar", "sync").out


@contextmanager
def web(data, status=200, length=None):
    """A server that gives this, and says that it is so long."""

    class Get(Handler):
        def do_GET(self):  # noqa: N802 - http.server's name
            self.reply(status, data, {} if length is None else {"Content-Length": str(length)})

    with served(Get) as port:
        yield f"http://127.0.0.1:{port}/private-abcdef/basic.ics"


def test_a_secret_address_is_read_and_never_told(own):
    """It stands in a file; neither screens, nor errors, nor the database have it."""
    with web(ics(event()).encode()) as url:
        secret = own.home / "secret"
        secret.write_text(url)
        own.crm("config", "set", "calendar.sync.chats", "")
        own.crm("config", "set", "calendar.sync.chats_file", str(secret))
        result = own.crm("calendar", "sync")
        assert "planned" in result.out
        told = own.crm("config", "show").out + result.out + result.err
    result = own.crm("calendar", "sync", code=1)
    with engine_of(own.home).connect() as connection:
        told += str(connection.execute(sa.text("SELECT target FROM published")).all())
    assert "private-abcdef" not in told + result.out + result.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"status": 404}, "404"),
        ({"status": 302}, "302"),
        ({"status": 500}, "500"),
        ({"length": 100_000}, "only a part"),
    ],
)
def test_an_address_that_fails_changes_nothing(given, words):
    """It is said what it answered."""
    with web(ics(event()).encode(), **given) as url, pytest.raises(CrmError, match=words):
        WebFile(url, seconds=5).read(NOW, NOW)


def test_an_address_in_the_clear_or_too_slow_is_refused():
    """It would be read on the way; and a server that says nothing is not waited for."""
    import socket

    with pytest.raises(CrmError, match="http://"):
        WebFile("http://example.org/private.ics").read(NOW, NOW)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/a.ics"
        with pytest.raises(CrmError, match="cannot be reached"):
            WebFile(url, seconds=0.05).read(NOW, NOW)


def test_with_a_real_server(crm, home, tmp_path):
    """Radicale: planned, moved by another client, removed there; and never written to."""
    with radicale(tmp_path) as server:
        place = Collection(server, "own")
        configure(home, "")
        with (home / "config.toml").open("a", encoding="utf-8") as config:
            config.write(f'[calendar.sync]\nchats = "{place.url}"\n')
            config.write(f'chats_user = "jane"\nchats_password_file = "{home / "password"}"\n')
        crm("contact", "add", "Jane Roe")
        place.ask("PUT", "one.ics", ics(event()).encode())
        place.ask("PUT", "old.ics", ics(event(uid="old@host", at="DTSTART:20200109T223000Z")).encode())
        first = crm("calendar", "sync", "--json").json["chats"]
        assert ([each["what"] for each in first["taken"]], first["seen"]) == (["planned"], 1)
        place.ask("PUT", "one.ics", ics(event(at="DTSTART:20260110T223000Z")).encode())
        assert [each["what"] for each in crm("calendar", "sync", "--json").json["chats"]["taken"]] == ["moved"]
        place.ask("DELETE", "one.ics")
        assert [each["what"] for each in crm("calendar", "sync", "--json").json["chats"]["taken"]] == ["cancelled"]
        assert place.names() == {"old.ics"}
        asked = [server.log.count(f"{method} request for") for method in ("PUT", "DELETE", "MKCALENDAR")]
        assert asked == [3, 1, 1]  # all that write are this test's own


@given(
    st.binary(max_size=60), st.sampled_from(["DTSTART:", "DTEND:", "RRULE:", "ATTENDEE;", "RECURRENCE-ID:", "EXDATE:"])
)
def test_whatever_a_property_holds_it_is_read_or_passed_over(noise, name):
    """Reading raises nothing but what says that it cannot be read; another appointment counts all the same."""
    text = noise.decode("latin-1").replace("\n", "").replace("\r", "")
    found = chats_events.read(
        [ics(event(f"{name}{text}"), event(uid="two@host"))], (), now=NOW, tz=ZoneInfo("America/Los_Angeles")
    )
    assert any("/@" in each.uid for each in found.appointments.values())


def test_the_time_range_is_asked_for(monkeypatch):
    """From a day ago to 400 days ahead, in UTC."""
    assert 'start="{since}" end="{until}"' in chats_source._QUERY
    assert chats_source._utc(NOW) == "20260105T170000Z"


def test_what_was_taken_over_is_nothing_that_this_program_put_there(own):
    """So that nobody is offered to take it back from there."""
    own.sync(event())
    with engine_of(own.home).connect() as connection, Session(connection) as session:
        assert published.places(session) == []
