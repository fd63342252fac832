"""Nightly backups: a copy of one moment of the database, put back into a scratch file and compared before it counts."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from crm.errors import ConfigurationError, CrmError
from crm.store import backups, copying, migrate
from crm.store.backup_names import NIGHTLY, Keep, Named, surplus
from crm.store.backups import PARTIAL, Backup
from crm.store.engine import make_engine, reading, sqlite_path, writing


def make(engine: sa.Engine, folder: Path, *, now: datetime) -> Backup:
    """Make a backup, label `nightly`, that is known to bring back what was there; gives it once it is proven.

    The copy and the digest of all values are read in one transaction, so that both are of one moment while others go
    on writing. The copy is then restored into a scratch file, which has to be sound, open with this program, and have
    the same digest. What that does not show: that the disk still gives it back later; for that, the
    digest of the file lies beside it. A PostgreSQL database is copied into a SQLite file, as by `crm db copy`.

    Raises:
        CrmError: the disk is full, or the folder cannot be written.
        ConfigurationError: the database is damaged, or the copy brings back something else; it is not kept then.
    """
    for begun in folder.glob(f"crm-*-{NIGHTLY}*{PARTIAL}*"):  # by a daemon that was killed
        begun.unlink(missing_ok=True)
    return backups.keep(folder, lambda partial: _write(engine, partial, now=now), now=now, label=NIGHTLY)


def _write(engine: sa.Engine, partial: Path, *, now: datetime) -> None:
    with reading(engine) as session:
        digest = _copy_file(session, partial) if sqlite_path(engine) else _copy_rows(session, partial, now=now)
    wrong = _restored(partial, digest, now=now)
    if wrong:
        raise ConfigurationError(
            f"the backup {partial.stem} does not bring back what was there ({wrong}) and was not kept; "
            "the earlier ones are. See: crm doctor"
        )


def _copy_file(session: Session, path: Path) -> str:
    """Copy SQLite's pages within the session's transaction, and compact them; gives the digest of all values."""
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    with closing(sqlite3.connect(path, isolation_level=None)) as there:
        raw.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")
        there.execute("VACUUM")  # what was removed from the database is not in its backup
    return copying.digest_of(session)


def _copy_rows(session: Session, path: Path, *, now: datetime) -> str:
    """Copy the rows of another database into a new SQLite file; gives the digest of all values."""
    made = make_engine(f"sqlite:///{path}")
    migrate.upgrade(made, now=now)
    with writing(made, now=now, name="backup", actor="daemon") as there:
        return copying.copy(session, there, progress=lambda _done: None)


def _restored(partial: Path, digest: str, *, now: datetime) -> str:
    """Restore the backup into a file that is gone afterwards, and say what is wrong with it; empty for nothing."""
    scratch = partial.with_name(f"{partial.stem}.restored{PARTIAL}")
    engine = make_engine(f"sqlite:///{scratch}")
    try:
        backups.restore(engine, partial, scratch.parent, now=now)
        backups.check(scratch)
        with reading(engine) as session:
            return "" if copying.digest_of(session) == digest else "its values differ"
    except ConfigurationError as error:
        return error.message


def _is_sound(path: Path) -> bool:
    try:
        backups.check(path)
    except CrmError:
        return False
    return True


def rotate(folder: Path, wanted: Keep, *, now: datetime, tz: ZoneInfo) -> list[str]:
    """Remove the nightly backups that need not be kept; gives their names.

    Where none that stays is sound, and dated no later than now, the newest that is stays as well.

    Raises:
        CrmError: one cannot be removed.
    """
    there = [path.name for path in backups.listed(folder)]
    gone = surplus(there, wanted, now=now, tz=tz)
    if gone:
        past = [name for name in there if (named := Named.of(name)) and named.made_at <= now]
        last = next((name for name in sorted(past, key=gone.__contains__) if _is_sound(folder / name)), None)
        gone = [name for name in gone if name != last]
    try:
        backups.remove(folder / name for name in gone)
    except OSError as error:
        raise CrmError(f"old backups in {folder} cannot be removed: {error.strerror or error}") from error
    return gone
