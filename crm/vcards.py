r"""The lines that vCards are made of (2.1; 3.0, RFC 2426; 4.0, RFC 6350), read one card at a time and written.

Address books write what no standard allows, so reading is forgiving where nothing is lost by it: quoted-printable text
with soft line breaks, parameters without a name, raw line ends and blank lines inside a value, characters that a fold
cuts in half, colons that are escaped. Pictures, sounds and keys are passed over unread. A file that is damaged as a
whole is refused with its line; what is wrong with one card only is that card's `fault`.
"""

import binascii
import codecs
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from crm.errors import BadValueError
from crm.escaping import for_ics, quote

MAX_LINE_BYTES: Final = 16_777_216
"""The longest line that is read; a picture may stand in a single one."""

MAX_CARD_BYTES: Final = 4_194_304
"""The largest card, pictures aside."""

_MAX_HEAD_BYTES: Final = 10_000
_LONGEST_PIECE: Final = 75
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_START: Final = re.compile(rb"(?:[\w-]+\.)*([A-Za-z][\w-]*)[;:]")
_NOTE: Final = re.compile(rb"(?:[\w-]+\.)*NOTE[;:]", re.IGNORECASE)
_NAMES: Final = frozenset(
    b"ADR AGENT ANNIVERSARY BDAY BEGIN CALADRURI CALURI CATEGORIES CLASS CLIENTPIDMAP EMAIL END FBURL FN GENDER GEO"
    b" IMPP KEY KIND LABEL LANG LOGO MAILER MEMBER N NAME NICKNAME NOTE ORG PHOTO PRODID PROFILE RELATED REV ROLE"
    b" SOCIALPROFILE SORT-STRING SOUND SOURCE TEL TITLE TZ UID URL VERSION XML".split()
)
_PASSED_OVER: Final = re.compile(rb"(?:[\w-]+\.)*(?:PHOTO|LOGO|SOUND|KEY|X-PHOTO|X-MS-CARDPICTURE)[;:]", re.IGNORECASE)
_BRACKET: Final = re.compile(rb"\s*(BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
_BEGIN: Final = re.compile(r"\s*BEGIN\s*:\s*VCARD\s*[\r\n]", re.IGNORECASE)
_HEAD: Final = re.compile(rb'(?>(?:"[^"]*"|[^":])*):')
_PARAMETER: Final = re.compile(r'(?>(?:"[^"]*"|[^";])+)')
_ENCODINGS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_CHARSETS: Final = re.compile(
    r"ascii|utf-8|iso8859-\d+|cp\d+|koi8-[rut]|mac[-_]\w+|iso2022_\w+|shift_jis\w*|euc_\w+|gb\w+|big5\w*"
)
_ESCAPE: Final = re.compile(r"\\([\\,;:nN])")
_TOKEN: Final = re.compile(r"\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card.

    Attributes:
        name: in capitals.
        value: decoded, with its escapes.
        group: what ties properties together (`item1`), in lower case; mostly empty.
        parameters: their values by name, in capitals; values without a name are those of TYPE or ENCODING.
    """

    name: str
    value: str
    group: str = ""
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value without its escapes."""
        return unescaped(self.value)

    @property
    def types(self) -> tuple[str, ...]:
        """What kind of address, number or relation it is, in lower case."""
        return tuple(each.lower() for each in self.parameters.get("TYPE", ()))

    def parameter(self, name: str) -> str:
        """The first value of a parameter, in lower case; empty where there is none."""
        return next(iter(self.parameters.get(name, ())), "").lower()


@dataclass(slots=True)
class Card:
    """One card: the 1-based line it begins in, its properties in order, and what makes it unreadable, if anything."""

    line: int
    properties: list[Property] = field(default_factory=list)
    fault: str | None = None

    def all(self, *names: str) -> list[Property]:
        """The properties of these names that have a value, in order."""
        return [each for each in self.properties if each.name in names and each.value.strip(" ;")]

    def first(self, *names: str) -> Property | None:
        """The first property of these names that has a value."""
        return next(iter(self.all(*names)), None)


class _UnreadableError(Exception):
    """What is wrong with one card."""


def starts_like_cards(head: bytes) -> bool:
    """Whether a file that begins so is made of vCards."""
    text = head.decode("utf-16" if head.startswith(_UTF16) else "utf-8-sig", "replace")
    return _BEGIN.match(text) is not None


def cards(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Card]:
    """The cards of a file, one after the other; text outside of cards is told as a card with a fault.

    Args:
        file: the open file; it is read from its beginning.
        encoding: of lines that do not name their own (CHARSET); None is UTF-8, or UTF-16 if a byte order mark says so.

    Raises:
        BadValueError: the last card has no end; a NUL, bytes of another encoding, a line longer than `MAX_LINE_BYTES`
            or a card larger than `MAX_CARD_BYTES`. The message names the line.
    """
    card, nested, size, stray, lines = None, 0, 0, False, _Lines()
    charset = _charset(encoding) if encoding else "utf-8"

    for number, raw in _unfolded(lines.read(file, encoding)):
        bracket = _BRACKET.fullmatch(raw)
        opens = bracket is not None and bracket[1].upper() == b"BEGIN"
        if opens and card is not None and _awaits_agent(card):
            nested += 1
        elif opens:
            if card is not None:
                card.fault = f"the next card begins in line {number} before this one has an end"
                yield card
            card, nested, size, stray = Card(number), 0, 0, False
        elif card is None:
            if not stray:
                yield Card(number, fault="this stands outside of any card")
            stray = True
        elif bracket is not None and nested:
            nested -= 1
        elif bracket is not None:
            yield card
            card = None
        elif not nested:
            size += len(raw)
            _refuse_size(size, card.line)
            _put(card, raw, number, charset, named=encoding is not None)
    if card is not None:
        raise BadValueError(
            f"the file is cut off in line {lines.number}: the card that begins in line {card.line} has no end; "
            "export or download it again"
        )


def _awaits_agent(card: Card) -> bool:
    """Whether a card within the card is to come (2.1, AGENT)."""
    return bool(card.properties) and card.properties[-1].name == "AGENT" and not card.properties[-1].value.strip()


def _refuse_size(size: int, line: int) -> None:
    if size > MAX_CARD_BYTES:
        raise BadValueError(f"the card that begins in line {line} is larger than {MAX_CARD_BYTES:,} bytes; remove it")


def _put(card: Card, raw: bytes, number: int, charset: str, *, named: bool) -> None:
    """Add a property to a card, or the reason why it cannot be read."""
    try:
        found = _property(raw, number, charset, named=named)
    except _UnreadableError as error:
        card.fault = card.fault or str(error)
        return
    if found is not None:
        card.properties.append(found)


# Lines ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Lines:
    """The lines as they stand in a file, without their ends; `number` is that of the last one read."""

    number: int = 0

    def read(self, file: BinaryIO, encoding: str | None) -> Iterator[tuple[int, bytes]]:
        for chunk in _chunks(file, encoding):
            if len(chunk) > MAX_LINE_BYTES:
                raise BadValueError(
                    f"line {self.number + 1} is longer than {MAX_LINE_BYTES:,} bytes; that is no address book"
                )
            for line in chunk.splitlines():
                self.number += 1
                if b"\0" in line:
                    raise BadValueError(f"line {self.number} holds a NUL; the file is damaged, so export it again")
                yield self.number, line.removeprefix(codecs.BOM_UTF8) if self.number == 1 else line


def _chunks(file: BinaryIO, encoding: str | None) -> Iterator[bytes]:
    """The file up to each line feed, in UTF-8 if its characters are wide."""
    file.seek(0)
    start = file.read(2)
    file.seek(0)
    if start in _UTF16 or (encoding or "").lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        yield from _recoded(file, encoding or "utf-16")
        return
    while chunk := file.readline(MAX_LINE_BYTES + 1):
        yield chunk


def _recoded(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The lines of a file of wide characters, in UTF-8."""
    text = io.TextIOWrapper(file, encoding, newline="\n")
    try:
        while line := text.readline(MAX_LINE_BYTES):
            yield line.encode()
    except (UnicodeError, LookupError):
        raise BadValueError(f"the file is not {encoding}, or cut off; export it again") from None
    finally:
        text.detach()


def _unfolded(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Whole properties: folds, soft line breaks and raw line ends undone, what is passed over left out."""
    held = bytearray()
    start, blank = 0, False
    for number, line in lines:
        soft = held.endswith(b"=") and _is_quoted_printable(held) and not _BRACKET.fullmatch(line)
        if held and soft:
            held[-1:] = line
        elif held and line[:1] in {b" ", b"\t"}:
            _continue(held, line[1:], apart=blank)
        elif not line.strip():
            blank = True
            continue
        elif held and not _begins(line, held) and not _BRACKET.fullmatch(held):
            _continue(held, line, apart=True)
        else:
            if held and not _PASSED_OVER.match(held):
                yield start, bytes(held)
            held[:], start = line, number
        blank = False
        _refuse_size(len(held) if not _PASSED_OVER.match(held) else 0, start)
    if held and not _PASSED_OVER.match(held):
        yield start, bytes(held)


def _begins(line: bytes, held: bytearray) -> bool:
    """Whether a line begins a property; below a note, a word and a colon are more likely a part of the note."""
    found = _START.match(line)
    if found is None or not _NOTE.match(held):
        return found is not None
    return found[1].upper() in _NAMES or found[1][:2].upper() == b"X-"


def _continue(held: bytearray, more: bytes, *, apart: bool) -> None:
    """Lengthen a property; of what is passed over its name is enough."""
    if _PASSED_OVER.match(held):
        return
    if apart:
        held += b"=0A" if _is_quoted_printable(held) else b"\\n"
    held += more


def _is_quoted_printable(held: bytearray) -> bool:
    return b"QUOTED-PRINTABLE" in held[: held.find(b":") + 1].upper()


# Properties -------------------------------------------------------------------------------------------------------


def _property(raw: bytes, number: int, charset: str, *, named: bool) -> Property | None:
    """A property, taken apart; None where nothing stands before a colon."""
    found = _HEAD.match(raw)
    end = found.end() if found else raw.find(b":") + 1
    if end > _MAX_HEAD_BYTES:
        raise _UnreadableError(f"line {number} has {end:,} bytes of parameters")
    pieces = _PARAMETER.findall(raw[: max(end - 1, 0)].decode(charset, "replace"))
    if not pieces:
        return None
    group, _, bare_name = pieces[0].strip().rpartition(".")
    parameters = _parameters(pieces[1:])
    value = _decoded(raw[end:], parameters, number, charset, named=named)
    return Property(bare_name.upper(), value, group.lower(), parameters)


def _parameters(pieces: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for piece in pieces:
        name, is_named, text = piece.strip().partition("=")
        if not is_named:
            text, name = name, "ENCODING" if name.upper() in _ENCODINGS else "TYPE"
        values = re.split(r"\\?,", text.replace('"', ""))
        found[name.strip().upper()] = (*found.get(name.strip().upper(), ()), *(each.strip() for each in values if each))
    return found


def _decoded(value: bytes, parameters: Mapping[str, tuple[str, ...]], number: int, charset: str, *, named: bool) -> str:
    """The text of a value, its line ends as LF.

    Raises:
        _UnreadableError: it is not in the encoding it claims, or holds what cannot be stored.
        BadValueError: it claims none, and is not in the file's.
    """
    quoted = any(each.upper() == "QUOTED-PRINTABLE" for each in parameters.get("ENCODING", ()))
    own = next(iter(parameters.get("CHARSET", ())), "")
    try:
        read = binascii.a2b_qp(value) if quoted else value
        text = read.decode(_charset(own) if own else charset)
    except BadValueError:
        raise _UnreadableError(f"line {number} is in an encoding not known here, {quote(own)}") from None
    except UnicodeDecodeError as error:
        if own:
            raise _UnreadableError(f"line {number} is not {own}, as it says") from None
        remedy = "another" if named else "which: --encoding cp1252"
        raise BadValueError(
            f"line {number} is not {charset.upper()} (byte 0x{error.object[error.start]:02x}); "
            f"if the file is in another encoding, say {remedy}"
        ) from None
    if "\0" in text:
        raise _UnreadableError(f"line {number} holds a NUL")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _charset(name: str) -> str:
    """The name of an encoding of text, as Python calls it.

    Raises:
        BadValueError: there is none of that name that address books are written in.
    """
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if not _CHARSETS.fullmatch(known) and not known.startswith(("utf-16", "utf-32")):
        raise BadValueError(f"there is no encoding {quote(name)} of address books; write one such as utf-8 or cp1252")
    return "utf-8" if known.startswith(("utf-16", "utf-32")) else known


# Values -----------------------------------------------------------------------------------------------------------


def unescaped(value: str) -> str:
    r"""The text of a value: `\n` is a new line; `\,` `\;` `\:` and `\\` are the character; other backslashes stay."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def fields(value: str, separator: str = ";") -> list[str]:
    """The texts of a value that is made of several, blanks around them aside."""
    if "\\" not in value:
        return [each.strip() for each in value.split(separator)]
    found, start = [], 0
    for token in _TOKEN.finditer(value):
        if token[0] == separator:
            found.append(value[start : token.start()])
            start = token.end()
    return [unescaped(each).strip() for each in [*found, value[start:]]]


def escaped(text: str) -> str:
    r"""The text as a value of its own or one of several (RFC 6350 3.4); no character of it can begin a line.

    Control characters are left out, as in calendars, and line ends become `\n`.
    """
    safe = for_ics(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return safe.replace("\n", "\\n")


def flat(text: str | None) -> str:
    """What of a text comes back from a card whatever field it stands in: control characters and kinds of blanks aside.

    Two texts are the same for a card where these are.
    """
    return " ".join(for_ics(text or "").split())


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, no character cut in two (RFC 6350 3.2)."""
    pieces, start, size = [], 0, 0
    for place, character in enumerate(line):
        width = len(character.encode())
        if size + width > _LONGEST_PIECE:
            pieces.append(line[start:place])
            start, size = place, 1
        size += width
    return "\r\n ".join([*pieces, line[start:]])
