"""`crm service`: what it writes, asks, tells and removes, against a systemctl that only remembers."""

import json
import plistlib
import sys
from pathlib import Path

import pytest
from database_support import of_sqlite

from reminders import launchd
from reminders.supervisor import Wanted, edited, signed
from reminders.unit import Form, Place

UNIT = "networking-crm.service"
TOOL = """#!{python} -I
import json, sys
from pathlib import Path
state, words = Path({state!r}), sys.argv[1:]
if Path(sys.argv[0]).name == "loginctl":
    state.with_suffix(".calls").open("a").write(" ".join(["loginctl", *words]) + "\\n")
    linger = state.with_suffix(".linger")
    if words[0] == "enable-linger":
        linger.touch()
    print("yes" if linger.exists() else "no")
    sys.exit()
words.remove("--user")
now = json.loads(state.read_text()) if state.exists() else {{}}
broken = {{"fails": "", "denied": ""}} | now.get("broken", {{}})
if words[0] not in ("show", "show-environment"):
    state.with_suffix(".calls").open("a").write(" ".join(words) + "\\n")
if broken["fails"] == words[0]:
    sys.exit("Job for networking-crm.service failed because of the \\x1b[31mcontrol process.\\nSee systemctl status.")
if words[0] in ("start", "restart"):
    now["active"] = sorted({{*now.get("active", []), words[1]}})
if words[0] == "disable":
    now["active"] = [each for each in now.get("active", []) if each not in words]
if words[0] == "show":
    active = words[-1] in now.get("active", [])
    there = Path({folder!r}, words[-1]).exists()
    print("LoadState=" + ("loaded" if there else "not-found"))
    print("ActiveState=" + ("active" if active else "inactive"))
    print("SubState=" + ("running" if active else "dead"))
    print("UnitFileState=" + ("enabled" if there else ""))
    if words[-1].endswith(".socket"):
        told = Path({folder!r}, words[-1]).read_text()
        print("Listen=" + told.partition("ListenStream=")[2].split()[0] + " (Stream)")
    print("StatusText=" + ("1 planned, 1 sent = \\x1b[31mfine" if active else ""))
    print("NRestarts=" + now.get("restarts", "1234" if active else "0"))
    print("ExecMainCode=" + now.get("code", "0"))
    print("ExecMainStatus=" + now.get("status", "0"))
    print("StateChangeTimestamp=" + ("@1767632400" if active else ""))
state.write_text(json.dumps(now))
"""


class System:
    """A machine whose systemctl and loginctl only remember what they are told."""

    def __init__(self, folder, monkeypatch):
        self.config = folder / "config"
        self.folder = self.config / "systemd" / "user"
        self.state = folder / "state.json"
        tools = folder / "bin"
        tools.mkdir()
        text = TOOL.format(python=sys.executable, state=str(self.state), folder=str(self.folder))
        for name in ("systemctl", "loginctl"):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tools))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(self.config))

    def set(self, **values):
        now = json.loads(self.state.read_text()) if self.state.exists() else {}
        self.state.write_text(json.dumps(now | values))

    def calls(self):
        """What the tools were told since the last time this was asked."""
        path = self.state.with_suffix(".calls")
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [line for line in lines if not line.startswith("loginctl show-user")]

    def linger(self):
        self.state.with_suffix(".linger").touch()

    def text(self, name=UNIT):
        return (self.folder / name).read_text()

    def units(self):
        return [name for name in self.files() if name.endswith((".service", ".timer", ".socket"))]

    def files(self):
        return sorted(path.name for path in self.folder.rglob("*")) if self.folder.exists() else []


@pytest.fixture
def system(tmp_path, monkeypatch):
    return System(tmp_path, monkeypatch)


@pytest.fixture
def asked(monkeypatch):
    """Answer the questions of a command as a person at a terminal would; what was asked is kept."""

    def answer(*answers):
        questions, left = [], list(answers)

        def confirm(question, **_):
            questions.append(question)
            return left.pop(0)

        monkeypatch.setattr("typer.confirm", confirm)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        return questions

    return answer


def test_install_writes_enables_and_starts(crm, system, home):
    """Units for this interpreter, home and zone, private to their owner; enabled and started; and all of it is said."""
    said = crm("service", "install").out
    assert system.calls() == ["daemon-reload", f"enable {UNIT}", f"restart {UNIT}"]
    assert system.units() == ["networking-crm-alert.service", UNIT]
    text = system.text()
    for words in (sys.executable, f"CRM_HOME={home}", "CRM_TIMEZONE=America/Los_Angeles", f'ReadWritePaths="{home}"'):
        assert words in text
    assert {path.stat().st_mode & 0o077 for path in system.folder.iterdir()} == {0}
    assert str(system.folder / UNIT) in "".join(said.split())
    for words in ("journalctl --user -u networking-crm", "crm service status", "while you are logged in"):
        assert words in said


def test_install_again_changes_and_starts_only_what_changed(crm, system, home):
    """Nothing changed: nothing is started again. A changed setting: the unit is written, and the daemon restarted."""
    crm("service", "install")
    system.calls()
    assert crm("service", "install", "--json").json["written"] == []
    assert f"start {UNIT}" in system.calls()
    crm("config", "set", "reminders.tick_seconds", "60")
    assert crm("service", "install", "--json").json["written"] == [str(system.folder / UNIT)]
    assert f"restart {UNIT}" in system.calls()
    assert "WatchdogSec=360" in system.text()  # half a minute more than three turns and two: the desktop may hang


def test_a_synced_folder_that_is_there_may_be_written(crm, system, home, tmp_path):
    """Where calendars are pushed to a folder, the service may write there; a missing one does no harm."""
    synced = tmp_path / "synced calendars"
    crm("config", "set", "calendar.publish.folder", str(synced))
    crm("service", "install")
    assert f'ReadWritePaths="{home}"\n' in system.text()
    synced.mkdir()
    crm("service", "install")
    assert f'ReadWritePaths="{home}" "{synced}"' in system.text()


def test_install_without_a_start(crm, system):
    """`--no-start` enables only, and says when it will start."""
    assert "when you next log in" in crm("service", "install", "--no-start").out
    assert system.calls() == ["daemon-reload", f"enable {UNIT}"]


@of_sqlite
def test_secrets_stand_in_a_private_file_and_nowhere_else(crm, system, monkeypatch, home):
    """A database's URL is handed over in a file for its owner alone; unit, output and --print do not hold it."""
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{home}/crm.db")
    monkeypatch.setenv("CRM_SMTP_PASSWORD", 'hun"ter$2')
    monkeypatch.setenv("CRM_EMAIL_PASSWORD_FILE", "secret/password")
    said = crm("service", "install")
    secrets = system.folder / "networking-crm.env"
    assert 'CRM_SMTP_PASSWORD="hun\\"ter\\$2"' in secrets.read_text()
    assert f'CRM_EMAIL_PASSWORD_FILE="{Path.cwd()}/secret/password"' in secrets.read_text()
    assert "CRM_NOW" not in secrets.read_text()
    assert secrets.stat().st_mode & 0o077 == 0
    assert f"EnvironmentFile={secrets}" in system.text()
    shown = crm("service", "install", "--print")
    assert "hun" not in said.out + said.err + shown.out + system.text()
    for name in ("CRM_SMTP_PASSWORD", "CRM_EMAIL_PASSWORD_FILE", "CRM_DATABASE_URL"):
        monkeypatch.delenv(name)
    assert crm("service", "install", "--json").json["removed"] == [str(secrets)]
    assert not secrets.exists()


@of_sqlite
def test_a_database_elsewhere_may_be_written_to(crm, system, monkeypatch, home, tmp_path):
    """The folder of an SQLite file named by CRM_DATABASE_URL is among those that the daemon may write to."""
    other = tmp_path / "other folder"
    other.mkdir()
    (home / "crm.db").rename(other / "mine.db")
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{other}/mine.db")
    crm("service", "install")
    assert f'ReadWritePaths="{home}" "{other}"' in system.text()


def test_print_writes_nothing(crm, system):
    """`--print` and `--dry-run` show every unit in full, and neither write nor tell systemd anything."""
    told = crm("service", "install", "--print", "--json").json["items"]
    assert [Path(each["file"]).name for each in told] == [UNIT, "networking-crm-alert.service"]
    shown = crm("service", "install", "--dry-run").out
    assert all(each["text"] in shown for each in told)
    assert (system.calls(), system.files()) == ([], [])


def test_the_form_of_the_system_is_only_printed(crm, system):
    """A unit of the whole machine is for its administrator to place."""
    assert "User=networking-crm" in crm("service", "install", "--form", "system", "--print").out
    assert "--print" in crm("service", "install", "--form", "system", code=2).err
    assert system.files() == []


def test_a_timer_takes_the_place_of_the_daemon_and_back(crm, system):
    """One form at a time; a timer, which has no console, is refused until its channels are others."""
    assert "reminders.channels" in crm("service", "install", "--form", "timer", code=5).err
    crm("config", "set", "reminders.channels", "file")
    crm("service", "install")
    system.calls()
    told = crm("service", "install", "--form", "timer", "--json").json
    assert told["removed"] == [str(system.folder / UNIT)]
    assert system.calls()[0] == f"disable --now {UNIT}"
    assert system.units() == [
        "networking-crm-alert.service",
        "networking-crm-tick.service",
        "networking-crm-tick.timer",
    ]
    assert crm("service", "status", "--json").json["unit"] == "networking-crm-tick.timer"
    crm("service", "install")
    assert system.units() == ["networking-crm-alert.service", UNIT]


SOCKET, SERVER = "networking-crm-serve.socket", "networking-crm-serve.service"


def test_the_calendar_server_is_installed_besides(crm, system):
    """Only where it is asked for: its socket is enabled and listens; it stays when the service is installed again."""
    crm("service", "install")
    assert system.units() == ["networking-crm-alert.service", UNIT]
    system.calls()
    told = crm("service", "install", "--server", "--json").json
    assert sorted(told["written"]) == [str(system.folder / SERVER), str(system.folder / SOCKET)]
    assert told["server"] == "http://127.0.0.1:8765"
    assert system.calls() == [
        "daemon-reload",
        f"enable {UNIT}",
        f"start {UNIT}",
        f"enable {SOCKET}",
        f"restart {SOCKET}",
    ]
    assert crm("service", "install", "--json").json["written"] == []
    assert f"start {SOCKET}" in system.calls()
    said = crm("service", "install").out
    assert "http://127.0.0.1:8765" in said
    assert "crm calendar url" in said


def test_another_port_renews_its_socket(crm, system):
    """`serve.port` counts from the next install on; the daemon is not started again for it."""
    crm("service", "install", "--server")
    crm("config", "set", "serve.port", "9000")
    system.calls()
    assert crm("service", "install", "--json").json["written"] == [str(system.folder / SOCKET)]
    assert "ListenStream=127.0.0.1:9000\n" in system.text(SOCKET)
    assert system.calls()[-1] == f"restart {SOCKET}"
    assert f"restart {UNIT}" not in system.calls()


def test_the_calendar_server_alone_can_be_taken_away(crm, system):
    """`--no-server` leaves the daemon; uninstall takes both."""
    crm("service", "install", "--server")
    told = crm("service", "install", "--no-server", "--json").json
    assert [Path(each).name for each in told["removed"]] == [SOCKET, SERVER]
    assert told["server"] is None
    assert f"disable --now {SOCKET} {SERVER}" in system.calls()
    assert system.units() == ["networking-crm-alert.service", UNIT]
    crm("service", "install", "--server")
    crm("service", "uninstall")
    assert f"disable --now {UNIT} networking-crm-alert.service {SOCKET} {SERVER}" in system.calls()
    assert not (system.config / "systemd").exists()


def test_status_tells_of_the_calendar_server(crm, system):
    """Where it listens and whether it runs; one that does not listen is told with the way out, and exit 1."""
    crm("service", "install")
    assert crm("service", "status", "--json").json["server"] is None
    crm("service", "install", "--server")
    told = crm("service", "status", "--json").json["server"]
    assert (told["listening"], told["running"], told["address"]) == (True, False, "http://127.0.0.1:8765")
    assert "http://127.0.0.1:8765, starts when somebody asks" in crm("service", "status").out
    system.set(active=[UNIT])
    shown = " ".join(crm("service", "status", code=1).out.split())
    assert "does not listen" in shown
    assert "journalctl --user -u networking-crm-serve; again: crm service install" in shown


def test_a_port_that_is_taken_is_told(crm, system):
    """systemd says no more than that its job failed; which port it is, and what to do, is said here."""
    system.set(broken={"fails": "restart"}, active=[UNIT])
    crm("service", "install", "--no-start")
    error = crm("service", "install", "--server", code=1).err
    assert "port 8765" in error
    assert "crm config set serve.port" in error


def test_the_calendar_server_of_the_system_is_printed(crm, system):
    """Its units are for the administrator, too."""
    told = crm("service", "install", "--form", "system", "--server", "--print", "--json").json["items"]
    assert [Path(each["file"]).name for each in told][2:] == [SOCKET, SERVER]
    assert "User=networking-crm" in told[3]["text"]


def test_what_somebody_edited_is_not_overwritten_in_silence(crm, system, asked):
    """An edited or a foreign unit is left as it is, unless its owner says so."""
    crm("service", "install")
    mine = system.text().replace("RestartSec=10", "RestartSec=99")
    (system.folder / UNIT).write_text(mine)
    assert "--force" in crm("service", "install", code=5).err
    assert system.text() == mine
    questions = asked(False)
    crm("service", "install", "--no-linger", code=130)
    assert UNIT in questions[0]
    assert system.text() == mine
    asked(True)
    crm("service", "install", "--no-linger")
    assert "RestartSec=10" in system.text()
    (system.folder / UNIT).write_text("[Service]\n")
    asked(False)  # about lingering only
    crm("service", "install", "--force")
    assert "RestartSec=10" in system.text()


@pytest.mark.parametrize(("answer", "calls"), [(True, ["loginctl enable-linger"]), (False, [])])
def test_lingering_is_asked_about(crm, system, asked, answer, calls):
    """On a terminal it is asked about and turned on only after a yes; elsewhere it is left alone and explained."""
    questions = asked(answer)
    crm("service", "install")
    assert len(questions) == 1
    assert [each for each in system.calls() if "linger" in each] == calls
    assert crm("service", "status", "--json").json["lingering"] is answer


def test_nobody_to_ask_means_no_lingering(crm, system):
    """Without a terminal only `--linger` turns it on; uninstall says that it stays, and whose doing it was."""
    crm("service", "install")
    assert not any("linger" in each for each in system.calls())
    crm("service", "install", "--linger")
    assert "loginctl enable-linger" in system.calls()
    crm("service", "install")
    assert "enable-linger" not in " ".join(system.calls())
    said = crm("service", "uninstall").out
    assert "this service had turned it on" in said
    assert "loginctl disable-linger" in said


def test_lingering_that_was_on_before_is_not_ours(crm, system):
    """Lingering that somebody else turned on is told as such."""
    system.linger()
    crm("service", "install", "--linger")
    assert "enable-linger" not in " ".join(system.calls())
    assert "it was not this service that turned it on" in crm("service", "uninstall").out


def test_uninstall_leaves_nothing(crm, system, home):
    """Stopped, disabled, and every file and folder removed that was not there before; data stays; again is no error."""
    crm("service", "install")
    system.calls()
    there = sorted(str(system.folder / name) for name in system.files())
    assert sorted(crm("service", "uninstall", "--json").json["removed"]) == there
    assert system.calls()[:2] == [f"disable --now {UNIT} networking-crm-alert.service", "daemon-reload"]
    assert not (system.config / "systemd").exists()
    assert home.exists()
    assert "no service to remove" in crm("service", "uninstall").out


def test_uninstall_leaves_what_is_not_ours(crm, system):
    """Units and additions of the person's own stay."""
    crm("service", "install")
    other = system.folder / f"{UNIT}.d" / "mine.conf"
    other.parent.mkdir()
    other.write_text("[Service]\nNice=1\n")
    crm("service", "uninstall")
    assert system.files() == ["mine.conf", f"{UNIT}.d"]


def test_status_tells_how_it_is(crm, system):
    """Not installed: exit 1 and what to type. Running: since when, what it says, how often it was started again."""
    assert "crm service install" in crm("service", "status", code=1).out
    crm("service", "install")
    told = crm("service", "status", "--json").json
    assert (told["running"], told["state"], told["since_at"]) == (True, "active (running)", "2026-01-05T17:00:00Z")
    assert told["restarts"] == 1234
    shown = crm("service", "status").out
    for words in ("Mon 5 Jan 2026 09:00", "1,234 times", "sent = \\x1b[31mfine", "crm daemon status"):
        assert words in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("code", "status", "told", "remedy"),
    [
        ("1", "78", "78", "crm doctor"),
        ("2", "9", "signal 9", "crm service install"),
        ("1", "1", "1", "crm service install"),
    ],
)
def test_status_tells_the_last_exit_and_the_way_out(crm, system, code, status, told, remedy):
    """Exit 78 leads to `crm doctor`, others to a new start."""
    crm("service", "install", "--no-start")
    system.set(code=code, status=status)
    shown = crm("service", "status", code=1).out
    assert told in shown
    assert remedy in shown


def test_status_between_two_starts_leads_to_the_log(crm, system):
    """A daemon that crashes again and again is started by systemd; why it crashes is what one wants to know."""
    crm("service", "install", "--no-start")
    system.set(code="1", status="1", restarts="7")
    shown = crm("service", "status", code=1).out
    assert "started again by itself; why it ended: journalctl --user -u networking-crm" in " ".join(shown.split())


def test_a_failing_systemctl_is_told_in_two_lines(crm, system):
    """Its own words, made harmless, and where to look."""
    system.set(broken={"fails": "restart"})
    error = crm("service", "install", code=1).err
    assert "systemctl --user restart" in error
    assert "journalctl --user -u networking-crm" in error
    assert len(error.splitlines()) <= 2
    assert "\x1b" not in error


@pytest.mark.parametrize("command", ["install", "uninstall", "status"])
@pytest.mark.parametrize("broken", ["no tool", "no manager"])
def test_without_systemd_it_says_what_to_run_instead(crm, system, monkeypatch, command, broken):
    """No systemctl, or no user manager behind it: exit 1, with the commands that do the same."""
    if broken == "no tool":
        monkeypatch.setenv("PATH", str(system.config))
    else:
        system.set(broken={"fails": "show-environment"})
    error = crm("service", command, code=1).err
    assert "crm daemon run" in error
    assert "crm reminder tick" in error
    assert system.files() == []


def test_without_a_database_nothing_is_installed(bare_crm, system):
    """Exit 78 and `crm init`, before anything is written."""
    assert "crm init" in bare_crm("service", "install", code=78).err
    assert (system.calls(), system.files()) == ([], [])


def test_a_folder_that_cannot_be_written_is_told(crm, system):
    """A file where the folder of units should be: one error, and no start."""
    system.config.mkdir()
    (system.config / "systemd").write_text("")
    assert str(system.folder) in crm("service", "install", code=1).err
    assert system.calls() == []


# The alert


@pytest.fixture(autouse=True)
def _no_desktop(monkeypatch):
    """No notification is shown to whoever runs the tests."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")


def test_an_alert_is_left_where_reminders_are_read(crm, home, monkeypatch):
    """Ended for good: the file of reminders tells why and what to do, once a day however often it is called."""
    monkeypatch.setenv("MONITOR_EXIT_STATUS", "78")
    (home / "config.toml").write_text("[reminders]\ntick_secs = 5\n")
    assert "file" in crm("service", "alert", "--json").json["channels"]
    told = (home / "reminders.log").read_text()
    for words in ("Reminders have stopped", "reminders.tick_seconds", "crm service install"):
        assert words in told
    assert crm("service", "alert", "--json").json == {"channels": []}
    crm("service", "alert", now="2026-01-06T17:00:00Z")
    assert (home / "reminders.log").read_text().count("Reminders have stopped") == 2


def test_a_crash_that_is_followed_by_a_start_is_no_alert(crm, home, monkeypatch):
    """systemd starts it again by itself, so nothing is said."""
    monkeypatch.setenv("MONITOR_EXIT_STATUS", "1")
    assert "nothing to say" in crm("service", "alert").out
    assert not (home / "reminders.log").exists()


def test_an_alert_of_a_damaged_database_names_doctor(crm, home):
    """With a sound configuration it is the database; `crm doctor` tells more."""
    (home / "crm.db").write_bytes(b"rubbish")
    crm("service", "alert")
    assert "crm doctor" in (home / "reminders.log").read_text()


# Signatures


@pytest.mark.parametrize("before", ["# ", "<!-- "])
def test_a_signature_tells_whether_a_file_was_touched(tmp_path, before):
    """As written it is untouched; a changed, added or missing byte is seen, and so is a file without a signature."""
    path = tmp_path / "file"
    assert not edited(path)
    whole = signed("[Unit]\nNice=5\n", before=before)
    path.write_text(whole)
    assert not edited(path)
    for other in (whole.replace("5", "6"), whole + "\n", whole + "Nice=1\n", whole[:-2], "", "[Unit]\n"):
        path.write_text(other)
        assert edited(path)


# launchd, of which only the file can be looked at here


@pytest.fixture
def mac(tmp_path, monkeypatch, home):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "darwin")
    return tmp_path / "Library" / "LaunchAgents" / "networking-crm.daemon.plist"


def test_the_agent_of_macos(crm, mac, home, monkeypatch):
    """A property list that starts the daemon at login and keeps it alive; secrets stand in the private file."""
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{home}/crm.db")
    told = crm("service", "install", "--print", "--json").json["items"]
    assert [each["file"] for each in told] == [str(mac)]
    agent = plistlib.loads(told[0]["text"].encode())
    assert agent["ProgramArguments"] == [sys.executable, "-m", "crm", "daemon", "run"]
    assert (agent["KeepAlive"], agent["RunAtLoad"]) == (True, True)
    assert agent["EnvironmentVariables"]["CRM_HOME"] == str(home)
    assert agent["StandardErrorPath"] == str(home / "daemon.log")


def test_launchd_hands_no_socket_over(crm, mac):
    """So the server is refused there, and what to do instead is said."""
    assert "crm serve" in crm("service", "install", "--server", code=5).err
    assert not mac.exists()


def test_launchd_is_told_to_load_and_unload_it(crm, mac, tmp_path, monkeypatch):
    """Written 0600 and loaded; again only after a change; unloaded and removed. The tool is a stand-in."""
    tools, loaded = tmp_path / "mac-bin", tmp_path / "loaded"
    tools.mkdir()
    script = f"""#!/bin/sh
case $1 in
  print) [ -e {loaded} ] && printf 'x = {{\\n\\tstate = running\\n\\truns = 3\\n}}\\n' || exit 113 ;;
  bootstrap) : > {loaded} ;;
  bootout) /bin/rm {loaded} ;;
esac
"""
    (tools / "launchctl").write_text(script)
    (tools / "launchctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    assert "not installed" in crm("service", "status", code=1).out
    assert crm("service", "install", "--json").json["written"] == [str(mac)]
    assert mac.stat().st_mode & 0o077 == 0
    assert loaded.exists()
    assert crm("service", "install", "--json").json["written"] == []
    told = crm("service", "status", "--json").json
    assert (told["running"], told["restarts"], told["lingering"]) == (True, 2, None)
    assert crm("service", "uninstall", "--json").json["removed"] == [str(mac)]
    assert not loaded.exists()


def test_a_timer_of_macos(home):
    """The form of a timer is a turn every five minutes."""
    place = Place(Path(sys.executable), (home,), {})
    agent = launchd.agent(Wanted(Form.TIMER, place, {}, home / "daemon.log"))
    assert agent["StartInterval"] == 300
    assert agent["ProgramArguments"][-2:] == ["reminder", "tick"]
    assert "KeepAlive" not in agent
