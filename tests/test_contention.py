"""Many programs on one database at once: no write fails or is lost, and no reminder goes out twice. On either."""

import itertools
import signal
import subprocess
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from reliability_support import CRM, PATIENCE, WHOLE, Post, configure, heard, notes, shells, world_on
from reminder_support import DAY, HOUR, MONDAY
from smtp_support import served

from crm import models as m
from crm.store import records

PROCESSES, WRITES = 8, 200 if WHOLE else 3
TICKERS, MORNINGS = 4, 100 if WHOLE else 2
ROUNDS = 20 if WHOLE else 1
TICK = ("reminder", "tick", "--json")
NUMBERS = itertools.count(1)
SHARED = 5  # people whom all processes change at once


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    return request.param


@pytest.fixture
def world(database, request, home, monkeypatch):
    return world_on(database, request, home, monkeypatch)


def written(process, number):
    """The command by which a process writes for that time: a talk with a promise, or one more name for somebody."""
    name = f"p{process}-{number}"
    if number % 2:
        return ("contact", "edit", f"c{number % SHARED + 1}", "--alias", name)
    talk = ("--kind", "call", "--duration", "30m", "--note", name, "--promise", f"send {name} by fri")
    return ("log-contact", f"c{number % SHARED + 1}", *talk)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_eight_processes_write_and_none_fails_or_overwrites_another(world, crm):
    """Each writes 200 times by commands, half of them adding to a list that all of them add to: exit 0 every time,
    every talk and promise is there once, and no name that one added was lost to another."""
    for number in range(SHARED):
        crm("contact", "add", f"Jane Roe {number}")
    with shells(PROCESSES) as started:
        for number in range(WRITES):
            for process, shell in enumerate(started):
                shell.say(MONDAY, *written(process, number))
        codes = Counter(shell.code() for shell in started for _ in range(WRITES))
    assert codes == {0: PROCESSES * WRITES}
    document = crm("export", "json").json
    all_of_them = [(f"p{process}-{number}", number % 2) for process in range(PROCESSES) for number in range(WRITES)]
    talks = sorted(name for name, odd in all_of_them if not odd)
    aliases = sorted(name for name, odd in all_of_them if odd)
    assert sorted(each["note"] for each in document["interactions"]) == talks
    assert sorted(each["title"] for each in document["tasks"]) == [f"send {name}" for name in talks]
    assert sorted(alias for each in document["contacts"] for alias in each["aliases"]) == aliases


def add_tasks(world, now, today, count):
    """So many tasks are due today; gives their titles."""
    titles = [f"Note {next(NUMBERS):04}" for _ in range(count)]
    with world.writing("add", now) as session:
        for title in titles:
            records.add(session, m.Task(title=title, kind="follow-up", due_on=today))
    return titles


def check_once(post, titles, *logs):
    """Each was told by one mail and stands once in one of the files; no mail came twice."""
    assert max(Counter(post.ids()).values()) == 1
    assert sorted(note for text in post.texts() for note in notes(text)) == titles
    written_down = "".join(log.read_text() for log in logs if log.exists())
    assert sorted(notes(written_down)) == titles


def senders(world):
    """The processes that took part."""
    return {each.owner.split(":")[1] for each in world.attempts()}


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_four_tickers_at_once_share_the_work(world, home, crm):
    """Morning after morning four turns begin together: they send everything once, and more than one of them sends."""
    post, titles = Post(), []
    with served(post) as port, shells(TICKERS) as tickers:
        configure(home, port, "email", "file")
        for number in range(MORNINGS):
            now = MONDAY - HOUR + number * DAY
            titles += add_tasks(world, now, now.date(), 1 + number % 7)  # more than 5 go out together
            for each in tickers:
                each.say(now, *TICK)
            assert {each.code() for each in tickers} == {0}
        assert crm(*TICK, now=now.isoformat()).json["deliveries"] == []
        post.quiet()
    check_once(post, titles, home / "reminders.log")
    assert len(senders(world)) > 1
    assert set(world.states()) <= {"completed", "coalesced"}


@pytest.fixture
def noon(monkeypatch):
    """The clock runs, where it is about noon; gives the present day there."""
    now = datetime.now(UTC)  # noqa: TID251 - a daemon refuses a clock that was made for a test
    monkeypatch.delenv("CRM_NOW")
    ahead = 12 - now.hour
    monkeypatch.setenv("CRM_TIMEZONE", f"Etc/GMT{-ahead:+}" if ahead else "Etc/GMT")
    return now + timedelta(hours=ahead)


@contextmanager
def daemons(homes, wait_for, monkeypatch):
    """A daemon in each of the homes, each of which has taken a turn."""
    with ExitStack() as stack:
        started = []
        for home in homes:
            monkeypatch.setenv("CRM_HOME", str(home))
            process = stack.enter_context(subprocess.Popen([*CRM, "daemon", "run"], stderr=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            started.append(process)
        wait_for("READY=1", len(homes))
        yield started


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_daemons_and_tickers_at_once_send_everything_once(world, database, home, crm, noon, tmp_path, monkeypatch):
    """Two homes with a daemon each share one PostgreSQL; on SQLite the second daemon ends with 75, and the first goes
    on. With tickers beside them, all asked for a turn at once, each reminder goes out once on each channel."""
    post, titles = Post(), []
    homes = [home, tmp_path / "second"][: 1 if database == "sqlite" else 2]
    homes[-1].mkdir(exist_ok=True)
    with served(post) as port, heard(tmp_path, monkeypatch) as wait_for, shells(2) as tickers:
        for each in homes:
            configure(each, port, "email", "file", at=f"{noon:%H:%M}")
        with daemons(homes, wait_for, monkeypatch) as running:
            if database == "sqlite":
                assert "another daemon runs already" in crm("daemon", "run", code=75).err
            for _ in range(ROUNDS):
                titles += add_tasks(world, MONDAY, noon.date(), 4)
                for each in running:
                    each.send_signal(signal.SIGHUP)  # asks for a turn
                for each in tickers:
                    each.say(None, *TICK)
                assert {each.code() for each in tickers} == {0}
            for each in running:
                each.terminate()
                _, log = each.communicate(timeout=PATIENCE)
                assert each.returncode == 0, log
        crm(*TICK)
        post.quiet()
    check_once(post, titles, *(each / "reminders.log" for each in homes))
    assert len(senders(world)) > 1
