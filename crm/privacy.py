"""How much is told elsewhere: everything, first names only, or no more than that there is something.

What leaves the machine names people by their first name. Of whom a text is about, every further word of the name
goes wherever it stands, and so do the ways to reach them; of anybody else in the database, it goes where it stands
beside the first. What looks like an e-mail address or a telephone number goes whoever's it is. A surname alone of
somebody whom the text is not about stays: nothing tells it from a word. The words typed into a calendar can be about
anybody, see `Mask`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import Final

from crm.folding import fold


class Detail(StrEnum):
    """How much is said."""

    BUSY = "busy"
    FIRST_NAMES = "first-names"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody's names and ways to be reached; `about` says that the text is about them."""

    name: str
    aliases: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    about: bool = False


HIDDEN: Final = "…"
_CUT_OFF: Final = "…"  # ends a name that was too long for a title
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_MOST_BETWEEN: Final = 3  # characters between the words of one name: "Roe, Jane"
# Each is looked for from where a run begins, so that a long word without such a sign is read once.
_EMAIL: Final = re.compile(r"(?<![^\s@<>,;:()\"'])[^\s@<>,;:()\"']+@[^\s@<>,;:()\"']+")
_ADDRESSES: Final = re.compile(r"(?<![^\s\"'()<>])[^\s\"'()<>]*[@/_][^\s\"'()<>]*")
# A day is written with as many digits as a telephone number; it comes first, so that it is not taken for one.
_DAY_OR_PHONE: Final = re.compile(r"(\d{4}-\d\d-\d\d)|(?:\+\s?|\b)?\(?\d[\d ().\-/\u00a0\u2010-\u2013]{5,}\d")
_FEWEST_DIGITS: Final = 7
_SHORT: Final = 3
_LONGEST: Final = 30  # letters of a surname that is looked for within a longer word
_HONORIFICS: Final = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "sir", "herr", "frau"})
_AFTER_A_NAME: Final = frozenset({"jr", "sr", "ii", "iii", "phd", "md", "mba", "esq"})
_PARTICLES: Final = frozenset(
    {"al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "van", "von"}
)
# Surnames too, but in what a student calls a review or an activity they are hardly ever meant as such.
_EVERYDAY: Final = (
    frozenset({"day", "week", "month", "year", "monday", "friday", "march", "april", "may", "june", "august"})
    | {"review", "chat", "call", "coffee", "video", "mail", "message", "event", "meeting", "mock", "interview"}
    | {"plan", "goal", "task", "study", "course", "lab", "practice", "work", "case", "code", "read", "write"}
    | {"paper", "page", "post", "book"}
)
_RUN: Final = re.compile(r"[^\W\d_]+|\d+")  # of letters or of digits


@dataclass(frozen=True, slots=True)
class _Name:
    """The folded words of a name: those that are said, and those that are not."""

    given: frozenset[str]
    later: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "_Name":
        said: list[str] = []
        rest = _in_order(name).split()
        while rest and set(_folded(rest[0])) <= _HONORIFICS:
            said += _folded(rest.pop(0))
        if rest and (len(rest) > 1 or not said):  # of `Mr Poe` only the title is said
            said += _folded(rest.pop(0))
        return cls(frozenset(said), frozenset(_folded(" ".join(rest))) - set(said))

    def hides(self, word: "_Word") -> bool:
        """Whether the word, or one that it is the beginning of, is to be hidden."""
        return word.folded in self.later or (word.cut_off and any(each.startswith(word.folded) for each in self.later))


def _in_order(name: str) -> str:
    """The name with the first name first, where it is written as `Poe, Kim`."""
    last, comma, first = unicodedata.normalize("NFC", name).partition(",")
    turned = comma and first.strip() and not set(_folded(first)) <= _AFTER_A_NAME
    return f"{first.strip()} {last.strip()}" if turned else f"{last}{comma}{first}"


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    folded: str
    capital: bool
    cut_off: bool

    @property
    def tells(self) -> bool:
        """Whether it is long enough, or written so, that by itself it tells a name from any word."""
        return self.folded not in _PARTICLES and (len(self.folded) > _SHORT or self.capital)


@dataclass(slots=True)
class _Text:
    """A text's words, and which of them go: with the blank before them, or leaving a mark."""

    text: str
    words: list[_Word] = field(init=False)
    dropped: set[int] = field(default_factory=set)
    marked: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.words = [
            _Word(
                each.start(),
                each.end(),
                fold(each[0]),
                not each[0][0].islower(),
                self.text[each.end() : each.end() + 1] == _CUT_OFF,
            )
            for each in _WORD.finditer(self.text)
        ]

    def hide(self, name: _Name, *, alone: bool, typed: bool) -> None:
        """Hide of a name what is to be hidden: beside its first word, and where it is `alone` too."""
        for number, word in enumerate(self.words):
            if word.folded in name.given:
                self.hide_beside(name, number)
            elif alone and (word.tells or (typed and word.folded not in _PARTICLES)) and name.hides(word):
                self.marked.add(number)

    def hide_beside(self, name: _Name, number: int) -> None:
        """Hide what is to be hidden of a name whose first word has that number."""
        self.dropped.update(self._beside(name, number, 1))
        self.marked.update(self._beside(name, number, -1))

    def _beside(self, name: _Name, number: int, step: int) -> Iterator[int]:
        """The hidden words that follow a first name, or come before it, without another between."""
        number += step
        while 0 <= number < len(self.words) and name.hides(self.words[number]):
            if len(self._between(min(number, number - step))) > _MOST_BETWEEN:
                return
            yield number
            number += step

    def _between(self, number: int) -> str:
        """What stands between a word and the next."""
        return self.text[self.words[number].end : self.words[number + 1].start]

    def rest(self) -> str:
        """The text without what is hidden."""
        pieces, at, hidden = [], 0, self.dropped | self.marked
        for number in sorted(hidden):
            word = self.words[number]
            before = self._between(number - 1) if number else " "
            if number in self.dropped and not before.strip():
                pieces.append(self.text[at : word.start].rstrip())
            elif number - 1 not in hidden or any(map(str.isspace, before)):  # else a part of one word, as in O'Neill
                pieces += [self.text[at : word.start], HIDDEN]
            at = word.end
        return "".join([*pieces, self.text[at:]])


def given_name(name: str) -> str:
    """The first word of a name, with the title before it: `Dr. Kim` of `Dr. Kim Poe`, `Dr. …` of `Dr. Poe`."""
    words = _in_order(name).split()
    given = _Name.of(name).given
    said = list(takewhile(lambda word: set(_folded(word)) <= given, words))
    return " ".join([*said, HIDDEN] if given <= _HONORIFICS and len(said) < len(words) else said)


def relevant(people: Iterable[Mentioned], text: str) -> list[Mentioned]:
    """Those whom the text can name; of many who have a first name in it, few have another word of theirs in it."""
    words = set(_folded(unicodedata.normalize("NFC", text)))
    cut_off = _CUT_OFF in text
    return [
        each
        for each in people
        if each.about or cut_off or any(_Name.of(name).later & words for name in (each.name, *each.aliases))
    ]


def first_names(text: str, people: Sequence[Mentioned], *, typed: bool = False) -> str:
    """The text with people's first names only, and without ways to reach them.

    Args:
        text: anything.
        people: whom it may name.
        typed: it holds no words of the program's, so that a surname goes alone in any case, however short it is.
    """
    rest = _Text(_without_ways(unicodedata.normalize("NFC", text), people))
    for person in people:
        for name in (person.name, *person.aliases):
            rest.hide(_Name.of(name), alone=person.about, typed=typed)
    return rest.rest()


class Mask:
    """Hides in what somebody typed what is not to be told of anybody there is.

    A surname goes beside the first name, and alone where it has a capital letter and is neither somebody's first name
    nor an everyday word. A text costs a look at its own words, however many people there are.
    """

    def __init__(self, people: Iterable[Mentioned]) -> None:
        """Of `people`, all count; whom a text is about is not known."""
        self._surnames: dict[str, set[str]] = {}
        ways: set[str] = set()
        for each in people:
            for name in map(_Name.of, (each.name, *each.aliases)):
                for word in name.given:
                    self._surnames.setdefault(word, set()).update(name.later)
            ways.update(way for way in _normal(each.ways) if len(way) > _SHORT)
        words = set[str]().union(*self._surnames.values()) - _EVERYDAY - _PARTICLES
        words = {each for each in words if each[0].isalpha()}
        self._alone = words - self._surnames.keys()
        self._in_addresses = {each for each in words if len(each) >= _SHORT}
        self._ways = _by_rarest_run(ways)

    def __call__(self, text: str) -> str:
        """The text with first names only, and without ways to reach anybody."""
        plain = unicodedata.normalize("NFC", text)
        runs = set(_RUN.findall(plain.casefold()))
        plain = _without_numbers(_without([way for run in runs for way in self._ways.get(run, ())], plain))
        rest = _Text(_ADDRESSES.sub(self._address, plain))
        for number, word in enumerate(rest.words):
            if word.folded in self._surnames:
                later = frozenset(self._surnames[word.folded] - {word.folded})
                rest.hide_beside(_Name(frozenset(), later), number)
            elif word.capital and word.folded in self._alone:
                rest.marked.add(number)
        return rest.rest()

    def _address(self, found: re.Match[str]) -> str:
        """A mark for an address with a surname in it; words with a mere slash between them are none."""
        is_one = not set(found[0].strip(".")).isdisjoint("@_.")
        return HIDDEN if is_one and any(map(self._has_surname, _folded(found[0]))) else found[0]

    def _has_surname(self, word: str) -> bool:
        return any(
            word[start : start + length] in self._in_addresses
            for start in range(len(word) - _SHORT + 1)
            for length in range(_SHORT, _LONGEST + 1)
        )


def _by_rarest_run(ways: Collection[str]) -> dict[str, list[str]]:
    """By one run of letters or digits that a text must hold if it holds the way, such that each has few."""
    runs = {way: _RUN.findall(way.casefold()) for way in ways}
    often = Counter(run for each in runs.values() for run in set(each))
    found: dict[str, list[str]] = {}
    for way, each in runs.items():
        if each:
            found.setdefault(min(each, key=often.__getitem__), []).append(way)
    return found


def _normal(texts: Iterable[str]) -> Iterator[str]:
    return (unicodedata.normalize("NFC", each) for each in texts)


def _folded(text: str) -> list[str]:
    return [fold(each[0]) for each in _WORD.finditer(text)]


def _without(ways: Iterable[str], text: str) -> str:
    for way in sorted(ways, key=lambda each: (-len(each), each)):
        text = re.sub(re.escape(way), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _without_numbers(text: str) -> str:
    """Without what looks like an e-mail address or a telephone number."""
    return _DAY_OR_PHONE.sub(_but_days, _EMAIL.sub(HIDDEN, text))


def _without_ways(text: str, people: Iterable[Mentioned]) -> str:
    ways = {way for person in people for way in _normal(person.ways) if len(way) > _SHORT}
    text = _without_numbers(_without(ways, text))
    surnames = {
        word
        for person in people
        if person.about
        for name in (person.name, *person.aliases)
        for word in _Name.of(name).later
        if len(word) >= _SHORT
    }
    return _ADDRESSES.sub(lambda found: HIDDEN if any(each in fold(found[0]) for each in surnames) else found[0], text)


def _but_days(found: re.Match[str]) -> str:
    is_phone = not found[1] and sum(each.isdigit() for each in found[0]) >= _FEWEST_DIGITS
    return HIDDEN if is_phone else found[0]
