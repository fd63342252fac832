"""What goes out together."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from crm.store.outbox import Outgoing

LATE: Final = timedelta(minutes=15)  # what waited longer fell due while nothing ran, or was late from the beginning
MOST_ALONE: Final = 5
NEAR: Final = ("console", "desktop", "file")  # these come first: they hold up no other as a silent server does


def groups(dues: Sequence[Outgoing], *, now: datetime, digest: bool) -> Iterator[list[Outgoing]]:
    """What goes out together, in the order of sending; each group is for one channel.

    A message of which nobody knows whether it was accepted goes out as it was. Of the rest, what is urgent goes alone.
    What is not is one message with `digest`. What fell due while nothing ran arrives as one message, and so does what
    would be too much one by one.
    """
    by_channel = sorted(dues, key=lambda each: (each.channel not in NEAR, each.channel))
    for _, group in groupby(by_channel, key=lambda each: each.channel):
        of_channel = list(group)
        yield from _repeats([each for each in of_channel if each.coalesced_into])
        yield from _fresh([each for each in of_channel if each.coalesced_into is None], now, digest)


def _repeats(dues: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    by_message = sorted(dues, key=lambda each: each.coalesced_into or "")
    for _, group in groupby(by_message, key=lambda each: each.coalesced_into):
        yield list(group)


def _fresh(dues: Sequence[Outgoing], now: datetime, digest: bool) -> Iterator[list[Outgoing]]:
    alone = [each for each in dues if each.urgent and not is_late(each, now)]
    if len(alone) > MOST_ALONE:
        alone = []
    yield from ([each] for each in alone)
    taken = {each.id for each in alone}
    rest = [each for each in dues if each.id not in taken]
    if rest and (digest or len(rest) > MOST_ALONE or count_late(rest, now) > 1):
        yield rest
    else:
        yield from ([each] for each in rest)


def is_late(each: Outgoing, now: datetime) -> bool:
    """Whether it could have been sent a good while ago."""
    return each.not_before_at < now - LATE


def count_late(dues: Sequence[Outgoing], now: datetime) -> int:
    """How many of them could have been sent a good while ago."""
    return sum(is_late(each, now) for each in dues)


def count_missed(dues: Sequence[Outgoing], now: datetime, off_since: datetime | None) -> int:
    """How many of them could have been sent a good while ago, had the last turn before this one not been earlier.

    What is late for another reason, as what is put on the list with a day that is past, was not missed by a machine.
    """
    return sum(is_late(each, now) and off_since is not None and each.not_before_at > off_since for each in dues)
