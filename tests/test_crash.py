"""`kill -9`, a full house and a full disk: a command is wholly done or not at all, and nobody's is lost."""

import os
import random
import shutil
import subprocess
import sys
import time

import pytest
from database_support import of_sqlite

WHOLE = bool(os.environ.get("CRM_SOAK"))
KILLS = 200 if WHOLE else 4
PROCESSES, EACH = 8, 50 if WHOLE else 2
LOOP = """
import os, sys, typer
from crm import boundary, cli
said = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
for n in range(int(sys.argv[1])):
    arguments = ["log-contact", "Jane Roe", "--kind", "call", "--duration", "30m", "--note", f"{sys.argv[2]}-{n}",
                 "--promise", f"send {sys.argv[2]}-{n} by fri", "--json"]
    code = boundary.run(typer.main.get_command(cli.root), arguments)
    print(n, file=said, flush=True)
    if code:
        sys.exit(code)
"""


def loop(times, name):
    """A process of its own that logs so many calls, one command after the other, and says each that is done."""
    return subprocess.Popen(
        [sys.executable, "-c", LOOP, str(times), name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
        assert process.stdout.readline(), process.stderr.read()
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


def run(*arguments, weak=False):
    """A command in a process of its own; `weak` takes from root the right to write where nobody may."""
    less = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if weak and os.geteuid() == 0 else []
    return subprocess.run(
        [*less, sys.executable, "-m", "crm", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@of_sqlite
@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_read_only_home_is_read_and_refuses_to_be_written(jane, home):
    """Where nothing can be written, lists still show, and a write ends with one clear line."""
    for path in [home / "crm.db", home]:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        shown = run("contact", "list", weak=True)
        refused = run("contact", "add", "Kim Lee", weak=True)
    finally:
        home.chmod(0o700)
    assert (shown.returncode, "Jane Roe" in shown.stdout) == (0, True), shown.stderr
    assert (refused.returncode, "cannot be written" in refused.stderr) == (1, True), refused.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@of_sqlite
def test_a_full_disk_changes_nothing(jane, home, small_disk, monkeypatch):
    """On a full disk a write ends with one clear line, what was written before is there, and room is all it takes."""
    monkeypatch.setenv("CRM_HOME", str(small_disk))
    shutil.copy(home / "crm.db", small_disk / "crm.db")
    (small_disk / "crm.db").chmod(0o600)
    (small_disk / "filler").write_bytes(b"x" * 1_200_000)
    codes = []
    while not any(codes):
        failed = run("contact", "add", f"Jane Roe {len(codes)}", "--note", "x" * 60_000)
        codes.append(failed.returncode)
    assert "disk" in failed.stderr
    assert len(failed.stderr.strip().splitlines()) <= 2
    assert len(jane("contact", "list", "--json").json["items"]) == len(codes)
    assert jane("db", "check", "--json").json["ok"]
    (small_disk / "filler").unlink()
    assert run("contact", "add", "Kim Lee").returncode == 0
