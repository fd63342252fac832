"""The one module that makes hostile text harmless where it is shown.

Text is stored and exported exactly as it came; only what cannot be stored at all is refused. What a terminal or a
calendar client would obey instead of show is dealt with here, at the moment of showing.
"""

import re

from crm.errors import BadValueError

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# C0, DEL and C1 move the cursor or start escape sequences; U+0085, U+2028 and U+2029 break lines; U+202A-202E and
# U+2066-2069 reorder what stands after them; a lone surrogate (a byte of argv that is no UTF-8) cannot be printed.
# The marks U+200E, U+200F and U+061C stay: they do no more than the right-to-left letters they come with.
_HARMFUL_ON_TERMINAL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_HARMFUL_BUT_LAYOUT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_ICS_LINE_ENDS = re.compile("\r\n?")
_ICS_SEPARATORS = re.compile("[\x85\u2028\u2029]")
_ICS_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKUP = re.compile(r"([\\`*_\[\]<>])")


def refuse_unstorable(text: str, *, what: str) -> str:
    """The text unchanged, if a database and a UTF-8 file can hold it.

    Args:
        text: what is to be stored.
        what: the name of the field, as the person knows it; the message starts with it.

    Raises:
        BadValueError: the text holds a NUL or a lone surrogate; the message tells its 0-based character position.
    """
    found = _UNSTORABLE.search(text)
    if found is None:
        return text
    name = "a NUL" if found[0] == "\0" else f"half a character ({_escaped(found)})"
    raise BadValueError(
        f"{what} holds {name} at character {found.start()}, counted from 0; it can't be stored, so remove it."
    )


def for_terminal(text: str, *, multiline: bool = False) -> str:
    r"""The text with everything that a terminal would obey shown as a visible escape such as `\x1b` or `\u202e`.

    Emoji and letters of every script stay exactly as they are. Rich's markup (`[bold]`) needs no escape: rendering
    hands text over in `rich.text.Text`, which reads no markup.

    Args:
        text: any text, lone surrogates included.
        multiline: keep line ends (CRLF as LF) and turn tabs into spaces; otherwise they are escaped as well.
    """
    if not multiline:
        return _HARMFUL_ON_TERMINAL.sub(_escaped, text)
    return _HARMFUL_BUT_LAYOUT.sub(_escaped, text.replace("\r\n", "\n")).expandtabs(4)


def for_ics(text: str) -> str:
    r"""The text without the characters that break calendar clients or start a content line of their own.

    Control characters but tab and newline go, DEL and C1 too (one NUL empties a whole calendar in Evolution; RFC 5545
    section 3.1 forbids them); U+0085, U+2028 and U+2029 become a space, for some clients split lines there; line ends
    become LF; a lone surrogate, which has no UTF-8 form, becomes U+FFFD. Escaping `\ ; ,` and newline is icalendar's.
    """
    text = _ICS_LINE_ENDS.sub("\n", text)
    text = _ICS_SEPARATORS.sub(" ", text)
    text = _ICS_CONTROLS.sub("", text)
    return _SURROGATES.sub("\ufffd", text)


def on_one_line(text: str) -> str:
    """The text with single spaces for all its white space, line ends included."""
    return " ".join(text.split())


def for_markdown(text: str) -> str:
    """The text as one line in which nothing is Markdown."""
    return _MARKUP.sub(r"\\\1", on_one_line(text))


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` characters (1 or more); where something was cut off, an ellipsis ends it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quote(text: str, limit: int = 40) -> str:
    """The text in quotation marks for a message of one line: harmless, and between the marks at most `limit` long."""
    return f'"{shorten(for_terminal(text[: limit + 1]), limit)}"'


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
