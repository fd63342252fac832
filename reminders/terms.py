"""By what terms a turn is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from crm.settings import Settings
from reminders import rules
from reminders.outlets import Outlets
from reminders.timing import Timing


@dataclass(frozen=True, slots=True)
class Terms:
    """What a turn needs to know besides the database and the time.

    Attributes:
        tz: the person's zone now.
        given: options for the rules, see `rules.from_settings`.
        timing: when something may be said.
        outlets: where it goes.
    """

    tz: ZoneInfo
    given: Mapping[str, Any]
    timing: Timing
    outlets: Outlets

    @classmethod
    def from_settings(cls, settings: Settings, channels: Sequence[str]) -> "Terms":
        """As the person set it, on the channels of those names.

        Raises:
            ConfigurationError: there is no such channel, or a setting that one needs is not set.
        """
        return cls(
            tz=settings.tz,
            given=rules.from_settings(settings),
            timing=Timing.from_settings(settings),
            outlets=Outlets.from_settings(settings, channels),
        )
