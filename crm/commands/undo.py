"""`crm undo`: take back the person's last command."""

from typing import Annotated

import typer

from crm.commands.base import App, command, verb
from crm.render import text
from crm.store import journal

app = verb()


@command(app, example="crm undo")
def undo(crm: App, count: Annotated[int, typer.Option("-n", min=1, help="How many commands.")] = 1) -> None:
    """Take back your last command, an import included; never what the daemon wrote."""
    with crm.writing("undo") as session:
        undone = [journal.undo_last(session, now=crm.now) for _ in range(count)]
    items = [{"id": each.id, "name": each.name, "summary": each.summary} for each in undone]
    crm.show(
        {"items": items},
        lambda console: text.lines(console, *(text.join("Undone:", each.name, each.summary) for each in undone)),
    )
