"""The service of a systemd user manager."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crm.files import write_if_changed
from reminders import unit
from reminders.supervisor import (
    LINGERING_OURS,
    Installed,
    ServerStatus,
    Status,
    Wanted,
    ask,
    make_folders,
    order,
    remove,
    signed,
)
from reminders.unit import SERVER, UNITS, Form

NAME = "systemd"
_USER: Final = ("systemctl", "--user")
SECRETS: Final = f"{unit.NAME}.env"
_PROPERTIES: Final = (
    "LoadState,ActiveState,SubState,UnitFileState,StatusText,NRestarts,ExecMainCode,ExecMainStatus,StateChangeTimestamp,"
    "Listen"
)
_KINDS: Final = {".service", ".timer", ".socket"}
_RUNNING: Final = {("active", "running"), ("active", "waiting")}  # the latter is a timer between two turns
_KILLED: Final = {"2", "3"}  # CLD_KILLED, CLD_DUMPED: the status is then a signal's number


def usable() -> bool:
    """Whether this person has a systemd manager that can be talked to."""
    return shutil.which("systemctl") is not None and ask(*_USER, "show-environment").returncode == 0


def _config() -> Path:
    said = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(said) if Path(said).is_absolute() else Path.home() / ".config"


def folder() -> Path:
    """Where a person's own units are."""
    return _config() / "systemd" / "user"


def files(wanted: Wanted) -> dict[Path, str]:
    """The units and, if there are secrets, the file with them."""
    place = folder()
    mark = f"# {LINGERING_OURS}\n" if wanted.lingering_ours else ""
    names = unit.units(wanted.form, server=wanted.place.server is not None)
    texts = {place / Path(name).name: unit.render(name, wanted.place) + mark for name in names}
    if wanted.place.secrets:
        texts[wanted.place.secrets] = unit.environment_file(wanted.secrets)
    return {path: signed(text) for path, text in texts.items()}


def present() -> list[Path]:
    """The files of ours that are there."""
    names = dict.fromkeys([*UNITS[Form.DAEMON], *UNITS[Form.TIMER], *SERVER, SECRETS])
    return [path for path in (folder() / name for name in names) if path.is_file()]


def log(wanted: Wanted) -> str:
    """The command that shows what the service said."""
    return _log(UNITS[wanted.form][0])


def _log(main: str) -> str:
    return f"journalctl --user -u {main.removesuffix('.service').replace('.timer', '.service')}"


def install(wanted: Wanted, *, start: bool) -> Installed:
    """Write what changed, enable the unit, and start it; a running one is started again only after a change.

    Raises:
        CrmError: a file cannot be written, or systemd does not do as it is told.
    """
    texts, main = files(wanted), UNITS[wanted.form][0]
    make_folders(wanted.place.writable)
    stale = [path for path in present() if path not in texts]
    _stop(stale)
    remove(stale, up_to=_config())
    written = [path for path, text in texts.items() if write_if_changed(path, text.encode())]
    order(*_USER, "daemon-reload")
    order(*_USER, "enable", main)
    if start:
        way_out = f"See: {log(wanted)} -n 20; then try again: crm service install"
        changed = any(path.name not in SERVER for path in written)
        order(*_USER, "restart" if changed else "start", main, way_out=way_out)
    if wanted.place.server:
        _listen(wanted.place.server.port, start=start, anew=any(path.name in {*SERVER, SECRETS} for path in written))
    return Installed(tuple(written), tuple(stale), started=start)


def _listen(port: int, *, start: bool, anew: bool) -> None:
    """Enable the calendar server's socket, and have it listen; the server itself is started when somebody asks.

    Raises:
        CrmError: systemd does not do as it is told; another program may listen there.
    """
    socket = SERVER[0]
    order(*_USER, "enable", socket)
    if start:
        way_out = (
            f"Does another program listen at port {port}, such as crm serve? End it, or take another: "
            "crm config set serve.port; then try again: crm service install --server"
        )
        order(*_USER, "restart" if anew else "start", socket, way_out=way_out)


def uninstall() -> list[Path]:
    """Stop and disable the units, and remove all files of ours.

    Raises:
        CrmError: systemd does not do as it is told; then the files stay.
    """
    found = present()
    _stop(found)
    remove(found, up_to=_config())
    order(*_USER, "daemon-reload")
    for path in found:
        ask(*_USER, "reset-failed", path.name)  # an error says that there was nothing to forget
    return found


def _stop(paths: list[Path]) -> None:
    names = [path.name for path in paths if path.suffix in _KINDS]
    if names:
        order(*_USER, "disable", "--now", *names)


def status() -> Status:
    """What the manager knows of the unit that is installed."""
    main = next((name for name in _mains() if (folder() / name).is_file()), UNITS[Form.DAEMON][0])
    told = _shown(main)
    return Status(
        manager=NAME,
        unit=main,
        installed=told["LoadState"] == "loaded",
        enabled=told["UnitFileState"] == "enabled",
        running=(told["ActiveState"], told["SubState"]) in _RUNNING,
        state=_state(told),
        since_at=_instant(told["StateChangeTimestamp"]),
        says=told["StatusText"],
        last_exit=_last_exit(told),
        restarts=int(told["NRestarts"] or 0),
        lingering=lingering(),
        log=_log(main),
        server=_server() if (folder() / SERVER[0]).is_file() else None,
    )


def _server() -> ServerStatus:
    socket, service = (_shown(name) for name in SERVER)
    listening = socket["ActiveState"] == "active"
    return ServerStatus(
        unit=SERVER[0],
        address=f"http://{socket['Listen'].partition(' ')[0]}",
        listening=listening,
        running=service["ActiveState"] == "active",
        state=_state(socket),
        last_exit=_last_exit(service),
        log=_log(SERVER[1]),
    )


def _state(told: Mapping[str, str]) -> str:
    return f"{told['ActiveState']} ({told['SubState']})"


def _last_exit(told: Mapping[str, str]) -> str | None:
    if told["ExecMainCode"] in {"", "0"}:
        return None
    return f"{'signal ' if told['ExecMainCode'] in _KILLED else ''}{told['ExecMainStatus']}"


def _mains() -> Iterator[str]:
    return (UNITS[form][0] for form in (Form.DAEMON, Form.TIMER))


def _shown(name: str) -> dict[str, str]:
    shown = ask(*_USER, "show", "--timestamp=unix", f"--property={_PROPERTIES}", name).stdout
    pairs = (line.partition("=")[::2] for line in shown.splitlines() if "=" in line)
    return dict.fromkeys(_PROPERTIES.split(","), "") | dict(pairs)


def _instant(text: str) -> datetime | None:
    """An instant as `--timestamp=unix` writes it, such as @1767632400."""
    found = re.fullmatch(r"@(\d{1,11})", text)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def lingering() -> bool | None:
    """Whether this person's manager runs while they are not logged in."""
    return ask("loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value").stdout.strip() == "yes"


def enable_lingering() -> None:
    """Let this person's manager run from the machine's start on.

    Raises:
        CrmError: logind refuses it.
    """
    order("loginctl", "enable-linger", way_out="An administrator can: sudo loginctl enable-linger YOUR-USER-NAME")
