"""`crm calendar publish` where the server fails: each fault is told clearly, and the next run goes on."""

import subprocess
import sys
import threading
from datetime import date

import pytest
from database_support import engine_of
from dav_support import dav
from reminder_support import DAY, HOUR, MONDAY

from calendars.remote import dav as client
from calendars.remote import push
from crm import children
from crm import models as m
from crm.errors import CrmError
from crm.settings import load
from crm.store import records
from crm.store.engine import writing
from reminders.jobs import jobs
from reminders.jobs.publish import Publish


@pytest.fixture
def server():
    with dav() as running:
        yield running


@pytest.fixture
def there(server, home):
    """The server is configured, and there are five reviews to push."""
    configure(home, server.url)
    add(home, 5)
    return server


def configure(home, url, kind="caldav"):
    """Name where to publish to."""
    text = f'[calendar.publish]\nurl = "{url}"\nkind = "{kind}"\n'
    (home / "config.toml").write_text(text, encoding="utf-8")


def add(home, number):
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        for each in range(number):
            records.add(session, m.Review(name=f"Week {each + 1}", due_on=date(2026, 1, 19)))


def counts(result):
    (item,) = result.json["items"]
    return {name: item[name] for name in ("written", "put_back", "removed", "unchanged") if item[name]}


def nth(number, status, method="PUT"):
    """Fail the request of that number, counted from 1, and those after it."""
    seen = []

    def fails(asked, _name):
        if asked == method:
            seen.append(asked)
        return status if asked == method and len(seen) >= number else None

    return fails


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (507, "no room left"),
        (500, "answered 500"),
        (503, "too much to do"),
        (429, "too much to do"),
        (401, "asks for a user and a password"),
        (302, "sends elsewhere"),
    ],
)
def test_what_stops_everything_is_told_and_the_next_run_goes_on(crm, there, status, said):
    """What was put there until then is known; nothing is put there twice."""
    there.fails, there.headers = nth(3, status), {"Location": "http://127.0.0.1:1/", "Retry-After": "60"}
    err = crm("calendar", "publish", code=1).err
    assert said in err
    assert len(there.held) == 2
    there.fails = lambda _method, _name: None
    assert counts(crm("calendar", "publish", "--json")) == {"written": 3, "unchanged": 2}
    assert len(there.held) == 5


@pytest.mark.parametrize(("status", "said"), [(403, "does not allow"), (413, "413"), (415, "415")])
def test_one_that_is_not_taken_does_not_stop_the_others(crm, there, status, said):
    """It is named; the others are there, and it is tried again the next time."""
    crm("calendar", "publish", "--dry-run")
    refused = []

    def fails(method, name):
        refused.append(name) if method == "PUT" and not refused else None
        return status if method == "PUT" and name == refused[0] else None

    there.fails = fails
    assert said in crm("calendar", "publish").err
    assert len(there.held) == 4
    there.fails = lambda _method, _name: None
    assert counts(crm("calendar", "publish", "--json")) == {"written": 1, "unchanged": 4}


def test_a_server_that_takes_nothing_is_not_asked_for_ever(crm, there, home):
    """After some refusals in a row it is given up."""
    add_more = push.MOST_REFUSED
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        for each in range(add_more):
            records.add(session, m.Review(name=f"Month {each + 1}", due_on=date(2026, 1, 26)))
    there.fails = nth(1, 403)
    assert "takes none of them" in crm("calendar", "publish", code=1).err
    assert len(there.writes()) == push.MOST_REFUSED


@pytest.mark.parametrize("status", [200, 405])
def test_an_address_that_speaks_no_caldav_is_told(crm, there, status):
    """Such as a web page's; nothing is put there."""
    there.fails = nth(1, status, "PROPFIND")
    assert "the address of no calendar" in crm("calendar", "publish", code=1).err
    assert there.writes() == []


def test_what_changes_there_in_the_same_moment_is_looked_at_again(crm, there, home):
    """412: once more with what is there by then; if it changes again, it is told and left for the next time."""
    crm("calendar", "publish")
    with writing(engine_of(home), now=MONDAY, name="test") as session:
        records.every(session, m.Review)[0].due_on = date(2026, 1, 20)

    def fails(method, name):
        if method == "PUT":
            there.held[name] = there.held[name].replace(b"END:VEVENT", b"X-NOTE:1\r\nEND:VEVENT")

    there.fails = fails
    assert "at the same time" in crm("calendar", "publish").err
    there.fails = lambda _method, _name: None
    assert counts(crm("calendar", "publish", "--json"))["written"] == 1
    assert len(there.held) == 5


def test_a_silent_server_is_told_in_time(crm, there, monkeypatch):
    """A request that is not answered ends after some seconds; the test lets it end at once."""
    free = threading.Event()
    there.fails = lambda _method, _name: (free.wait(20), 500)[1]
    monkeypatch.setattr(client, "SECONDS", 1)
    monkeypatch.setitem(client._Dav.__init__.__kwdefaults__, "seconds", 0.2)
    try:
        assert "did not answer in time" in crm("calendar", "publish", code=1).err
    finally:
        free.set()
    assert there.held == {}


def test_a_server_that_tells_no_entity_tag_is_asked_for_it(crm, there):
    """RFC 4791 5.3.4: then what was put is known all the same, and not put again."""
    there.tells_etags = False
    assert counts(crm("calendar", "publish", "--json")) == {"written": 5}
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 5}


def test_a_calendar_for_to_dos_alone_is_sent_no_events(crm, there):
    """It says so itself, and that is told instead of being refused one by one."""
    there.components = ("VTODO",)
    assert "takes no events" in crm("calendar", "publish").err
    assert there.writes() == []


def test_files_on_a_web_host(crm, there, home):
    """Each calendar by one PUT, only when it changed, under a condition."""
    configure(home, there.url, kind="webdav")
    assert counts(crm("calendar", "publish", "--json")) == {"written": 1}
    assert b"Week 1" in there.held["all.ics"]
    assert counts(crm("calendar", "publish", "--json")) == {"unchanged": 1}
    assert there.writes() == [("PUT", "all.ics")]


def test_an_everyday_command_does_not_load_what_publishing_needs(home):
    """Neither what shows the calendars nor the daemon's list of jobs waits for caldav and its connection."""
    script = """
import sys, typer
from crm import cli
for each in ("calendar list", "daemon status"):
    typer.main.get_command(cli.root).main(args=each.split(), standalone_mode=False, obj=None)
print(sorted({"caldav", "niquests", "lxml", "calendars.remote.dav"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


def test_without_the_library_it_is_told_how_to_get_it(crm, there, monkeypatch):
    """A synced folder needs none."""
    monkeypatch.setitem(sys.modules, "caldav.davclient", None)
    assert "networking-crm[caldav]" in crm("calendar", "publish", code=1).err


# The daemon's job


@pytest.fixture
def pushed(home, monkeypatch):
    """The daemon's job; each push is a command that answers what `said` holds, and is counted."""

    def run(command, *, seconds, answers=False):
        assert command[-4:] == ("calendar", "publish", "--json", "--yes")
        assert seconds <= 600
        asked.append(command)
        return said[0], said[1]

    asked, said = [], [0, b'{"items": []}']
    monkeypatch.setattr(children, "run", run)
    (job,) = (each for each in jobs(engine_of(home), lambda: load(lenient=True)) if each.name == "publish")
    return job, asked, said


def test_the_daemon_pushes_after_changes_alone(crm, home, pushed):
    """Not unless it is configured; then once, again after a change, its undoing, and a new day, and not otherwise."""
    job, asked, _ = pushed
    add(home, 1)
    job.run(MONDAY)
    assert asked == []
    configure(home, "http://127.0.0.1:1/")
    for _ in range(3):
        job.run(MONDAY)
    assert len(asked) == 1
    crm("task", "add", "Write to Kim")
    job.run(MONDAY)
    crm("undo")
    job.run(MONDAY)
    job.run(MONDAY + DAY)
    assert len(asked) == 4


def test_a_push_that_failed_is_tried_again_later_and_its_reason_told(home, pushed):
    """After a minute, then after twice as long each time, at most an hour; the daemon's log gets the reason."""
    job, asked, said = pushed
    configure(home, "http://127.0.0.1:1/")
    said[:] = [1, b'{"items": [{"error": "there is no connection", "written": 0, "removed": 0, "place": "x"}]}']
    for minutes in range(180):
        now = MONDAY + minutes * HOUR / 60
        try:
            job.run(now)
        except CrmError as error:
            assert error.message == "there is no connection"  # noqa: PT017 - most of the time it is not even tried
    assert len(asked) in range(7, 10)
    said[:] = [None, b""]
    with pytest.raises(CrmError, match="ended before it was done"):
        job.run(MONDAY + DAY)
    said[:] = [0, b'{"items": [{"error": "", "written": 2, "removed": 1, "place": "https://host/cal/"}]}']
    assert job.run(MONDAY + 2 * DAY) == "https://host/cal/: 2 written, 1 removed"


def test_the_daemon_looks_now_and_then_for_what_was_done_on_the_phone(home, monkeypatch):
    """Every quarter of an hour, and after a change here; what was taken over is in its log."""
    asked = []

    def run(command, **_):
        asked.append(command[5:7])
        return 0, b'{"items": [], "taken": [{"ref": "t3"}]}'

    monkeypatch.setattr(children, "run", run)
    job = Publish.syncing(engine_of(home), lambda: load(lenient=True))
    configure(home, "http://127.0.0.1:1/")
    assert job.run(MONDAY) is None
    (home / "config.toml").write_text('[calendar.sync]\nurl = "http://127.0.0.1:1/"\n', encoding="utf-8")
    said = [job.run(MONDAY + minutes * HOUR / 60) for minutes in range(31)]
    assert [minute for minute, each in enumerate(said) if each] == [0, 15, 30]
    assert set(said) == {None, "taken over from there: t3"}
    assert asked == [("sync", "--json")] * 3


def test_the_daemon_really_pushes(there, home):
    """Its job runs this program's own command, in a process of its own."""
    job = Publish(engine_of(home), lambda: load(lenient=True))
    assert "5 written" in str(job.run(MONDAY))
    assert len(there.held) == 5
