"""Whether a delivery is tried again, and how long to wait before."""

import hashlib
from datetime import timedelta
from typing import Final

from crm.models.words import DeliveryState

FIRST_WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
)
LONGEST_WAIT: Final = timedelta(hours=6)  # a laptop can be without a network for a day
JITTER: Final = 0.1


def wait(tries: int, key: str) -> timedelta:
    """The time to the next try after so many (1 or more): 1 min, 5 min, 30 min, 2 h, and then 6 h, whole seconds.

    Up to a tenth is added, by `key` and `tries` alone: what failed together does not come back all at once, and the
    same history gives the same times.
    """
    base = FIRST_WAITS[tries - 1] if tries <= len(FIRST_WAITS) else LONGEST_WAIT
    share = int.from_bytes(hashlib.sha256(f"{key} {tries}".encode()).digest()[:4]) / 2**32
    return timedelta(seconds=round(base.total_seconds() * (1 + JITTER * share)))


def in_doubt(tries: int, most: int, *, held: bool) -> DeliveryState:
    """What becomes of a delivery that may have been accepted at its last try; nobody else is given it.

    It waits for the person if its channel holds such ones; else it is sent again, after the last of all tries once
    more, and then waits for the person too.

    Args:
        tries: how many were made, that one included.
        most: how many there are to be.
        held: whether its channel holds what may have been accepted.
    """
    return DeliveryState.UNKNOWN if held or tries > most else DeliveryState.RETRYABLE
