"""Watson's time log: `watson log --json`, `watson log --csv`, and the file `frames` in its folder.

JSON and `frames` hold instants and each frame's whole id. The CSV holds wall times and seven letters of the id, which
two frames may share; there, start, end and project tell a frame.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from crm import tables
from crm.errors import BadValueError
from crm.importers import base_name
from crm.rows import Row
from crm.time_rows import Log, instant, name, note, number, seconds_between

FRAME_FIELDS: Final = 5
RUNNING: Final = "current"

_FRAMES: Final = re.compile(rb'\s*\[\s*\[\s*\d+(?:\.\d+)?\s*,\s*\d+(?:\.\d+)?\s*,\s*"')
_LIST: Final = re.compile(
    rb'\s*\[\s*\{(?=[^{}]*"project"\s*:)(?=[^{}]*"stop"\s*:)(?=[^{}]*"tags"\s*:)(?![^{}]*"duration")'
)
_LOG: Final = Log(frozenset({"id", "start", "stop", "project", "tags"}), (_FRAMES, _LIST), opens=b"[")


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a log of Watson."""
    return _LOG.sniff(head)


def rows(file: BinaryIO, *, tz: ZoneInfo, encoding: str | None = None) -> Iterator[Row]:
    """The frames, in the order of the file.

    Raises:
        BadValueError: the file is damaged as a whole.
    """
    record, entry = partial(_record, tz=tz), partial(_frame, tz=tz)
    return _LOG.rows(file, base_name(file), record=record, entries=iter, entry=entry, encoding=encoding)


def _record(record: tables.Record, tz: ZoneInfo) -> dict[str, Any]:
    started_at, ended_at = instant(record["start"], tz), instant(record["stop"], tz)
    return {
        "project": name(record["project"]),
        "started_at": started_at,
        "seconds": seconds_between(started_at, ended_at, wall=tz),
        "note": note([], [record["tags"]]),
    }


def _frame(frame: object, tz: ZoneInfo) -> dict[str, Any]:
    """A frame of either JSON: an object, or a list of start, stop, project, id, tags and when it was changed."""
    if isinstance(frame, list) and len(frame) >= FRAME_FIELDS:
        start, stop, project, uid, tags = frame[:FRAME_FIELDS]
        started_at, ended_at = _stamp(start), _stamp(stop)
    elif isinstance(frame, dict):
        if frame.get("id") == RUNNING:
            raise BadValueError("it is still running; stop it in Watson and export again")
        project, uid, tags = frame.get("project"), frame.get("id"), frame.get("tags")
        started_at, ended_at = instant(frame.get("start"), tz), instant(frame.get("stop"), tz)
    else:
        raise BadValueError("it is no frame of Watson")
    return {
        "id": number(uid),
        "project": name(project),
        "started_at": started_at,
        "seconds": seconds_between(started_at, ended_at),
        "note": note([], tags if isinstance(tags, list) else []),
    }


def _stamp(said: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(said), UTC)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError, OSError):
        raise BadValueError(f"{said!r:.40} is no instant in seconds since 1970") from None
