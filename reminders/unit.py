"""The systemd user unit, filled in for one machine."""

import re
from pathlib import Path
from typing import Final

from crm import data
from crm.errors import BadValueError
from crm.escaping import quote

TEMPLATE: Final = "crm.service"
_SLACK_SECONDS: Final = 120  # for a turn that sends slowly, or waits for a busy database
_TURNS_MISSED: Final = 3
_PLACEHOLDER: Final = re.compile(r"@([A-Z_]+)@")


def render(python: Path, *, data_folder: Path, home: Path | None = None, tick_seconds: int = 30) -> str:
    """The unit's text.

    Args:
        python: the interpreter that has this program, absolute.
        data_folder: where the database is, absolute; the only place that the daemon may write to. It has to be there
            before the unit is started.
        home: CRM_HOME, if that is set.
        tick_seconds: how often the daemon turns.

    Raises:
        BadValueError: a path is not absolute, or holds a character that no unit can.
        ConfigurationError: the installation lacks the template.
    """
    filled = {
        "PYTHON": _quoted(python),
        "ENVIRONMENT": f"Environment={_quoted(home, before='CRM_HOME=')}" if home else "",
        "DATA": _quoted(data_folder),
        "WATCHDOG_SECONDS": str(_TURNS_MISSED * tick_seconds + _SLACK_SECONDS),
    }
    template = (data.folder("systemd") / TEMPLATE).read_text(encoding="utf-8")
    return _PLACEHOLDER.sub(lambda found: filled[found[1]], template)


def _quoted(path: Path, *, before: str = "") -> str:
    """A path as a unit's line takes it: `%` starts a specifier there, and blanks part words (systemd.syntax(7))."""
    text = f"{before}{path}"
    if not path.is_absolute() or not text.isprintable():
        raise BadValueError(f"{quote(str(path))} can't stand in a unit; it has to be an absolute path without controls")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
