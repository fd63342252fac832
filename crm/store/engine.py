"""Engines and transactions: the only place that knows which database it is.

`reading()` and `writing()` are the two transactions. On SQLite a write is `BEGIN IMMEDIATE` under WAL with
synchronous=FULL: the driver's default loses updates silently, and a plain BEGIN fails with "database is locked". On
PostgreSQL a write holds an advisory lock, to the same effect.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlmodel import Session

from crm.errors import BusyError, ConfigurationError, CrmError
from crm.migrations import HEAD, KNOWN
from crm.store import journal, postgres_faults, search

BUSY_TIMEOUT_MS = 30_000
WRITERS_LOCK = 0x63726D  # PostgreSQL's advisory lock that a writer holds: "crm"
WAL_BYTES = 128 * 1024
POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
POSTGRES_OPTIONS = {"connect_timeout": "10", "application_name": "networking-crm"}
IDLE_TIMEOUT_MINUTES = 10  # so long a writer may think; one whose machine fell asleep or vanished gives the turn back
NO_URL = (
    "CRM_DATABASE_URL is no address of a database; write sqlite:////path/to/crm.db or "
    "postgresql://USER@HOST/DATABASE (escape @ : / in a password as %40 %3A %2F)"
)
ADVANCE = """
SELECT setval(ids, greatest(used, 1), used > 0)
FROM (SELECT pg_get_serial_sequence(:table, 'id')::regclass AS ids) AS a,
  LATERAL (SELECT greatest(coalesce(pg_sequence_last_value(ids), 0), :used) AS used) AS b
"""
NO_DRIVER = "PostgreSQL needs a driver that is not installed: pip install 'networking-crm[postgres]'"
PRAGMAS = (
    "journal_mode=WAL",
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "foreign_keys=ON",
    "synchronous=FULL",
    "trusted_schema=OFF",
)


def make_engine(url: str) -> sa.Engine:
    """An engine whose transactions behave as `reading` and `writing` promise; opens nothing yet."""
    of = _parsed(url)
    options: dict[str, Any] = {} if of.drivername == "sqlite" else {"use_native_hstore": False}
    try:
        engine = sa.create_engine(of, poolclass=sa.pool.NullPool, hide_parameters=True, **options)  # noqa: TID251 - this is the one place
    except ModuleNotFoundError as error:
        raise ConfigurationError(NO_DRIVER) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgres)
    return engine


def _parsed(url: str) -> sa.URL:
    """The URL, with the driver that is used for PostgreSQL. An error does not repeat it: it may hold a password."""
    try:
        of = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise ConfigurationError(NO_URL) from error
    if of.drivername in POSTGRESQL:
        return of.set(drivername=POSTGRESQL[0]).update_query_dict(POSTGRES_OPTIONS | dict(of.query))
    if of.drivername != "sqlite":
        raise ConfigurationError(NO_URL)
    return of


def shown(url: str) -> str:
    """The URL without anything that is secret; of one that cannot be read, nothing."""
    try:
        of = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        return "(no address of a database)"
    query = {name: "***" if "password" in name else value for name, value in of.query.items()}
    return of.set(query=query).render_as_string(hide_password=True)


def for_reading(engine: sa.Engine) -> sa.Engine:
    """The engine itself; for a SQLite file that cannot be written, one that does not try to.

    WAL keeps two files beside the database, which a read-only folder or a full disk cannot take. Where there is no log,
    nobody writes either, and SQLite may be told that the file does not change.
    """
    path = sqlite_path(engine)
    if path is None or not path.exists():
        return engine
    if _is_writable(path) and not _is_full(path):
        return engine
    log = path.with_name(f"{path.name}-wal")
    options = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    uri = f"{path.resolve().as_uri()}?{options}"
    reader = sa.create_engine(  # noqa: TID251 - this is the one place
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, isolation_level=None),
        poolclass=sa.pool.NullPool,
        hide_parameters=True,
    )
    event.listen(reader, "begin", _begin_sqlite)
    return reader


def _is_writable(path: Path) -> bool:
    """Whether the file and its folder, where WAL keeps two more, may be written."""
    return all(os.access(place, os.W_OK) for place in (path, path.parent))


def _is_full(path: Path) -> bool:
    """Whether the disk that holds the path has no room for the files that WAL needs."""
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize < WAL_BYTES


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("crm_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_postgres(connection: sa.Connection) -> None:
    """A reader sees one moment; writers take turns, as on SQLite, so that none overwrites what it has not seen.

    Nothing is compiled: for a query of many tables that takes PostgreSQL a second, and running it as it is 40 ms.
    """
    if connection.get_execution_options().get("crm_reads", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL jit = off")
        return
    connection.exec_driver_sql(
        f"SET LOCAL jit = off; SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}; "
        f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_TIMEOUT_MINUTES}min'"
    )
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """A session that sees one moment of the database and writes nothing; waits for nobody.

    Raises:
        ConfigurationError: the database is damaged, or from another version.
    """
    _refuse_missing(engine)
    with (
        translated(engine),
        for_reading(engine).connect().execution_options(crm_reads=True) as connection,
        Session(connection, autoflush=False, expire_on_commit=False) as session,
    ):
        _check_revision(session)
        yield session
        session.expunge_all()  # what was read stays readable; a rollback would blank it
        session.rollback()


@contextmanager
def writing(engine: sa.Engine, *, now: datetime, name: str, actor: str = "person") -> Iterator[Session]:
    """A session whose writes are journalled under `name` and wholly done on leaving, or not at all.

    Raises:
        BusyError: another writer held the database for 30 s.
        ConfigurationError: the database is damaged, or from another version.
        CrmError: the disk is full or the database cannot be written.
    """
    _refuse_missing(engine)
    with translated(engine), engine.connect() as connection, Session(connection, expire_on_commit=False) as session:
        _check_revision(session)
        journal.follow(session, now=now, name=name, actor=actor)
        try:
            yield session
            session.flush()
            search.catch_up(session.connection())
            session.commit()
        except BaseException:
            session.rollback()
            raise


def _check_revision(session: Session) -> None:
    try:
        found = session.connection().execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if not any(said in str(error.orig) for said in ("no such table", 'relation "alembic_version" does not exist')):
            raise
        found = None
    if found == HEAD:
        return
    engine = session.get_bind().engine
    if found is None and sqlite_path(engine) is None:
        raise ConfigurationError(f"there is nothing in the database {engine.url.database} yet; fill it with: crm init")
    if found is None:
        raise ConfigurationError(f"{_without_tables(engine)}, or begin anew: crm init")
    if found in KNOWN:
        raise ConfigurationError(f"the database is at revision {found}, this program at {HEAD}; run: crm db upgrade")
    raise ConfigurationError(newer(found, engine))


def newer(found: str, engine: sa.Engine) -> str:
    """What to say of a database from a newer version."""
    return (
        f"the database is from a newer version (revision {found}, this program knows {HEAD}); it was left untouched. "
        f"Upgrade this program: pipx upgrade networking-crm; or {newest_backup(engine)}"
    )


def _without_tables(engine: sa.Engine) -> str:
    where = sqlite_path(engine) or engine.url.database
    return f"the database {where} has no revision, so it is empty or damaged; {newest_backup(engine)}"


def refuse_without_revision(engine: sa.Engine, connection: sa.Connection) -> None:
    """Tables without a revision are no new database to fill.

    Raises:
        ConfigurationError: there are some; the newest backup is named.
    """
    if sa.inspect(connection).get_table_names():
        raise ConfigurationError(_without_tables(engine))


def exists(engine: sa.Engine) -> bool:
    """Whether there is a database to open; opening SQLite would otherwise make an empty one."""
    path = sqlite_path(engine)
    return path is None or path.exists()


def _refuse_missing(engine: sa.Engine) -> None:
    if not exists(engine):
        there = f"there is no database at {sqlite_path(engine)}"
        if _backups(engine):
            raise ConfigurationError(f"{there} any more; {newest_backup(engine)}, or begin anew: crm init")
        raise ConfigurationError(f"{there} yet; create it with: crm init")


def sqlite_path(engine: sa.Engine) -> Path | None:
    """The file of a SQLite database, or None for any other."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name else None


@contextmanager
def translated(engine: sa.Engine) -> Iterator[None]:
    """Turn the driver's faults into errors that name the way out."""
    try:
        yield
    except DBAPIError as error:
        told = _translate if engine.dialect.name == "sqlite" else postgres_faults.translate
        raise told(error, engine) from error


def _translate(error: DBAPIError, engine: sa.Engine) -> CrmError:
    text = str(error.orig).splitlines()[0] if error.orig else str(error)
    where, lowered = sqlite_path(engine), text.lower()
    if "locked" in lowered or "busy" in lowered:
        return BusyError("the database is busy: another program held it for 30 s; try again")
    if "malformed" in lowered or "not a database" in lowered or "corrupt" in lowered:
        return ConfigurationError(f"the database {where} is damaged ({text}); {newest_backup(engine)}")
    if "full" in lowered or ("i/o error" in lowered and where is not None and _is_full(where)):
        return CrmError(f"the disk that holds {where} is full; nothing was changed. Free some space and try again")
    if any(said in lowered for said in ("readonly", "read-only", "unable to open")):
        return _unopened(where, is_there="unable" not in lowered)
    return CrmError(f"the database refused: {text}")


def _unopened(where: Path | None, *, is_there: bool) -> CrmError:
    """What to say of a file that SQLite cannot open, or can open but not write."""
    if where is not None and where.exists() and not _is_writable(where):
        return CrmError(
            f"{where} cannot be written, for its disk or folder is read-only; nothing was changed. "
            "Make it writable and try again"
        )
    if is_there:
        return CrmError(f"{where} cannot be written; nothing was changed. Check the permissions of it and its folder")
    return ConfigurationError(f"the database {where} cannot be opened; check that its folder exists and is yours")


def newest_backup(engine: sa.Engine) -> str:
    """The remedy for a damaged database: the newest backup and the command that restores it."""
    if sqlite_path(engine) is None:
        return "restore what pg_dump wrote with pg_restore"
    newest = next(filter(_is_whole, _backups(engine)), None)
    if newest is None:
        return "there is no sound backup beside it; restore one with: crm restore FILE"
    return f"the newest backup: crm restore {newest}"


def _backups(engine: sa.Engine) -> list[Path]:
    """The backups beside a SQLite file, the newest first."""
    path = sqlite_path(engine)
    found = (path.parent / "backups").glob("crm-*.db") if path else ()
    return sorted(found, key=lambda each: each.name, reverse=True)


def _is_whole(backup: Path) -> bool:
    """Whether a backup is as the digest beside it says."""
    try:
        said = backup.with_suffix(".sha256").read_text(encoding="ascii", errors="replace").split()[:1]
        with backup.open("rb") as file:
            return said == [hashlib.file_digest(file, "sha256").hexdigest()]
    except OSError:
        return False


def reserve_ids(session: Session, table: str, count: int) -> list[int]:
    """So many ids that `table` has not used and, within this transaction, nobody else will."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        last = highest_id(session, table)
        return list(range(last + 1, last + count + 1))
    drawn = sa.text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(connection.execute(drawn, {"name": table, "count": count}).scalars())


def highest_id(session: Session, table: str) -> int:
    """The highest id that `table` has used, whether or not its row is still there."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        query = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    else:
        query = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'id')::regclass)"
    return connection.execute(sa.text(query), {"name": table}).scalar() or 0


def advance_ids(session: Session, table: str, used: int) -> None:
    """See to it that the next id of `table` is above `used`, so that no short id is used twice."""
    connection = session.connection()
    values: dict[str, Any] = {"table": table, "used": used}
    if connection.dialect.name == "sqlite":
        changed = connection.execute(
            sa.text("UPDATE sqlite_sequence SET seq = max(seq, :used) WHERE name = :table"), values
        ).rowcount
        if not changed:
            connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :used)"), values)
    else:
        connection.execute(sa.text(ADVANCE), values)
