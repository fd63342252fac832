"""A worksheet's bytes as lines that can be changed one by one while every other byte stays as it is."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crm.importers.worksheet.decode import decode

_LINE_END = re.compile("(\r\n|\n|\r)")
_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class Page:
    """The bytes of one worksheet and its base name; lines are counted from 1, as the importer counts them."""

    name: str
    data: bytes

    @cached_property
    def text(self) -> str:
        """What the importer reads.

        Raises:
            BadValueError: it is no text of a worksheet's size.
        """
        return decode(self.data, name=self.name)

    @cached_property
    def _encoding(self) -> str:
        return _ENCODINGS.get(self.data[:2], "utf-8")

    @cached_property
    def _pieces(self) -> list[str]:
        """Lines and their ends in turn; a byte order mark stays a part of the first line."""
        return _LINE_END.split(self.data.decode(self._encoding))

    def line(self, number: int) -> str:
        """A line as it stands, without its end."""
        return self._pieces[2 * (number - 1)]

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._pieces) // 2 + 1

    def changed(self, lines: Mapping[int, str]) -> "Page":
        """The page with these lines in place of those with their numbers; line ends and the rest stay."""
        pieces = list(self._pieces)
        for number, line in lines.items():
            pieces[2 * (number - 1)] = line
        return Page(self.name, "".join(pieces).encode(self._encoding))
