"""`crm doctor`: what is wrong is named with its remedy, and what is right is not."""

from datetime import date, timedelta

import pytest
from database_support import of_sqlite
from filelock import FileLock
from reminder_support import DAY, MONDAY, Recorder, World

from crm.store import daemons
from crm.store.engine import writing


def checks(crm, code=0, now=None):
    """What was looked at, by name; of several of one name the last."""
    return {each["check"]: each for each in crm("doctor", "--json", code=code, now=now).json["items"]}


@pytest.fixture
def running(home, monkeypatch):
    """A daemon holds the home's place; a function says when it took its last turn."""
    monkeypatch.setattr("socket.gethostname", lambda: "desk")

    def turned(at):
        with writing(World.at(home).engine, now=at, name="test") as session:
            number = daemons.started(session, host="desk", pid=1, now=at - DAY)
            daemons.note(session, number, last_tick_at=at)

    with FileLock(home / "crm.db.daemon.lock"):
        yield turned


def test_a_sound_home_has_nothing_to_mend(crm):
    """Nothing is bad; without a backup and a daemon there is advice."""
    found = checks(crm)
    assert all(each["ok"] for each in found.values())
    assert "there is no good one yet" in found["backups"]["remedy"]
    assert "crm service install" in found["daemon"]["remedy"]


@of_sqlite
def test_an_old_backup_is_advice_and_with_a_daemon_a_fault(crm, running):
    """Three days old: make one; but where a daemon should have made one, something is wrong."""
    name = crm("backup", "--json").json["path"].rpartition("/")[2]
    running(MONDAY)
    assert checks(crm)[f"backups (newest {name})"] == {"check": f"backups (newest {name})", "ok": True, "remedy": ""}
    later = checks(crm, code=1, now="2026-01-09T17:00:00Z")[f"backups (newest {name})"]
    assert (later["ok"], "4 days old" in later["remedy"]) == (False, True)


@of_sqlite
def test_without_a_daemon_an_old_backup_is_advice(crm):
    """Exit 0, and the command that makes one."""
    name = crm("backup", "--json").json["path"].rpartition("/")[2]
    assert "crm backup" in checks(crm, now="2026-01-20T17:00:00Z")[f"backups (newest {name})"]["remedy"]


@of_sqlite
def test_a_backup_from_the_future_does_not_count(crm, running):
    """One that a wrong clock made is named with a word on the clock, and does not hide that the newest is old."""
    old = crm("backup", "--json").json["path"].rpartition("/")[2]
    ahead = crm("backup", "--json", now="2027-01-05T17:00:00Z").json["path"].rpartition("/")[2]
    running(MONDAY + 4 * DAY)
    found = checks(crm, code=1, now="2026-01-09T17:00:00Z")
    assert (found[f"backups ({ahead})"]["ok"], "clock" in found[f"backups ({ahead})"]["remedy"]) == (True, True)
    assert "4 days old" in found[f"backups (newest {old})"]["remedy"]
    alone = checks(crm, now="2025-01-20T17:00:00Z")
    assert "and so are 1 more" in alone[f"backups ({ahead})"]["remedy"]
    assert "no good one yet" in alone["backups"]["remedy"]


@of_sqlite
def test_behind_a_damaged_backup_the_newest_good_one_is_found(crm, home):
    """The damaged one is named as a fault, and the age told is that of a good one."""
    good = crm("backup", "--json").json["path"].rpartition("/")[2]
    (home / "backups" / "crm-20260106T170000Z-nightly.db").write_bytes(b"x" * 4096)
    found = crm("doctor", "--json", code=1, now="2026-01-06T18:00:00Z").json["items"]
    assert [each["ok"] for each in found if each["check"].startswith("backups")] == [False, True]
    assert f"backups (newest {good})" in {each["check"] for each in found}


def test_a_daemon_that_takes_no_turns_is_a_fault(crm, running):
    """It holds its place, but its last turn was an hour ago; five minutes ago is fine, and so is a clock set back."""
    running(MONDAY)
    assert checks(crm)["daemon"]["ok"]
    assert checks(crm, now="2026-01-05T16:00:00Z")["daemon"]["ok"]
    late = checks(crm, code=1, now="2026-01-05T18:00:00Z")["daemon"]
    assert (late["ok"], "Mon 5 Jan 2026 09:00" in late["remedy"]) == (False, True)


def test_a_channel_that_failed_last_is_told_with_how_to_try_it(crm, home):
    """A refusal is advice while it is tried again; once a message went out it is told no more."""
    world, line = World.at(home), Recorder()
    world.task("Write to Jane Roe", date(2026, 1, 5))
    line.refuse()
    world.tick(file=line)
    failed = checks(crm)["channel file"]
    assert (failed["ok"], "the line is busy" in failed["remedy"], "crm reminder test file" in failed["remedy"]) == (
        True,
        True,
        True,
    )
    world.tick(MONDAY + timedelta(hours=1), file=line)
    assert checks(crm, now="2026-01-05T18:00:00Z")["channel file"]["remedy"] == ""


def test_what_reached_nobody_is_a_fault(crm, home):
    """A reminder that every channel refused for good is counted, and where to see it is said."""
    world, line = World.at(home), Recorder()
    world.task("Write to Jane Roe", date(2026, 1, 5))
    line.refuse(permanent=True)
    world.tick(file=line)
    lost = checks(crm, code=1)["reminders"]
    assert lost["remedy"].startswith("1 reached nobody")


def test_channels_say_what_is_missing(crm, home):
    """No desktop here is advice, a mailbox without a server a fault, and a public topic is remarked on."""
    (home / "config.toml").write_text('[daemon]\nchannels = ["desktop", "email", "ntfy"]\n[ntfy]\ntopic = "abcdef"\n')
    found = checks(crm, code=1)
    assert (found["channel desktop"]["ok"], "left out" in found["channel desktop"]["remedy"]) == (True, True)
    assert found["channel email"]["ok"] is False
    assert (found["channel ntfy"]["ok"], "topic" in found["channel ntfy"]["remedy"]) == (True, True)
    assert found["channel console"]["remedy"] == ""
