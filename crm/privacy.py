"""How much is told elsewhere: everything, first names only, or no more than that there is something.

What leaves the machine names people by their first name. Of whom a text is about, every further word of the name
goes wherever it stands, and so do the ways to reach them; of anybody else in the database, it goes where it stands
beside the first. What looks like an e-mail address or a telephone number goes whoever's it is. A surname alone of
somebody whom the text is not about stays: nothing tells it from a word. A calendar is about everybody, see `Mask`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
_EMAIL: Final = re.compile(r"[^\s@<>,;:()\"']+@[^\s@<>,;:()\"']+")
_ADDRESSES: Final = re.compile(r"[^\s\"'()<>]*[@/_][^\s\"'()<>]*")
# A day is written with as many digits as a telephone number; it comes first, so that it is not taken for one.
_DAY_OR_PHONE: Final = re.compile(r"(\d{4}-\d\d-\d\d)|(?:\+\s?|\b)?\(?\d[\d ().\-/\u00a0\u2010-\u2013]{5,}\d")
_FEWEST_DIGITS: Final = 7
_SHORT: Final = 3
_HONORIFICS: Final = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "sir"})
_PARTICLES: Final = frozenset(
    {"al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "la", "le", "van", "von"}
)


@dataclass(frozen=True, slots=True)
class _Name:
    """The folded words of a name: those that are said, and those that are not."""

    given: frozenset[str]
    later: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "_Name":
        said: list[str] = []
        rest = unicodedata.normalize("NFC", name).split()
        while rest and not set(said) - _HONORIFICS:
            said += _folded(rest.pop(0))
        return cls(frozenset(said), frozenset(_folded(" ".join(rest))) - set(said))

    def hides(self, word: "_Word") -> bool:
        """Whether the word, or one that it is the beginning of, is to be hidden."""
        return word.folded in self.later or (word.cut_off and any(each.startswith(word.folded) for each in self.later))


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

    def hide(self, name: _Name, *, alone: bool, spared: Collection[str] = ()) -> None:
        """Hide of a name what is to be hidden: beside its first word, and where it is `alone` too, if not `spared`."""
        for number, word in enumerate(self.words):
            if word.folded in name.given:
                self.dropped.update(self._beside(name, number, 1))
                self.marked.update(self._beside(name, number, -1))
            elif alone and word.tells and word.folded not in spared and name.hides(word):
                self.marked.add(number)

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
    """The first word of a name, with the title before it: `Dr. Kim` of `Dr. Kim Poe`."""
    words = unicodedata.normalize("NFC", name).split()
    given = _Name.of(name).given
    return " ".join(takewhile(lambda word: set(_folded(word)) <= given, words))


def relevant(people: Iterable[Mentioned], text: str) -> list[Mentioned]:
    """Those whom the text can name; of many who have a first name in it, few have another word of theirs in it."""
    words = set(_folded(unicodedata.normalize("NFC", text)))
    cut_off = _CUT_OFF in text
    return [
        each
        for each in people
        if each.about or cut_off or any(_Name.of(name).later & words for name in (each.name, *each.aliases))
    ]


def first_names(text: str, people: Sequence[Mentioned], *, spared: Collection[str] = ()) -> str:
    """The text with people's first names only, and without ways to reach them.

    Args:
        text: anything.
        people: whom it may name.
        spared: folded words that stay where they stand alone, being others' first names.
    """
    rest = _Text(_without_ways(unicodedata.normalize("NFC", text), people))
    for person in people:
        for name in (person.name, *person.aliases):
            rest.hide(_Name.of(name), alone=person.about, spared=spared)
    return rest.rest()


class Mask:
    """Hides in any text what is not to be told of anybody there is, as if each text were about them all.

    A surname goes wherever it stands, unless it is the first name of somebody else. To make one costs a look at
    everybody; a text, only a look at those whom it can name.
    """

    def __init__(self, people: Iterable[Mentioned]) -> None:
        """Of `people`, all count as those whom the texts are about."""
        self._by_word: dict[str, list[Mentioned]] = {}
        self._ways: list[tuple[str, Mentioned]] = []
        given: set[str] = set()
        for each in people:
            person = replace(each, about=True)
            for name in map(_Name.of, (each.name, *each.aliases)):
                given |= name.given
                for word in name.later:
                    self._by_word.setdefault(word, []).append(person)
            self._ways += [(way.casefold(), person) for way in _normal(each.ways) if len(way) > _SHORT]
        self._given = frozenset(given)

    def __call__(self, text: str) -> str:
        """The text with first names only, and without ways to reach anybody."""
        return first_names(text, self._named(unicodedata.normalize("NFC", text)), spared=self._given)

    def _named(self, text: str) -> list[Mentioned]:
        """Those of whom the text holds a surname, also as a part of an address, or a way to reach them."""
        words = set(_folded(text)) & self._by_word.keys()
        if addresses := [fold(each) for each in _ADDRESSES.findall(text)]:
            words |= {word for word in self._by_word if any(word in each for each in addresses)}
        found = [person for word in sorted(words) for person in self._by_word[word]]
        plain = text.casefold()
        found += [person for way, person in self._ways if way in plain]
        return list(dict.fromkeys(found))


def _normal(texts: Iterable[str]) -> Iterator[str]:
    return (unicodedata.normalize("NFC", each) for each in texts)


def _folded(text: str) -> list[str]:
    return [fold(each[0]) for each in _WORD.finditer(text)]


def _without_ways(text: str, people: Iterable[Mentioned]) -> str:
    for value in sorted({each for person in people for each in person.ways if len(each) > _SHORT}, key=len)[::-1]:
        text = re.sub(re.escape(unicodedata.normalize("NFC", value)), HIDDEN, text, flags=re.IGNORECASE)
    text = _DAY_OR_PHONE.sub(_but_days, _EMAIL.sub(HIDDEN, text))
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
