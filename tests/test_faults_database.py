"""A table of faults of the database: each has its stated outcome, the person can read it, and nothing is lost."""

import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from database_support import ON_POSTGRES, of_sqlite
from reliability_support import CRM, PATIENCE, WHOLE, Post, configure, fill, heard, small_disk, weak
from reminder_support import MONDAY, World
from smtp_support import served

from crm.errors import BusyError, CrmError
from crm.store import engine
from reminders import insist

TICK = ("reminder", "tick", "--json")
LATER = MONDAY + timedelta(minutes=6)  # when a claim has run out
TITLE = "Write to Jane Roe"
HOLDER = """
import sys
from datetime import UTC, datetime
from crm.store.engine import make_engine, writing
engine = make_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
with writing(engine, now=datetime(2026, 1, 5, tzinfo=UTC), name="hold"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def post(home):
    """A mail server that reminders go to, and one that is due."""
    World.at(home).task(TITLE, date(2026, 1, 5))
    box = Post()
    with served(box) as port:
        configure(home, port)
        yield box


def arrives_once(crm, post, now=MONDAY):
    """Now that the fault is over, a turn delivers it, and the next has nothing to do."""
    for turn in (now, now + timedelta(days=1)):
        crm(*TICK, now=turn.isoformat())
    assert [TITLE in text for text in post.texts()] == [True]


# A full disk


@pytest.fixture
def disk(home, post, tmp_path, monkeypatch):
    """The home's database on a small disk."""
    with small_disk(tmp_path / "small") as folder:
        for name in ("crm.db", "config.toml"):
            shutil.copy(home / name, folder / name)
        monkeypatch.setenv("CRM_HOME", str(folder))
        yield folder


@of_sqlite
def test_on_a_full_disk_nothing_is_sent(crm, post, disk):
    """What cannot be recorded is not begun: exit 1 with one line; with room it arrives."""
    filler = fill(disk)
    error = crm(*TICK, code=1).error
    assert f"the disk that holds {disk / 'crm.db'} is full; nothing was changed" in error["message"]
    assert post.mails == []
    filler.unlink()
    arrives_once(crm, post)


@pytest.fixture
def hasty(monkeypatch):
    """What could not be recorded is tried again at once, three times; the test may change something before each."""
    before = iter(())

    class Pause:
        def wait(self, _seconds):
            next(before, lambda: None)()

    def go(*acts):
        nonlocal before
        before = iter(acts)

    monkeypatch.setattr(insist, "PAUSES", [1, 1, 1])
    monkeypatch.setattr(insist, "threading", SimpleNamespace(Event=Pause))
    return go


@of_sqlite
def test_a_disk_that_is_full_for_a_moment_while_a_mail_is_sent(crm, post, disk, hasty):
    """Accepted, and there is room again before the turn gives up: it is recorded, and does not come again."""
    post.once["DATA"] = lambda: fill(disk)
    hasty(lambda: None, (disk / "filler").unlink)
    (told,) = crm(*TICK).json["deliveries"]
    assert told["state"] == "completed"
    arrives_once(crm, post, LATER)


@of_sqlite
def test_a_disk_that_fills_up_while_a_mail_is_sent(crm, post, disk, hasty):
    """Accepted and not recorded, as if the machine had died: it comes again, under the same id and no third time."""
    post.once["DATA"] = lambda: fill(disk)
    assert "full" in crm(*TICK, code=1).error["message"]
    (disk / "filler").unlink()
    for now in (MONDAY + timedelta(minutes=1), LATER, LATER + timedelta(days=1)):
        crm(*TICK, now=now.isoformat())
    assert len(post.ids()) == 2
    assert len(set(post.ids())) == 1
    assert World.at(disk).states() == ["completed"]


# Read-only


@of_sqlite
@pytest.mark.parametrize("names", [("crm.db",), ("crm.db", ".")], ids=["file", "folder"])
def test_where_nothing_can_be_written_nothing_is_sent(crm, post, home, names):
    """A read-only file or folder: exit 1 with one line that says so; writable again, it arrives."""
    paths = [home / name for name in names]
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        refused = weak(*CRM, *TICK)
    finally:
        for path in reversed(paths):
            path.chmod(path.stat().st_mode | 0o200)
    assert (refused.returncode, "cannot be written" in refused.stderr) == (1, True), refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert post.mails == []
    arrives_once(crm, post)


# Locked


@pytest.fixture
def patience(monkeypatch):
    """How long one waits for another's lock, in seconds: 30, or less where the proof is scaled down."""
    if WHOLE:
        return 30.0
    brief = 700
    pragmas = [f"busy_timeout={brief}" if "busy_timeout" in each else each for each in engine.PRAGMAS]
    monkeypatch.setattr(engine, "PRAGMAS", pragmas)
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", brief)
    return brief / 1000


class Holder:
    """Another process, which can hold the database as if it were in the middle of writing."""

    def __init__(self, process):
        self.process = process
        assert process.stdout.readline() == "ready\n"

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hold(self):
        self.go_on()
        assert self.process.stdout.readline() == "held\n"

    def end(self):
        self.go_on()
        assert self.process.wait(PATIENCE) == 0


@pytest.fixture
def holder(home):
    pipe, command = subprocess.PIPE, [sys.executable, "-c", HOLDER, World.at(home).url]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield Holder(process)
        process.kill()


@pytest.mark.soak
def test_a_database_that_is_locked_for_long_is_tried_again(crm, post, holder, patience):
    """Held for more than 30 s: exit 75, nothing is sent, who reads waits for nobody; the next turn delivers."""
    holder.hold()
    error = crm(*TICK, code=BusyError.exit_code).error
    assert (error["code"], "busy" in error["message"]) == ("busy", True)
    crm("reminder", "list")
    assert post.mails == []
    holder.end()
    arrives_once(crm, post)


@pytest.mark.soak
def test_a_database_that_is_locked_for_a_while_is_waited_for(crm, post, holder, patience):
    """Held for less than 30 s, the turn goes on where it was."""
    holder.hold()
    timer = threading.Timer(patience / 2, holder.end)
    timer.start()
    arrives_once(crm, post)
    timer.join()


@pytest.mark.soak
def test_a_database_that_is_locked_while_a_mail_is_sent(crm, post, home, holder, patience, hasty):
    """Accepted, and not recorded within a minute: it comes again when the claim has run out, under the same id."""
    post.once["DATA"] = holder.hold
    crm(*TICK, code=BusyError.exit_code)
    holder.end()
    for now in (MONDAY + timedelta(minutes=1), LATER, LATER + timedelta(days=1)):
        crm(*TICK, now=now.isoformat())
    assert len(post.ids()) == 2
    assert len(set(post.ids())) == 1
    assert World.at(home).states() == ["completed"]


# Damaged, and too new


def zeroed(content):
    return bytes(4096) + content[4096:]


def cut(content):
    return content[: len(content) // 8]


def other(_content):
    return b"Dear database, " * 3000


def rubbish(content):
    return b"SQLite format 3\0" + bytes(range(256)) * (len(content) // 256)


DAMAGES = [zeroed, cut, other]


def newest_backup(crm):
    """Two backups; the path of the second."""
    crm("backup", now="2026-01-04T17:00:00Z")
    return crm("backup", "--json", now="2026-01-05T16:00:00Z").json["path"]


@of_sqlite
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_told_with_the_way_back(crm, post, home, damage):
    """A turn ends with 78, names the newest backup and the command that restores it; restored, it arrives."""
    backup = newest_backup(crm)
    path = home / "crm.db"
    path.write_bytes(damage(path.read_bytes()))
    error = crm(*TICK, code=78).error
    assert error["message"].endswith(f"the newest backup: crm restore {backup}")
    assert post.mails == []
    crm("restore", backup)
    arrives_once(crm, post)


def too_new(url):
    """As if a later version had upgraded the database."""
    with World(url).engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))


def made_anew(url):
    """This version's again."""
    with World(url).engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": engine.HEAD})


def test_a_database_from_a_newer_version_is_left_alone(crm, post, home):
    """A turn ends with 78, names both revisions and the way out, writes and sends nothing."""
    world = World.at(home)
    too_new(world.url)
    before = "" if ON_POSTGRES else (home / "crm.db").read_bytes()
    error = crm(*TICK, code=78).error
    for words in ("newer version", "9999", engine.HEAD, "pipx upgrade networking-crm"):
        assert words in error["message"]
    assert before == ("" if ON_POSTGRES else (home / "crm.db").read_bytes())
    made_anew(world.url)
    assert (world.reminders(), post.mails) == ([], [])
    arrives_once(crm, post)


@contextmanager
def daemon(tmp_path, monkeypatch):
    """A daemon that has taken its first turn; gives it, killed at the end if it still lives."""
    monkeypatch.delenv("CRM_NOW")
    run = [*CRM, "daemon", "run"]
    with heard(tmp_path, monkeypatch) as wait_for, subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for("WATCHDOG=1")
            yield process
        finally:
            process.kill()


@of_sqlite
def test_a_database_that_is_damaged_while_the_daemon_runs(crm, post, home, tmp_path, monkeypatch):
    """Its next turn ends it with 78, which no restart can cure, naming the backup; restored, nothing is missing."""
    newest_backup(crm)
    path = home / "crm.db"
    with daemon(tmp_path, monkeypatch) as process:
        damaged = rubbish(path.read_bytes())
        path.write_bytes(damaged)
        process.send_signal(signal.SIGHUP)  # asks for a turn
        _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 78
    backup = max((home / "backups").glob("*.db"))  # the daemon may have made one too
    assert f"the newest backup: crm restore {backup}" in log
    assert TITLE not in log
    assert path.read_bytes() == damaged
    crm("restore", str(backup))
    crm("db", "check")
    crm("reminder", "tick", now="2026-01-05T17:00:00Z")
    assert len(set(post.ids())) == 1


def test_a_database_that_a_newer_version_upgrades_while_the_daemon_runs(crm, post, home, tmp_path, monkeypatch):
    """Its next turn ends it with 78 and the way out; nothing was written after the upgrade."""
    world = World.at(home)
    with daemon(tmp_path, monkeypatch) as process:
        too_new(world.url)
        process.send_signal(signal.SIGHUP)
        _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 78
    assert "newer version" in log
    with pytest.raises(CrmError, match="newer version"):
        world.states()
