"""`crm backup`: a checked copy of the database."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm.commands.base import App, command, verb
from crm.render import text
from crm.store import backups
from crm.store.engine import reading

app = verb()

Folder = Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Where to; default: the backups folder.")]
List = Annotated[bool, typer.Option("--list", help="List the backups there are instead.")]


@command(app, example="crm backup")
def backup(crm: App, folder: Folder = None, list_them: List = False) -> None:
    """Write a backup, check it whole, and say where it is."""
    target = folder or crm.settings.paths.backups
    if list_them:
        found = [{"path": path, "size": path.stat().st_size} for path in backups.listed(target)]
        crm.show(
            {"items": [{**each, "path": str(each["path"])} for each in found]}, lambda console: _draw(console, found)
        )
        return
    with reading(crm.engine):
        made = backups.make(crm.engine, target.absolute(), now=crm.now)
    crm.show(
        {"path": str(made.path), "size": made.size, "sha256": made.sha256},
        lambda console: text.lines(
            console,
            text.safe(f"Backed up and checked: {made.path} ({made.size // 1024} KB)"),
            text.hint(f"To go back to it: crm restore {made.path}"),
        ),
    )


def _draw(console: Console, found: list[dict[str, object]]) -> None:
    if not found:
        console.print(text.hint("There is no backup yet. Make one with: crm backup"))
        return
    rows = [(str(each["path"]), f"{int(str(each['size'])) // 1024} KB") for each in found]
    console.print(text.table(["backup, newest first", "size"], rows))
