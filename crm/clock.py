"""The one place that reads the clock.

It is read once per command, tick or request, and then passed on as `now` (aware UTC) and `tz`.
"""

import os
import time
from datetime import UTC, datetime
from typing import Final

from crm.errors import BadValueError

# Outside these years an instant is a slip of the pen, and near the ends of Python's calendar a zone's offset overflows.
YEARS: Final = range(1900, 9999)


def frozen() -> str | None:
    """The instant in CRM_NOW, as written, or None when the clock runs."""
    return os.environ.get("CRM_NOW") or None


def now() -> datetime:
    """The present instant, aware UTC, whole seconds; CRM_NOW (ISO 8601 with offset) freezes it.

    Raises:
        BadValueError: CRM_NOW is no ISO 8601 instant with an offset.
    """
    text = frozen()
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - this is the one place
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or instant.year not in YEARS:
        raise BadValueError(f"CRM_NOW is {text!r:.60}; write an instant like 2026-01-05T17:00:00Z")
    return instant.astimezone(UTC).replace(microsecond=0)


def monotonic() -> float:
    """Seconds on a clock that neither jumps nor stops for a changed wall clock."""
    return time.monotonic()
