"""The agent of macOS's launchd. It is rendered and read back in the tests; none of them has a launchd to load it."""

import os
import plistlib
import re
from pathlib import Path
from typing import Any, Final

from crm.files import write_if_changed
from reminders.supervisor import Installed, Status, Wanted, ask, make_folders, order, remove, signed
from reminders.unit import Form

NAME = "launchd"
LABEL: Final = "networking-crm.daemon"
_TURN_SECONDS: Final = 300
_PAUSE_SECONDS: Final = 30  # between an end and the next start


def folder() -> Path:
    """Where a person's own agents are."""
    return Path.home() / "Library" / "LaunchAgents"


def _path() -> Path:
    return folder() / f"{LABEL}.plist"


def files(wanted: Wanted) -> dict[Path, str]:
    """The agent; secrets stand in it, since nobody else may read the file."""
    text = plistlib.dumps(agent(wanted)).decode()
    return {_path(): signed(text, before="<!-- ", after=" -->")}


def agent(wanted: Wanted) -> dict[str, Any]:
    """The agent's keys, see launchd.plist(5)."""
    daemon = wanted.form == Form.DAEMON
    words = ["daemon", "run"] if daemon else ["reminder", "tick"]
    rhythm = {"KeepAlive": True, "ThrottleInterval": _PAUSE_SECONDS} if daemon else {"StartInterval": _TURN_SECONDS}
    return {
        "Label": LABEL,
        "ProgramArguments": [str(wanted.place.python), "-m", "crm", *words],
        "EnvironmentVariables": {**wanted.place.environment, **wanted.secrets},
        "RunAtLoad": True,
        **rhythm,
        "ProcessType": "Background",
        "StandardErrorPath": str(wanted.log),
        "Umask": 0o077,
    }


def present() -> list[Path]:
    """The agent, if it is there."""
    return [path for path in (_path(),) if path.is_file()]


def log(wanted: Wanted) -> str:
    """The command that shows what the agent said."""
    return f"tail {wanted.log}"


def install(wanted: Wanted, *, start: bool) -> Installed:
    """Write the agent and load it anew if it changed or was not loaded; a loaded agent runs.

    Raises:
        CrmError: the file cannot be written, or launchd does not do as it is told.
    """
    make_folders(wanted.place.writable)
    written = tuple(path for path, text in files(wanted).items() if write_if_changed(path, text.encode()))
    if start and (written or not _loaded()):
        _unload()
        order("launchctl", "bootstrap", _domain(), str(_path()), way_out="Try again: crm service install")
    return Installed(written, (), started=start)


def uninstall() -> list[Path]:
    """Unload the agent and remove it."""
    _unload()
    return remove([_path()], up_to=folder())


def status() -> Status:
    """What launchd tells of the agent."""
    told = ask("launchctl", "print", _target())
    found = dict(re.findall(r"^\s+(state|pid|runs|last exit code) = (.+)$", told.stdout, re.MULTILINE))
    runs = found.get("runs", "")
    return Status(
        manager=NAME,
        unit=LABEL,
        installed=_path().is_file(),
        enabled=told.returncode == 0,
        running=found.get("state") == "running",
        state=found.get("state", "not loaded"),
        since_at=None,
        says="",
        last_exit=found.get("last exit code"),
        restarts=max(0, int(runs) - 1) if runs.isdigit() else 0,
        lingering=None,
        log=_written_log(),
    )


def _written_log() -> str:
    """The log's path as the installed agent has it."""
    try:
        return f"tail {plistlib.loads(_path().read_bytes())['StandardErrorPath']}"
    except (OSError, KeyError, ValueError):
        return ""


def lingering() -> bool | None:
    """An agent runs while its person is logged in; there is nothing to turn on."""
    return None


def enable_lingering() -> None:
    """Nothing to do."""


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _target() -> str:
    return f"{_domain()}/{LABEL}"


def _loaded() -> bool:
    return ask("launchctl", "print", _target()).returncode == 0


def _unload() -> None:
    if _loaded():
        order("launchctl", "bootout", _target())
