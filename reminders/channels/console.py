"""Standard output: for `crm reminder tick`, by hand or from cron."""

import sys
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding

from crm.errors import DeliveryError
from crm.render import text
from crm.settings import Settings
from reminders.message import Message


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing to choose."""

    @classmethod
    def from_settings(cls, _settings: Settings) -> "Options":
        """The only ones."""
        return cls()


def send(message: Message, options: Options) -> None:  # noqa: ARG001 - a channel takes its options
    """Print the message.

    Raises:
        DeliveryError: the output is closed, or its disk full.
    """
    console = Console(markup=False, highlight=False, emoji=False)
    with console.capture() as drawn:  # written below, since rich ends the process when a pipe is closed
        console.print(text.safe(message.title, style=text.HEADING))
        if message.body:
            console.print(Padding(text.safe(message.body, multiline=True), (0, 0, 0, 2)))
        console.print()
    try:
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in drawn.get().splitlines())
        sys.stdout.flush()
    except OSError as error:
        raise DeliveryError(f"standard output cannot be written: {error.strerror}") from error
