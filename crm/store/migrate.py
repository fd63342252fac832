"""Bringing the tables to the newest revision, whole or not at all, and the search index to what they hold."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import crm.migrations
from crm.errors import ConfigurationError
from crm.migrations import HEAD, KNOWN
from crm.store import backups, search
from crm.store.engine import exists, newer, refuse_without_revision, sqlite_path, translated

MIGRATIONS = Path(crm.migrations.__file__).parent


def revision_of(engine: sa.Engine) -> str | None:
    """The schema revision of the database, or None when there is none yet, or one without tables."""
    if not exists(engine):
        return None
    with translated(engine), engine.connect().execution_options(crm_reads=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            refuse_without_revision(engine, connection)
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def refuse_other(engine: sa.Engine) -> None:
    """A database that is to be filled may have no tables yet, or those of this version.

    Raises:
        ConfigurationError: it is of another version.
    """
    found = revision_of(engine)
    if found not in {None, HEAD}:
        raise ConfigurationError(
            f"the other database is at revision {found}, this program at {HEAD}; nothing was changed"
        )


def upgrade(engine: sa.Engine, *, now: datetime, backup_folder: Path | None = None) -> str | None:
    """Upgrade to HEAD; a SQLite file that holds something is backed up first. Returns the revision it came from.

    Raises:
        ConfigurationError: the database is from a newer version, or the upgraded one is not sound.
    """
    path = sqlite_path(engine)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = revision_of(engine)
    if before == HEAD:
        _mend_search(engine)
        return before
    if before is not None and before not in KNOWN:
        raise ConfigurationError(newer(before, engine))
    if before is not None and backup_folder is not None and path is not None:
        backups.make(engine, backup_folder, now=now, label="before-upgrade")
    with translated(engine), engine.connect() as connection:
        _upgrade(connection)
    return before


def _mend_search(engine: sa.Engine) -> None:
    with translated(engine), engine.connect() as connection, connection.begin():
        if search.faults(connection):
            search.build(connection)


def _upgrade(connection: sa.Connection) -> None:
    """Foreign keys are off meanwhile: dropping a parent table would silently delete its children.

    The search index is away meanwhile too, and then made anew: its triggers would hinder a table that is made anew, and
    be lost with it.
    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
    with connection.begin():
        search.drop(connection)
        before = _row_counts(connection)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        _refuse_losses(connection, before, sqlite=sqlite)
        search.build(connection)


def _row_counts(connection: sa.Connection) -> dict[str, int]:
    tables = sa.inspect(connection).get_table_names()
    count = sa.func.count()
    return {name: connection.execute(sa.select(count).select_from(sa.table(name))).scalar_one() for name in tables}


def _refuse_losses(connection: sa.Connection, before: dict[str, int], *, sqlite: bool) -> None:
    after = _row_counts(connection)
    lost = [name for name, rows in before.items() if name != "alembic_version" and after.get(name, rows) < rows]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if sqlite else []
    if lost or broken:
        raise ConfigurationError(f"the upgrade would lose rows ({', '.join(lost) or broken[:3]}); nothing was changed")
