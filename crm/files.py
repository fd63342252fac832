"""Files written whole or not at all, and only when something changed."""

import contextlib
import errno
import os
import tempfile
from pathlib import Path
from typing import Final

from crm.errors import BadValueError, CrmError, NotFoundError

LOGS_KEPT: Final = 5


def expanded(path: str | Path) -> Path:
    """The path with a home folder in the place of its `~`.

    Raises:
        BadValueError: there is no user of that name.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise BadValueError(f"{str(path)!a:.80} begins with a user whom this machine does not know") from error


def write_if_changed(path: Path, data: bytes) -> bool:
    """Puts `data` in the file, atomically; a file that holds it already keeps its time of change.

    The folder is made if need be (0700), the file is 0600. After a crash the file holds the old bytes or the new ones.

    Returns:
        Whether the file was written.

    Raises:
        CrmError: it cannot be written (full disk, read-only folder ...); the old file is untouched.
    """
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        raise CrmError(f"{path} could not be written ({error.strerror}). {_remedy(error, path)}") from error
    return True


def write_output(path: Path, data: bytes) -> None:
    """Puts `data` in the file that a command was told to write, as `write_if_changed`.

    Raises:
        NotFoundError: its folder is not there; a typing error must not make one.
        CrmError: it can't be written.
    """
    if not path.absolute().parent.is_dir():
        raise NotFoundError(f"there is no folder {path.absolute().parent}; make it first, or choose another")
    write_if_changed(path.absolute(), data)


def _replace(path: Path, data: bytes) -> None:
    """Writes beside the file and moves into place; whatever happens, nothing stays beside it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # some file systems cannot promise it for folders
        sync(path.parent)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut.

    Raises:
        OSError: it cannot be opened, or the file system cannot promise it.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remedy(error: OSError, path: Path) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return "Free some space on that disk and try again."
    return f"Make {path.parent} a folder you may write to, or choose another."


def generations(path: Path) -> list[Path]:
    """A file that is appended to, and the names under which full ones before it are kept, the newest first."""
    return [path, *(path.with_name(f"{path.name}.{number + 1}") for number in range(LOGS_KEPT))]
