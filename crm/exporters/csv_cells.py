r"""Cells of our own CSV: text made harmless for spreadsheets and terminals, and taken back to the letter.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula (CWE-1236). Here an apostrophe stands
before such a cell, and before whatever would begin a cell of its own if another program cut the text at a comma,
semicolon, tab, quotation mark or line end. Control characters are shown as escapes such as `\x1b`. Reading undoes both.
"""

import re
from collections.abc import Iterable
from typing import Final

_BLANKS: Final = r"(?:[^\S\t\r\n]|')*"
_RUN: Final = rf"{_BLANKS}[=+\-@＝＋－＠]"  # noqa: RUF001 - full-width signs begin formulas in East Asian Excel
_PLACE: Final = r"(?<=[,;|\"\t\r\n])"
_FORMULA: Final = re.compile(rf"\A(?={_RUN}|'*[\t\r\n])|{_PLACE}(?={_RUN})")
_GUARDED: Final = re.compile(rf"\A'(?={_RUN}|'*[\t\r\n])|{_PLACE}'(?={_RUN})")

# As crm.escaping has it for a terminal, with tab and line ends left; a carriage return alone is no line end.
_CONTROL: Final = re.compile(
    "(?<!\\\\)(\\\\*)([\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|\r(?!\n))"
)
_LOOKS_ESCAPED: Final = re.compile(r"(?<!\\)(\\+)(?=x[01789][0-9a-f]|u20[26][0-9a-f])")
_ESCAPED: Final = re.compile(r"(?<!\\)(\\+)(x[01789][0-9a-f]|u20[26][0-9a-f])")

_TOKEN: Final = re.compile(r"\\.|.|\\", re.DOTALL)


def guarded(text: str) -> str:
    """The text as it stands in a cell: it runs no formula and moves no cursor."""
    doubled = _LOOKS_ESCAPED.sub(lambda found: found[1] * 2, text)
    return _FORMULA.sub("'", _CONTROL.sub(_shown, doubled))


def unguarded(cell: str) -> str:
    """The text that `guarded` made this cell of."""
    return _ESCAPED.sub(_hidden, _GUARDED.sub("", cell))


def _shown(found: re.Match[str]) -> str:
    """Backslashes before a control character are doubled, so that their number stays odd with the one of the escape."""
    code = ord(found[2])
    return found[1] * 2 + (rf"\x{code:02x}" if code < 0x100 else rf"\u{code:04x}")


def _hidden(found: re.Match[str]) -> str:
    count, code = len(found[1]), found[2]
    return "\\" * (count // 2) + (chr(int(code[1:], 16)) if count % 2 else code)


def joined(items: Iterable[str]) -> str:
    """Several items, written with `item`, in one cell."""
    return "; ".join(items)


def parted(cell: str) -> list[str]:
    """The items of a cell, still as `item` wrote them."""
    first, *rest = split(cell, ";")
    return [each for each in (first, *(each.removeprefix(" ") for each in rest)) if each]


def item(text: str, *, marks: str = "") -> str:
    """A text so that nothing in it is taken for what separates: `;`, brackets, `marks`, an asterisk in front."""
    return re.sub(rf"[\\;\[\]{re.escape(marks)}]|\A\*", r"\\\g<0>", text)


def split(text: str, mark: str) -> list[str]:
    """The text cut at each mark that no backslash stands before."""
    pieces: list[list[str]] = [[]]
    for token in _TOKEN.findall(text):
        if token == mark:
            pieces.append([])
        else:
            pieces[-1].append(token)
    return ["".join(piece) for piece in pieces]


def plain(written: str) -> str:
    """The text that `item` wrote so."""
    return "".join(token[1:] or token if token[0] == "\\" else token for token in _TOKEN.findall(written))
