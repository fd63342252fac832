"""`crm db`: upgrade or check the database."""

from crm.commands.base import App, command, group
from crm.errors import ConfigurationError
from crm.migrations import HEAD
from crm.render import text
from crm.store import health, migrate, search
from crm.store.engine import exists, newest_backup, reading

app = group("Upgrade or check the database.")


@command(app, example="crm db upgrade")
def upgrade(crm: App) -> None:
    """Bring the database to this program's version; it is backed up first."""
    if not exists(crm.engine) or migrate.revision_of(crm.engine) is None:
        raise ConfigurationError("there is no database yet; create it with: crm init")
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
