"""Apprise: the hundred-odd services that it knows by URL.

Apprise says only whether all went well, sets no limit on the whole, and writes to its log what is in the URLs. So it
runs in a process of its own, which is ended when its time is over, gets the URLs on its standard input, and has nobody
who reads what it writes.
"""

import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from crm import children
from crm.errors import ConfigurationError, DeliveryError
from crm.escaping import for_terminal
from crm.secrets import Secret
from crm.settings import Settings
from reminders.message import Message

SENT, FAILED, UNREADABLE = 0, 3, 4


@dataclass(frozen=True, slots=True)
class Options:
    """Where the URLs are."""

    urls: Secret
    seconds: float = 25

    @classmethod
    def from_settings(cls, settings: Settings) -> "Options":
        """As configured.

        Raises:
            ConfigurationError: Apprise is not installed.
        """
        if find_spec("apprise") is None:
            raise ConfigurationError("Apprise is not installed; install it: pip install 'networking-crm[apprise]'")
        return cls(settings.secret("apprise.urls"))


def send(message: Message, options: Options) -> None:
    """Send the message to all of the URLs.

    Raises:
        DeliveryError: permanent when a URL cannot be read; unknown when time was over.
    """
    try:
        urls = options.urls.required().splitlines()
    except ConfigurationError as error:
        raise DeliveryError(error.message) from None
    given = {
        "urls": [url.strip() for url in urls if url.strip() and not url.lstrip().startswith("#")],
        "title": for_terminal(message.title),
        "body": for_terminal(message.body or message.title, multiline=True),
    }
    command = [sys.executable, "-P", "-m", __name__]
    ended, _ = children.run(command, seconds=options.seconds, given=json.dumps(given).encode())
    if ended is None:
        raise DeliveryError("Apprise did not end in time; some services may have the message", unknown=True)
    if ended == UNREADABLE:
        raise DeliveryError("a URL in apprise.urls is none that Apprise knows", permanent=True)
    if ended != SENT:
        raise DeliveryError("Apprise could not send the message to every URL")


def _main() -> int:
    """What the process of its own does."""
    import apprise  # noqa: PLC0415 - heavy, and only here

    given = json.load(sys.stdin)
    services = apprise.Apprise()
    if not given["urls"] or not all(services.add(url) for url in given["urls"]):
        return UNREADABLE
    plain = apprise.NotifyFormat.TEXT
    return SENT if services.notify(title=given["title"], body=given["body"], body_format=plain) else FAILED


if __name__ == "__main__":
    sys.exit(_main())
