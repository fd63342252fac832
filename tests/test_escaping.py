"""Hostile text is stored exactly, shown harmlessly, and refused only where it cannot be stored."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import BadValueError
from crm.escaping import for_ics, for_terminal, quote, refuse_unstorable, shorten

ANY_TEXT = st.text(st.characters(exclude_categories=()))
HOSTILE = st.text(st.sampled_from("a\\[é\0\t\n\r\v\f\x1b\x1c\x7f\x85\x9b\u2028\u2029\u202e\u2066\ud800\udcff🎈א"))
REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def is_harmful(character):
    """By Unicode's own properties, so that the module's ranges are not checked against themselves."""
    category = unicodedata.category(character)
    return category in {"Cc", "Cs", "Zl", "Zp"} or unicodedata.bidirectional(character) in REORDERING


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]8;;http://example.org\x07link", r"\x1b]8;;http://example.org\x07link"),
        ("\x9b2J", r"\x9b2J"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("nul\0 del\x7f nel\x85", r"nul\x00 del\x7f nel\x85"),
        ("abc\u202ecba\u2066x\u2069", r"abc\u202ecba\u2066x\u2069"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("byte \udcff", r"byte \udcff"),
    ],
)
def test_a_terminal_is_shown_escapes_for_what_it_would_obey(text, shown):
    """Colours, links, cursor moves, line breaks and direction overrides arrive as visible text."""
    assert for_terminal(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "[bold]Ada[/bold]",
        r"C:\new\x1b",
        "\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
        "שלום \u200f(דנה)",
        "مريم\u200e (she)",
        "é e\u0301 ½",
        "\u00a0\ufeff",
    ],
)
def test_harmless_text_is_shown_exactly(text):
    """Emoji, joiners, letters of every direction, markup and backslashes are nobody's escape sequence."""
    assert for_terminal(text) == text


def test_several_lines_keep_their_line_ends_and_get_spaces_for_tabs():
    """A note keeps its lines, whichever line end it has; a lone carriage return is an escape, for it overwrites."""
    assert for_terminal("a\r\nb\n\tc\x1b\rd", multiline=True) == "a\nb\n    c\\x1b\\rd"


@given(ANY_TEXT | HOSTILE)
def test_nothing_harmful_reaches_a_terminal(text):
    """Whatever the text, what is shown holds no control, separator, surrogate or reordering character."""
    assert [each for each in for_terminal(text) if is_harmful(each)] == []
    assert {each for each in for_terminal(text, multiline=True) if is_harmful(each)} <= {"\n"}


@given(ANY_TEXT | HOSTILE)
def test_only_harmful_characters_change_on_a_terminal(text):
    """Without its harmful characters a text is shown exactly."""
    harmless = "".join(each for each in text if not is_harmful(each))
    assert for_terminal(harmless) == for_terminal(harmless, multiline=True) == harmless


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\0b\vc\x1cd\x1be\x7ff\x9bg", "abcdefg"),
        ("one\r\ntwo\rthree\nfour\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("Bo\u2028SUMMARY:Injected", "Bo SUMMARY:Injected"),
        ("x\x85y\u2029z", "x y z"),
        ("half \ud83d", "half \ufffd"),
        ("plain, with; commas \\ 🎈", "plain, with; commas \\ 🎈"),
    ],
)
def test_a_calendar_gets_no_control_and_no_foreign_line_break(text, written):
    """What empties or splits a feed in some client is gone; the format's own escaping is left to its library."""
    assert for_ics(text) == written


@given(ANY_TEXT | HOSTILE)
def test_calendar_text_has_only_the_lines_it_means(text):
    """A client that splits on every Unicode line break finds newlines only, and the text has a UTF-8 form."""
    written = for_ics(text)
    written.encode()
    assert "\n".join(written.splitlines()) == written.removesuffix("\n")
    assert {each for each in written if unicodedata.category(each) == "Cc"} <= {"\n", "\t"}


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("a\0", "a NUL", 1),
        ("\ud83d\ude00", r"half a character (\ud83d)", 0),
        ("🎈🎈\udcff🎈", r"half a character (\udcff)", 2),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_position(text, what, at):
    """A NUL or half a surrogate pair is named with its character position, and the message can be printed."""
    with pytest.raises(BadValueError) as refusal:
        refuse_unstorable(text, what="The note")
    assert refusal.value.message.startswith(f"The note holds {what} at character {at}, counted from 0;")
    refusal.value.message.encode()


@given(ANY_TEXT | HOSTILE)
def test_text_is_refused_exactly_when_it_cannot_be_stored(text):
    """Everything but a NUL and a lone surrogate passes unchanged."""
    storable = "\0" not in text and text.encode(errors="ignore").decode() == text
    if storable:
        assert refuse_unstorable(text, what="The name") == text
    else:
        with pytest.raises(BadValueError, match="The name holds"):
            refuse_unstorable(text, what="The name")


@pytest.mark.parametrize(("text", "short"), [("abc", "abc"), ("abcd", "ab…"), ("", ""), ("🎈🎈🎈🎈", "🎈🎈…")])
def test_text_is_shortened_with_an_ellipsis(text, short):
    """At most so many characters are left, the ellipsis among them."""
    assert shorten(text, 3) == short


@given(ANY_TEXT | HOSTILE, st.integers(1, 60))
def test_a_quotation_is_short_and_harmless(text, limit):
    """A message may quote anything: between the marks there is one line of at most `limit` characters."""
    quotation = quote(text, limit)
    assert quotation[0] == quotation[-1] == '"'
    assert len(quotation) <= limit + 2
    assert not any(is_harmful(each) for each in quotation)


def test_a_quotation_says_whether_it_is_whole():
    """What fits is quoted whole; what does not ends in an ellipsis."""
    assert quote("a" * 40) == '"' + "a" * 40 + '"'
    assert quote("a" * 41) == '"' + "a" * 39 + '…"'
