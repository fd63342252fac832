"""Reading our own CSV, as it was written or as a spreadsheet saved it after editing: every cell is checked first.

A column that is not there says nothing; an empty cell says that there is nothing.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from crm.cadence import parse_cadence
from crm.clock import YEARS
from crm.date_words import day_exists
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.exporters.csv_ import COLUMNS, INSTANTS, METHODS, TEXTS
from crm.exporters.csv_cells import parted, plain, split, unguarded
from crm.models.words import ContactKind, Stage, Tier
from crm.rows import Method
from crm.tables import DELIMITERS, folded, header_of

_OURS: Final = frozenset({"name", "uid", "how_to_reach"})
_WORDS: Final = {"kind": ContactKind, "tier": Tier, "stage": Stage}
_BIRTHDAY: Final = re.compile(r"(?:(\d{4})|-)-(\d\d)-(\d\d)", re.ASCII)
_TEXT: Final = r"(?:\\.|[^\\\[\]])*"
_METHOD: Final = re.compile(rf"(?P<primary>\* )?(?P<value>{_TEXT}?)(?: \[(?P<label>{_TEXT})\])?", re.DOTALL)
_A_LEAP_YEAR: Final = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One contact of the table: the 1-based line it begins in, and its cells by column, without what guards them."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A position; `organization` by name."""

    organization: str | None
    title: str | None
    current: bool


def sniff(head: bytes) -> bool:
    """Whether the columns are ours."""
    return header_of(head, _is_ours) is not None


def _is_ours(names: frozenset[str]) -> bool:
    return names >= _OURS


def read(data: bytes, *, encoding: str | None = None) -> list[Line]:
    """The contacts of a table, each cell checked.

    Raises:
        BadValueError: it is no such table, is cut off, or a cell cannot be read; the message names line and column.
    """
    text = _decoded(data, encoding or "utf-8-sig")
    lines = [Line(number, cells) for number, cells in _records(text)]
    for line in lines:
        for column in line.cells:
            value(line, column)
    return lines


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise BadValueError(
            f"the file is not {encoding.removesuffix('-sig').upper()}; save it again as CSV UTF-8, "
            "or say which encoding it has: --encoding cp1252"
        ) from None
    return text.removeprefix("\ufeff")


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    header, *rest = list(_rows(text)) or [(1, [])]
    columns = [folded(each) for each in header[1]]
    _check_header(columns)
    for number, cells in rest:
        if len(cells) != len(columns):
            raise BadValueError(
                f"line {number} has {len(cells)} cells, but there are {len(columns)} columns; "
                "the file is cut off there, or a comma is not quoted"
            )
        if any(cells):
            yield number, {column: unguarded(cell) for column, cell in zip(columns, cells, strict=True)}


def _check_header(columns: list[str]) -> None:
    unknown = [each for each in columns if each not in COLUMNS]
    twice = [each for each in columns if columns.count(each) > 1]
    if unknown:
        raise BadValueError(
            f"line 1: no column is called {quote(unknown[0])}; take it out, or give it a name as in crm export csv"
        )
    if twice or "name" not in columns:
        raise BadValueError(f"line 1: {f'there are two columns {twice[0]}' if twice else 'there is no column name'}")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record's first line and its cells; a line that is empty is none."""
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    limit = csv.field_size_limit(max(len(text), 1))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        start = 1
        for cells in reader:
            if cells:
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadValueError(f"line {start}: {error}; the file is cut off or damaged there, export it again") from None
    finally:
        csv.field_size_limit(limit)


def value(line: Line, column: str) -> Any:  # noqa: ANN401 - what the column holds
    """What a cell says: a text or None, a tuple of texts, methods or positions, an instant, a cadence in days.

    Raises:
        BadValueError: the cell cannot be read.
    """
    where = f"line {line.number}, {column}"
    cell = refuse_unstorable(line.cells[column], what=where)
    try:
        return _PARSERS[column](cell)
    except (ValueError, BadValueError) as error:
        raise BadValueError(f"{where}: {quote(cell)} cannot be read: {error}") from None


def _name(cell: str) -> str:
    if not cell.strip():
        raise ValueError("a contact needs a name")
    return cell


def _word(column: str) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        words = list(_WORDS[column])
        if cell not in words:
            raise ValueError(f"write one of {', '.join(words)}")
        return cell

    return parse


def _texts(cell: str) -> tuple[str, ...]:
    return tuple(map(plain, parted(cell)))


def _uid(cell: str) -> str | None:
    return str(UUID(cell)) if cell else None


def _instant(cell: str) -> datetime | None:
    if not cell:
        return None
    instant = datetime.fromisoformat(cell)
    if instant.tzinfo is None or instant.year not in YEARS:
        raise ValueError("write it like 2026-01-05T17:00:00Z")
    return instant


def _birthday(cell: str) -> str | None:
    found = _BIRTHDAY.fullmatch(cell)
    if cell and not (found and day_exists(int(found[1] or _A_LEAP_YEAR), int(found[2]), int(found[3]))):
        raise ValueError("write 1990-05-09, or --05-09 without a year")
    return cell or None


def _cadence(cell: str) -> tuple[int, int] | None:
    return parse_cadence(cell) if cell else None


def _methods(kind: str | None) -> Callable[[str], tuple[Method, ...]]:
    return lambda cell: tuple(_method(each, kind) for each in parted(cell))


def _method(written: str, kind: str | None) -> Method:
    found = _METHOD.fullmatch(written)
    if found is None:
        raise ValueError("a bracket is out of place; write a label as [home], other brackets with \\ before them")
    told = found["value"]
    if kind is None:
        kind, told = _pair(told)
    label = plain(found["label"]) if found["label"] else None
    return Method(kind, plain(told), label, bool(found["primary"]))


def _pair(written: str) -> tuple[str, str]:
    """`name: value`; the value is as it was written."""
    name, *rest = split(written, ":")
    if not rest:
        raise ValueError("write what it is in front, with a colon, such as instagram: jane.roe")
    return plain(name), ":".join(rest).removeprefix(" ")


def _positions(cell: str) -> tuple[Place, ...]:
    return tuple(map(_position, parted(cell)))


def _position(written: str) -> Place:
    told = written.removesuffix(" [past]")
    title, *organization = split(told, "@")
    if len(organization) != 1:
        raise ValueError("write a position as title @ organization")
    employer = plain(organization[0].removeprefix(" "))
    return Place(employer or None, plain(title.removesuffix(" ")) or None, current=told == written)


def _ids(cell: str) -> dict[str, str]:
    return {name: plain(told) for name, told in map(_pair, parted(cell))}


_PARSERS: Final[dict[str, Callable[[str], Any]]] = {
    **{column: (lambda cell: cell or None) for column in (*TEXTS, "organization", "title")},
    **dict.fromkeys(INSTANTS, _instant),
    **{column: _methods(kind) for column, kind in METHODS.items()},
    **{column: _word(column) for column in _WORDS},
    "name": _name,
    "aliases": _texts,
    "tags": _texts,
    "other_methods": _methods(None),
    "other_positions": _positions,
    "birthday": _birthday,
    "cadence": _cadence,
    "external_ids": _ids,
    "uid": _uid,
}
