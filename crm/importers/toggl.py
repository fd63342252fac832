"""Toggl Track's time entries: the detailed report as CSV, and the JSON of its API and reports.

The CSV holds wall times and no ids; there, start, duration and project tell an entry. Three JSON shapes are read: a
list of entries (API 9), a list of groups with `time_entries` (reports 3), and an object with `data` (reports 2).
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO, Final
from zoneinfo import ZoneInfo

from crm import tables
from crm.errors import BadValueError
from crm.escaping import quote
from crm.importers import base_name
from crm.rows import Row
from crm.time_rows import Log, instant, name, note, number, wall_instant

_LIST: Final = re.compile(rb'\s*\[\s*\{(?=.*"(?:duration|time_entries)"\s*:)(?=.*"(?:project_id|pid)"\s*:)', re.DOTALL)
_DATA: Final = re.compile(rb'\s*\{(?=.*"data"\s*:\s*\[)(?=.*"dur"\s*:)', re.DOTALL)
_LOG: Final = Log(frozenset({"start date", "start time", "duration"}), (_LIST, _DATA), opens=b"[{")
_DURATION: Final = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_LONGEST: Final = 1e15  # what no duration reaches, and nan and inf do not pass
_RUNNING: Final = "it is still running; stop it in Toggl and export again"


def sniff(head: bytes) -> bool:
    """Whether a file that begins so holds time entries of Toggl."""
    return _LOG.sniff(head)


def rows(file: BinaryIO, *, tz: ZoneInfo, encoding: str | None = None) -> Iterator[Row]:
    """The entries, in the order of the file.

    Raises:
        BadValueError: the file is damaged as a whole.
    """
    record, entry = partial(_record, tz=tz), partial(_entry, tz=tz)
    return _LOG.rows(file, base_name(file), record=record, entries=_flat, entry=entry, encoding=encoding)


def _record(record: tables.Record, tz: ZoneInfo) -> dict[str, Any]:
    duration = _DURATION.fullmatch(record["Duration"])
    if duration is None:
        raise BadValueError(f"{quote(record['Duration'])} is no duration, such as 01:30:00")
    hours, minutes, seconds = (int(each or 0) for each in duration.groups())
    return {
        "project": name(record["Project"]),
        "started_at": wall_instant(record["Start date"], record["Start time"], tz),
        "seconds": hours * 3600 + minutes * 60 + seconds,
        "note": note([record["Task"], record["Description"]], [record["Tags"]]),
        "person": record["Email"] or record["User"],
    }


def _flat(found: Any) -> Iterator[object]:  # noqa: ANN401 - any JSON value
    """Each entry, with what its group says of all in it."""
    listed = found.get("data") if isinstance(found, dict) else found
    for each in listed if isinstance(listed, list) else []:
        grouped = each.get("time_entries") if isinstance(each, dict) else None
        if isinstance(grouped, list):
            yield from (each | one if isinstance(one, dict) else one for one in grouped)
        else:
            yield each


def _entry(entry: object, tz: ZoneInfo) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise BadValueError("it is no time entry of Toggl")
    if entry.get("server_deleted_at"):
        raise BadValueError("it was deleted in Toggl")
    tags = entry.get("tags") or entry.get("tag_names")
    return {
        "id": number(entry.get("id")),
        "project": _project(entry),
        "started_at": instant(entry.get("start"), tz),
        "seconds": _seconds(entry),
        "note": note([entry.get("task") or entry.get("task_name"), entry.get("description")], _listed(tags)),
        "person": name(entry.get("user") or entry.get("username")) or number(entry.get("user_id")) or "",
    }


def _listed(tags: object) -> list[object]:
    return tags if isinstance(tags, list) else []


def _project(entry: dict[str, Any]) -> str:
    """Its name; where the file says but its number, that."""
    return name(entry.get("project_name") or entry.get("project")) or (
        number(entry.get("project_id") or entry.get("pid")) or ""
    )


def _seconds(entry: dict[str, Any]) -> int:
    """`dur` is in milliseconds; the other two are in seconds, negative while the entry runs."""
    whole, parts = next(
        ((entry[key], per) for key, per in (("duration", 1), ("seconds", 1), ("dur", 1000)) if key in entry), (None, 1)
    )
    if not isinstance(whole, int | float) or isinstance(whole, bool) or not abs(whole) < _LONGEST:
        raise BadValueError("its duration is missing")
    if whole < 0:
        raise BadValueError(_RUNNING)
    return int(whole) // parts
