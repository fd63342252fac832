"""`crm backup`: a checked copy of the database."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from crm.commands.base import App, command, verb
from crm.render import text
from crm.render.ago import ago
from crm.store import backups
from crm.store.backup_names import Named
from crm.store.engine import reading

app = verb()

Folder = Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="Where to; default: the backups folder.")]
List = Annotated[bool, typer.Option("--list", help="List the backups there are instead.")]


KINDS: Final = {
    "by-hand": "by hand",
    "after-forget": "after a forget",
    "before-restore": "before a restore",
    "before-upgrade": "before an upgrade",
}


@command(app, example="crm backup")
def backup(crm: App, folder: Folder = None, list_them: List = False) -> None:
    """Write a backup, check it whole, and say where it is."""
    target = folder or crm.settings.paths.backups
    if list_them:
        found = [_told(path) for path in backups.listed(target)]
        crm.show({"items": found}, lambda console: _draw(console, crm, found))
        return
    with reading(crm.engine):
        made = backups.make(crm.engine, target.absolute(), now=crm.now)
    crm.show(
        {"path": str(made.path), "size": made.size, "sha256": made.sha256},
        lambda console: text.lines(
            console,
            text.safe(f"Backed up and checked: {made.path} ({_size(made.size)})"),
            text.hint(f"To go back to it: crm restore {made.path}"),
        ),
    )


def _told(path: Path) -> dict[str, Any]:
    """A backup, its size in bytes, why it was made, and when; the last two are in its name."""
    named = Named.of(path.name)
    kind = (named.label or "by-hand") if named else None
    return {"path": str(path), "size": path.stat().st_size, "kind": kind, "made_at": named and named.made_at}


def _draw(console: Console, crm: App, found: list[dict[str, Any]]) -> None:
    if not found:
        console.print(text.hint("There is no backup yet. Make one with: crm backup"))
        return
    rows = [
        (
            Path(each["path"]).name,
            KINDS.get(each["kind"], each["kind"]),
            each["made_at"] and ago(each["made_at"], now=crm.now, tz=crm.tz),
            _size(each["size"]),
        )
        for each in found
    ]
    console.print(text.table(["backup, newest first", "kind", "made", "size"], rows))
    text.lines(console, text.hint(f"To go back to the newest: crm restore {found[0]['path']}"))


def _size(size: int) -> str:
    return f"{size // 1024:,} KB"
