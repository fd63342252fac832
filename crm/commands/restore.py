"""`crm restore`: put a backup back."""

from pathlib import Path
from typing import Annotated

import typer

from crm.commands.base import App, command, verb
from crm.errors import BusyError
from crm.render import text
from crm.store import backups, engine, migrate

app = verb()

File = Annotated[Path, typer.Argument(metavar="FILE", help="A backup; see crm backup --list.")]


@command(app, example="crm restore backups/crm-20260105T170000Z.db")
def restore(crm: App, file: File) -> None:
    """Put a backup in the database's place. What is there now is backed up first, and its path said."""
    paths = crm.settings.paths
    if not file.exists() and file.parent == Path():
        file = paths.backups / file  # as crm backup --list tells it
    backups.check_for(crm.engine, file)
    if crm.asks and engine.exists(crm.engine):
        typer.confirm(f"Replace the present database by {file.name}? It is backed up first", abort=True)
    if crm.daemon_runs():
        raise BusyError("the daemon is running on this database; stop it first: systemctl --user stop networking-crm")
    kept = backups.restore(crm.engine, file, paths.backups, now=crm.now)
    came_from = migrate.upgrade(crm.engine, now=crm.now, backup_folder=paths.backups)
    value = {"restored": str(file), "kept": str(kept) if kept else None, "revision": came_from}
    lines = [text.safe(f"Restored {file.name}.")]
    if kept:
        lines.append(text.hint(f"What was there before: crm restore {kept}"))
    crm.show(value, lambda console: text.lines(console, *lines))
