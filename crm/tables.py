"""Reading the comma-separated tables of other programs: cells by the name of their column, one record at a time.

Columns are found by name, never by position; byte order marks, case and surplus blanks do not count. What no program
writes (a NUL, a line without end, bytes of another encoding, a last record cut off) is refused with its line and the
way out.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from crm.errors import BadValueError

MAX_LINE_BYTES: Final = 1_000_000
"""The longest line that is read."""

MAX_PREAMBLE: Final = 40
"""How many lines may stand before the header."""

DELIMITERS: Final = (",", ";", "\t")
"""What stands between cells; spreadsheets in some countries save with the second."""

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONE_RETURN: Final = re.compile(r"(?<=\r)(?!\n)(?=.)", re.DOTALL)

_GARBLED: Final = re.compile(
    "\ufffd|[\u00c3\u00c4\u00c5][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    "|\u00c2[\u0080-\u00bf]|\u00e2(?:\u20ac|\u0080).|\u00f0[\u0178\u009f]"
)

IsHeader = Callable[[frozenset[str]], bool]


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the 1-based line it begins in, and its cells by the folded name of their column, blanks stripped.

    `surplus` counts filled cells beyond the last column: the mark of a row that a stray comma has shifted. Only the
    last record of a file may have no line end; then it is not `whole`, and what is wrong in it was probably cut off.
    """

    line: int
    cells: dict[str, str]
    surplus: int = 0
    whole: bool = True

    def __getitem__(self, name: str) -> str:
        """The cell of a column; empty where the table has no such column."""
        return self.cells.get(folded(name), "")

    @property
    def is_blank(self) -> bool:
        """Whether every cell is empty."""
        return not any(self.cells.values())


def folded(name: str) -> str:
    """A column's name as columns are compared: without byte order mark, case and surplus blanks."""
    return " ".join(name.replace("\ufeff", "").casefold().split())


def is_garbled(text: str) -> bool:
    """Whether a text went through another encoding on its way, so that accented letters have become pairs."""
    return _GARBLED.search(text) is not None


def header_of(head: bytes, is_header: IsHeader) -> frozenset[str] | None:
    """The folded column names of a table that begins with these bytes, or None where no header is among them."""
    text = head.decode("utf-16" if head.startswith(_UTF16) else "utf-8-sig", "replace")
    found = _find_header(list(islice(io.StringIO(text, newline=""), MAX_PREAMBLE)), is_header)
    return found and found[1]


def records(file: BinaryIO, is_header: IsHeader, *, encoding: str | None = None) -> Iterator[Record]:
    """The records of a table, from below the header on, one after the other.

    Args:
        file: the open file, at its beginning.
        is_header: whether these folded names are those of the columns.
        encoding: of the bytes; None is UTF-8, or UTF-16 where a byte order mark says so.

    Raises:
        BadValueError: there is no header in the first `MAX_PREAMBLE` lines; a NUL, a line longer than
            `MAX_LINE_BYTES`, bytes of another encoding, a quotation mark that is never closed, or a last record that
            is cut off. The message names the line.
    """
    lines = _lines(file, encoding)
    preamble = list(islice(lines, MAX_PREAMBLE))
    found = _find_header(preamble, is_header)
    if found is None:
        raise BadValueError(
            "there is no line with the names of the columns; export the file again, and import it as it is"
        )
    rows = _rows(chain(preamble, lines), found[0])
    columns = next(list(map(folded, cells)) for _line, cells, _whole in rows if is_header(_names(cells)))
    for line, cells, whole in rows:
        if not whole and len(cells) < len(columns):
            raise cut_off(line)
        named: dict[str, str] = {}
        for column, cell in zip(columns, cells, strict=False):
            named[column] = named.get(column) or cell.strip()
        yield Record(line, named, surplus=sum(map(bool, cells[len(columns) :])), whole=whole)


def _names(cells: list[str]) -> frozenset[str]:
    return frozenset(map(folded, cells))


def _find_header(preamble: list[str], is_header: IsHeader) -> tuple[str, frozenset[str]] | None:
    """What stands between the cells, and the names of the columns."""
    for delimiter in DELIMITERS:
        for _line, cells, _whole in _rows(iter(preamble), delimiter, partial=True):
            if is_header(_names(cells)):
                return delimiter, _names(cells)
    return None


def _rows(lines: Iterator[str], delimiter: str, *, partial: bool = False) -> Iterator[tuple[int, list[str], bool]]:
    """Each record's first line, its cells, and whether its last line has an end; `partial` text may stop anywhere."""
    taken: list[str] = []

    def kept() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    reader = csv.reader(kept(), delimiter=delimiter)
    start = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if partial:
                return
            raise BadValueError(
                f"line {start}: {error}; a quotation mark that is opened there is never closed. Export the file again"
            ) from None
        if cells is None:
            return
        whole = taken[-1].endswith(("\n", "\r"))
        if not whole and not partial and _is_open(taken, delimiter):
            raise cut_off(start)
        if cells:
            yield start, cells, whole
        start = reader.line_num + 1
        taken.clear()


def _is_open(record: list[str], delimiter: str) -> bool:
    """Whether a record ends within quotation marks."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def cut_off(line: int) -> BadValueError:
    """What to say of a file that ends too early."""
    return BadValueError(f"the file is cut off in line {line}; export or download it again")


def _lines(file: BinaryIO, encoding: str | None) -> Iterator[str]:
    """The lines with their ends, each checked."""
    start = file.read(2)
    file.seek(0)
    wide = start in _UTF16 or (encoding or "").lower().replace("_", "-").startswith(("utf-16", "utf-32"))
    read = _decoded_whole(file, encoding or "utf-16") if wide else _decoded_by_line(file, encoding or "utf-8-sig")
    for number, line in enumerate(read, start=1):
        if len(line) > MAX_LINE_BYTES:
            raise BadValueError(
                f"line {number} is longer than {MAX_LINE_BYTES:,} characters; that is no table of people"
            )
        if "\0" in line:
            raise BadValueError(
                f"line {number} holds a NUL at character {line.index(chr(0)) + 1}; the file is damaged, export it again"
            )
        yield from _LONE_RETURN.split(line)


def _decoded_whole(file: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        while line := text.readline(MAX_LINE_BYTES + 1):
            yield line
    except UnicodeError as error:
        raise BadValueError(f"the file is not {encoding}, or cut off; export it again") from error
    finally:
        text.detach()


def _decoded_by_line(file: BinaryIO, encoding: str) -> Iterator[str]:
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        try:
            yield line.decode(encoding if number == 1 else encoding.removesuffix("-sig"))
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and not line.endswith(b"\n"):
                raise cut_off(number) from None
            raise BadValueError(
                f"line {number} is not {encoding.removesuffix('-sig').upper()} (byte 0x{line[error.start]:02x}); "
                "if the file is in another encoding, say which: --encoding cp1252"
            ) from None
