"""A webhook: the message as JSON, signed as Standard Webhooks 1.0.0 says, so that any of its libraries can verify it.

The header `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`.
The key is what stands behind `whsec_` in the secret, decoded from base64; a secret without that beginning is the key as
it is. A message that is sent again has the same `webhook-id`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from crm.errors import ConfigurationError, DeliveryError
from crm.secrets import Secret
from crm.settings import Settings
from reminders.http import post
from reminders.message import Message

PREFIX: Final = "whsec_"


@dataclass(frozen=True, slots=True)
class Options:
    """Where to post, and what to sign with."""

    url: str
    secret: Secret
    seconds: float = 20

    @classmethod
    def from_settings(cls, settings: Settings) -> "Options":
        """As configured.

        Raises:
            ConfigurationError: no URL is set.
        """
        if not settings["webhook.url"]:
            raise ConfigurationError("webhook needs a URL; set it: crm config set webhook.url https://HOST/PATH")
        return cls(settings["webhook.url"], settings.secret("webhook.secret"))


def send(message: Message, options: Options) -> None:
    """Post the message.

    Raises:
        DeliveryError: the server did not accept it, or did not answer; or there is nothing to sign with.
    """
    try:
        key = _key(options.secret.required())
    except ConfigurationError as error:
        raise DeliveryError(error.message) from None
    body = json.dumps(_content(message)).encode()
    headers = {"Content-Type": "application/json", **signed(message.message_id, int(message.at.timestamp()), body, key)}
    post(options.url, body, headers, seconds=options.seconds)


def signed(message_id: str, timestamp: int, body: bytes, key: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks; `timestamp` in seconds since 1970."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ConfigurationError(f"webhook.secret begins with {PREFIX}, but no base64 follows") from None


def _content(message: Message) -> dict[str, object]:
    """JSON escapes whatever is in the text; what shows it has to make it harmless."""
    return {
        "id": message.message_id,
        "key": message.key,
        "title": message.title,
        "body": message.body,
        "items": [{"key": each.key, "title": each.title, "body": each.body} for each in message.items],
        "at": message.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
