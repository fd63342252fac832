"""What the commands about introductions and referrals share: when something was, and what is printed of records."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Any, Final

import typer

from crm.commands.base import App
from crm.dates import parse_instant, say_instant
from crm.errors import BadValueError

NOON: Final = time(12)

At = Annotated[str | None, typer.Option("--at", metavar="WHEN", help="When it was; now if you don't say.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Anything else.")]
Anyway = Annotated[
    str | None,
    typer.Option("--anyway", metavar="REASON", help="Do it although a rule stands against it, and why; it is kept."),
]


def happened_at(crm: App, text: str | None) -> datetime:
    """When something was that has happened; now where nothing is said, noon of a day without a time.

    Raises:
        BadValueError: it is no time, or still to come.
    """
    if text is None:
        return crm.now
    at = parse_instant(text, now=crm.now, tz=crm.tz, past=True, default_time=NOON)
    if at > crm.now:
        raise BadValueError(f"{say_instant(at, tz=crm.tz)} is still to come; record it once it has happened")
    return at


def told(items: Sequence[dict[str, Any]], warnings: Sequence[str]) -> dict[str, Any]:
    """What was written, as JSON: the record itself, or several under `items`; with them what to know of it."""
    body = dict(items[0]) if len(items) == 1 else {"items": list(items)}
    return body | {"warnings": list(warnings)}
