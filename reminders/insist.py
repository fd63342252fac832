"""Writing down what must not be forgotten: a write that fails is tried again, for a while."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from crm import clock
from crm.errors import ConfigurationError, CrmError

PAUSES: Final[Sequence[float]] = (0.5, 1, 2, 4, 8)
"""Seconds between one try and the next."""

LONGEST_SECONDS: Final = 45
"""After so long no other try is begun; one that waits for another program takes up to 30 s by itself."""

_T = TypeVar("_T")


def insist(write: Callable[[], _T]) -> _T:
    """What `write` gives, a transaction of its own; if the disk is full or the database is held, tried some times.

    Raises:
        ConfigurationError: the database is damaged, or from another version; no other try would help.
        CrmError: it failed to the last.
    """
    started = clock.monotonic()
    for pause in PAUSES:
        try:
            return write()
        except ConfigurationError:
            raise
        except CrmError:
            if clock.monotonic() - started > LONGEST_SECONDS:
                raise
        threading.Event().wait(pause)
    return write()
