"""The secret part of each calendar's address: whoever has it can read that calendar, and no other.

A token is made of a secret that lies in a file of its own (0600), the feed's name and a number that `rotate` raises, so
that one address can be changed without the others. It is never kept, and looked up by its hash.
"""

import base64
import hmac
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

from crm.errors import ConfigurationError
from crm.files import write_if_changed

FILE_NAME: Final = "calendar-secret.json"
SECRET_BYTES: Final = 32
LARGEST_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """The secret, and how often each feed's address was changed."""

    secret: bytes
    changes: Mapping[str, int] = field(default_factory=dict)

    def token(self, feed: str) -> str:
        """The feed's token: HMAC-SHA256 (RFC 2104) as 43 characters of base64url (RFC 4648 5)."""
        told = f"{feed}\n{self.changes.get(feed, 0)}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self.secret, told, "sha256")).rstrip(b"=").decode()

    def told(self) -> bytes:
        """As the file holds it."""
        return f"{json.dumps({'secret': self.secret.hex(), 'changes': dict(self.changes)}, indent=2)}\n".encode()


@dataclass(frozen=True, slots=True, repr=False)
class Doors:
    """Every feed and its token, by the token's hash."""

    by_hash: Mapping[bytes, tuple[str, bytes]]

    @classmethod
    def of(cls, tokens: Tokens, feeds: Iterable[str]) -> "Doors":
        """Those of these feeds."""
        known = ((feed, tokens.token(feed).encode()) for feed in feeds)
        return cls({sha256(token).digest(): (feed, token) for feed, token in known})

    def opens(self, token: str, feed: str) -> bool:
        """Whether it is that feed's token; how long that takes says nothing of how much of it is right."""
        given = token.encode("utf-8", "replace")
        there, known = self.by_hash.get(sha256(given).digest(), ("", b""))
        return hmac.compare_digest(given, known) and there == feed


def load(folder: Path) -> Tokens:
    """The tokens of the person whose data lie in the folder; the first time they are made.

    Raises:
        ConfigurationError: the file cannot be read, or is damaged.
        CrmError: it cannot be written.
    """
    file = folder / FILE_NAME
    if not file.exists():
        _make(file, Tokens(token_bytes(SECRET_BYTES)))
    try:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
        with file.open("rb") as opened:
            return _read(json.loads(opened.read(LARGEST_BYTES)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{file} is damaged; remove it, and crm calendar url shows new addresses to subscribe to"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror}); make it readable for you alone") from error


def rotate(folder: Path, feed: str | None) -> Tokens:
    """Change one feed's address, or with None that of every feed; the old ones lead nowhere from then on.

    Raises:
        ConfigurationError: the file cannot be read, or is damaged.
        CrmError: it cannot be written.
    """
    if feed is None:
        made = Tokens(token_bytes(SECRET_BYTES))
    else:
        there = load(folder)
        made = Tokens(there.secret, {**there.changes, feed: there.changes.get(feed, 0) + 1})
    write_if_changed(folder / FILE_NAME, made.told())
    return made


def _read(told: Any) -> Tokens:  # noqa: ANN401 - what a file holds
    secret = bytes.fromhex(told["secret"])
    if len(secret) != SECRET_BYTES:
        raise ValueError("too short")
    return Tokens(secret, {str(feed): int(changes) for feed, changes in told["changes"].items()})


def _make(file: Path, tokens: Tokens) -> None:
    """Write the file if there is none; of two that do so at once, one wins and both then read the same."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".tmp")
    try:
        with open(handle, "wb") as opened:  # noqa: PTH123 - a descriptor, not a path
            opened.write(tokens.told())
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)
