"""`crm db`: upgrade, check or move the database."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from crm.actions import db_copy
from crm.commands.base import App, command, group
from crm.errors import BusyError, ConfigurationError
from crm.migrations import HEAD
from crm.render import import_ as progress_screen
from crm.render import text
from crm.store import health, migrate, search
from crm.store.engine import make_engine, newest_backup, reading, shown, sqlite_path, writing

app = group("Upgrade, check or move the database.")


@command(app, example="crm db upgrade")
def upgrade(crm: App) -> None:
    """Bring the database to this program's version; it is backed up first."""
    if migrate.revision_of(crm.engine) is None:
        raise ConfigurationError("there is no database yet; create it with: crm init")
    if sqlite_path(crm.engine) is None:
        crm.note("PostgreSQL is not backed up first; that would be: pg_dump -Fc -f crm.dump")
    before = migrate.upgrade(crm.engine, now=crm.now, backup_folder=crm.settings.paths.backups)
    said = f"The database is at revision {HEAD}." if before == HEAD else f"Upgraded from {before} to {HEAD}."
    crm.show({"from": before, "to": HEAD}, lambda console: text.lines(console, text.safe(said)))


@command(app, example="crm db check")
def check(crm: App) -> None:
    """Read every page and every link of the database, and say whether all is sound."""
    with reading(crm.engine) as session:
        faults = health.faults(crm.engine)
        unfound = search.faults(session.connection())
    if faults:
        raise ConfigurationError(f"the database is damaged: {'; '.join(faults)}; {newest_backup(crm.engine)}")
    if unfound:
        raise ConfigurationError("; ".join(unfound))
    crm.show(
        {"ok": True, "revision": HEAD}, lambda console: text.lines(console, text.safe(f"Sound, at revision {HEAD}."))
    )


Url = Annotated[str, typer.Argument(metavar="URL", help="The other database; it must be empty, or not there yet.")]


@command(app, example="crm db copy postgresql://me@server/crm")
def copy(crm: App, url: Url) -> None:
    """Copy everything into another, empty database, from SQLite to PostgreSQL or back, and check that it arrived.

    All goes over, history and reminders too, so that undo still works there. The present database stays as it is.
    """
    if crm.daemon_runs():
        raise BusyError("the daemon is running on this database; stop it first: systemctl --user stop networking-crm")
    with reading(crm.engine) as source:
        target = make_engine(url)
        migrate.refuse_other(target)
        migrate.upgrade(target, now=crm.now)
        size = db_copy.size(source)
        with writing(target, now=crm.now, name="db copy") as session, _bar(crm, size) as progress:
            done = db_copy.copy(source, session, progress=progress)
    crm.show(
        {"url": shown(url), "rows": done.rows, "tables": done.tables, "sha256": done.sha256},
        lambda console: text.lines(
            console,
            text.safe(f"Copied {done.rows:,} rows in {len(done.tables)} tables to {shown(url)}; both hold the same."),
            text.hint(f"To use it from now on: export CRM_DATABASE_URL='{shown(url)}'"),
            text.hint("What is written to the old database from now on does not get there."),
        ),
    )


@contextmanager
def _bar(crm: App, size: int) -> Iterator[Callable[[int], None]]:
    """What is told how many of `size` rows are done: on a terminal, a bar."""
    if crm.json or not sys.stderr.isatty():
        yield lambda _done: None
        return
    with progress_screen.bar(size) as show:
        yield lambda done: show(done, done)
