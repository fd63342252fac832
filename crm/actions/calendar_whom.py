"""Whom an appointment names: by an address, by a name in full, or by a first name after "with". Never a guess."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crm.folding import fold
from crm.store.calendar_chats import Person

LONGEST_TITLE: Final = 300
"""So much of a title is looked at."""
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_ON: Final = frozenset(
    {"and", "at", "on", "in", "about", "re", "for", "over", "from", "to", "tomorrow", "today", "via"}
)
"""What may come after a first name; any other word may be their surname."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is named, and who may be: where there is a doubt, nobody is taken.

    Attributes:
        ids: the contacts', in the order in which they are named.
        doubt: the ids of those of whom one may be meant.
    """

    ids: tuple[int, ...] = ()
    doubt: tuple[int, ...] = ()


class Names:
    """Everybody's names and addresses, ready to be looked up."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._by_email: dict[str, set[int]] = defaultdict(set)
        self._in_full: dict[str, dict[Words, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._by_first: dict[str, set[int]] = defaultdict(set)
        for each in people:
            for email in each.emails:
                self._by_email[email].add(each.id)
            for name in (each.name, *each.aliases):
                words = _words(name)
                if len(words) > 1:
                    self._in_full[words[0]][words].add(each.id)
                if words and each.tended and (len(words) == 1 or name == each.name):
                    self._by_first[words[0]].add(each.id)

    def meant(self, title: str, addresses: Collection[str], *, strangers: int = 0) -> Whom:
        """Who is named.

        Args:
            title: the appointment's.
            addresses: of everybody invited or inviting but the person, case-folded.
            strangers: of so many addresses at most nobody here may have one, for a first name to count without doubt:
                a stranger who was invited may have that first name, too.
        """
        known = [self._by_email[each] for each in addresses if each in self._by_email]
        in_full, firsts = self._titled(title)
        unsure = not known and len(addresses) > strangers
        named = [*known, *in_full, *([] if known or unsure else firsts)]
        ids = dict.fromkeys(number for each in named if len(each) == 1 for number in each)
        doubts = [*(each for each in named if len(each) > 1), *(firsts if unsure else ())]
        doubt = next((each for each in doubts if each.isdisjoint(ids)), None)
        return Whom(doubt=tuple(sorted(doubt))) if doubt else Whom(tuple(ids))

    def _titled(self, title: str) -> tuple[list[set[int]], list[set[int]]]:
        """Who is named in full, and who by a first name after "with"."""
        text = fold(_shown(title[:LONGEST_TITLE]))
        words = list(_WORD.finditer(text))
        in_full: dict[int, tuple[int, set[int]]] = {}
        at = 0
        while at < len(words):
            length, ids = self._name_at(words, at)
            if length:
                in_full[at] = length, ids
            at += length or 1
        firsts = [self._by_first.get(words[each][0], set()) for each in _after_with(text, words, in_full)]
        return [whose for _, whose in in_full.values()], [each for each in firsts if each]

    def _name_at(self, words: Sequence[re.Match[str]], at: int) -> tuple[int, set[int]]:
        """The longest full name that begins there: of how many words, and whose."""
        names = self._in_full.get(words[at][0])
        best: tuple[int, set[int]] = (0, set())
        for name, ids in (names or {}).items():
            if len(name) > best[0] and name == tuple(each[0] for each in words[at : at + len(name)]):
                best = len(name), ids
        return best


def _after_with(text: str, words: Sequence[re.Match[str]], in_full: dict[int, tuple[int, set[int]]]) -> Iterator[int]:
    """Where a first name stands alone after "with" or "w/": `with Jane, Kim and Sam`."""
    for start, word in enumerate(words):
        if word[0] == "with" or (word[0] == "w" and text[word.end() : word.end() + 1] == "/"):
            at = start + 1
            while at < len(words):
                length, _ = in_full.get(at, (1, set()))
                last = at + length - 1
                gap = text[words[last].end() : words[last + 1].start()] if last + 1 < len(words) else ""
                following = words[last + 1][0] if last + 1 < len(words) else ""
                if at not in in_full and _ends(gap, following):
                    yield at
                if following != "and" and gap.strip() not in {",", "&", "+"}:
                    break
                at = last + (2 if following == "and" else 1)


def _ends(gap: str, following: str) -> bool:
    """Whether no surname follows: the title ends, a mark or a number comes, or a word that is in no name."""
    return not following or (gap.strip() not in {"", "."}) or following in _ON or following[0].isdigit()


def _words(name: str) -> Words:
    return tuple(_WORD.findall(fold(_shown(name[:LONGEST_TITLE]))))


def _shown(text: str) -> str:
    """Without characters that are not seen, such as marks of direction."""
    return "".join(each for each in text if unicodedata.category(each) != "Cf")
