"""Asked to end, the daemon is gone in less than two seconds, and what it was doing is done, or as if never begun."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from database_support import ON_POSTGRES
from reminder_support import World
from smtp_support import hanging

from crm import children
from crm.clock import monotonic
from reminders import place, wire
from reminders.bell import Bell
from reminders.sd_notify import notify

PATIENCE = 60.0  # seconds; nothing waits that long unless it is broken
LONGEST = 2.0
COMMAND = [sys.executable, "-m", "crm", "daemon", "run"]
MAIL = '[email]\nto = "me@example.org"\nhost = "localhost"\nsecurity = "none"\n'
HANGS = """
import socket
with socket.create_connection(("127.0.0.1", {port})) as connection:
    connection.recv(1)
"""
HANGING_APPRISE = f"""
class NotifyFormat:
    TEXT = "text"

class Apprise:
    def add(self, url):
        return True

    def notify(self, **_):
        {HANGS.replace(chr(10), chr(10) + "        ")}
"""


@pytest.fixture
def live(home, monkeypatch):
    """A home whose clock runs, with a reminder that is due."""
    monkeypatch.delenv("CRM_NOW")
    World.at(home).task("Write to Jane Roe", date(2026, 1, 5))
    return home


@contextmanager
def running():
    with subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def configure(home, channel, more):
    (home / "config.toml").write_text(f'[daemon]\nchannels = ["{channel}"]\n{more}')


def stop(process, number=signal.SIGTERM):
    """Ask it to end; it has to be gone in time, and by itself."""
    process.send_signal(number)
    assert process.wait(LONGEST) == 0


def the_delivery(home):
    (found,) = World.at(home).deliveries()
    assert [each.outcome for each in World.at(home).attempts()] == [found.state]
    assert found.lease_owner is None
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_before_it_is_ready_it_ends_well(live, number):
    """While it still looks at the database: exit 0, not a word, nothing said, and its place is free."""
    look = "import sys, time; from crm.cli import main; from reminders import daemon; "
    look += "daemon.health.refuse_damaged = lambda _: print('looking', flush=True) or time.sleep(60); "
    command = [sys.executable, "-c", f"{look}sys.argv[1:] = ['daemon', 'run']; main()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "looking\n"
            stop(process, number)
            assert process.communicate() == ("", "")
        finally:
            process.kill()
    assert World.at(live).deliveries() == []
    with place.only_one(live / "crm.db.daemon.lock"):
        pass


def test_a_signal_that_another_thread_gets_is_noticed_at_once():
    """The system may interrupt a thread that is busy with something else: the one that waits is woken all the same."""
    bell, over, noticed = Bell(), threading.Event(), []
    before = signal.signal(signal.SIGUSR1, lambda *_: noticed.append(monotonic()))
    busy = threading.Thread(target=over.wait, args=[PATIENCE])
    try:
        bell.rung_by_signals()
        busy.start()
        began = monotonic()
        threading.Timer(0.1, signal.pthread_kill, [busy.ident, signal.SIGUSR1]).start()
        bell.wait(PATIENCE)
        assert noticed
        assert monotonic() - began < PATIENCE / 2
        for _ in range(70_000):
            bell.ring()
        bell.wait(PATIENCE)
    finally:
        over.set()
        busy.join()
        os.close(signal.set_wakeup_fd(-1))
        os.close(bell._heard)
        signal.signal(signal.SIGUSR1, before)


def test_systemd_that_does_not_listen_is_not_waited_for(tmp_path, monkeypatch):
    """Its queue is full: what is to be told is dropped, and the daemon goes on."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        before = monotonic()
        for number in range(2000):
            notify(f"STATUS={number}")
        assert monotonic() - before < PATIENCE / 2
        assert systemd.recv(100) == b"STATUS=0"


class Silence(threading.Event):
    """What a mail server waits for when it has nothing more to say; `reached` tells that it does."""

    def __init__(self):
        super().__init__()
        self.reached = threading.Event()

    def wait(self, timeout=None):
        self.reached.set()
        return super().wait(timeout)


@contextmanager
def mail_server(command):
    """A server that falls silent at a command, until its silence is over; then it accepts the message."""
    silence = Silence()

    def serve():
        with suppress(OSError), listening.accept()[0] as connection:
            hanging(command)(connection, silence)
            connection.sendall(b"250 accepted\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], silence
        finally:
            silence.set()
            thread.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("command", "doubtful"), [(b"EHLO", False), (b".", True)])
def test_a_server_that_hangs_is_left(live, command, doubtful, number):
    """Its connection is cut, and that is recorded; behind the dot it says that nobody knows."""
    with mail_server(command) as (port, silence):
        configure(live, "email", f"{MAIL}port = {port}\n")
        with running() as process:
            assert silence.reached.wait(PATIENCE)
            stop(process, number)
    found = the_delivery(live)
    assert (found.state, found.attempt) == ("retryable", 1)
    assert ("has the message, or not" in found.error) is doubtful
    assert (found.coalesced_into is not None) is doubtful


def test_a_server_that_answers_soon_is_waited_for(live):
    """The message that is being sent arrives, and is recorded as sent."""
    with mail_server(b".") as (port, silence):
        configure(live, "email", f"{MAIL}port = {port}\n")
        with running() as process:
            assert silence.reached.wait(PATIENCE)
            process.send_signal(signal.SIGTERM)
            silence.set()
            assert process.wait(LONGEST) == 0
    assert the_delivery(live).state == "completed"


@pytest.fixture
def helper(tmp_path, monkeypatch):
    """Make a module that connects to a socket here and then hangs; gives that socket."""
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE)

        def make(name, text):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.replace("{port}", str(listening.getsockname()[1])))
            return listening

        yield make


def test_a_service_of_apprise_that_hangs_is_left(live, helper, tmp_path):
    """The process that sends is killed; what it did by then nobody knows."""
    listening = helper("apprise.py", HANGING_APPRISE)
    (tmp_path / "urls").write_text("hang://now\n")
    configure(live, "apprise", f'[apprise]\nurls_file = "{tmp_path / "urls"}"\n')
    with running() as process, listening.accept()[0] as child:
        stop(process)
        child.settimeout(PATIENCE)
        assert child.recv(1) == b""
    found = the_delivery(live)
    assert found.state == "retryable"
    assert "some services may have the message" in found.error


def test_a_keyring_that_hangs_is_left(live, helper):
    """A keyring that waits for somebody who is not there does not keep the daemon."""
    helper("keyring/__init__.py", "")
    listening = helper("keyring/__main__.py", HANGS)
    configure(live, "email", f'{MAIL}user = "me"\n')
    with running() as process, listening.accept()[0] as child:
        stop(process)
        child.settimeout(PATIENCE)
        assert child.recv(1) == b""
    assert the_delivery(live).state == "retryable"


def is_waited_for(world, process):
    """Whether the process waits for the database, which this one holds."""
    if ON_POSTGRES:
        with world.reading() as session:
            query = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            return session.connection().execute(query).scalar() > 0
    files = Path(f"/proc/{process.pid}/fd")
    with suppress(OSError):
        return any(each.readlink().name == "crm.db-shm" for each in files.iterdir())
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="which files a process has open is seen in /proc")
def test_a_database_that_another_program_holds_does_not_keep_it(live):
    """It would wait 30 s for its turn at the database; asked to end, it goes, and nothing was planned."""
    configure(live, "file", "")
    world = World.at(live)
    with world.writing(), running() as process:
        assert any("reminding every" in line for line in process.stderr)
        ends = monotonic() + PATIENCE
        while not is_waited_for(world, process):
            assert monotonic() < ends
        stop(process)
    assert world.reminders() == []


# The pieces, in this process


def cut_when(reached):
    """End all that waits as soon as `reached` says so."""

    def act():
        assert reached.wait(PATIENCE)
        wire.cut_all()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


class Reached(wire.Deadline):
    """A deadline that tells when something begins to wait by it."""

    def __init__(self):
        super().__init__(PATIENCE)
        self.reached = threading.Event()

    @contextmanager
    def cutting(self, cut):
        with super().cutting(cut):
            self.reached.set()
            yield


def test_what_waits_for_a_connection_ends_too():
    """A host that does not answer at all: whoever still connects fails at once."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # the queue is full; from then on the kernel does not answer
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        deadline = Reached()
        thread = cut_when(deadline.reached)
        with pytest.raises(OSError, match=r"."):
            wire.connect(*full.getsockname(), deadline)
        thread.join()


def test_what_waits_for_a_name_ends_too(monkeypatch):
    """The system's resolver may hang; whoever waits for it does not."""
    asked, over = threading.Event(), threading.Event()

    def slow(*_, **__):
        asked.set()
        over.wait(PATIENCE)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    thread = cut_when(asked)
    with pytest.raises(TimeoutError):
        wire.connect("mail.example.org", 25, wire.Deadline(PATIENCE))
    thread.join()
    over.set()


def test_after_the_cut_nothing_begins():
    """A deadline that was brought forward is over, for new connections as well."""
    deadline = wire.Deadline(PATIENCE)
    wire.cut_all()
    with pytest.raises(TimeoutError):
        wire.connect("127.0.0.1", 9, deadline)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError), wire.cut_at(deadline, ours):
        pass


def test_a_child_that_is_ended_has_no_exit_code():
    """Who waits for a program that was killed learns that it did not end by itself; others give theirs."""
    found = []
    forever = [sys.executable, "-c", "import signal; signal.pause()"]
    thread = threading.Thread(target=lambda: found.append(children.run(forever, seconds=PATIENCE)))
    thread.start()
    while thread.is_alive():
        children.end_all()
        thread.join(0.01)
    assert found == [(None, b"")]
    assert children.run(forever, seconds=0.01) == (None, b"")
    echo = [sys.executable, "-c", "print(input())"]
    assert children.run(echo, seconds=PATIENCE, given=b"yes", answers=True) == (0, b"yes\n")
    assert children.run([sys.executable, "-c", "raise SystemExit(3)"], seconds=PATIENCE) == (3, b"")
