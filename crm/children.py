"""Programs that are waited for: each ends in time, or is ended together with whatever it started."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

_LOCK: Final = threading.Lock()
_RUNNING: Final[set["subprocess.Popen[bytes]"]] = set()


def run(
    command: Sequence[str], *, seconds: float, given: bytes = b"", answers: bool = False
) -> tuple[int | None, bytes]:
    """Run a program of ours and wait for it.

    Args:
        command: the program and its arguments; no shell reads them.
        seconds: how long it may take.
        given: its standard input.
        answers: whether what it writes on standard output is of interest.

    Returns:
        Its exit code, None if it was killed, because its time was over or by `end_all`; and what it answered.
    """
    output = subprocess.PIPE if answers else subprocess.DEVNULL
    with (
        subprocess.Popen(  # noqa: S603 - each caller names a program of ours
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process,
        _known(process),
    ):
        try:
            answer, _ = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            return None, b""
        return None if process.returncode == -signal.SIGKILL else process.returncode, answer or b""


def end_all() -> None:
    """Kill every program that is being waited for; who waits learns it at once."""
    with _LOCK:
        for process in _RUNNING:
            _kill(process)


@contextmanager
def _known(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    with _LOCK:
        _RUNNING.add(process)
    try:
        yield
    finally:
        with _LOCK:
            _RUNNING.discard(process)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
