"""`crm daemon status`: how each channel is, when the daemon wakes next and why, and what is stuck."""

import json
import os
import socket
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from reminder_support import HOUR, MONDAY, Recorder, World

from crm.errors import DeliveryError
from crm.models.words import DeliveryState
from crm.store import daemons
from reminders.job import Job
from reminders.wakes import wakes

TUESDAY = MONDAY + timedelta(days=1)
REFUSED = "mail.example.org refused the recipient (550)"


@pytest.fixture
def world(home):
    return World.at(home)


@pytest.fixture
def status(crm, home):
    """Run the command some time later than Monday 9:00; the daemon never runs here."""

    def run(*arguments, now=MONDAY, channels='"file"'):
        (home / "config.toml").write_text(f"[daemon]\nchannels = [{channels}]\n")
        return crm("daemon", "status", *arguments, code=1, now=now.isoformat())

    return run


def refusing(*, permanent=False, unknown=False):
    return Recorder(faults=[DeliveryError(REFUSED, permanent=permanent, unknown=unknown)])


def test_each_channel_tells_its_last_success_and_failure(world, status):
    """By channel: when it took a message last, when it did not and why; a later success does not hide the failure."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    line = refusing()
    world.tick(MONDAY, console=line, file=Recorder())
    world.tick(MONDAY + HOUR, console=line, file=Recorder())
    found = {each["channel"]: each for each in status("--json", channels='"console", "file"').json["channels"]}
    sent_at, later_at = "2026-01-05T17:00:00Z", "2026-01-05T18:00:00Z"
    nothing = {"absent": None, "last_failed_at": None, "last_error": None}
    assert found["file"] == {"channel": "file", "last_sent_at": sent_at, **nothing}
    assert found["console"] == {
        "channel": "console",
        "absent": None,
        "last_sent_at": later_at,
        "last_failed_at": sent_at,
        "last_error": REFUSED,
    }
    shown = status(channels='"console", "file"').out
    assert REFUSED in " ".join(shown.split())
    assert "Mon 5 Jan 2026 10:00" in shown


def test_a_channel_that_is_not_here_is_told_with_the_reason(status):
    """No desktop: it is left out, which is no failure."""
    told = status("--json", channels='"file", "desktop"').json["channels"]
    assert {each["channel"]: each["absent"] for each in told} == {
        "file": None,
        "desktop": "there is no desktop session",
    }
    assert "left out: there is no desktop session" in status(channels='"desktop"').out


def test_the_next_wakes_with_their_reasons(world, status):
    """What is to be said, by instant and with its channels; several are counted by rule; jobs are there too."""
    world.task("Write to Jane Roe", date(2026, 1, 6))
    world.task("Call Kim Poe", date(2026, 1, 8))
    world.review("Week 2", date(2026, 1, 8))
    found = [each for each in status("--json").json["wakes"] if each["count"]]
    by_day = {each["at"][:10]: each for each in found}
    assert by_day["2026-01-06"] == {
        "at": "2026-01-06T16:00:00Z",
        "reason": "Write to Jane Roe",
        "channels": ["file"],
        "count": 1,
    }
    assert (by_day["2026-01-08"]["reason"], by_day["2026-01-08"]["count"]) == ("2 reminders: follow up, review", 2)
    assert [each["at"] for each in found] == sorted(each["at"] for each in found)
    jobs = [each for each in status("--json").json["wakes"] if not each["count"]]
    assert {each["reason"] for each in jobs} == {"backup"}
    assert all(each["channels"] == [] for each in jobs)


def test_a_wake_names_the_channels_that_still_wait(world, status):
    """Said on one channel and refused on the other: the next try is for that one only, at its own time."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.tick(MONDAY, console=refusing(), file=Recorder())
    (found,) = [each for each in status("--json", channels='"console", "file"').json["wakes"] if each["count"]]
    assert found["channels"] == ["console"]
    assert "2026-01-05T17:01:00Z" <= found["at"] <= "2026-01-05T17:02:00Z"


def test_at_most_ten_wakes(world):
    """However much is to come, the next ten are told; what is overdue is one of them."""
    for day in range(1, 28):
        world.task(f"Task {day}", date(2026, 1, day))
    nightly = Job("backup", 1, lambda _: None, lambda now: now - HOUR)
    with world.reading() as session:
        found = wakes(session, world.terms(), [nightly, Job("calendars", 60, lambda _: None)], now=MONDAY)
    assert len(found) == 10
    assert [(each.at, each.reason) for each in found[:2]] == [(MONDAY, "5 reminders: 5 follow up"), (MONDAY, "backup")]
    assert found[1].channels == ()
    assert all(earlier.at <= later.at for earlier, later in pairwise(found))


def test_what_is_held_is_shown_with_the_way_out(world, status, crm):
    """It may have arrived: it stands there until the person has it said again, or is done with it."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.tick(MONDAY)
    (delivery,) = world.deliveries()
    world.change(delivery, state=DeliveryState.UNKNOWN.value, error="no answer came")
    (told,) = status("--json").json["undelivered"]
    assert told == {
        "reminder": "r1",
        "title": "Write to Jane Roe",
        "channel": "console",
        "state": "unknown",
        "error": "no answer came",
    }
    shown = status().out
    for words in ("Not delivered", "may have arrived", "crm snooze r1", "crm done r1"):
        assert words in shown
    crm("done", "r1", now=MONDAY.isoformat())
    assert status("--json").json["undelivered"] == []


def test_what_was_refused_for_good_is_shown_unless_another_channel_said_it(world, status):
    """A refusal that nobody else makes good is the person's to know; one that a channel in its place did is not."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.tick(MONDAY, console=refusing(permanent=True))
    refused = [each for each in status("--json").json["undelivered"] if each["state"] == "discarded"]
    assert [each["error"] for each in refused] == [REFUSED]
    world.task("Call Kim Poe", date(2026, 1, 6))
    world.tick(TUESDAY, console=refusing(permanent=True), file=Recorder())
    assert {each["title"] for each in status("--json", now=TUESDAY).json["undelivered"]} <= {"Write to Jane Roe"}


@pytest.mark.parametrize("columns", ["80", "120"])
def test_it_fits_the_screen_whatever_it_shows(world, status, monkeypatch, columns):
    """Long and hostile texts are folded, and nothing in them can act."""
    monkeypatch.setenv("COLUMNS", columns)
    world.task("Write \x1b[31m to " + "Jane " * 60, date(2026, 1, 5))
    world.task("Call Kim Poe", date(2026, 1, 6))
    line = Recorder(faults=[DeliveryError("\x1b]0;x\x07 " + "no " * 100, permanent=True)])
    world.tick(MONDAY, console=line)
    shown = status(channels='"console", "file", "desktop"').out
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= int(columns)


def test_daemons_that_share_a_database_do_not_lose_their_rows(world, status):
    """Two homes on one machine, a third on another: each has its row; one that is dead makes room."""
    host = socket.gethostname()
    with world.writing("daemon") as session:
        for number, (where, pid) in enumerate([(host, os.getpid()), (host, os.getppid()), ("server", 7)]):
            daemons.started(session, host=where, pid=pid, now=MONDAY + number * HOUR)
    told = status("--json").json
    assert (told["host"], told["pid"]) == (host, os.getppid())
    assert [(each["host"], each["pid"]) for each in told["others"]] == [(host, os.getpid()), ("server", 7)]
    assert "also reminding" in status().out


def test_what_is_there_stays_under_its_name(status):
    """Scripts rely on these keys."""
    told = status("--json").json
    assert list(told)[:10] == [
        "running",
        "pid",
        "host",
        "started_at",
        "stopped_at",
        "last_tick_at",
        "last_sent_at",
        "next_wake_at",
        "last_error",
        "queue",
    ]
    assert json.dumps(told["queue"]) == "{}"
    assert told["jobs"][0] == {"job": "calendars", "every_seconds": 60}


def test_an_instant_is_utc_in_json(world, status):
    """As everywhere else."""
    with world.writing("daemon") as session:
        daemons.started(session, host="here", pid=1, now=datetime(2026, 1, 5, tzinfo=UTC))
    assert status("--json").json["started_at"] == "2026-01-05T00:00:00Z"
