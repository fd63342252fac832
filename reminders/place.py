"""The daemon's place, which only one has at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from crm.errors import BusyError
from reminders import log
from reminders.sd_notify import notify

LOCK_SECONDS: Final = 2  # who only looks whether a daemon runs holds the lock for a moment
WAIT_SECONDS: Final = 5  # between two words to systemd of a daemon that waits for its place


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the daemon's place; the kernel frees it however the process ends.

    Raises:
        BusyError: another daemon holds it, and it was not systemd that started this one.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path, mode=0o600)
    _take(lock)
    try:
        yield
    finally:
        lock.release()


def _take(lock: FileLock) -> None:
    """Take the place; where systemd would only start this program again, wait for it.

    A daemon that waits is ready, says so, and pings the watchdog: its pings tell that it looks at the lock, its status
    that it takes no turns.
    """
    with suppress(Timeout):
        lock.acquire(timeout=LOCK_SECONDS)
        return
    if not started_by_systemd():
        raise BusyError("another daemon runs already; see: crm daemon status")
    log.say("waiting", "another daemon runs already; waiting for it to end")
    while not lock.is_locked:
        notify("READY=1", "STATUS=waiting: another daemon runs already", "WATCHDOG=1")
        with suppress(Timeout):
            lock.acquire(timeout=WAIT_SECONDS, poll_interval=1)


def started_by_systemd() -> bool:
    """Whether systemd itself executed this process; a shell's children inherit the variable, but not the number."""
    return os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid())


def is_alive(pid: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True
