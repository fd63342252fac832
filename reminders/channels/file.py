"""A file that is appended to: for a daemon whose machine has nothing better, and as the last resort of others."""

import contextlib
import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from crm.dates import say_day
from crm.errors import DeliveryError
from crm.escaping import for_terminal
from crm.settings import Settings
from reminders.message import Message


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
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _write_whole(handle, block)
    finally:
        os.close(handle)


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
