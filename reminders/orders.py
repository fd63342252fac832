"""What a daemon goes by until its settings are read anew."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from crm.settings import Settings, current
from reminders import channels
from reminders.outlets import silence
from reminders.terms import Terms


@dataclass(frozen=True, slots=True)
class Orders:
    """What a daemon goes by.

    Attributes:
        terms: makes the terms of a turn, since a desktop and the zone of who travels can be others each time.
        period: seconds from turn to turn.
        sending_seconds: how long the channels take in one turn if every one of them hangs.
        log: the form of its log lines, see `log.use`.
        remarks: what a person should know who uses the channels as they are configured.
    """

    terms: Callable[[], Terms]
    period: float
    sending_seconds: int = 0
    log: str = "text"
    remarks: tuple[str, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Orders":
        """As the person set it.

        Raises:
            ConfigurationError: there is no such channel, or a setting that one needs is not set.
        """
        wanted = settings["daemon.channels"]
        terms = partial(_terms, settings)
        terms()  # now is the time to say what is wrong with them
        return cls(
            terms,
            settings["reminders.tick_seconds"],
            channels.longest_seconds([*wanted, *settings["reminders.fallback"]]),
            settings["daemon.log"],
            tuple(filter(None, [silence(settings, "daemon.channels"), *channels.remarks(wanted, settings)])),
        )


def _terms(settings: Settings) -> Terms:
    return Terms.from_settings(current(settings), settings["daemon.channels"])
