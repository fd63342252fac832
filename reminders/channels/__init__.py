"""The channels, found by file name; each module is loaded when something is sent on it.

A channel is one module. `Options` holds what it needs and `Options.from_settings` reads that; `send(message, options)`
returns once the message is accepted, raises DeliveryError if it was not, and ends within `LONGEST_SEND_SECONDS`. It
makes the message's text harmless for the place it goes to.
"""

from collections.abc import Callable, Collection
from functools import partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, Protocol, cast

from crm.errors import ConfigurationError
from crm.escaping import quote
from crm.settings import Settings
from reminders.message import Message

Channel = Callable[[Message], None]

LONGEST_SEND_SECONDS: Final = 60


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


def ready(wanted: Collection[str], settings: Settings) -> dict[str, Channel]:
    """The channels of those names, each ready to take a message.

    Raises:
        ConfigurationError: as `load`.
    """
    return {name: _ready(load(name), settings) for name in wanted}


def _ready(module: Module, settings: Settings) -> Channel:
    return partial(module.send, options=module.Options.from_settings(settings))
