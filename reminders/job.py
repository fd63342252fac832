"""What else the daemon does, besides reminding."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the daemon does again and again, each in a thread of its own.

    Attributes:
        name: a word or two, for the log and `crm daemon status`.
        every_seconds: how often `run` is called.
        run: does it, if there is anything to do; gets the present instant (aware UTC), gives a line for the log or
            None, and raises CrmError when it fails. The process may end in the middle of it.
        next_at: when there will be something to do next, as things stand at the instant given (both aware UTC); None
            for what is done every time.
    """

    name: str
    every_seconds: float
    run: Callable[[datetime], str | None]
    next_at: Callable[[datetime], datetime] | None = None
