"""The service under a real systemd: installed, killed, hung, stopped, misconfigured, and back after a new start."""

import base64
import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from database_support import ON_POSTGRES
from reminder_support import World
from systemd_rig.rig import PREFIX, UID, USER, CannotBootError, Machine, await_that, booted

ROOT = Path(__file__).resolve().parent.parent
SHOWN = tuple(dict.fromkeys((ROOT, Path(sys.prefix), Path(sys.base_prefix))))
UNIT = "networking-crm.service"
HOME = f"/home/{USER}"
DATA = f"{HOME}/.local/share/networking-crm"
CONFIG = f"{HOME}/.config/networking-crm/config.toml"
SETTINGS = '[reminders]\nat = "00:00"\ntick_seconds = 5\nchannels = ["file"]\n[daemon]\nchannels = ["file"]\n'
SOCKET, SERVER = "networking-crm-serve.socket", "networking-crm-serve.service"
SHORT = "import calendars.server.run as r; r.IDLE_SECONDS = 0.5; import crm.cli; crm.cli.main()"
NEAR_ITS_END = f"[Service]\nExecStart=\nExecStart={sys.executable} -c '{SHORT}' serve\n"
HASTE = "[Service]\nRestartSec=100ms\nWatchdogSec=11\n"  # a watchdog has to wait for two turns at least
PATIENCE = 40.0  # seconds; nothing waits that long unless it is broken

pytestmark = pytest.mark.skipif(ON_POSTGRES, reason="the booted machine has no PostgreSQL")


@dataclass(frozen=True)
class Person:
    """Somebody on the booted machine, who has a database with one thing that is due."""

    machine: Machine
    prepared: Path
    variables: tuple[tuple[str, str], ...] = ()

    def crm(self, *arguments, code=0):
        """Run a command; its output, as a value where that is JSON."""
        done = self.machine.run(sys.executable, "-m", "crm", *arguments, **dict(self.variables))
        assert done.returncode == code, f"crm {arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout) if "--json" in arguments else done.stdout + done.stderr

    def systemctl(self, *arguments):
        return self.machine.shell(f"systemctl --user {' '.join(arguments)}")

    def shows(self, name, unit=UNIT):
        return self.systemctl("show", f"--property={name}", "--value", unit)

    def write(self, path, text):
        done = self.machine.run("sh", "-euc", 'mkdir -p "$(dirname "$0")"; cat > "$0"', path, content=text)
        assert done.returncode == 0, done.stderr

    def read(self, path):
        return self.machine.run("cat", path).stdout

    def ready(self, data=DATA, config=CONFIG):
        """Give them settings and a database."""
        self.write(config, SETTINGS)
        script = 'mkdir -p "$0"; base64 -d > "$0/crm.db"; test -s "$0/crm.db"'  # what we made is closed to others
        content = base64.b64encode(self.prepared.read_bytes()).decode()
        done = self.machine.run("sh", "-euc", script, data, content=content)
        assert done.returncode == 0, done.stderr
        return self

    def reminded(self, data=DATA):
        return self.read(f"{data}/reminders.log").count("Write to Jane Roe")

    def fetch(self, path):
        """The status and body of a GET through the server's socket."""
        code = (
            "import sys, urllib.request as r, urllib.error as e\n"
            "try: a = r.urlopen('http://127.0.0.1:' + sys.argv[1], timeout=30)\n"
            "except e.HTTPError as error: a = error\n"
            "print(a.status, a.read().decode())"
        )
        done = self.machine.run(sys.executable, "-c", code, path)
        assert done.returncode == 0, done.stderr
        status, _, body = done.stdout.partition(" ")
        return int(status), body

    def logged(self, text, command):
        """Whether the journal tells it; that of a machine which booted slowly may hold nothing of a person's at all."""
        told = self.machine.shell(command).lower()
        return text in told or "-- no entries --" in told

    def runs_anew(self, before):
        """Whether another process than `before` is ready."""
        return self.shows("ActiveState") == "active" and self.shows("MainPID") not in {"0", before}


@pytest.fixture
def prepared(empty_database, tmp_path):
    """A database with one thing that is due."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    World.copy(empty_database, folder).task("Write to Jane Roe", date(2026, 1, 5))
    return folder / "crm.db"


@pytest.fixture
def person(tmp_path, prepared):
    """A person on a machine that was just booted; afterwards nothing of it is left."""
    try:
        with booted(tmp_path, *SHOWN) as machine:
            if machine.run(sys.executable, "-c", "import crm").returncode:
                pytest.skip("others may not read this checkout: THE SERVICE IS NOT TESTED UNDER A REAL SYSTEMD")
            yield Person(machine, prepared)
    except CannotBootError as error:
        pytest.skip(f"{error}: THE SERVICE IS NOT TESTED UNDER A REAL SYSTEMD")
    assert leftovers() == []


def leftovers():
    """Control groups of this process's machines, and mounts that the whole machine sees."""
    groups = Path("/sys/fs/cgroup").glob(f"**/{PREFIX}{os.getpid()}")
    mounts = [line for line in Path("/proc/self/mounts").read_text().splitlines() if PREFIX in line]
    return [*groups, *mounts]


def test_install_starts_it_and_uninstall_leaves_nothing(person):
    """Installed, it is silent under verify, ready, reminds; again changes nothing; uninstalled, nothing is left."""
    person.ready()
    before = person.machine.shell("find ~/.config")

    person.crm("service", "install")
    assert person.machine.run("sh", "-c", f"systemd-analyze --user verify {UNIT} 2>&1").stdout == ""
    assert await_that(person.reminded, PATIENCE)
    told = person.crm("service", "status", "--json")
    assert (told["running"], told["enabled"], told["state"]) == (True, True, "active (running)")
    assert (told["last_exit"], told["restarts"], told["lingering"]) == (None, 0, False)
    assert person.crm("daemon", "status", "--json")["last_tick_at"]
    assert await_that(lambda: person.logged("reminding every 5 s", told["log"]), PATIENCE)

    process = person.shows("MainPID")
    assert person.crm("service", "install", "--json")["written"] == []
    assert person.shows("MainPID") == process
    person.write(f"{HOME}/.config/systemd/user/{UNIT}", "[Service]\n")
    assert "--force" in person.crm("service", "install", code=5)

    person.crm("service", "uninstall")
    assert person.machine.shell("find ~/.config") == before
    assert person.shows("LoadState") == "not-found"
    assert "not installed" in person.crm("service", "status", code=1)


def test_the_calendar_server_is_started_by_who_asks(person):
    """It answers who asks, again after kill -9 and after its own end too; it may write little, and goes wholly."""
    person.ready()
    before = person.machine.shell("find ~/.config")
    person.crm("service", "install", "--server")
    for unit in (SOCKET, SERVER):
        assert person.machine.run("sh", "-c", f"systemd-analyze --user verify {unit} 2>&1").stdout == ""
    assert person.shows("ActiveState", SERVER) == "inactive"
    person.crm("task", "add", "Call John Doe", "--kind", "follow-up", "--due", "tomorrow")
    path = person.crm("calendar", "url", "all", "--json")["url"].partition("127.0.0.1:")[2]

    status, body = person.fetch(path)
    assert (status, "Call John Doe" in body) == (200, True)
    told = person.crm("service", "status", "--json")["server"]
    assert (told["listening"], told["running"], told["last_exit"]) == (True, True, None)
    assert person.shows("StatusText", SERVER) == "serving at http://127.0.0.1:8765"
    process = person.shows("MainPID", SERVER)
    inside = ["nsenter", "-t", process, "-m", "--", "touch"]
    assert person.machine.as_root(*inside, f"{DATA}/new").returncode == 0
    for folder in (HOME, f"{DATA}/backups", "/etc"):
        assert "Read-only" in person.machine.as_root(*inside, f"{folder}/new").stderr, folder
    networks = {person.machine.as_root("readlink", f"/proc/{each}/ns/net").stdout for each in (process, "1")}
    assert len(networks) == 2  # one of its own, which leads nowhere

    person.systemctl("kill", "--signal=KILL", SERVER)
    assert person.fetch(path) == (status, body)

    person.write(CONFIG, f"{SETTINGS}[serve]\nport = 9000\n")
    person.write(f"{HOME}/.config/systemd/user/{SERVER}.d/short.conf", NEAR_ITS_END)
    person.crm("service", "install")
    path = path.replace("8765", "9000")
    assert person.fetch(path) == (status, body)
    assert await_that(lambda: person.shows("ActiveState", SERVER) == "inactive", PATIENCE)
    assert person.shows("Result", SERVER) == "success"
    assert person.fetch(path) == (status, body)

    person.machine.shell(f"rm -r ~/.config/systemd/user/{SERVER}.d")
    person.crm("service", "uninstall")
    assert person.machine.shell("find ~/.config") == before
    assert person.shows("LoadState", SOCKET) == "not-found"


def test_it_comes_back_from_a_crash_and_a_hang_but_not_from_a_stop(person):
    """kill -9 and a hang end in a new start, a stop is clean within 2 s and stays; no message is doubled."""
    person.ready()
    person.write(f"{HOME}/.config/systemd/user/{UNIT}.d/haste.conf", HASTE)
    person.crm("service", "install")
    assert await_that(person.reminded, PATIENCE)

    process = person.shows("MainPID")
    person.systemctl("kill", "--kill-whom=main", "--signal=KILL", UNIT)
    assert await_that(lambda: person.runs_anew(process), PATIENCE)

    process = person.shows("MainPID")
    person.systemctl("kill", "--kill-whom=main", "--signal=STOP", UNIT)
    assert await_that(lambda: person.runs_anew(process), PATIENCE)
    assert await_that(lambda: person.logged("watchdog", f"journalctl --user -u {UNIT}"), PATIENCE)

    asked = time.monotonic()
    person.systemctl("stop", UNIT)
    assert time.monotonic() - asked < 2
    assert [person.shows(name) for name in ("ActiveState", "SubState", "Result")] == ["inactive", "dead", "success"]
    assert person.crm("daemon", "status", "--json", code=1)["stopped_at"]
    assert person.reminded() == 1


def test_with_lingering_it_is_back_after_a_start_of_the_machine(person):
    """With lingering on, the service comes up with a new user manager, with nobody logged in."""
    person.ready()
    person.crm("service", "install")
    person.machine.as_root("loginctl", "enable-linger", USER)
    assert person.crm("service", "status", "--json")["lingering"] is True
    process = person.shows("MainPID")
    assert person.machine.as_root("systemctl", "restart", f"user@{UID}.service").returncode == 0
    assert await_that(lambda: person.runs_anew(process), PATIENCE)
    assert "it was not this service that turned it on" in person.crm("service", "uninstall")


def test_a_hopeless_end_is_told_and_not_repeated(person):
    """Exit 78 is followed by no new start, but by a message where reminders are read; mended, install starts it."""
    person.ready()
    person.crm("service", "install")
    person.write(CONFIG, "[reminders]\ntick_secs = 5\n")
    person.machine.run("systemctl", "--user", "restart", UNIT)
    assert await_that(lambda: "Reminders have stopped" in person.read(f"{DATA}/reminders.log"), PATIENCE)
    assert "reminders.tick_seconds" in person.read(f"{DATA}/reminders.log")
    told = person.crm("service", "status", "--json", code=1)
    assert (told["running"], told["last_exit"], told["restarts"]) == (False, "78", 0)
    assert person.shows("SubState") == "failed"
    person.write(CONFIG, SETTINGS)
    person.crm("service", "install")
    assert person.shows("ActiveState") == "active"


def test_a_second_one_waits_and_a_reload_keeps_what_is_right(person):
    """It waits while another daemon runs and takes over; SIGHUP reads the settings, and wrong ones keep the old."""
    person.ready()
    person.machine.shell(f"systemd-run --user --unit=other {sys.executable} -m crm daemon run")
    assert await_that(person.reminded, PATIENCE)
    person.crm("service", "install")
    assert person.crm("service", "status", "--json")["says"] == "waiting: another daemon runs already"
    process = person.shows("MainPID")
    person.systemctl("stop", "other.service")
    assert await_that(lambda: person.shows("StatusText") == "reminding", PATIENCE)

    person.write(CONFIG, SETTINGS.replace("= 5", "= soon"))
    person.systemctl("reload", UNIT)
    assert await_that(lambda: "the configuration is wrong" in person.shows("StatusText"), PATIENCE)
    person.write(CONFIG, SETTINGS.replace("= 5", "= 600"))
    person.systemctl("reload", UNIT)
    assert await_that(lambda: person.shows("StatusText") == "reminding", PATIENCE)
    assert person.shows("WatchdogUSec") == "32min 30s"  # as patient as turns of ten minutes ask for
    assert person.shows("MainPID") == process
    assert person.reminded() == 1


def test_it_finds_everything_and_may_write_nothing_else(person):
    """An odd home and a database elsewhere are found; secrets stand in a file of one's own; the rest is read-only."""
    home, database = f'{HOME}/my crm 100%/the "good" one', f"{HOME}/else where/crm$HOME.db"
    variables = (("CRM_HOME", home), ("CRM_DATABASE_URL", f"sqlite:///{database}"), ("CRM_TIMEZONE", "Asia/Kathmandu"))
    owner = Person(person.machine, person.prepared, variables)
    owner.ready(f"{HOME}/else where", f"{home}/config.toml")
    owner.machine.run("mv", f"{HOME}/else where/crm.db", database)
    owner.crm("service", "install")
    assert await_that(lambda: owner.reminded(home), PATIENCE)
    folder = f"{HOME}/.config/systemd/user"
    assert "sqlite" not in owner.machine.shell(f"cat {folder}/*.service")
    assert owner.machine.shell(f"stat -c %a {folder}/networking-crm.env") == "600"

    inside = ["nsenter", "-t", owner.shows("MainPID"), "-m", "--", "touch"]
    assert owner.machine.as_root(*inside, f"{home}/new", f"{HOME}/else where/new").returncode == 0
    for path in (HOME, "/etc", "/usr", "/var/lib"):
        done = owner.machine.as_root(*inside, f"{path}/new")
        assert "Read-only file system" in done.stderr, path
    owner.crm("service", "uninstall")
    assert owner.machine.run("ls", folder).returncode != 0


def test_a_timer_takes_turns_instead(person):
    """The form of a timer replaces the daemon; each of its turns reminds, and it is waiting in between."""
    person.ready()
    person.crm("service", "install", "--no-start")
    person.crm("service", "install", "--form", "timer")
    assert person.machine.shell("ls ~/.config/systemd/user/*.service").split() == [
        f"{HOME}/.config/systemd/user/networking-crm-{name}.service" for name in ("alert", "tick")
    ]
    person.systemctl("start", "networking-crm-tick.service")
    assert person.reminded() == 1
    assert person.crm("service", "status", "--json")["state"] == "active (waiting)"
    person.crm("service", "uninstall")
    assert person.shows("LoadState", "networking-crm-tick.timer") == "not-found"


def test_a_test_that_fails_leaves_nothing_behind(tmp_path):
    """After an error in the middle, the machine's processes, mounts and control groups are gone."""
    first = []

    def fail_on_a_machine():
        with booted(tmp_path, *SHOWN) as machine:
            first.append(machine.first)
            raise ZeroDivisionError

    try:
        with pytest.raises(ZeroDivisionError):
            fail_on_a_machine()
    except CannotBootError as error:
        pytest.skip(f"{error}: THE SERVICE IS NOT TESTED UNDER A REAL SYSTEMD")
    assert not Path("/proc", str(first[0])).exists()
    assert leftovers() == []
    assert list((tmp_path / "machine").iterdir()) == []
