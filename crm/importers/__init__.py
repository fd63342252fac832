"""Importers: each module turns one file format into rows and never touches the database.

A module defines `sniff(head) -> bool` (does this file begin like one of mine?) and `rows(file) -> Iterator[Row]`.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO, Protocol, cast

from crm.errors import NotFoundError
from crm.rows import Row


class Importer(Protocol):
    """What a module in this package offers."""

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so is in this format."""

    def rows(self, file: BinaryIO) -> Iterator[Row]:
        """The rows of the file, in a fixed order."""


def names() -> tuple[str, ...]:
    """The formats there are, sorted; nothing is imported to find out."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Importer:
    """The importer for a format.

    Raises:
        NotFoundError: there is no such format.
    """
    if name not in names():
        raise NotFoundError(f"no import format is called {name!r}; there are {', '.join(names())}", candidates=names())
    return cast("Importer", import_module(f"{__name__}.{name}"))
