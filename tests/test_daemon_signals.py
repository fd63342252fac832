"""What the daemon makes of SIGHUP, and of a place that is taken when systemd started it."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from datetime import date

import pytest
from conftest import runner
from reminder_support import World

from crm import settings
from crm.errors import BusyError
from reminders import channels, daemon, place
from reminders.daemon import Daemon
from reminders.orders import Orders

PATIENCE = 60.0  # seconds; nothing waits that long unless it is broken
PROGRAM = f'"{sys.executable}" -m crm daemon run'
STARTED_BY_SYSTEMD = ["sh", "-c", f"SYSTEMD_EXEC_PID=$$ exec {PROGRAM}"]
STARTED_BY_ITS_CHILD = ["sh", "-c", f"SYSTEMD_EXEC_PID=$$ {PROGRAM}; exit $?"]


class Heard:
    """What daemons tell the socket at which systemd would listen."""

    def __init__(self, listener):
        self.listener = listener

    def wait_for(self, word, times=1):
        """Listen until a line holds the word so many times more; give the lines since the last call."""
        new = []
        while sum(word in line for line in new) < times:
            new += self.listener.recv(4096).decode().splitlines()
        return new


@pytest.fixture
def heard(tmp_path, monkeypatch):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        yield Heard(listener)


@pytest.fixture
def live(home, monkeypatch):
    """A home whose clock runs, with a daemon that says what is due into a file only."""
    monkeypatch.delenv("CRM_NOW")
    configure(home, 5)
    return home


def configure(home, seconds):
    (home / "config.toml").write_text(f'[reminders]\ntick_seconds = {seconds}\n[daemon]\nchannels = ["file"]\n')


@contextmanager
def running(command=STARTED_BY_SYSTEMD):
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_started_by_systemd_a_second_one_waits_for_its_place(live, heard):
    """It is ready and says that it waits, pings meanwhile, and takes over as soon as the first one is killed."""
    with running() as first:
        heard.wait_for("STATUS=reminding")
        heard.wait_for("WATCHDOG=1")
        with running() as second:
            said = heard.wait_for("STATUS=waiting: another daemon runs already", times=2)
            assert "READY=1" in said
            assert "WATCHDOG=1" in said
            first.kill()
            first.wait(PATIENCE)
            heard.wait_for("STATUS=reminding")
            second.terminate()
            assert second.wait(PATIENCE) == 0
            assert "waiting for it to end" in second.stderr.read()


def test_a_child_of_what_systemd_started_does_not_wait(live, heard):
    """In a terminal, which is itself a unit of systemd, a second daemon leaves with 75."""
    with running():
        heard.wait_for("WATCHDOG=1")
        with running(STARTED_BY_ITS_CHILD) as second:
            assert second.wait(PATIENCE) == 75
            assert "crm daemon status" in second.stderr.read()


def test_one_that_waits_ends_when_it_is_asked_to(live, heard):
    """SIGTERM ends a daemon that never got its place."""
    with running():
        heard.wait_for("WATCHDOG=1")
        with running() as second:
            heard.wait_for("STATUS=waiting")
            second.terminate()
            assert second.wait(PATIENCE) in {0, -signal.SIGTERM}  # either of them is clean to systemd


def test_hang_up_reads_the_settings_and_wrong_ones_keep_the_old(live, heard):
    """A wrong setting is told in log and status while reminding goes on; a right one counts from then on."""
    with running() as process:
        heard.wait_for("WATCHDOG=1")
        configure(live, 1)
        process.send_signal(signal.SIGHUP)
        said = heard.wait_for("the configuration is wrong, and the old one stays")
        assert any("reminders.tick_seconds" in line for line in said)
        heard.wait_for("WATCHDOG=1")
        configure(live, 7)
        process.send_signal(signal.SIGHUP)
        heard.wait_for("STATUS=reminding")
        process.terminate()
        assert process.wait(PATIENCE) == 0
        log = process.stderr.read()
    assert "config.toml: reminders.tick_seconds" in log
    assert "the configuration was read anew" in log


@pytest.fixture
def one(home, monkeypatch):
    """A daemon in this process that never turns by itself."""
    monkeypatch.delenv("CRM_NOW")
    made = Daemon(None, Orders(lambda: None, 30.0))
    monkeypatch.setattr(made, "turn", lambda: None)
    made._schedule()
    yield made
    made.scheduler.shutdown(wait=False)
    assert made.threads.wait(PATIENCE)


def told_by(monkeypatch):
    told = []
    monkeypatch.setattr(daemon, "notify", lambda *lines: told.extend(lines))
    return told


def test_what_is_read_anew_counts(one, home, monkeypatch):
    """Period, channels, options of the rules and zone are the new ones, and a turn is asked for at once."""
    monkeypatch.setenv("CRM_TIMEZONE", "Asia/Kathmandu")
    (home / "config.toml").write_text(
        '[reminders]\ntick_seconds = 60\n[rules.review]\nlead_days = 9\n[daemon]\nchannels = ["file"]\n'
    )
    one.reload()
    terms = one.orders.terms()
    assert (one.orders.period, terms.tz.key, list(terms.outlets.channels)) == (60, "Asia/Kathmandu", ["file"])
    assert terms.given["review.lead_days"] == 9
    assert one.scheduler.get_job("tick").trigger.interval.total_seconds() == 60


def test_a_wrong_configuration_is_told_until_it_is_mended(one, home, monkeypatch):
    """Every status tells it, an unknown channel too, in a line that nothing can break; mended, it is gone."""
    told = told_by(monkeypatch)
    (home / "config.toml").write_text('[daemon]\nchannels = ["pig\\nREADY=1"]\n')
    one.reload()
    one._say("1 sent")
    assert all("the old one stays" in line and "\n" not in line for line in told)
    assert told[-1].endswith("; 1 sent")
    configure(home, 30)
    one.reload()
    assert told[-1] == "STATUS=reminding"


@pytest.mark.parametrize(("unit_seconds", "told"), [("240", []), ("59", ["WATCHDOG_USEC=240000000"]), ("", [])])
def test_a_watchdog_that_is_too_short_for_the_turns_is_told(monkeypatch, unit_seconds, told):
    """Turns that were made rarer after the unit was written do not make the watchdog kill the daemon."""
    monkeypatch.setenv("WATCHDOG_USEC", f"{unit_seconds}000000" if unit_seconds else "")
    assert daemon._patience(Orders(lambda: None, 30)) == told


@pytest.mark.parametrize(("terminal", "stops"), [(True, True), (False, False)])
def test_a_closed_terminal_ends_it(one, monkeypatch, terminal, stops):
    """On a terminal SIGHUP means that it was closed; a daemon nobody sees any more would be in the way."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: terminal, raising=False)
    one.hang_up()
    assert (one.stopping, one.reload_asked) == (stops, True)


def test_the_place_is_free_again_afterwards(tmp_path, monkeypatch):
    """Whoever held the place gives it back, after an error too."""
    path = tmp_path / "lock"
    monkeypatch.setattr(place, "LOCK_SECONDS", 0)
    monkeypatch.delenv("SYSTEMD_EXEC_PID", raising=False)

    def fail():
        with place.only_one(path):
            with pytest.raises(BusyError), place.only_one(path):
                pass
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with place.only_one(path):
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("unit_seconds", "told"), [("120", []), ("119", ["WATCHDOG_USEC=300000000"]), ("11", ["WATCHDOG_USEC=300000000"])]
)
def test_the_watchdog_waits_for_channels_that_hang(monkeypatch, unit_seconds, told):
    """Channels that were added after the unit was written may each hang once in a turn."""
    monkeypatch.setenv("WATCHDOG_USEC", f"{unit_seconds}000000")
    assert daemon._patience(Orders(lambda: None, 30, sending_seconds=60)) == told


def test_a_channel_that_waits_for_others_counts_and_one_that_does_not_does_not():
    """Half a minute for each that can hang; a name that is no channel, or is there twice, adds nothing."""
    assert channels.longest_seconds(["file", "console"]) == 0
    assert channels.longest_seconds(["email", "ntfy", "file", "email", "pigeon"]) == 2 * channels.LONGEST_SEND_SECONDS


def test_a_long_queue_is_left_to_the_next_turn(monkeypatch):
    """So that the watchdog need not wait for it: no message is begun once the turn has lasted long enough."""
    now = [0.0]
    monkeypatch.setattr("crm.clock.monotonic", lambda: now[0])
    made = Daemon(None, Orders(lambda: None, 30.0, sending_seconds=60))
    found = []
    for now[0] in (0.0, 60.0, 61.0):
        found.append(made._is_enough(0.0))
    assert found == [False, False, True]


def test_who_travels_is_reminded_by_the_zone_they_are_in(home, monkeypatch):
    """The system's zone is looked up for each turn; one that the person named counts wherever they are."""
    monkeypatch.delenv("CRM_TIMEZONE")
    zones = ["Europe/Berlin"]
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: zones[-1])
    monkeypatch.setattr("tzlocal.reload_localzone", lambda: None)
    configure(home, 30)
    orders = Orders.from_settings(settings.load())
    zones.append("Asia/Kathmandu")
    assert orders.terms().tz.key == "Asia/Kathmandu"
    zones.append("nowhere")
    assert orders.terms().tz.key == "Europe/Berlin"
    monkeypatch.setenv("CRM_TIMEZONE", "America/Los_Angeles")
    assert Orders.from_settings(settings.load()).terms().tz.key == "America/Los_Angeles"


def test_a_public_topic_is_warned_about_when_it_starts(live, heard):
    """In the log, once, before anything is sent there."""
    more = '[ntfy]\ntopic = "me"\nserver = "https://ntfy.sh"\n[reminders]\ntick_seconds = 3600\n'
    (live / "config.toml").write_text(f'{more}[daemon]\nchannels = ["ntfy"]\nlog = "json"\n')
    with running() as process:
        heard.wait_for("WATCHDOG=1")
        process.terminate()
        assert process.wait(PATIENCE) == 0
        lines = [json.loads(line) for line in process.stderr]
    (warning,) = [each for each in lines if each["event"] == "remark"]
    assert warning["level"] == "warning"
    assert "ntfy.sh is a public server" in warning["message"]


def test_two_homes_share_the_work_of_one_database(postgres_url, tmp_path, monkeypatch, heard, surroundings, capsys):
    """On PostgreSQL a second daemon is one more: each holds its own home's place, and nothing is said twice."""
    monkeypatch.delenv("CRM_NOW")
    monkeypatch.setenv("CRM_DATABASE_URL", postgres_url)
    World(postgres_url).task("Write to Jane Roe", date(2026, 1, 5))
    homes = [tmp_path / name for name in ("laptop", "server")]
    with ExitStack() as stack:
        for each in homes:
            each.mkdir()
            configure(each, 5)
            monkeypatch.setenv("CRM_HOME", str(each))
            stack.enter_context(running())
            heard.wait_for("STATUS=reminding")
        told = {"others": []}
        while not told["others"]:
            heard.wait_for("WATCHDOG=1")
            told = runner(capsys, monkeypatch)("daemon", "status", "--json").json
        heard.wait_for("WATCHDOG=1", times=3)
    said = [(each / "reminders.log").read_text() for each in homes if (each / "reminders.log").exists()]
    assert "".join(said).count("Write to Jane Roe") == 1
