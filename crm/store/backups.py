"""Backups that are known to be good: VACUUM INTO, a digest beside it, and opened once before it counts."""

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from crm.errors import ConfigurationError, CrmError, NotFoundError
from crm.files import sync
from crm.store.engine import sqlite_path, translated

FOR_POSTGRES = "this is for SQLite; PostgreSQL is backed up with pg_dump -Fc -f crm.dump, and restored with pg_restore"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup file, its size in bytes and its SHA-256."""

    path: Path
    size: int
    sha256: str


def make(engine: sa.Engine, folder: Path, *, now: datetime, label: str = "") -> Backup:
    """Write a verified backup into `folder` (made if missing, 0700) and give it; nothing half written stays.

    Raises:
        CrmError: the database is not SQLite, or the disk is full.
        ConfigurationError: the database is damaged.
    """
    _file_of(engine)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = _free_name(folder, now.strftime("crm-%Y%m%dT%H%M%SZ") + (f"-{label}" if label else ""))
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    try:
        with translated(engine), engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (str(partial),))
        partial.chmod(0o600)
        check(partial)
        digest = _digest(partial)
        sync(partial)
        partial.replace(target)
        sums = target.with_suffix(".sha256")
        sums.write_text(f"{digest}  {target.name}\n", encoding="ascii")
        sums.chmod(0o600)
        sync(folder)
    finally:
        partial.unlink(missing_ok=True)
    return Backup(target, target.stat().st_size, digest)


def _file_of(engine: sa.Engine) -> Path:
    path = sqlite_path(engine)
    if path is None:
        raise CrmError(FOR_POSTGRES)
    return path


def _free_name(folder: Path, stem: str) -> Path:
    candidates = (folder / f"{stem}{'' if n == 0 else f'-{n}'}.db" for n in range(10_000))
    return next(path for path in candidates if not path.exists())


def listed(folder: Path) -> list[Path]:
    """The backups in `folder`, newest first."""
    return sorted(folder.glob("crm-*.db"), key=lambda path: path.name, reverse=True)


def copies(database: Path, folder: Path) -> list[Path]:
    """Every file that holds an earlier state of the database: backups, and damaged databases that were set aside."""
    kept = [path for path in folder.glob("*") if path.suffix in {".db", ".partial"}] if folder.is_dir() else []
    return sorted([*kept, *database.parent.glob(f"{database.name}.damaged-*")])


def remove(paths: Iterable[Path]) -> None:
    """Remove backups with the digests beside them."""
    for path in paths:
        path.unlink(missing_ok=True)
        if path.suffix == ".db":
            path.with_suffix(".sha256").unlink(missing_ok=True)


def check(path: Path) -> None:
    """Open the file and check it whole, and against the digest beside it if there is one.

    Raises:
        NotFoundError: there is no such file.
        ConfigurationError: it is no sound database of this program.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}; list the backups with: crm backup --list")
    sums = path.with_suffix(".sha256")
    if sums.is_file() and sums.read_text(encoding="ascii", errors="replace").split()[:1] != [_digest(path)]:
        raise ConfigurationError(f"{path} differs from the digest beside it; choose another: crm backup --list")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"{path} is no sound backup ({error}); choose another: crm backup --list") from error
    if verdict != "ok":
        raise ConfigurationError(f"{path} is damaged ({verdict}); choose another: crm backup --list")


def check_for(engine: sa.Engine, path: Path) -> None:
    """Check a backup that is to be restored into this database; raises CrmError where it is not SQLite's."""
    _file_of(engine)
    check(path)


def restore(engine: sa.Engine, path: Path, folder: Path, *, now: datetime) -> Path | None:
    """Put the backup in the database's place. What was there is kept in `folder` first; its path is returned.

    The copy goes through SQLite's own backup into the live file, so that a program that has it open sees one
    state or the other.

    Raises:
        NotFoundError, ConfigurationError: as `check`.
    """
    check_for(engine, path)
    here = _file_of(engine)
    kept = _keep_present(engine, here, folder, now=now)
    here.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    with closing(source), translated(engine), engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        source.backup(raw)
    here.chmod(0o600)
    return kept


def _keep_present(engine: sa.Engine, here: Path, folder: Path, *, now: datetime) -> Path | None:
    """A sound database is backed up; a damaged one is set aside as it is, with its log."""
    if not here.exists() or here.stat().st_size == 0:
        return None
    try:
        return make(engine, folder, now=now, label="before-restore").path
    except ConfigurationError:
        aside = here.with_name(f"{here.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
        for suffix in ("-wal", "-shm"):
            log = here.with_name(here.name + suffix)
            if log.exists():
                log.replace(aside.with_name(aside.name + suffix))
        return here.replace(aside)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
