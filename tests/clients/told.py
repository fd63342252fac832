"""How every program tells what it read: the normal form that the tests compare.

A calendar is `{"items": [...]}`, or `{"refused": "why"}` where the program refuses it as a whole. An item has `kind`
("event" or "todo"), `uid`, `sequence`, `summary`, `description`, `location`, `start` (of a thing to do: when it is
due), `end` (null for a mere moment and a thing to do), `alarms`, minutes from the start or, if negative, before it,
and whether it is `cancelled`.
An instant is told in UTC and ends in Z, a day as its date; a time without a zone ends in neither.
"""

import json
import sys
from datetime import UTC, date, datetime, timedelta


def moment(value):
    """A start or an end."""
    if isinstance(value, datetime):
        there = value.astimezone(UTC) if value.tzinfo else value
        return there.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if value.tzinfo else "")
    return value.isoformat() if isinstance(value, date) else None


def item(kind, *, uid, sequence, texts, start, end, alarms, status):
    """One event or thing to do; `texts` are its summary, description and location, `alarms` timedeltas."""
    texts = dict(zip(("summary", "description", "location"), (str(each or "") for each in texts), strict=True))
    return {
        "kind": kind,
        "uid": str(uid),
        "sequence": int(sequence or 0),
        **texts,
        "start": moment(start),
        "end": None if end == start else moment(end),
        "alarms": sorted(each / timedelta(minutes=1) for each in alarms),
        "cancelled": str(status) == "CANCELLED",
    }


def tell(read):
    """Print as JSON what `read` makes of each name in the command line (a file's path, an address), by that name."""
    print(json.dumps({name: _attempt(read, name) for name in sys.argv[1:]}))


def _attempt(read, name):
    try:
        return {"items": list(read(name))}
    except Exception as error:  # noqa: BLE001 - that it refuses, by whatever way, is what is to be told
        return {"refused": f"{type(error).__name__}: {error!s:.300}"}
