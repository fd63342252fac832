"""Where reminders go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crm.settings import Settings
from reminders import channels
from reminders.channels import Channel, Configured

LAST: Final = "file"
_SPEAKERS: Final = {
    "reminders.channels": ("`crm reminder tick`", "console"),
    "daemon.channels": ("the daemon", "file"),
}


def silence(settings: Settings, name: str) -> str:
    """Who says nothing because that list of channels is empty, with the remedy; empty if it is not."""
    who, example = _SPEAKERS[name]
    return "" if settings[name] else f"{name} is empty, so {who} says nothing; choose: crm config set {name} {example}"


def silences(settings: Settings) -> list[str]:
    """The same of both lists."""
    return [told for name in _SPEAKERS if (told := silence(settings, name))]


@dataclass(frozen=True, slots=True)
class Outlets:
    """The channels of a turn.

    Attributes:
        channels: ready; every reminder is planned for each of them.
        fallback: ready; they take, in this order, what another channel refuses for good.
        absent: configured but not here now, each with the reason.
        elsewhere: what other turns by the same settings are for; it is left to them.
    """

    channels: Mapping[str, Channel]
    fallback: Mapping[str, Channel] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @classmethod
    def from_settings(cls, settings: Settings, wanted: Sequence[str]) -> "Outlets":
        """The channels of those names, and the fallback chain, which ends in `file`.

        Raises:
            ConfigurationError: there is no such channel, or a setting that one needs is not set.
        """
        chain = list(dict.fromkeys([*(each for each in settings["reminders.fallback"] if each != LAST), LAST]))
        return cls(
            channels=channels.ready(wanted, settings),
            fallback=channels.ready(chain, settings),
            absent=channels.absent(dict.fromkeys([*wanted, *chain])),
            elsewhere=frozenset([*settings["reminders.channels"], *settings["daemon.channels"]]),
        )

    @property
    def everywhere(self) -> Mapping[str, Channel]:
        """Whatever a delivery may be for."""
        return {**self.fallback, **self.channels}

    @property
    def known(self) -> frozenset[str]:
        """The channels that some turn here is for, now or at another time."""
        return frozenset([*self.everywhere, *self.absent]) | self.elsewhere

    @property
    def held(self) -> frozenset[str]:
        """The channels on which what may have been accepted waits for the person."""
        return frozenset(name for name, each in self.everywhere.items() if isinstance(each, Configured) and each.hold)
