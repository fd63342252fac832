"""Bytes of a worksheet to text, or a clear refusal that names the line."""

import codecs

from crm.errors import BadValueError

MAX_BYTES = 1_000_000
"""The largest worksheet read, in bytes; a long one has about 40,000."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, *, name: str) -> str:
    r"""The text, with every line end turned into `\n` and a byte order mark dropped.

    Raises:
        BadValueError: too large, not UTF-8 (nor UTF-16 with a byte order mark), or with a NUL character.
    """
    if len(data) > MAX_BYTES:
        raise BadValueError(f"{name} is larger than {MAX_BYTES:,} bytes, too large for a worksheet")
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_of(data[: error.start].decode(encoding, "ignore"))
        raise BadValueError(f"{name}, line {line}: not UTF-8 text; save it as UTF-8 and import it again") from None
    if "\0" in text:
        line = _line_of(text[: text.index("\0")])
        raise BadValueError(f"{name}, line {line}: a NUL character; save it as UTF-8 text and import it again")
    return _with_newlines(text)


def peek(head: bytes) -> str:
    """The beginning of a file as text, for a guess at its format; it may end within a character."""
    encoding = "utf-16" if head.startswith(_UTF16) else "utf-8-sig"
    return _with_newlines(head[:MAX_BYTES].decode(encoding, "replace"))


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line_of(before: str) -> int:
    return _with_newlines(before).count("\n") + 1
