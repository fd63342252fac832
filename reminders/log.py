"""What the daemon and its jobs say on standard error: a line for each event, as text or as JSON.

Logs are kept by others, so that a line holds counts and reasons, never a title, a name or a secret; an address of mail
is blotted out wherever it comes from, since a server's refusal may repeat one.
"""

import json
import os
import re
import sys
from contextlib import suppress
from typing import Any, Final

from crm import clock
from crm.escaping import for_terminal

WARNING: Final = "warning"
ERROR: Final = "error"
INFO: Final = "info"
_ADDRESS: Final = re.compile(r"\S*@\S*")
_FORM: Final = {"json": False}


def use(form: str) -> None:
    """Write `text`, `json`, or (`auto`) JSON where standard error goes to the system's journal."""
    _FORM["json"] = form == "json" or (form == "auto" and goes_to_journal())


def goes_to_journal() -> bool:
    """Whether standard error is the journal's stream: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    try:
        there = os.fstat(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def say(event: str, text: str, *, level: str = INFO, **facts: Any) -> None:  # noqa: ANN401 - counts, texts, lists of both
    """One line.

    Args:
        event: what happened, in a word that stays the same.
        text: the same for people, in a line.
        level: info, warning or error.
        facts: counts and the like for programs; in text they have to stand in `text`.
    """
    at = f"{clock.now():%Y-%m-%dT%H:%M:%SZ}"
    told = {"at": at, "level": level, "event": event, "message": text, **facts}
    line = json.dumps(_blotted(told)) if _FORM["json"] else f"{at} {_blotted(text)}"
    with suppress(AttributeError, OSError, ValueError):  # that nobody listens any more is no reason to stop reminding
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _blotted(value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return _ADDRESS.sub("…", for_terminal(value))
    if isinstance(value, dict):
        return {key: _blotted(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_blotted(each) for each in value]
    return value
