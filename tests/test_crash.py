"""`kill -9`, a full house and a full disk: a command is wholly done or not at all, and nobody's is lost."""

import os
import random
import subprocess
import sys
import time

import pytest

WHOLE = bool(os.environ.get("CRM_SOAK"))
KILLS = 200 if WHOLE else 10
PROCESSES, EACH = 8, 50 if WHOLE else 8
LOOP = """
import sys, typer
from crm import boundary, cli
for n in range(int(sys.argv[1])):
    arguments = ["log-contact", "Jane Roe", "--kind", "call", "--duration", "30m", "--note", f"{sys.argv[2]}-{n}",
                 "--promise", f"send {sys.argv[2]}-{n} by fri", "--json"]
    code = boundary.run(typer.main.get_command(cli.root), arguments)
    if code:
        sys.exit(code)
"""


def loop(times, name):
    """A process of its own that logs so many calls, one command after the other."""
    return subprocess.Popen(
        [sys.executable, "-c", LOOP, str(times), name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def jane(crm):
    """A home in which Jane Roe can be called."""
    crm("contact", "add", "Jane Roe")
    crm("hours", "add", "Meeting people", "--role", "networking")
    return crm


def told(crm):
    """How many talks, promises, hours and journalled calls there are."""
    document = crm("export", "json").json
    calls = [each for each in crm("history", "-n", "5000", "--json").json["items"] if each["name"] == "log-contact"]
    return (*(len(document[key]) for key in ("interactions", "tasks", "time_entries")), len(calls))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_kill_9_leaves_a_command_done_or_not_done(jane):
    """Killed at any moment while it writes, a command leaves a sound database: talk, promise and hours, or none."""
    chance = random.Random(7)  # noqa: S311 - which moment it is matters, not who can guess it
    for kill in range(KILLS):
        process = loop(1000, str(kill))
        before = told(jane)[0]
        while told(jane)[0] == before:
            assert process.poll() is None, process.stderr.read()
        time.sleep(chance.random() * 0.05)  # where in a command it dies is up to chance; nothing waits for it
        process.kill()
        process.communicate()
        counts = told(jane)
        assert len(set(counts)) == 1, counts
        assert all(each["ok"] for each in jane("doctor", "--json").json["items"])


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_eight_processes_at_once_lose_nothing(jane):
    """Eight processes log at once: none fails, and every call, promise and hour is there once."""
    processes = [loop(EACH, f"p{n}") for n in range(PROCESSES)]
    for process in processes:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert told(jane) == (PROCESSES * EACH,) * 4
    notes = [each["note"] for each in jane("export", "json").json["interactions"]]
    assert sorted(notes) == sorted(f"p{p}-{n}" for p in range(PROCESSES) for n in range(EACH))


def test_a_read_only_home_reads_and_refuses_to_write(jane, home):
    """Where nothing can be written, lists still show, and a write ends with one clear line."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    for path in [home / "crm.db", home]:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        assert "Jane Roe" in jane("contact", "list").out
        assert "cannot be written" in jane("contact", "add", "Kim Lee", code=1).err
    finally:
        home.chmod(0o700)
