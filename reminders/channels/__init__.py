"""The channels, found by file name; each module is loaded when something is sent on it.

A channel is one module. `Options` holds what it needs and `Options.from_settings` reads that; `send(message, options)`
returns once the message is accepted, raises DeliveryError if it was not, and ends within `LONGEST_SEND_SECONDS`: what
waits for others has its own limit, `seconds`, among its options. It makes the message's text harmless for the place it
goes to. Two more functions are defined where they mean something: `absent()` tells why there is no such thing here,
which is no failure, and `remarks(settings)` tells what a person should know who uses the channel as it is configured.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, Protocol, cast

from crm.errors import ConfigurationError
from crm.escaping import quote
from crm.privacy import Detail
from crm.settings import Settings
from reminders.message import Message

Channel = Callable[[Message], None]

LONGEST_SEND_SECONDS: Final = 30
HOLD: Final = "hold"


@dataclass(frozen=True, slots=True)
class Configured:
    """A channel as the person configured it.

    Attributes:
        sends: gets the message that is to be sent.
        detail: how much of a message it gets.
        hold: what may have been accepted or not waits for the person, instead of being sent again.
    """

    sends: Channel
    detail: Detail = Detail.FULL
    hold: bool = False

    def __call__(self, message: Message) -> None:
        """Send one message at the channel's detail.

        Raises:
            DeliveryError: it was not accepted, or nobody knows.
        """
        self.sends(message.reduced(self.detail))


class OptionsType(Protocol):
    """How a channel's options are made."""

    @classmethod
    def from_settings(cls, settings: Settings) -> Any:  # noqa: ANN401 - each channel's own options
        """The options as the person configured them."""


class Module(Protocol):
    """What a channel's module defines."""

    Options: type[OptionsType]

    def send(self, message: Message, options: Any) -> None:  # noqa: ANN401 - each channel's own options
        """Send one message.

        Raises:
            DeliveryError: it was not accepted.
        """


def names() -> list[str]:
    """The names of all channels, in alphabetical order."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Module:
    """The channel's module.

    Raises:
        ConfigurationError: there is no such channel; the known ones are named.
    """
    if name not in names():
        raise ConfigurationError(f"there is no channel {quote(name)}; the known ones are: {', '.join(names())}")
    return cast("Module", import_module(f"{__name__}.{name}"))


def absent(wanted: Collection[str]) -> dict[str, str]:
    """Those of the channels that there is no place for here, each with the reason; they are left out for now.

    Raises:
        ConfigurationError: as `load`.
    """
    reasons = {name: getattr(load(name), "absent", _never)() for name in wanted}
    return {name: reason for name, reason in reasons.items() if reason}


def remarks(wanted: Collection[str], settings: Settings) -> list[str]:
    """What a person should know who uses the channels as they are configured."""
    return [remark for name in wanted for remark in getattr(load(name), "remarks", _nothing)(settings)]


def longest_seconds(wanted: Collection[str]) -> int:
    """How long a turn may take to send on the channels if each that waits for others hangs once."""
    waiting = [name for name in set(wanted) & set(names()) if _waits(load(name))]
    return len(waiting) * LONGEST_SEND_SECONDS


def _waits(module: Module) -> bool:
    """Whether it sets itself a time limit, which is for what can hang."""
    return "seconds" in {each.name for each in fields(cast("Any", module.Options))}


def ready(wanted: Collection[str], settings: Settings) -> dict[str, Channel]:
    """Those of the channels that are here, each ready to take a message.

    Raises:
        ConfigurationError: as `load`, or a setting that the channel needs is not set.
    """
    missing = absent(wanted)
    return {name: configured(name, settings) for name in wanted if name not in missing}


def configured(name: str, settings: Settings) -> Configured:
    """One channel, whether or not it is here.

    Raises:
        ConfigurationError: as `ready`.
    """
    module = load(name)
    hold = f"{name}.on_unknown" in settings.values and settings[f"{name}.on_unknown"] == HOLD
    sends = partial(module.send, options=module.Options.from_settings(settings))
    return Configured(sends, Detail(settings[f"{name}.detail"]), hold)


def _never() -> str:
    return ""


def _nothing(_settings: Settings) -> list[str]:
    return []
