"""`crm calendar publish`: to a real CalDAV server, and nothing doubled, lost or touched that is not ours."""

import hashlib
import re
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from database_support import engine_of
from icalendar import Calendar
from publish_support import FOREIGN, Collection, configure, counts
from radicale_support import radicale
from reminder_support import MONDAY
from sqlmodel import select

from calendars.remote import dav, push
from crm import models as m
from crm.store import contacts, interactions, records
from crm.store.engine import reading, writing


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with radicale(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def there(server, request, home):
    """A calendar of the test's own, and it is configured."""
    made = Collection(server, hashlib.sha256(request.node.name.encode()).hexdigest()[:12])
    configure(home, made.url)
    return made


@pytest.fixture
def fill(home):
    """A chat, a promise and a review."""
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        jane = contacts.add_contact(session, "Jane Roe")
        jane.private_notes = "secretly left-handed"
        interactions.add(session, [jane], kind="coffee", state="planned", starts_at=MONDAY + timedelta(days=2))
        records.add(session, m.Task(title="send the repo", kind="promise", due_on=date(2026, 1, 9), contact_id=jane.id))
        records.add(session, m.Review(name="Week 2", due_on=date(2026, 1, 19)))


def test_nothing_leaves_until_it_is_configured(crm, fill):
    """Without an address or a folder it is refused, and both are named."""
    err = crm("calendar", "publish", code=78).err
    assert "calendar.publish.url" in err
    assert "calendar.publish.folder" in err


def test_entries_are_put_there_once_and_only_what_changed_again(crm, there, fill):
    """One resource for each, under its UID; a second time nothing; after a change, that one; what goes is removed."""
    assert counts(crm("calendar", "publish", "--json")) == {"written": 3}
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 3}
    uids = {str(Calendar.from_ical(each).events[0]["UID"]) for each in there.texts()}
    assert there.names() == {f"{uid}.ics" for uid in uids}
    crm("snooze", "t1", "2026-01-12")
    assert counts(crm("calendar", "publish", "--json")) == {"written": 1, "unchanged": 2}
    assert sum("20260112" in each for each in there.texts()) == 1
    crm("done", "t1")
    assert counts(crm("calendar", "publish", "--json")) == {"removed": 1, "unchanged": 2}
    crm("undo")
    assert counts(crm("calendar", "publish", "--json")) == {"written": 1, "unchanged": 2}
    assert there.names() == {f"{uid}.ics" for uid in uids}


def test_no_more_than_first_names_leaves_unless_it_was_chosen(crm, there, fill, home):
    """No surname, no description, no note; with `full` chosen for that calendar these too, but private notes never."""
    crm("calendar", "publish")
    told = "".join(there.texts())
    assert "send the repo (Jane)" in told
    assert not any(each in told for each in ("Roe", "crm done", "left-handed"))
    crm("config", "set", "calendar.all.detail", "full")
    crm("calendar", "publish")
    told = "".join(there.texts())
    assert "send the repo (Jane Roe)" in told
    assert "crm done" in told
    assert "left-handed" not in told


def test_a_dry_run_changes_nothing(crm, there, fill):
    """It counts what would be done; neither the server nor the database is written to."""
    assert counts(crm("calendar", "publish", "--dry-run", "--json")) == {"written": 3}
    assert there.names() == set()
    assert counts(crm("calendar", "publish", "--json")) == {"written": 3}


def test_what_others_made_is_not_touched(crm, there, fill):
    """Not what is theirs beside ours, and not what lies under a name that ours would have; that is told."""
    crm("calendar", "publish")
    taken = min(there.names())
    there.ask("DELETE", taken)
    there.ask("PUT", taken, FOREIGN % b"theirs-1")
    there.ask("PUT", "dentist.ics", FOREIGN % b"theirs-2")
    result = crm("calendar", "publish", "--json")
    assert "made by somebody else" in result.json["items"][0]["problems"][0]
    assert "theirs-1" in there.get(taken)
    for ref in ("t1", "i1"):
        crm("task" if ref == "t1" else "interaction", "remove", ref, "--yes")
    crm("calendar", "publish", "--json")
    assert "dentist.ics" in there.names()
    assert "theirs-1" in there.get(taken)


def test_what_was_changed_or_removed_there_is_put_back(crm, there, fill):
    """The place shows what the program has, and it is told how many were put back."""
    crm("calendar", "publish")
    first, second, _ = sorted(there.names())
    there.ask("PUT", first, re.sub(r"SUMMARY:.*", "SUMMARY:Other", there.get(first)).encode())
    there.ask("DELETE", second)
    result = crm("calendar", "publish", "--json")
    assert counts(result) == {"written": 2, "put_back": 2, "unchanged": 1}
    assert "Other" not in "".join(there.texts())
    assert len(there.names()) == 3


def test_what_was_imported_there_by_hand_is_not_doubled(crm, there, fill):
    """A file of ours under another name has the UID already: the server refuses a second one, and that is told."""
    crm("calendar", "publish")
    first = min(there.names())
    text = there.get(first)
    there.ask("DELETE", first)
    there.ask("PUT", "imported.ics", text.encode())
    assert "has it already under another name" in crm("calendar", "publish").err
    assert len(there.names()) == 3


class Killed(BaseException):
    """The process ends here, whatever would have come after."""


@pytest.mark.parametrize("at", [0, 3, 6])
def test_killed_at_any_point_the_next_run_goes_on(crm, there, fill, monkeypatch, at):
    """Before or after any request that writes: then all is there once, nothing is left over, and nothing more to do."""
    calls = iter(range(100))
    ask = dav._Dav._ask

    def killed(self, method, *arguments, **named):
        if method not in {"PUT", "DELETE"}:
            return ask(self, method, *arguments, **named)
        before, after = next(calls) == at, next(calls) == at
        if before:
            raise Killed
        answer = ask(self, method, *arguments, **named)
        if after:
            raise Killed
        return answer

    def note(self):
        """What a kill leaves no time for."""

    monkeypatch.setattr(dav._Dav, "_ask", killed)
    with monkeypatch.context() as dying:
        dying.setattr(push._Push, "_note", note)
        if at < 6:
            with pytest.raises(Killed):
                crm("calendar", "publish")
            crm("task", "remove", "t1", "--yes")  # what was made and not noted is removed all the same
        else:
            crm("calendar", "publish")
    monkeypatch.setattr(dav._Dav, "_ask", ask)
    crm("calendar", "publish")
    assert len(there.names()) == (2 if at < 6 else 3)
    assert set(counts(crm("calendar", "publish", "--json"))) == {"unchanged"}


KILLED_AT_THE_SECOND = """
import os, signal, sys
from calendars.remote import dav
ask, puts = dav._Dav._ask, []
def dying(self, method, *arguments, **named):
    answer = ask(self, method, *arguments, **named)
    if method == "PUT":
        puts.append(method)
    if len(puts) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
dav._Dav._ask = dying
from crm.cli import main
sys.argv[1:] = ["calendar", "publish"]
main()
"""


def test_a_process_that_is_killed_is_gone_on_with(crm, there, fill):
    """SIGKILL when the server has the second: all are there once in the end, all are known, and none was lost."""
    done = subprocess.run([sys.executable, "-c", KILLED_AT_THE_SECOND], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(there.names()) == 2
    assert counts(crm("calendar", "publish", "--json"))["written"] >= 1
    assert len(there.names()) == 3
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 3}


def test_what_is_too_large_for_the_server_is_told_and_the_others_are_there(crm, fill, home, tmp_path):
    """A limit of the server's own; the one is left out by its UID, and tried again the next time."""
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        records.add(session, m.Review(name="Week 4 " + 600 * "again ", due_on=date(2026, 2, 2)))
    with radicale(tmp_path, "[server]\nmax_resource_size = 2500\n") as server:
        place = Collection(server)
        configure(home, place.url)
        result = crm("calendar", "publish", "--json")
        (problem,) = result.json["items"][0]["problems"]
        assert "may be too large" in problem
        assert len(place.names()) == 3


def test_a_wrong_password_is_told_and_nothing_is_noted(crm, there, fill, home):
    """It ends with the configuration's exit code or 1, names the setting and not the password."""
    (home / "password").write_text("wrong", encoding="utf-8")
    result = crm("calendar", "publish", code=1)
    assert "calendar.publish.user" in result.err
    assert "wrong" not in result.err
    (home / "password").write_text("correct horse battery", encoding="utf-8")
    assert counts(crm("calendar", "publish", "--json")) == {"written": 3}


def test_an_address_that_is_no_calendar_is_told(crm, there, fill, home, server):
    """The user's folder of calendars, and a calendar that is not there; nothing is put anywhere."""
    configure(home, f"{server.url}jane/")
    assert "no calendar" in crm("calendar", "publish", code=1).err
    configure(home, f"{server.url}jane/nowhere/")
    assert "no calendar" in crm("calendar", "publish", code=1).err


def test_a_server_that_is_down_is_told_and_loses_nothing(crm, fill, home, tmp_path):
    """While it is down it is named; up again, the push goes on."""
    with radicale(tmp_path) as server:
        place = Collection(server)
        configure(home, place.url)
        crm("calendar", "publish")
        crm("snooze", "t1", "2026-01-12")
        server.stop()
        assert "127.0.0.1 cannot be reached" in crm("calendar", "publish", code=1).err
        server.start()
        assert counts(crm("calendar", "publish", "--json")) == {"written": 1, "unchanged": 2}


def test_passwords_do_not_go_over_the_network_in_the_clear(crm, fill, home):
    """An http address of another host is refused before anything is said to it."""
    configure(home, "http://calendar.example.org/jane/")
    assert "https://" in crm("calendar", "publish", code=1).err


def test_a_folder_holds_the_files_and_only_ours_go(crm, fill, home, tmp_path):
    """The feeds' files are written where they changed; one that is not pushed any more goes, and others' files stay."""
    folder = tmp_path / "synced"
    configure(home, "", folder=str(folder), feeds=["all", "reviews"])
    assert "no folder" in crm("calendar", "publish", code=1).err
    folder.mkdir()
    (folder / "holidays.ics").write_bytes(FOREIGN % b"theirs")
    assert counts(crm("calendar", "publish", "--json")) == {"written": 2}
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 2}
    assert "Roe" not in (folder / "all.ics").read_text(encoding="utf-8")
    configure(home, "", folder=str(folder), feeds=["all"])
    assert counts(crm("calendar", "publish", "--json")) == {"removed": 1, "unchanged": 1}
    assert sorted(each.name for each in folder.iterdir()) == ["all.ics", "holidays.ics"]


def test_a_folder_that_cannot_be_meant_is_refused(crm, fill, home):
    """One that depends on where the command is run, and the one that holds the calendars in full."""
    configure(home, "", folder="synced")
    assert "calendar.publish.folder: 'synced' is no whole path" in crm("calendar", "publish", code=78).err
    configure(home, "", folder=str(home / "calendars"))
    assert "your own calendars" in crm("calendar", "publish", code=78).err


def test_a_file_of_somebody_elses_is_not_overwritten(crm, fill, home, tmp_path):
    """One that lies there under a feed's name and was not written by this program."""
    (tmp_path / "all.ics").write_bytes(FOREIGN % b"theirs")
    configure(home, "", folder=str(tmp_path))
    assert "made by somebody else" in crm("calendar", "publish").err
    assert (tmp_path / "all.ics").read_bytes() == FOREIGN % b"theirs"


def test_what_is_noted_of_it_is_no_part_of_the_document(crm, there, fill, home):
    """Nor of the history, and none of it names anybody."""
    crm("calendar", "publish")
    assert "published" not in crm("export", "json").json
    with reading(engine_of(home)) as session:
        rows = session.exec(select(m.Published)).all()
    told = " ".join(f"{each.target} {each.uid} {each.href} {each.fingerprint}" for each in rows)
    assert len(rows) == 3
    assert not any(each in told.lower() for each in ("roe", "repo", "week 2"))
    assert crm("history", "--json").json["items"][0]["name"] == "test"
