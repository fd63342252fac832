"""Backups that are known to be good: VACUUM INTO, a digest beside it, and opened once before it counts."""

import errno
import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from crm.errors import BusyError, ConfigurationError, CrmError, NotFoundError
from crm.files import sync
from crm.store.backup_names import stem
from crm.store.engine import sqlite_path, translated

FOR_POSTGRES = "this is for SQLite; PostgreSQL is backed up with pg_dump -Fc -f crm.dump, and restored with pg_restore"
PARTIAL: Final = ".partial"
"""The ending of a backup that is being written; no file of that ending is one."""


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
    return keep(folder, lambda partial: _vacuum_into(engine, partial), now=now, label=label)


def keep(folder: Path, write: Callable[[Path], None], *, now: datetime, label: str) -> Backup:
    """Keep what `write` puts into the file that it is given as a backup, once it is checked.

    The file has no backup's name until it is whole, and its digest lies beside it before: killed at any moment, this
    leaves a good backup or none.

    Raises:
        CrmError: the folder cannot be written, or its disk is full; what was there before stays.
        ConfigurationError: what was written is damaged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = _free_name(folder, stem(now, label))
        partial, sums = target.with_suffix(PARTIAL), target.with_suffix(".sha256")
        try:
            return _keep(write, partial, sums, target)
        finally:
            remove_parts(folder, f"{target.stem}.")
            if not target.exists():
                sums.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise _translate(error, folder) from error


def _keep(write: Callable[[Path], None], partial: Path, sums: Path, target: Path) -> Backup:
    write(partial)
    partial.chmod(0o600)
    check(partial)
    digest = _digest(partial)
    sums.touch(mode=0o600)
    sums.write_text(f"{digest}  {target.name}\n", encoding="ascii")
    for each in (partial, sums):
        sync(each)
    partial.replace(target)
    with suppress(OSError):  # some file systems cannot promise it for folders
        sync(target.parent)
    return Backup(target, target.stat().st_size, digest)


def _vacuum_into(engine: sa.Engine, path: Path) -> None:
    with translated(engine), engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("VACUUM INTO ?", (str(path),))


def _translate(error: OSError | sqlite3.Error, folder: Path) -> CrmError:
    """What to say of a folder that takes no backup, or a database that gives none."""
    code = 0 if isinstance(error, OSError) else getattr(error, "sqlite_errorcode", 0) & 0xFF
    said = (error.strerror if isinstance(error, OSError) else None) or error
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return ConfigurationError(f"no backup was made: the database is damaged ({said}); see: crm doctor")
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return BusyError("no backup was made: another program held the database for 30 s; try again")
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in {errno.ENOSPC, errno.EDQUOT}:
        return CrmError(f"no backup was made: the disk that holds {folder} is full. Free some space and try again")
    return CrmError(f"no backup was made: {folder} could not be written ({said}). Make it a folder you may write to")


def remove_parts(folder: Path, start: str) -> None:
    """Remove what was begun of backups whose name starts so, and not finished."""
    for path in folder.glob(f"{start}*"):
        if PARTIAL in path.name:
            path.unlink(missing_ok=True)


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
    files = folder.glob("*") if folder.is_dir() else []
    kept = [path for path in files if path.suffix == ".db" or path.suffix.startswith(PARTIAL)]
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
