"""A file that is appended to: for a daemon whose machine has nothing better, and as the last resort of others.

One that is full is kept beside it as `.1`, the one before as `.2`, and so on up to `.5`. Who appends holds the file's
lock, and makes sure under it that the file still has that name: of two writers, one renames and both append to the new
one.
"""

import contextlib
import fcntl
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from crm.dates import say_day
from crm.errors import DeliveryError
from crm.escaping import for_terminal
from crm.files import generations
from crm.settings import Settings
from reminders.message import Message

LARGEST_BYTES: Final = 5_000_000
_TRIES: Final = 20  # each of them fails only if another writer has renamed the file in that moment


@dataclass(frozen=True, slots=True)
class Options:
    """The file; it is made 0600 if it is not there."""

    path: Path

    @classmethod
    def from_settings(cls, settings: Settings) -> "Options":
        """The file beside the database."""
        return cls(settings.paths.reminders_file)


def send(message: Message, options: Options) -> None:
    """Append the message as one block, wholly and on the disk, or not at all.

    Raises:
        DeliveryError: the disk is full, or the file cannot be written.
    """
    try:
        _append(options.path, _block(message).encode())
    except OSError as error:
        raise DeliveryError(f"{options.path} cannot be written: {error.strerror or error}") from error


def _block(message: Message) -> str:
    """The file is read on a terminal, so its text is as harmless as on one; only the block's head starts a line."""
    head = f"[{say_day(message.at.date())} {message.at:%H:%M}] {for_terminal(message.title)}"
    body = for_terminal(message.body, multiline=True).splitlines()
    return "\n".join([head, *(f"    {line}".rstrip() for line in body), f"    id {message.message_id}", "", ""])


def _append(path: Path, block: bytes) -> None:
    if not any(_appended(path, block) for _ in range(_TRIES)):
        raise OSError("somebody renames it again and again")


def _appended(path: Path, block: bytes) -> bool:
    """Append it, unless the file is renamed by now, or was full and is renamed here."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not _is_named(handle, path):
            return False
        size = os.fstat(handle).st_size
        if size and size + len(block) > LARGEST_BYTES and _rotated(path):
            return False
        _write_whole(handle, block)
        return True
    finally:
        os.close(handle)


def _is_named(handle: int, path: Path) -> bool:
    """Whether the file still has the name by which it was opened."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _rotated(path: Path) -> bool:
    """Give every file the next number, the oldest first, so that none is lost by being killed in between.

    Where that cannot be done, the file grows: what is to be said matters more.
    """
    try:
        for present, name in reversed(list(pairwise(generations(path)))):
            with contextlib.suppress(FileNotFoundError):
                present.replace(name)
    except OSError:
        return not path.exists()
    return True


def _write_whole(handle: int, block: bytes) -> None:
    before = os.fstat(handle).st_size
    try:
        written = os.write(handle, block)
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):  # what went wrong first is what matters
            os.ftruncate(handle, before)
        raise
    if written != len(block):
        os.ftruncate(handle, before)
        raise OSError("only a part of the message fitted; is the disk full?")
