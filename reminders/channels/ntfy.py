"""ntfy: to the phone, by a server of one's own or by ntfy.sh.

A message that is sent again carries the same sequence id, by which the newer apps put it in the first one's place.
"""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from crm.errors import ConfigurationError, DeliveryError
from crm.escaping import for_terminal, shorten
from crm.secrets import Secret
from crm.settings import Settings
from reminders.http import post, refuse_plain
from reminders.message import Message

PUBLIC: Final = "ntfy.sh"
LONGEST_TITLE: Final = 250
LARGEST_BYTES: Final = 3800  # beyond 4,096, ntfy makes an attachment of a message
WARNING: Final = (
    f"{PUBLIC} is a public server: whoever knows or guesses your topic reads the reminders. Choose a long random topic "
    "or a server of your own (ntfy.server), or say less: crm config set ntfy.detail busy"
)
REST: Final = "\n… the rest: crm reminder list"


@dataclass(frozen=True, slots=True)
class Options:
    """The topic and how to publish to it."""

    server: str
    topic: str
    priority: int
    tags: tuple[str, ...]
    token: Secret
    seconds: float = 20

    @classmethod
    def from_settings(cls, settings: Settings) -> "Options":
        """As configured.

        Raises:
            ConfigurationError: no topic is set.
        """
        if not settings["ntfy.topic"] or not settings["ntfy.server"]:
            raise ConfigurationError("ntfy needs a topic that nobody guesses; set it: crm config set ntfy.topic TOPIC")
        return cls(
            server=settings["ntfy.server"],
            topic=settings["ntfy.topic"],
            priority=settings["ntfy.priority"],
            tags=tuple(settings["ntfy.tags"]),
            token=settings.secret("ntfy.token"),
        )


def remarks(settings: Settings) -> list[str]:
    """A warning where the server is everybody's."""
    if urlsplit(settings["ntfy.server"]).hostname != PUBLIC or not settings["ntfy.topic"]:
        return []
    return [WARNING]


def send(message: Message, options: Options) -> None:
    """Publish the message.

    Raises:
        DeliveryError: the server did not accept it, or did not answer.
    """
    content = {
        "topic": options.topic,
        "title": shorten(for_terminal(message.title), LONGEST_TITLE),
        "message": _fitting(for_terminal(message.body or message.title, multiline=True)),
        "priority": options.priority,
        "tags": list(options.tags),
        "sequence_id": message.message_id.partition("@")[0],
    }
    headers = {"Content-Type": "application/json"}
    try:
        token = options.token.read()
        if token:
            refuse_plain(options.server, "ntfy.server")
            headers["Authorization"] = f"Bearer {_printable(token)}"
    except ConfigurationError as error:
        raise DeliveryError(error.message) from None
    post(options.server, json.dumps(content).encode(), headers, seconds=options.seconds)


def _printable(token: str) -> str:
    """The token, if it can stand in a header."""
    if not token.isascii() or not token.isprintable():
        raise ConfigurationError("ntfy.token holds what no token can; its file is to hold the token and nothing else")
    return token


def _fitting(text: str) -> str:
    data = text.encode()
    if len(data) <= LARGEST_BYTES:
        return text
    return data[: LARGEST_BYTES - len(REST.encode())].decode(errors="ignore") + REST
