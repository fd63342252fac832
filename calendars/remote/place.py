"""A place elsewhere that holds calendar data, one resource under each name; and what can go wrong there."""

import re
from typing import Final, Protocol

from crm.errors import CrmError

UNKNOWN = ""
"""The entity tag of what is there and of which the server says none."""
_STRONG: Final = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')


def is_strong(etag: str) -> bool:
    """Whether two of the same entity tag are the same bytes; a weak one never fulfils If-Match (RFC 9110 13.1.1)."""
    return _STRONG.fullmatch(etag) is not None


class ChangedError(CrmError):
    """Somebody else changed, made or removed the resource in the meantime (RFC 9110 15.5.13)."""


class NotTakenError(CrmError):
    """This one resource is not taken there; others may be."""


class Place(Protocol):
    """Where calendar data is put.

    Each method raises CrmError when the place cannot be reached, refuses the password, or is full: what comes after
    would fail as well. `etag` is what `etags` or `put` gave; None stands for "it must not be there yet".
    """

    name: str
    """What it is called in `published`, and on screens: an address or a path, never with a password."""

    def takes(self, component: str) -> bool:
        """Whether a VEVENT or a VTODO may be put there."""

    def etags(self, names: frozenset[str]) -> dict[str, str]:
        """The entity tags of those of the names that are there; `UNKNOWN` where there is none."""

    def get(self, name: str) -> tuple[bytes, str] | None:
        """What is there under a name, and its entity tag; None if nothing is."""

    def put(self, name: str, data: bytes, etag: str | None) -> str:
        """Put something there and give its entity tag, or `UNKNOWN`.

        Raises:
            ChangedError: it is not what that tag says.
            NotTakenError: the place takes no such thing.
        """

    def delete(self, name: str, etag: str) -> None:
        """Remove it; it is no fault if it is gone already.

        Raises:
            ChangedError: it is not what that tag says.
            NotTakenError: it may not be removed.
        """

    def close(self) -> None:
        """Let go of what it holds."""
