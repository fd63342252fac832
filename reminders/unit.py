"""The systemd units, filled in for one machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from crm import data
from crm.errors import BadValueError
from crm.escaping import quote

NAME: Final = "networking-crm"
_SLACK_SECONDS: Final = 150  # for a busy database, which a turn waits for when it plans, claims, records (twice), notes
_TURNS_MISSED: Final = 3
_PLACEHOLDER: Final = re.compile(r"@([A-Z_]+)@")
_SHARED_TMP: Final = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - what PrivateTmp= would hide, not a place to write
_PLAIN_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")


class Form(StrEnum):
    """How reminders are kept going: a daemon, a turn every five minutes, or a daemon of the whole machine."""

    DAEMON = "daemon"
    TIMER = "timer"
    SYSTEM = "system"


UNITS: Final[Mapping[Form, tuple[str, ...]]] = {
    Form.DAEMON: (f"{NAME}.service", f"{NAME}-alert.service"),
    Form.TIMER: (f"{NAME}-tick.timer", f"{NAME}-tick.service", f"{NAME}-alert.service"),
    Form.SYSTEM: (f"system/{NAME}.service", f"system/{NAME}-alert.service"),
}
"""The units of each form, as they are called in systemd/; the first is the one that is enabled."""

SERVER: Final = (f"{NAME}-serve.socket", f"{NAME}-serve.service")
"""The units of the calendar server, which stands beside any form; the first is the one that is enabled."""


def units(form: Form, *, server: bool) -> tuple[str, ...]:
    """The units of a form, with or without the calendar server, as they are called in systemd/."""
    folder = "system/" if form == Form.SYSTEM else ""
    return UNITS[form] + tuple(f"{folder}{each}" for each in SERVER) * server


@dataclass(frozen=True, slots=True)
class CalendarServer:
    """What the calendar server needs.

    Attributes:
        port: where it is asked on this machine, 1 to 65535.
        writable: the folders that it may write to, absolute.
        readable: what lies in these and it may not write to, absolute; it need not be there.
        networked: whether its database is reached over a network.
    """

    port: int
    writable: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    networked: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the program is and what it needs.

    Attributes:
        python: the interpreter that has this program, absolute.
        writable: the folders that it may write to, absolute; they have to be there before the unit is started.
        environment: variables that anybody may read.
        secrets: a file with the others, if there are any.
        tick_seconds: how often the daemon turns.
        sending_seconds: how long sending may take in one of its turns.
        server: what the calendar server needs, if it is wanted.
    """

    python: Path
    writable: tuple[Path, ...]
    environment: Mapping[str, str]
    secrets: Path | None = None
    tick_seconds: int = 30
    sending_seconds: int = 0
    server: CalendarServer | None = None


def render(name: str, place: Place) -> str:
    """The text of one unit, by its name in systemd/.

    Raises:
        BadValueError: a path is not absolute, or a path or value holds a character that no unit can.
        ConfigurationError: the installation lacks the template.
    """
    folder = data.folder("systemd")
    filled = {
        "HARDENING": _lines((folder / "hardening.conf").read_text(encoding="utf-8")),
        "PYTHON": _path(place.python),
        "ENVIRONMENT": "\n".join(_environment(place)),
        "WRITABLE": " ".join(_path(each) for each in place.writable),
        "WATCHDOG_SECONDS": str(watchdog_seconds(place.tick_seconds, place.sending_seconds)),
        "PRIVATE_TMP": "no" if _needs_tmp(place) else "yes",
        **(_of_server(place.server) if place.server else {}),
    }
    text = (folder / name).read_text(encoding="utf-8").replace("@HARDENING@", filled["HARDENING"])
    return _PLACEHOLDER.sub(lambda found: filled[found[1]], text)


def _of_server(server: CalendarServer) -> dict[str, str]:
    return {
        "PORT": str(server.port),
        "SERVER_WRITABLE": " ".join(_path(each) for each in server.writable),
        "SERVER_READABLE": " ".join(_path(each, before="-") for each in server.readable),
        "PRIVATE_NETWORK": "no" if server.networked else "yes",
    }


def watchdog_seconds(tick_seconds: float, sending_seconds: int = 0) -> int:
    """How long the watchdog waits for a turn to end before it takes the daemon for hung.

    Args:
        tick_seconds: how often the daemon turns.
        sending_seconds: how long sending may take in a turn, see `channels.longest_seconds`.
    """
    return int(_TURNS_MISSED * tick_seconds) + sending_seconds + _SLACK_SECONDS


def environment_file(variables: Mapping[str, str]) -> str:
    """The text of a file for EnvironmentFile= (systemd.exec(5)).

    Raises:
        BadValueError: a value holds a control character; the value itself is not told.
    """
    return "".join(f'{name}="{_shell_escaped(name, value)}"\n' for name, value in sorted(variables.items()))


def _shell_escaped(name: str, value: str) -> str:
    _refuse_controls(name, value)
    return re.sub(r'(["\\`$])', r"\\\1", value)


def _lines(text: str) -> str:
    """Without the comments at its head, which speak to who reads the source."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def _environment(place: Place) -> list[str]:
    lines = []
    for name, value in sorted(place.environment.items()):
        _refuse_controls(name, value)
        lines.append(f"Environment={_quoted(f'{name}={value}')}")
    if place.secrets:  # the one path that systemd takes as it stands, without quotation marks
        _path(place.secrets)
        lines.append(f"EnvironmentFile={str(place.secrets).replace('%', '%%')}")
    return lines


def _needs_tmp(place: Place) -> bool:
    """Whether something lies in a folder that PrivateTmp= would hide."""
    return any(path.is_relative_to(tmp) for path in (place.python, *place.writable) for tmp in _SHARED_TMP)


def _path(path: Path, *, before: str = "") -> str:
    text = str(path)
    if not path.is_absolute() or not text.isprintable():
        raise BadValueError(f"{quote(text)} can't stand in a unit; it has to be an absolute path without controls")
    return _quoted(f"{before}{text}")


def _refuse_controls(name: str, value: str) -> None:
    if not value.isprintable() or not _PLAIN_NAME.fullmatch(name):
        raise BadValueError(f"{quote(name)} can't be handed to a service: it holds a control character; set it anew")


def _quoted(text: str) -> str:
    """A word of a unit's line: `%` starts a specifier there, and blanks part words (systemd.syntax(7))."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
