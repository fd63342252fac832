"""What a name looks like, in any script, and how a text that begins with names is taken apart.

Nothing here knows a person's name: shapes, particles and generic words decide.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from crm.importers.worksheet.words import (
    BRANDS,
    CONNECTIVES,
    GENERIC,
    GROUPS,
    HONORIFICS,
    NOUNS,
    OPENERS,
    PARTICLES,
    SHORT,
)

_APOSTROPHES = "'\u2019\u2018"
_DASHES = "\u2013\u2014"
_WORD = re.compile(rf"[^\s,;:|&/+()\[\]{{}}<>@#*=~^\\$%!?{_DASHES}_\d\x00\x01]+")
_NEXT_WORD = re.compile(r"\s+(\w[\w'-]*)")
_JOINED_PARTICLE = re.compile(rf"(?:[a-z]{{1,4}}[{_APOSTROPHES}-]|de|la|le|mac|mc|van|von)(?=[^\W\d_])")
_WRITER = re.compile(rf"I(?:[{_APOSTROPHES}](?:d|m|ll|ve))?")
_ONE_CAPITAL = re.compile(r"(?:Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|Al|El)?[^\W\d_][^A-Z]*")
_PART_OF_WORD = re.compile(rf"[{_APOSTROPHES}-]")
_AND = re.compile(r"\s*(?:,\s*)?(?:&|\+|/|\b(?:and|or)\b|,)\s*", re.IGNORECASE)
_LOOSE = frozenset(",/+")
_ADDRESS = re.compile(r"\s+(?:\S{1,99}@|https?:|www\.|[+(]?\d{3})")
_GERUND = 7
"""From this length a first word in -ing is a verb (a book's title, an activity) and no first name."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name and where it ends in the text."""

    name: str
    end: int


@dataclass(frozen=True, slots=True)
class People:
    """The names at the start of a text, what follows them, and whether the reading is doubtful."""

    names: tuple[str, ...]
    rest: str
    unsure: bool = False


def same(name: str) -> str:
    """What two spellings of one name have in common: case, the encoding of accents and spacing do not matter."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def name_at(text: str, start: int = 0) -> Found | None:
    """The capitalised name that begins at this position, particles included; scripts without case count as capital."""
    words: list[re.Match[str]] = []
    kept = 0
    for word in _words(text, start):
        if words and _WRITER.fullmatch(word.group()):
            break
        words.append(word)
        if _is_capital(word.group()):
            kept = len(words)
        elif word.group() not in PARTICLES:
            break
    words = words[: _before_abbreviation(text, words, kept)]
    if not _may_be_name([_plain(word.group()) for word in words]):
        return None
    span = text[words[0].start() : words[-1].end()]
    name = span[:-1] if _ends_sentence(words[-1].group()) else span.rstrip("-'")
    if name.count('"') % 2:
        name = name.rstrip('"')
    return Found(" ".join(name.split()), words[0].start() + len(name))


def lower_case_name(text: str) -> Found | None:
    """A name typed without capitals, up to three words, at the start of a text that lists people."""
    words: list[re.Match[str]] = []
    for word in _words(text, 0):
        if _plain(word.group()) in CONNECTIVES or len(words) > 3:
            break
        words.append(word)
    generic = any(_plain(word.group()) in GENERIC | BRANDS for word in words)
    if not 1 <= len(words) <= 3 or generic or not any(letter.isalpha() for letter in words[0].group()):
        return None
    return Found(" ".join(word.group() for word in words), words[-1].end())


def people_in(text: str) -> People:
    """The people that a bullet names: one, or several joined by `&`, `and`, `/`, or commas before an `and`.

    A comma, a slash or a plus joins only names of one shape (all of one word, or all of several), and commas need an
    `and` at the end; otherwise what follows is context, as in `Jane Roe, Acme`.
    """
    first = name_at(text) or lower_case_name(text)
    if first is None or _next_word(text, first.end) in GROUPS:
        return People((), text)
    chain = [("", first), *_joined(text, first.end)]
    while chain[-1][0] == ",":
        chain.pop()
    if any(joint in _LOOSE and (" " in found.name) != (" " in first.name) for joint, found in chain):
        chain = chain[:1]
    end = chain[-1][1].end
    return People(tuple(found.name for _, found in chain), text[end:], unsure=_is_doubtful(text, end))


def is_person_like(name: str) -> bool:
    """Whether a capitalised name in running prose may be a person's: up to three words, no brand, no title."""
    words = [word for word in name.split() if word not in PARTICLES]
    if not 1 <= len(words) <= 3 or _plain(words[0]) in SHORT | BRANDS:
        return False
    verb = words[0].endswith("ing") and len(words[0]) >= _GERUND
    return not verb and all(_is_cased_like_a_name(word) for word in words)


def _may_be_name(words: list[str]) -> bool:
    if not words or words[0] in OPENERS or any(word in NOUNS for word in words):
        return False
    return any(word not in SHORT for word in words)


def _words(text: str, start: int) -> Iterator[re.Match[str]]:
    """Words that follow each other with nothing but spaces between; a full stop after a word ends the run."""
    position = start
    for word in _WORD.finditer(text, start):
        if text[position : word.start()].strip():
            return
        yield word
        position = word.end()
        if _ends_sentence(word.group()):
            return


def _is_capital(word: str) -> bool:
    first = next((letter for letter in word if letter.isalpha()), "")
    if not first or word.endswith(("'s", "\u2019s")):
        return False
    joined = _JOINED_PARTICLE.match(word)
    return not first.islower() or (joined is not None and word[joined.end()].isupper())


def _plain(word: str) -> str:
    return word.strip('."-\u201c\u201d' + _APOSTROPHES).casefold()


def _next_word(text: str, position: int) -> str:
    found = _NEXT_WORD.match(text, position)
    return found[1].casefold() if found else ""


def _ends_sentence(word: str) -> bool:
    return word.endswith(".") and len(word) >= 4 and "." not in word[:-1] and _plain(word) not in HONORIFICS


def _before_abbreviation(text: str, words: list[re.Match[str]], kept: int) -> int:
    """`Jane Roe ML engineer`: a last word in capitals that modifies the lower-case word after it is not a name's."""
    if kept < 2 or kept >= len(words) or len(words[kept - 1].group()) < 2:
        return kept
    last, following = words[kept - 1].group(), _plain(words[kept].group())
    shouted = last.isupper() and not text[words[0].start() : words[kept - 2].end()].isupper()
    return kept - 1 if shouted and following not in CONNECTIVES else kept


def _joined(text: str, position: int) -> Iterator[tuple[str, Found]]:
    while joint := _AND.match(text, position):
        found = name_at(text, joint.end())
        if found is None:
            return
        sign = joint.group().strip()
        yield sign if sign in _LOOSE else "and", found
        position = found.end


def _is_doubtful(text: str, end: int) -> bool:
    """More people may follow (`and her sister`), or a word that neither belongs to the name nor says how it goes on."""
    joint = _AND.match(text, end)
    if joint is not None:
        return joint.group().strip() != "," and bool(text[joint.end() :].strip())
    following = _next_word(text, end)
    return following not in CONNECTIVES | {""} and _ADDRESS.match(text, end) is None


def _is_cased_like_a_name(word: str) -> bool:
    shouted = len(word) > 1 and word.isupper() and "." not in word
    return not shouted and all(_ONE_CAPITAL.fullmatch(each) for each in _PART_OF_WORD.split(word) if each)
