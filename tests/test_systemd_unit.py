"""The systemd units, as they are rendered for one machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import data
from crm.errors import BadValueError
from reminders import unit
from reminders.unit import SERVER, UNITS, CalendarServer, Form, Place

PYTHON = Path(sys.executable)
ODD = Path("/home/jane roe/my crm 100%")
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(
    ANALYZE is None, reason="systemd-analyze is not installed: THE UNITS ARE NOT VERIFIED"
)
DAEMON, ALERT = UNITS[Form.DAEMON]
NAMES = list(dict.fromkeys(name for form in Form for name in unit.units(form, server=True)))
SERVES = CalendarServer(8765, (Path("/data"),), (Path("/data/backups"),))
DOCS = Path(__file__).resolve().parent.parent / "docs" / "daemon.md"


def place(**values):
    given = {"python": PYTHON, "writable": (Path("/data"),), "environment": {}, "server": SERVES}
    return Place(**(given | values))


@pytest.fixture
def analyze(tmp_path):
    """Ask systemd-analyze about a unit of a form, whose other units lie beside it."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)

    def run(*arguments, form, text, name):
        for other in unit.units(form, server=True):
            (tmp_path / Path(other).name).write_text(unit.render(other, place()))
        path = tmp_path / Path(name).name
        path.write_text(text)
        manager = [] if form == Form.SYSTEM else ["--user"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime)}
        environment["SYSTEMD_UNIT_PATH"] = f"{tmp_path}:"
        done = subprocess.run(
            [ANALYZE, *manager, *arguments, str(path)], capture_output=True, text=True, check=False, env=environment
        )
        return done.stdout + done.stderr

    return run


def forms_and_names():
    return [(form, name) for form in Form for name in unit.units(form, server=True)]


@needs_systemd
@pytest.mark.parametrize(("form", "name"), forms_and_names())
def test_systemd_has_nothing_to_say_of_them(analyze, form, name):
    """Every rendered unit is silent under `systemd-analyze verify`, with odd paths, variables and secrets."""
    server = CalendarServer(65535, (ODD,), (ODD / "backups",))
    odd = {"writable": (ODD, Path("/data")), "secrets": ODD / "secrets.env", "server": server}
    given = place(environment={"CRM_HOME": str(ODD)}, **odd)
    assert analyze("verify", form=form, text=unit.render(name, given), name=name) == ""


@needs_systemd
@pytest.mark.parametrize(
    ("good", "bad"),
    [("WatchdogSec=", "WatchdogSek="), (str(PYTHON), "/no/such/python"), ("[Service]", "[Servise]")],
)
def test_the_verification_has_teeth(analyze, good, bad):
    """A misspelt key or section, or an interpreter that is not there, is told."""
    text = unit.render(DAEMON, place())
    assert good in text
    assert analyze("verify", form=Form.DAEMON, text=text.replace(good, bad), name=DAEMON) != ""


@needs_systemd
@pytest.mark.skipif(
    PYTHON.is_relative_to("/tmp") or PYTHON.is_relative_to("/var/tmp"),  # noqa: S108 - only names
    reason="this checkout lies below /tmp, which its unit therefore leaves visible",
)
@pytest.mark.parametrize("form", [Form.DAEMON, Form.SYSTEM])
def test_the_exposure_is_what_the_page_says(analyze, form):
    """`systemd-analyze security` gives the level that docs/daemon.md states, or a better one."""
    name = UNITS[form][0]
    told = analyze("security", "--offline=true", form=form, text=unit.render(name, place()), name=name)
    found = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", told)[1])
    stated = re.search(rf"`systemd/{name}` \| ([0-9.]+)", DOCS.read_text(encoding="utf-8"))
    assert stated, f"docs/daemon.md does not state the exposure of {name}, which is {found}"
    assert found <= float(stated[1])


def settings_of(text):
    """Keys and values; of a key that stands several times, the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_filled_in(name):
    """No placeholder is left in any unit, and the folder holds none but those that belong to a form."""
    assert not re.search(r"@[A-Z_]+@", unit.render(name, place()))
    shipped = {path.relative_to(data.folder("systemd")).as_posix() for path in data.folder("systemd").rglob("*.*")}
    assert {each for each in shipped if each.endswith((".service", ".timer", ".socket"))} == set(NAMES)


def test_what_belongs_to_the_machine_stands_where_it_belongs():
    """Interpreter, variables, secrets and folders."""
    given = place(
        writable=(Path("/data"), Path("/my db")),
        environment={"CRM_HOME": "/home/jane/crm"},
        secrets=Path("/x/100%.env"),
    )
    found = settings_of(unit.render(DAEMON, given))
    assert found["ExecStart"] == f'"{PYTHON}" -m crm daemon run'
    assert found["Environment"] == '"CRM_HOME=/home/jane/crm"'
    assert found["EnvironmentFile"] == "/x/100%%.env"
    assert found["ReadWritePaths"] == '"/data" "/my db"'
    assert not {"Environment", "EnvironmentFile"} & set(settings_of(unit.render(DAEMON, place())))


@pytest.mark.parametrize(("networked", "private"), [(False, "yes"), (True, "no")])
def test_the_calendar_server_gets_a_socket_and_little_else(networked, private):
    """This machine's own address at its port; no network of its own where its database is a file."""
    given = place(server=CalendarServer(9000, (Path("/data"), Path("/my db")), (Path("/data/backups"),), networked))
    socket, service = (settings_of(unit.render(name, given)) for name in SERVER)
    assert socket["ListenStream"] == "127.0.0.1:9000"
    assert service["PrivateNetwork"] == private
    assert service["ReadWritePaths"] == '"/data" "/my db"'
    assert service["ReadOnlyPaths"] == '"-/data/backups"'
    assert service["Requires"] == SERVER[0]


@pytest.mark.parametrize("sending_seconds", [0, 60])
@pytest.mark.parametrize("tick_seconds", [5, 30, 3600])
def test_the_watchdog_is_patient(tick_seconds, sending_seconds):
    """It waits for three turns, channels that hang and a busy database, so that no slow turn ends the daemon."""
    found = settings_of(unit.render(DAEMON, place(tick_seconds=tick_seconds, sending_seconds=sending_seconds)))
    assert int(found["WatchdogSec"]) == 3 * tick_seconds + sending_seconds + 150


def test_a_failing_daemon_is_started_again_for_ever_but_not_without_hope():
    """Crashes never end the reminders; exit 78, which a restart cannot cure, does, and is told."""
    for name in (DAEMON, UNITS[Form.SYSTEM][0]):
        found = settings_of(unit.render(name, place()))
        assert (found["Restart"], found["StartLimitIntervalSec"]) == ("always", "0")
        assert (found["RestartPreventExitStatus"], found["OnFailure"]) == ("78", ALERT)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".service")])
def test_what_is_locked_away_is_really_locked_away(name):
    """Without PrivateUsers a user unit's other protections do nothing; data stays private and writable."""
    found = settings_of(unit.render(name, place()))
    assert found["PrivateUsers"] == "yes"
    assert (found["ProtectHome"], found["ProtectSystem"], found["UMask"]) == ("read-only", "strict", "0077")


@pytest.mark.parametrize(
    ("given", "private"),
    [({}, "yes"), ({"writable": (Path("/tmp/crm"),)}, "no"), ({"python": Path("/var/tmp/venv/bin/python")}, "no")],  # noqa: S108 - only names
)
def test_a_home_below_tmp_stays_visible(given, private):
    """A private /tmp would hide a data folder or an interpreter that lies there."""
    elsewhere = {"python": Path("/opt/venv/bin/python")}
    assert settings_of(unit.render(DAEMON, place(**elsewhere | given)))["PrivateTmp"] == private


@pytest.mark.parametrize("path", ["relative/python", "/opt/a\nExecStart=/bin/evil", "/opt/\x1b[31m"])
@pytest.mark.parametrize("field", ["python", "writable", "secrets"])
def test_a_path_that_cannot_stand_in_a_unit_is_refused(path, field):
    """No path can bring in a line of its own."""
    value = (Path(path),) if field == "writable" else Path(path)
    with pytest.raises(BadValueError, match="absolute"):
        unit.render(DAEMON, place(**{field: value}))


@pytest.mark.parametrize("pair", [("CRM_HOME", "/a\nExecStart=/bin/evil"), ("CRM_X=1\nB", "value")])
@pytest.mark.parametrize("write", [lambda pairs: unit.render(DAEMON, place(environment=pairs)), unit.environment_file])
def test_a_variable_that_cannot_be_handed_over_is_refused_without_its_value(pair, write):
    """Neither the unit nor the file of secrets takes a control character; the message holds no secret."""
    with pytest.raises(BadValueError) as caught:
        write(dict([pair]))
    assert pair[1] not in caught.value.message


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")))
def test_secrets_come_back_as_they_were(value):
    """What the file of secrets holds is read back by a shell's rules, which are systemd's, as the same value."""
    (line,) = unit.environment_file({"CRM_SECRET": value}).splitlines()
    assert line.startswith('CRM_SECRET="')
    assert re.sub(r'\\(["\\`$])', r"\1", line[len('CRM_SECRET="') : -1]) == value
    assert not re.search(r'(?<!\\)(\\\\)*["`$]', line[len('CRM_SECRET="') : -1])
