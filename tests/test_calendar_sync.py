"""`crm calendar sync`: what is done or moved on the phone is so here, can be undone, and nothing else is touched."""

import re
from datetime import date

import pytest
from database_support import engine_of
from dav_support import dav
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Todo
from publish_support import FOREIGN, Collection, configure, counts
from radicale_support import radicale
from reminder_support import MONDAY

from calendars.remote import push
from calendars.remote.to_dos import merged, seen
from crm import models as m
from crm.actions import tasks
from crm.errors import RefusedError
from crm.models.words import Owner
from crm.store import contacts, records
from crm.store.engine import reading, writing

LATER = "2026-01-06T17:00:00Z"
LATEST = "2026-01-07T17:00:00Z"
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Mine\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VTODO"


@pytest.fixture
def phone(home):
    """A calendar on a server, that is configured, with a follow-up, a promise of somebody's and a commitment here."""
    with dav() as server:
        configure(home, "", user="")
        with (home / "config.toml").open("a", encoding="utf-8") as config:
            config.write(f'[calendar.sync]\nurl = "{server.url}"\n')
        fill(home)
        yield Phone(server)


def fill(home):
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        jane = contacts.add_contact(session, "Jane Roe")
        task = {"contact_id": jane.id, "due_on": date(2026, 1, 9)}
        records.add(session, m.Task(title="ask how it went", kind="follow-up", **task))
        records.add(session, m.Task(title="send the repo", kind="promise", owner=Owner.THEM.value, **task))
        made = records.add(session, m.Commitment(title="Post", state="accepted"))
        records.add(session, m.CommitmentVersion(commitment_id=made.id, from_on=date(2026, 1, 1), times=2, per="week"))


class Phone:
    """What a program on a phone does with the to-dos in the calendar."""

    def __init__(self, server):
        self.server = server

    def name(self, words):
        (found,) = [name for name, data in self.server.held.items() if words in data.decode(errors="replace")]
        return found

    def edit(self, words, *changes):
        """Change properties of the one with these words: (name, value), or (name, None) to take it out."""
        name = self.name(words)
        text = self.server.held[name].decode()
        for prop, value in changes:
            text = re.sub(rf"\r\n{prop}[;:][^\r]*", "", text)
            if value is not None:
                text = text.replace("\r\nEND:VTODO", f"\r\n{prop}{value}\r\nEND:VTODO")
        self.server.held[name] = text.encode()

    def finish(self, words, at="20260106T160000Z"):
        self.edit(words, ("STATUS", ":COMPLETED"), ("COMPLETED", f":{at}"), ("PERCENT-COMPLETE", ":100"))

    def move(self, words, day, at="20260106T160000Z"):
        self.edit(words, ("DUE", f";VALUE=DATE:{day}"), ("LAST-MODIFIED", f":{at}"))

    def todos(self):
        """Status and day of each, by its summary."""
        found = [Calendar.from_ical(each).walk("VTODO")[0] for each in self.server.held.values()]
        day = {each["UID"]: each["DUE"].dt.isoformat() for each in found if "DUE" in each}
        return {str(each["SUMMARY"]): (str(each["STATUS"]), day.get(each["UID"])) for each in found}


def task(crm, ref="t1"):
    return next(each for each in crm("task", "list", "--all", "--json").json["items"] if each["ref"] == ref)


def test_it_is_refused_until_it_is_configured(crm):
    """Nothing is sent anywhere unless a calendar for it was named."""
    assert "calendar.sync.url" in crm("calendar", "sync", code=78).err


def test_the_things_to_do_stand_there_with_first_names_alone(crm, phone):
    """A follow-up, a promise, and the commitment of this week; a second time nothing is written."""
    crm("calendar", "sync")
    assert phone.todos() == {
        "ask how it went (Jane)": ("NEEDS-ACTION", "2026-01-09"),
        "send the repo (Jane promised)": ("NEEDS-ACTION", "2026-01-09"),
        "Post (0 of 2)": ("NEEDS-ACTION", "2026-01-11"),
    }
    assert not any(b"Roe" in each for each in phone.server.held.values())
    assert counts(crm("calendar", "sync", "--json")) == {"unchanged": 3}


def test_done_on_the_phone_is_done_here_and_can_be_undone(crm, phone):
    """As a command of its own, at the time it was done; taken back, it is open there again after the next sync."""
    crm("calendar", "sync")
    phone.finish("Follow-up")
    done = crm("calendar", "sync", "--json", now=LATER).json
    assert [(each["ref"], each["what"]) for each in done["taken"]] == [("t1", "done")]
    assert task(crm)["done_at"] == "2026-01-06T16:00:00Z"
    newest = crm("history", "--json").json["items"][0]
    assert (newest["name"], newest["summary"]) == ("calendar sync", "In the calendar, done: t1 ask how it went")
    crm("undo")
    assert task(crm)["done_at"] is None
    assert crm("calendar", "sync", "--json").json["taken"] == []
    assert phone.todos()["ask how it went (Jane)"][0] == "NEEDS-ACTION"


def test_moved_on_the_phone_is_put_off_here_and_can_be_undone(crm, phone):
    """To a later day it is put off, and its own day is kept; to an earlier one it is due then."""
    crm("calendar", "sync")
    phone.move("Follow-up", "20260114")
    phone.move("Promise", "20260108")
    out = crm("calendar", "sync", now=LATER).out
    assert "Wed 14 Jan" in out
    assert (task(crm)["due_on"], task(crm)["snoozed_until_on"]) == ("2026-01-09", "2026-01-14")
    assert task(crm, "t2")["due_on"] == "2026-01-08"
    crm("undo")
    crm("undo")
    assert task(crm)["snoozed_until_on"] is None
    crm("calendar", "sync")
    assert phone.todos()["ask how it went (Jane)"][1] == "2026-01-09"


def test_changes_here_go_there(crm, phone):
    """Done, put off, opened again, removed."""
    crm("calendar", "sync")
    crm("done", "t1")
    crm("snooze", "t2", "2026-01-15")
    crm("calendar", "sync")
    assert phone.todos()["ask how it went (Jane)"][0] == "COMPLETED"
    assert phone.todos()["send the repo (Jane promised)"][1] == "2026-01-15"
    crm("task", "remove", "t2", "--yes")
    assert counts(crm("calendar", "sync", "--json")) == {"removed": 1, "unchanged": 2}
    assert len(phone.server.held) == 2
    crm("commitment", "remove", "m1", "--yes")
    assert counts(crm("calendar", "sync", "--json")) == {"removed": 1, "unchanged": 1}


def test_a_commitment_that_is_ticked_off_is_checked_in_once(crm, phone):
    """Of two a week one is left then, so it stands open again; ticked off a second time, the week is kept."""
    crm("calendar", "sync")
    phone.finish("Commitment")
    done = crm("calendar", "sync", "--json", now=LATER).json
    assert [(each["ref"], each["what"]) for each in done["taken"]] == [("m1", "kept")]
    assert phone.todos()["Post (1 of 2)"] == ("NEEDS-ACTION", "2026-01-11")
    assert crm("calendar", "sync", "--json").json["taken"] == []
    phone.finish("Commitment", "20260107T160000Z")
    crm("calendar", "sync", now=LATEST)
    assert phone.todos()["Post (done)"][0] == "COMPLETED"
    (standing,) = crm("commitment", "list", "--json").json["items"]
    assert standing["done"] == 2


def test_what_was_ticked_off_before_its_week_ended_counts_in_that_week(crm, phone):
    """Though the next sync is after it, when another week's stands there; so does a task's that is long overdue."""
    crm("calendar", "sync")
    phone.finish("Commitment", "20260111T200000Z")
    phone.finish("Follow-up", "20260111T200000Z")
    done = crm("calendar", "sync", "--json", now="2026-06-15T17:00:00Z").json
    assert [each["what"] for each in done["taken"]] == ["done", "kept"]
    shown = crm("commitment", "show", "m1", "--json").out
    assert "2026-01-11T20:00:00Z" in shown
    assert task(crm)["done_at"] == "2026-01-11T20:00:00Z"
    assert phone.todos() == {
        "Post (0 of 2)": ("NEEDS-ACTION", "2026-06-21"),
        "send the repo (Jane promised)": ("NEEDS-ACTION", "2026-01-09"),
    }


def test_what_has_no_day_stands_there_and_may_get_one(crm, phone):
    """It becomes due on that day, as a command that can be undone; a day that is taken away there is put back."""
    crm("task", "add", "Read the paper", "--kind", "promise")
    crm("calendar", "sync")
    assert phone.todos()["Read the paper"] == ("NEEDS-ACTION", None)
    phone.move("Read the paper", "20260114")
    done = crm("calendar", "sync", "--json", now=LATER).json
    assert [(each["ref"], each["what"], each["due_on"]) for each in done["taken"]] == [("t3", "moved", "2026-01-14")]
    assert (task(crm, "t3")["due_on"], task(crm, "t3")["snoozed_until_on"]) == ("2026-01-14", None)
    crm("undo", now=LATER)
    crm("calendar", "sync", now=LATER)
    assert phone.todos()["Read the paper"] == ("NEEDS-ACTION", None)
    phone.finish("Read the paper")
    phone.edit("Follow-up", ("DUE", None))
    out = crm("calendar", "sync", now=LATEST).out
    assert "stands there again as it is here: Fri 9 Jan" in " ".join(out.split())
    assert phone.todos()["ask how it went (Jane)"] == ("NEEDS-ACTION", "2026-01-09")
    assert task(crm, "t3")["done_at"] is not None
    assert counts(crm("calendar", "sync", "--json", now=LATEST)) == {"unchanged": 4}


def test_a_day_that_a_rule_of_etiquette_refuses_is_put_back(crm, phone, monkeypatch):
    """The reason is told, and nothing is changed here."""
    crm("calendar", "sync")
    phone.move("Follow-up", "20260107")

    def refuse(*_, **__):
        raise RefusedError("too soon")

    with monkeypatch.context() as strict:
        strict.setattr(tasks, "edit", refuse)
        out = crm("calendar", "sync", now=LATER).out
    assert "stands there again as it is here" in out
    assert "too soon" in out
    assert task(crm)["due_on"] == "2026-01-09"
    assert phone.todos()["ask how it went (Jane)"][1] == "2026-01-09"
    assert crm("history", "--json").json["items"][0]["name"] == "test"


def test_a_server_that_is_down_is_told_and_what_was_taken_over_stays(crm, phone):
    """A fault while pushing: what was done on the phone is so here, and not a second time."""
    crm("calendar", "sync")
    phone.finish("Commitment")
    phone.server.fails = lambda method, _name: 500 if method == "PUT" else None
    assert "answered 500" in crm("calendar", "sync", code=1, now=LATER).err
    phone.server.fails = lambda _method, _name: 500
    assert "answered 500" in crm("calendar", "sync", code=1, now=LATER).err
    phone.server.fails = lambda _method, _name: None
    assert crm("calendar", "sync", "--json", now=LATER).json["taken"] == []
    assert phone.todos()["Post (1 of 2)"][0] == "NEEDS-ACTION"


def test_of_two_days_the_later_change_counts_and_it_is_said(crm, phone):
    """Moved here and there since the last time: whichever was changed last, by LAST-MODIFIED."""
    crm("calendar", "sync")
    crm("snooze", "t1", "2026-01-12", now=LATER)
    crm("snooze", "t2", "2026-01-12", now=LATER)
    phone.move("Follow-up", "20260113", at="20260106T180000Z")
    phone.move("Promise", "20260113", at="20260106T160000Z")
    out = crm("calendar", "sync", now=LATEST).out
    assert "the later change counts" in out
    assert "stands there again as it is here" in out
    assert [task(crm, each)["snoozed_until_on"] for each in ("t1", "t2")] == ["2026-01-13", "2026-01-12"]
    assert phone.todos()["send the repo (Jane promised)"][1] == "2026-01-12"


def test_what_is_done_here_stays_done_though_it_was_moved_there(crm, phone):
    """The program's word on whether it is done stands."""
    crm("calendar", "sync")
    crm("done", "t1", now=LATER)
    phone.move("Follow-up", "20260113", at="20260106T180000Z")
    assert crm("calendar", "sync", "--json", now=LATEST).json["taken"] == []
    assert phone.todos()["ask how it went (Jane)"] == ("COMPLETED", "2026-01-09")


def test_what_the_phone_adds_stays(crm, phone):
    """An alarm and a priority of the phone's own survive a change here, and cause nothing by themselves."""
    crm("calendar", "sync")
    phone.edit("Follow-up", ("PRIORITY", ":1"))
    name = phone.name("Follow-up")
    phone.server.held[name] = phone.server.held[name].replace(b"END:VTODO", ALARM.encode())
    done = crm("calendar", "sync", "--json")
    assert (done.json["taken"], counts(done)) == ([], {"unchanged": 3})
    crm("snooze", "t1", "2026-01-14")
    crm("calendar", "sync")
    assert b"PRIORITY:1" in phone.server.held[name]
    assert b"DESCRIPTION:Mine" in phone.server.held[name]
    assert b"20260114" in phone.server.held[name]


def test_what_others_put_there_is_not_touched_and_what_is_deleted_comes_back(crm, phone):
    """Deleting is neither finishing nor moving, so nothing is lost by it."""
    crm("calendar", "sync")
    phone.server.held["dentist.ics"] = FOREIGN % b"theirs"
    del phone.server.held[phone.name("Follow-up")]
    crm("calendar", "sync")
    assert phone.server.held["dentist.ics"] == FOREIGN % b"theirs"
    assert "ask how it went (Jane)" in "".join(map(str, phone.server.held.values()))
    assert task(crm)["done_at"] is None


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\n"], ids=["empty", "binary", "cut"]
)
def test_what_cannot_be_read_there_changes_nothing_here(crm, phone, garbage):
    """Whatever another program leaves in its place; the others go on."""
    crm("calendar", "sync")
    name = phone.name("Follow-up")
    phone.server.held[name] = garbage
    phone.finish("Promise")
    done = crm("calendar", "sync", "--json", now=LATER).json
    assert [each["ref"] for each in done["taken"]] == ["t2"]
    assert task(crm)["done_at"] is None


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("lost", ["before", "after"])
def test_killed_in_the_middle_nothing_is_taken_twice_or_lost(crm, phone, home, monkeypatch, lost):
    """Between taking over and pushing, and after pushing before it was noted."""
    crm("calendar", "sync")
    phone.finish("Commitment")
    phone.finish("Follow-up")
    put = push._Push._act

    def killed(self, step):
        if lost == "after":
            put(self, step)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(push._Push, "_act", killed)
        dying.setattr(push._Push, "_note", lambda _self: None)
        with pytest.raises(Killed):
            crm("calendar", "sync", now=LATER)
    crm("calendar", "sync")
    assert crm("calendar", "sync", "--json").json["taken"] == []
    with reading(engine_of(home)) as session:
        assert len(records.every(session, m.CheckIn)) == 1
    assert phone.todos()["Post (1 of 2)"][0] == "NEEDS-ACTION"
    assert phone.todos()["ask how it went (Jane)"][0] == "COMPLETED"


def test_with_a_real_server(crm, home, tmp_path):
    """Radicale: completed there by another client, it is done here; changed back here, it is open there."""
    with radicale(tmp_path) as server:
        place = Collection(server, "todos")
        configure(home, place.url, name="sync")
        fill(home)
        crm("calendar", "sync")
        (name,) = [each for each in place.names() if "Follow-up" in place.get(each)]
        text = place.get(name).replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED\r\nPERCENT-COMPLETE:100")
        place.ask("PUT", name, text.encode())
        done = crm("calendar", "sync", "--json", now=LATER).json
        assert [each["ref"] for each in done["taken"]] == ["t1"]
        crm("undo")
        crm("calendar", "sync")
        assert "STATUS:NEEDS-ACTION" in place.get(name)
        assert counts(crm("calendar", "sync", "--json")) == {"unchanged": 3}


@given(st.binary(max_size=200), st.sampled_from(["DUE:", "STATUS:", "COMPLETED:", "LAST-MODIFIED:", "RRULE:"]))
def test_whatever_a_resource_holds_it_is_read_or_passed_over(noise, name):
    """Neither reading nor merging raises; ours stays valid."""
    begin = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTODO\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n"
    theirs = begin + name.encode() + noise + b"\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    ours = begin + b"SUMMARY:Ours\r\nDUE;VALUE=DATE:20260109\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
    found = seen(theirs, "u", MONDAY.tzinfo)
    assert found is None or found.due_on is None or isinstance(found.due_on, date)
    (todo,) = Calendar.from_ical(merged(ours, theirs, "u")).walk("VTODO")
    assert isinstance(todo, Todo)
    assert todo["DUE"].dt == date(2026, 1, 9)
