"""Databases beside the real one: a copy to try an import in, and a new one that counts only once it is complete."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from crm.errors import BusyError, CrmError
from crm.files import sync
from crm.store import migrate
from crm.store.engine import exists, for_reading, make_engine, sqlite_path, translated


def is_writable(engine: sa.Engine) -> bool:
    """Whether the file of a SQLite database, if it is there, can be written; other databases tell when they are."""
    return for_reading(engine) is engine


@contextmanager
def copy(engine: sa.Engine, *, now: datetime) -> Iterator[sa.Engine]:
    """A copy of a SQLite database, or an empty one where there is none yet; it is gone afterwards."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "crm.db"
        if sqlite_path(engine) is not None and exists(engine):
            with translated(engine), for_reading(engine).connect() as connection:
                raw = connection.connection.driver_connection
                assert raw is not None
                raw.execute("VACUUM INTO ?", (str(made),))
        yield _opened(made, now)


@contextmanager
def new(engine: sa.Engine, *, now: datetime) -> Iterator[sa.Engine]:
    """A new SQLite database that takes its place when all went well; nothing of it is left otherwise.

    Raises:
        CrmError: its folder cannot be written.
        BusyError: somebody else has made one meanwhile.
    """
    path = sqlite_path(engine)
    assert path is not None
    missing = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
    try:
        with _folder(path) as folder:
            made = folder / path.name
            yield _opened(made, now)
            _put(made, path)
    except BaseException:
        with contextlib.suppress(OSError):
            for each in missing:
                each.rmdir()
        raise


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A folder beside a file that is to come; on the same disk, so that the file can be moved into place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        reason = error.strerror or error
        raise CrmError(f"{path} cannot be made ({reason}); make {path.parent} a folder you may write to") from error
    with folder as name:
        yield Path(name)


def _opened(path: Path, now: datetime) -> sa.Engine:
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, now=now)
    return engine


def _put(made: Path, path: Path) -> None:
    if made.with_name(f"{made.name}-wal").exists():  # its last rows stand there still
        raise CrmError(
            f"{path} could not be completed; nothing was changed. See whether the disk is full and try again"
        )
    if path.exists():
        raise BusyError(f"another program has made {path} meanwhile; nothing was changed. Run the command again")
    made.replace(path)
    with contextlib.suppress(OSError):  # some file systems cannot promise it for folders
        sync(path.parent)
