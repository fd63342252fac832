"""Importers: each module turns one file format into rows and never touches the database.

A module defines `sniff(head) -> bool` (does this file begin like one of mine?) and `rows(file) -> Iterator[Row]`.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from crm.errors import BadValueError, NotFoundError
from crm.rows import Row

MAX_BYTES = 256_000_000
"""The largest file that is read at all; formats that need less have a limit of their own."""


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


def base_name(file: BinaryIO) -> str:
    """The name of an open file without its folders, for the source of its rows."""
    return Path(str(getattr(file, "name", "file"))).name


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that is to be imported.

    Raises:
        NotFoundError: there is no such file.
        BadValueError: it is a folder, cannot be read, or is larger than `MAX_BYTES`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no file {path}; give the path of one that is there") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name is possible"
        raise BadValueError(f"{path} cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise BadValueError(f"{path} is larger than {MAX_BYTES:,} bytes; split it")
    return data
