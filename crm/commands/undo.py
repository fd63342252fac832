"""`crm undo`: take back the person's last command."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session

from crm.commands.base import App, command, verb
from crm.errors import NotFoundError
from crm.models import JournalCommand
from crm.render import text
from crm.store import journal

app = verb()


@command(app, example="crm undo")
def undo(crm: App, count: Annotated[int, typer.Option("-n", min=1, help="How many commands.")] = 1) -> None:
    """Take back your last command, an import included; never what the daemon wrote."""
    with crm.writing("undo") as session:
        undone = _undo(session, count, now=crm.now)
    items = [{"id": each.id, "name": each.name, "summary": each.summary} for each in undone]
    crm.show(
        {"items": items},
        lambda console: text.lines(console, *(text.join("Undone:", each.name, each.summary) for each in undone)),
    )
    if len(undone) < count:
        crm.note(f"there were only {len(undone)} to undo")


def _undo(session: Session, count: int, *, now: datetime) -> list[JournalCommand]:
    """Take back the last so many commands, or as many as there are.

    Raises:
        NotFoundError: there is not one.
    """
    undone = [journal.undo_last(session, now=now)]
    with suppress(NotFoundError):
        undone += (journal.undo_last(session, now=now) for _ in range(count - 1))
    return undone
