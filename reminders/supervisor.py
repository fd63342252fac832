"""What systemd and launchd have in common: the values they take and give, signed files, and running their tools."""

import hashlib
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from crm.errors import CrmError
from reminders.unit import Form, Place

LINGERING_OURS: Final = "lingering was turned on by: crm service install"
_CHECKSUM: Final = re.compile(rb"^[^\n]*checksum: ([0-9a-f]{64})[^\n]*\n\Z", re.MULTILINE)
_PATIENCE_SECONDS: Final = 180.0  # longer than TimeoutStartSec=
_MOST_TOLD: Final = 300


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be installed.

    Attributes:
        form: how reminders are kept going.
        place: where the program is and what it needs.
        secrets: variables that nobody else may read.
        log: a file for what launchd's daemon says; systemd has its journal.
        lingering_ours: whether lingering was turned on for the reminders' sake.
    """

    form: Form
    place: Place
    secrets: Mapping[str, str]
    log: Path
    lingering_ours: bool = False


@dataclass(frozen=True, slots=True)
class Installed:
    """What installing did: the files that changed, those that were in the way, and whether it was started."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    started: bool


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """How the calendar server is, which is started when somebody asks.

    Attributes:
        unit: the name under which the manager knows its socket.
        address: where it is asked, such as `http://127.0.0.1:8765`.
        listening: whether whoever asks is answered.
        running: whether it runs by now.
        state: the manager's own word for the socket.
        last_exit: the exit code or signal with which it ended last, where it did.
        log: the command with what it said.
    """

    unit: str
    address: str
    listening: bool
    running: bool
    state: str
    last_exit: str | None
    log: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a service is.

    Attributes:
        manager: `systemd` or `launchd`.
        unit: the name under which the manager knows it.
        installed: whether its files are there, and the manager has read them.
        enabled: whether it is started by itself.
        running: whether it is at work now.
        state: the manager's own word.
        since_at: since when it is in that state, aware UTC, where the manager tells.
        says: what the daemon last said of itself.
        last_exit: the exit code or signal with which it ended last, where it did.
        restarts: how often the manager had to start it again.
        lingering: whether it runs while nobody is logged in; None where there is no such thing.
        log: the command, or file, with what it said.
        server: how the calendar server is, if it is installed.
    """

    manager: str
    unit: str
    installed: bool
    enabled: bool
    running: bool
    state: str
    since_at: datetime | None
    says: str
    last_exit: str | None
    restarts: int
    lingering: bool | None
    log: str
    server: ServerStatus | None = None


class Supervisor(Protocol):
    """A program of the system that keeps others running; a module defines these."""

    NAME: str

    def files(self, wanted: Wanted) -> dict[Path, str]:
        """The files to write, with their text."""

    def present(self) -> list[Path]:
        """The files of ours that are there."""

    def log(self, wanted: Wanted) -> str:
        """How to read what the service says."""

    def install(self, wanted: Wanted, *, start: bool) -> Installed:
        """Write the files that changed, enable the service, and start it, or again after a change."""

    def uninstall(self) -> list[Path]:
        """Stop and disable the service, and remove its files; give those that were there."""

    def status(self) -> Status:
        """How the service is."""

    def lingering(self) -> bool | None:
        """Whether it runs while nobody is logged in; None where there is no such thing."""

    def enable_lingering(self) -> None:
        """Let it run while nobody is logged in."""


def signed(text: str, *, before: str = "# ", after: str = "") -> str:
    """The text with a last line, a comment, by which `edited` knows that nobody touched it."""
    return f"{text}{before}checksum: {_digest(text.encode())}{after}\n"


def edited(path: Path) -> bool:
    """Whether a file is there that is not as `signed` left it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CrmError(f"{path} cannot be read: {error.strerror}") from error
    found = _CHECKSUM.search(content)
    return found is None or found[1].decode() != _digest(content[: found.start()])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def make_folders(folders: Sequence[Path]) -> None:
    """Make the folders that are missing, for their owner alone.

    Raises:
        CrmError: one cannot be made.
    """
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CrmError(f"{folder} cannot be made: {error.strerror}") from error


def remove(paths: Sequence[Path], *, up_to: Path) -> list[Path]:
    """Remove files and the folders that are empty then, below `up_to`; give the files that were there."""
    removed = [path for path in paths if path.is_file()]
    for path in removed:
        path.unlink()
    folders = {parent for path in paths for parent in path.parents if parent.is_relative_to(up_to) and parent != up_to}
    for folder in sorted(folders, key=lambda each: len(each.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    return removed


def ask(*command: str) -> subprocess.CompletedProcess[str]:
    """Run one of the system's tools and wait for it.

    Raises:
        CrmError: it is not there, or does not end.
    """
    try:
        return subprocess.run(  # noqa: S603 - fixed words and names of our own units, no shell
            command,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except OSError as error:
        raise CrmError(f"{command[0]} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise CrmError(f"{' '.join(command)} does not end; see: journalctl --user -e") from error


def order(*command: str, way_out: str = "") -> None:
    """As `ask`, and insist that it succeeds.

    Raises:
        CrmError: it failed; its own words and the way out are told.
    """
    done = ask(*command)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[:_MOST_TOLD] or f"exit code {done.returncode}"
        raise CrmError(f"{' '.join(command)} failed: {said}" + (f"\n{way_out}" if way_out else ""))
