"""Importers: each module or package in here turns one file format into rows and never touches the database.

It defines `sniff(head) -> bool` (does a file that begins so have this format? head: up to 64 KiB) and
`rows(file, *, encoding=None) -> Iterator[Row]`. The name of the module is the name of the format, and what the person
types after `--format`; so what several importers share lives elsewhere (crm.tables, crm.person_rows).

What rows are, and what `crm.actions.import_people` makes of them:

* `PersonRow`: one person. They come first; the rows that name people (`TalkRow`, `TieRow`, `TodoRow`) come after them,
  and name them by the same `Who`. A `Who.id` begins with the name of the format (`vcard:`), and is given only where the
  file holds something that stays the same from export to export; it is None otherwise, and people are then told apart
  by e-mail, name, organization and `added_on`. Nobody is without a name: where there is none, what stands for it is
  taken (nick name, e-mail address, organization), else the row is a `SkippedRow`.
* `SkippedRow`: what is no person or cannot be read, and why, so that no row is lost without a word.
* `NoticeRow(level="warning", text=..., subject=NAME)`: the row was taken, but something in it is odd (garbled letters,
  a date that cannot be read and was left out).
* Text is passed on exactly as it stands, surplus blanks around it aside. Jobs, methods, tags and aliases come in a
  fixed order and without doubles. The address of a LinkedIn profile is a method of kind `linkedin`.
* Each row's `source` holds the base name of the file (`base_name(file)`) and the 1-based line it begins in; JSON has
  no lines, there it is None.
* The file is read as a stream where the format allows it; it can be sought, so two passes are fine.
* A file that is damaged as a whole (cut off, another encoding, NUL bytes) raises BadValueError, which names the line
  and the way out; what is wrong with one row only is a `SkippedRow`.

The worksheet and the seed lists are read by `crm.actions.import_rows` instead, and the logs of time trackers by
`crm.actions.import_hours`: those hold no people, and their `rows` take the zone in which wall times are meant.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast
from zoneinfo import ZoneInfo

from crm.errors import BadValueError, NotFoundError
from crm.rows import Row

MAX_BYTES = 256_000_000
"""The largest file that is read at all; formats that need less have a limit of their own."""

HEAD_BYTES: Final = 65_536
"""How much of a file `sniff` is shown."""

LISTS: Final = ("seed", "worksheet")
"""The formats that hold a person's own lists rather than an address book."""

TIME_LOGS: Final = ("toggl", "watson")
"""The formats of programs that track time; `crm hours import` reads them."""


class Importer(Protocol):
    """What a module in this package offers; `encoding` of the text is None where the format tells it by itself."""

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so is in this format; no other format's `sniff` says so of the same file."""

    def rows(self, file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
        """The rows of the file, in a fixed order."""


class TimeLog(Protocol):
    """What a module for one of `TIME_LOGS` offers."""

    def sniff(self, head: bytes) -> bool:
        """Whether a file that begins so is in this format."""

    def rows(self, file: BinaryIO, *, tz: ZoneInfo, encoding: str | None = None) -> Iterator[Row]:
        """The file's time rows and skipped rows, in a fixed order; `tz` is that of its wall times."""


def names() -> tuple[str, ...]:
    """The formats there are, sorted; nothing is imported to find out."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def address_books() -> tuple[str, ...]:
    """The formats of other programs that hold people."""
    return tuple(name for name in names() if name not in (*LISTS, *TIME_LOGS))


def time_log(name: str) -> TimeLog:
    """The importer for one of `TIME_LOGS`."""
    return cast("TimeLog", import_module(f"{__name__}.{name}"))


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
