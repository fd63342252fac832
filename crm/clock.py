"""The one place that reads the clock.

It is read once per command, tick or request, and then passed on as `now` (aware UTC) and `tz`.
"""

import os
import time
from datetime import UTC, datetime

from crm.errors import BadValueError


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
    if instant is None or instant.tzinfo is None:
        raise BadValueError(f"CRM_NOW is {text!r}; write an instant like 2026-01-05T17:00:00Z")
    return instant.astimezone(UTC).replace(microsecond=0)


def monotonic() -> float:
    """Seconds on a clock that neither jumps nor stops for a changed wall clock."""
    return time.monotonic()
