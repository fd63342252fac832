"""`crm history`: what the person's commands changed."""

from typing import Annotated

import typer
from rich.console import Console

from crm.commands.base import App, command, verb
from crm.dates import say_instant
from crm.models import JournalCommand
from crm.render import text
from crm.store import journal

app = verb()


@command(app, example="crm history -n 5")
def history(crm: App, count: Annotated[int, typer.Option("-n", min=1, help="How many.")] = 20) -> None:
    """Show your last commands, newest first; crm undo takes them back from the top."""
    with crm.reading() as session:
        found = journal.commands(session, limit=count, actor="person")
    crm.show({"items": [_told(each) for each in found]}, lambda console: _draw(console, crm, found))


def _told(each: JournalCommand) -> dict[str, object]:
    return {"id": each.id, "name": each.name, "summary": each.summary, "at": each.at, "undone_at": each.undone_at}


def _draw(console: Console, crm: App, found: list[JournalCommand]) -> None:
    if not found:
        console.print(text.hint("Nothing has been written yet. Start with: crm init"))
        return
    rows = [
        (say_instant(each.at, tz=crm.tz), each.name, each.summary, "undone" if each.undone_at else "") for each in found
    ]
    console.print(text.table(["when", "command", "what", ""], rows, wide="what"))
