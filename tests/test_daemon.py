"""The daemon: one at a time, stopped cleanly, awake whatever the clock does."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from database_support import of_sqlite
from reminder_support import Recorder, World

from crm import clock
from crm.errors import BusyError, ConfigurationError, CrmError
from reminders import daemon
from reminders.daemon import Daemon
from reminders.job import Job
from reminders.orders import Orders

PATIENCE = 60.0  # seconds; nothing waits that long unless it is broken
CRM = [sys.executable, "-m", "crm"]


@pytest.fixture
def live(home, monkeypatch):
    """A home whose clock runs, with a reminder that is due."""
    monkeypatch.delenv("CRM_NOW")
    (home / "config.toml").write_text("[reminders]\ntick_seconds = 5\n")
    World.at(home).task("Write to Jane Roe", date(2026, 1, 5))
    return home


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """A socket such as systemd listens at; wait for a daemon to say something on it."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))

        def wait_for(word):
            heard = []
            while not any(word in line for line in heard):
                heard += listener.recv(4096).decode().splitlines()
            return heard

        yield wait_for


@contextmanager
def running(wait_for, word="WATCHDOG=1"):
    """A daemon in a process of its own that has said `word`; killed at the end if it still lives."""
    with subprocess.Popen([*CRM, "daemon", "run"], stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(word)
            yield process
        finally:
            process.kill()


def test_it_reminds_and_keeps_the_calendars(live, systemd, crm):
    """A started daemon says what is due into its file, writes the .ics files, and says how it is; all are private."""
    with running(systemd):
        status = crm("daemon", "status", "--json").json
        assert status["running"] is True
        assert status["queue"] == {"completed": 1}
        assert status["last_sent_at"]
        shown = crm("daemon", "status").out
        for words in ("The daemon is running.", "last turn", "next turn", "1 completed"):
            assert words in shown
        assert "Write to Jane Roe" in (live / "reminders.log").read_text()
    modes = {path.name: path.stat().st_mode & 0o077 for path in live.rglob("*") if path.name != "crm.db"}
    assert {name for name, others in modes.items() if others} <= {"config.toml"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_clean(live, systemd, crm, number):
    """Asked to stop, it says so to systemd, notes when it stopped, and ends with 0."""
    with running(systemd) as process:
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert "stopped" in process.stderr.read()
    systemd("STOPPING=1")
    status = crm("daemon", "status", "--json", code=1).json
    assert status["running"] is False
    assert status["stopped_at"]
    assert "crm daemon run" in crm("daemon", "status", code=1).out


def test_there_is_one_at_a_time_and_a_killed_one_makes_room(live, systemd, crm):
    """A second daemon ends with 75; after kill -9 of the first another can start at once, and says nothing twice."""
    with running(systemd) as first:
        assert "crm daemon status" in crm("daemon", "run", code=75).err
        first.kill()
        first.wait(PATIENCE)
    status = crm("daemon", "status", code=1).out
    assert "without saying so" in status
    with running(systemd):
        pass
    assert (live / "reminders.log").read_text().count("Write to Jane Roe") == 1


def test_the_log_holds_no_names(live, systemd):
    """What goes to standard error, and so into the system's journal, tells counts and no titles."""
    with running(systemd) as process:
        process.terminate()
        process.wait(PATIENCE)
        log = process.stderr.read()
    assert "1 planned, 1 sent" in log
    assert "Jane" not in log


def test_a_frozen_clock_is_refused(crm):
    """Under CRM_NOW a daemon would sleep for ever."""
    assert "unset CRM_NOW" in crm("daemon", "run", code=2).err


def test_without_a_database_it_does_not_start(bare_crm, monkeypatch):
    """Exit 78: starting again cannot help, `crm init` can."""
    monkeypatch.delenv("CRM_NOW")
    assert "crm init" in bare_crm("daemon", "run", code=78).err


def test_an_unknown_channel_is_told_before_it_starts(crm, home, monkeypatch):
    """Exit 78 with the known channels."""
    monkeypatch.delenv("CRM_NOW")
    (home / "config.toml").write_text('[daemon]\nchannels = ["pigeon"]\n')
    assert "console, desktop" in crm("daemon", "run", code=78).err


@of_sqlite
def test_a_damaged_database_is_told_before_it_starts(crm, home, monkeypatch):
    """A page of rubbish: exit 78, and the way to a backup."""
    monkeypatch.delenv("CRM_NOW")
    path = home / "crm.db"
    content = bytearray(path.read_bytes())
    content[4096 * 5 : 4096 * 6] = b"\x5a" * 4096
    path.write_bytes(content)
    assert "backup" in crm("daemon", "run", code=78).err


def test_before_the_first_start_the_status_says_how_to_start(crm):
    """Never started: exit 1, nothing else to tell."""
    result = crm("daemon", "status", code=1)
    assert "crm daemon run" in result.out
    told = crm("daemon", "status", "--json", code=1).json
    assert told["running"] is False
    assert (told["queue"], told["pid"]) == ({}, None)


# Inside one process


@pytest.fixture
def world(empty_database, tmp_path, monkeypatch):
    monkeypatch.delenv("CRM_NOW", raising=False)
    return World.copy(empty_database, tmp_path)


def short(world, *, period=24 * 3600.0, jobs=(), **channels):
    """A daemon whose signals are not this process's, with a turn every day unless somebody looks after it."""
    return Daemon(world.engine, Orders(lambda: world.terms(**channels), period), jobs=jobs)


def test_a_turn_that_fails_is_told_and_the_next_one_tries_again(world, monkeypatch, capsys):
    """A busy database ends one turn only."""
    one = short(world)

    def busy(*_, **__):
        raise BusyError("the database is busy")

    with monkeypatch.context() as patch:
        patch.setattr(daemon, "tick", busy)
        one.turn()
    assert "the database is busy" in capsys.readouterr().err
    assert (one.stopping, one.failure) == (False, None)
    world.task("Write to Jane Roe", date(2026, 1, 5))
    one.turn()
    assert world.console.titles() == ["Write to Jane Roe"]


def test_a_database_that_cannot_be_used_any_more_ends_it(world, monkeypatch):
    """Damaged or upgraded meanwhile: it stops, and its exit says that starting again cannot help."""
    one = short(world)

    def damaged(*_, **__):
        raise ConfigurationError("the database is damaged")

    monkeypatch.setattr(daemon, "tick", damaged)
    one.turn()
    assert one.stopping
    assert one.failure is not None
    assert one.failure.exit_code == 78


def test_what_it_did_is_noted(world):
    """The last turn, the last success and the last error are on record."""
    world.task("Write to Jane Roe", date(2026, 1, 5))
    world.console.refuse()
    one = short(world)
    one._say_started(clock.now())
    one.turn()
    told = [_status(world)]
    world.change(world.deliveries()[0], not_before_at=datetime(2026, 1, 5, tzinfo=UTC))
    one.turn()
    told.append(_status(world))
    assert [each.last_error for each in told] == ["the line is busy"] * 2
    assert [each.last_sent_at is None for each in told] == [True, False]
    assert told[1].last_tick_at is not None


def _status(world):
    from crm.store import daemons

    with world.reading() as session:
        found = daemons.latest(session, socket.gethostname())
        session.expunge_all()
        return found


def test_one_row_a_host_however_often_it_starts(world):
    """A daemon that is started again takes the place of the last one of that host."""
    for _ in range(5):
        short(world)._say_started(clock.now())
    with world.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM daemon_status").scalar() == 1


def test_turns_go_on_when_the_wall_clock_was_set_back(world, monkeypatch):
    """The scheduler believes that the next turn is days away; the watch asks for one, by a clock that does not jump."""
    monkeypatch.setattr(daemon, "WATCH_SECONDS", 0.01)
    turned = threading.Semaphore(0)
    one = short(world, period=0.05)
    monkeypatch.setattr(one, "turn", turned.release)  # a turn that never counts, so that each is late
    one._schedule()
    try:
        assert turned.acquire(timeout=PATIENCE)
        far = clock.now() + timedelta(days=3)
        for job in one.scheduler.get_jobs():
            job.modify(next_run_time=far)
        while turned.acquire(blocking=False):
            pass
        watching = threading.Thread(target=one.watch)
        watching.start()
        for _ in range(3):  # the first may have begun before
            assert turned.acquire(timeout=PATIENCE)
        one.stop()
        watching.join(PATIENCE)
        assert not watching.is_alive()
    finally:
        one.stop()
        one.scheduler.shutdown(wait=False)
        assert one.threads.wait(PATIENCE)


def test_a_job_that_fails_stops_neither_itself_nor_the_others(world, monkeypatch, capsys):
    """An expected failure and a fault are each told in a line; the jobs go on."""
    runs = {"refused": threading.Semaphore(0), "faulty": threading.Semaphore(0)}

    def refused(_now):
        runs["refused"].release()
        raise CrmError("the disk is full")

    def faulty(_now):
        runs["faulty"].release()
        raise ZeroDivisionError("oops")

    jobs = [Job("refused", 0.05, refused), Job("faulty", 0.05, faulty)]
    one = short(world, jobs=jobs)
    one._schedule()
    for run in runs.values():
        for _ in range(3):
            assert run.acquire(timeout=PATIENCE)
    one.scheduler.shutdown(wait=False)
    assert one.threads.wait(PATIENCE)
    errors = capsys.readouterr().err
    assert "refused: the disk is full" in errors
    assert "faulty: a fault: ZeroDivisionError at test_daemon.py:" in errors
    assert "oops" not in errors
    assert one.last_error in errors


def test_a_message_that_is_being_sent_is_finished(world):
    """Stopped in the middle of a send: that message is recorded as sent, and no other is begun."""
    entered, go_on = threading.Event(), threading.Event()
    sent, other = Recorder(), Recorder()

    def slow(message):
        entered.set()
        assert go_on.wait(PATIENCE)
        sent(message)

    world.task("Write to Jane Roe", date(2026, 1, 5))
    one = short(world, a=slow, b=other)
    turning = threading.Thread(target=one.turn, daemon=True)
    turning.start()
    assert entered.wait(PATIENCE)
    one.stop()
    go_on.set()
    turning.join(PATIENCE)
    assert (len(sent.sent), len(other.sent)) == (1, 0)
    assert {each.channel: each.state for each in world.deliveries()} == {"a": "completed", "b": "scheduled"}


def test_systemd_is_told_on_an_abstract_socket_too(monkeypatch):
    """An address that begins with @ is in the abstract namespace; no listener at all is no harm."""
    from reminders.sd_notify import notify

    name = f"crm-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0{name}")
        listener.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("READY=1", "STATUS=reminding")
        assert listener.recv(100) == b"READY=1\nSTATUS=reminding"
    notify("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")
