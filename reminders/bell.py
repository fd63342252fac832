"""What wakes the daemon's main thread: another thread's word, or a signal.

Waiting for a lock or a queue ends with a signal only if the system interrupts the very thread that waits. It may choose
any, and the others do not tell, so that a signal could be noticed seconds late; a pipe that the interpreter itself
writes into is read at once.
"""

import os
import select
import signal
from contextlib import suppress


class Bell:
    """A bell. Its pipe stays for as long as the process: a thread that rings late must not write anywhere else."""

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        for end in (self._heard, self._rung):
            os.set_blocking(end, False)

    def rung_by_signals(self) -> None:
        """Let signals ring it from now on; in the main thread."""
        signal.set_wakeup_fd(self._rung, warn_on_full_buffer=False)

    def ring(self) -> None:
        """Wake who waits; from any thread, and from within a signal's handler."""
        with suppress(BlockingIOError):  # it has been rung so often that it is heard in any case
            os.write(self._rung, b"!")

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, for so long at most."""
        if select.select([self._heard], [], [], seconds)[0]:
            os.read(self._heard, 65_536)
