"""The systemd user unit, as it is rendered for one machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm.errors import BadValueError
from reminders import unit

PYTHON = Path(sys.executable)
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed: THE UNIT IS NOT VERIFIED")


@pytest.fixture
def verify(tmp_path, monkeypatch):
    """What systemd says of a unit; nothing is what it should say."""
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)

    def run(text):
        path = tmp_path / "crm.service"
        path.write_text(text)
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime)}
        done = subprocess.run(
            [ANALYZE, "--user", "verify", str(path)], capture_output=True, text=True, check=False, env=environment
        )
        return done.stdout + done.stderr

    return run


@needs_systemd
@pytest.mark.parametrize("home", [None, Path("/home/jane roe/my crm 100%")])
def test_systemd_has_nothing_to_say_of_it(verify, home):
    """The rendered unit is silent under `systemd-analyze --user verify`, odd paths included."""
    assert verify(unit.render(PYTHON, data_folder=Path("/home/jane roe/my crm 100%"), home=home)) == ""


@needs_systemd
@pytest.mark.parametrize(
    ("good", "bad"),
    [("WatchdogSec=", "WatchdogSek="), (str(PYTHON), "/no/such/python"), ("[Service]", "[Servise]")],
)
def test_the_verification_has_teeth(verify, good, bad):
    """A misspelt key or section, or an interpreter that is not there, is told."""
    text = unit.render(PYTHON, data_folder=Path("/home/jane/crm"))
    assert good in text
    assert verify(text.replace(good, bad)) != ""


def settings_of(text):
    """Keys and values; of a key that stands several times, the last."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


def test_everything_is_filled_in():
    """No placeholder is left, and interpreter, home and data folder stand where they belong."""
    text = unit.render(PYTHON, data_folder=Path("/data"), home=Path("/home/jane/crm"))
    found = settings_of(text)
    assert not re.search(r"@[A-Z_]+@", text)
    assert found["ExecStart"] == f'"{PYTHON}" -m crm daemon run'
    assert found["Environment"] == '"CRM_HOME=/home/jane/crm"'
    assert found["ReadWritePaths"] == '"/data"'
    assert "Environment" not in settings_of(unit.render(PYTHON, data_folder=Path("/data")))


@pytest.mark.parametrize("tick_seconds", [5, 30, 3600])
def test_the_watchdog_is_patient(tick_seconds):
    """The watchdog waits for three turns and two minutes, so that one slow turn does not end the daemon."""
    found = settings_of(unit.render(PYTHON, data_folder=Path("/data"), tick_seconds=tick_seconds))
    assert int(found["WatchdogSec"]) == 3 * tick_seconds + 120


def test_a_failing_daemon_is_started_again_for_ever_but_not_without_hope():
    """Crashes never end the reminders; exit 78, which a restart cannot cure, does."""
    found = settings_of(unit.render(PYTHON, data_folder=Path("/data")))
    assert (found["Restart"], found["StartLimitIntervalSec"]) == ("always", "0")
    assert found["RestartPreventExitStatus"] == "78"


def test_what_is_locked_away_is_really_locked_away():
    """Without PrivateUsers a user unit's other protections do nothing; data stays private and writable."""
    found = settings_of(unit.render(PYTHON, data_folder=Path("/data")))
    assert found["PrivateUsers"] == "yes"
    assert (found["ProtectHome"], found["ProtectSystem"], found["UMask"]) == ("read-only", "strict", "0077")


@pytest.mark.parametrize("path", ["relative/python", "/opt/a\nExecStart=/bin/evil", "/opt/\x1b[31m"])
def test_a_path_that_cannot_stand_in_a_unit_is_refused(path):
    """No path can bring in a line of its own."""
    with pytest.raises(BadValueError, match="absolute"):
        unit.render(Path(path), data_folder=Path("/data"))
    with pytest.raises(BadValueError, match="absolute"):
        unit.render(PYTHON, data_folder=Path(path))
