"""Whom an appointment names: by an address, by a name in full, or by a first name after "with". Never a guess.

A name in full that may be a part of a longer one is a doubt, and so are all names where the title is of a preparation.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from crm.folding import fold
from crm.store.calendar_chats import Person


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


LONGEST_TITLE: Final = 300
"""So much of a title is looked at."""
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_INSIDE: Final = re.compile(r"[\s.'\u2019]*")
"""What may stand between the words of one name."""
_ON: Final = _set_of("and at on in about re for over from to tomorrow today via")
"""What may come after a first name; any other word may be their surname."""
_MEETING: Final = _set_of(
    "coffee tea lunch brunch breakfast dinner drink drinks beer beers cafe call phone video zoom facetime skype webex "
    "jitsi teams chat talk meet meeting catchup sync interview mock visit see intro introduction"
)
_BESIDE: Final = (
    _ON
    | _MEETING
    | _set_of(
        "with w the a an my me i up by of or is as online session networking informational career virtual meetup event "
        "follow-up catch-up 1-on-1 one-on-one dr prof professor mr mrs ms mx confirmed accepted fwd "
        "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"
    )
)
"""Words beside a name that are no part of it, however they are written."""
_OFF: Final = frozenset({"cancelled", "canceled", "declined"})
"""What calendars write before a title of what does not take place."""
_BEFORE: Final = frozenset({"prep", "prepare", "preparing", "preparation", "remind", "reminder", "write", "email"})
"""How a title begins that is of something one does about somebody, and perhaps not with them."""

Words = tuple[str, ...]
Ids = frozenset[int]


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is named, and who may be: where there is a doubt, nobody is taken.

    Attributes:
        ids: the contacts', in the order in which they are named.
        doubt: the ids of those of whom one may be meant.
    """

    ids: tuple[int, ...] = ()
    doubt: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hit:
    """A full name in a title: its first word, how many it has, and whose it is."""

    at: int
    length: int
    ids: frozenset[int]

    @property
    def end(self) -> int:
        return self.at + self.length


class Names:
    """Everybody's names and addresses, ready to be looked up."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._by_email: dict[str, set[int]] = defaultdict(set)
        self._in_full: dict[str, dict[Words, set[int]]] = defaultdict(lambda: defaultdict(set))
        self._by_first: dict[str, set[int]] = defaultdict(set)
        self._tended = {each.id for each in people if each.tended}
        for each in people:
            for email in each.emails:
                self._by_email[email].add(each.id)
            for name in (each.name, *each.aliases):
                words = _words(name)
                if len(words) > 1:
                    self._in_full[words[0]][words].add(each.id)
                if words and each.tended and (len(words) == 1 or name == each.name):
                    self._by_first[words[0]].add(each.id)

    def meant(
        self, title: str, addresses: Collection[str], *, strangers: int = 0, without: Collection[str] = ()
    ) -> Whom:
        """Who is named.

        Args:
            title: the appointment's.
            addresses: of everybody invited or inviting but the person, case-folded.
            strangers: of so many addresses at most nobody here may have one, for a first name to count without doubt:
                a stranger who was invited may have that first name, too.
            without: the addresses of those who declined, whom the title may name all the same.
        """
        if fold(_bare(title)).partition(" ")[0].rstrip(":") in _OFF:
            return Whom()
        absent = set[int]().union(*(self._by_email.get(each, ()) for each in without))
        known = [self._by_email[each] for each in addresses if each in self._by_email]
        in_full, unsure_in_full, firsts = ([each - absent for each in some] for some in self._titled(title))
        unsure = not known and len(addresses) > strangers
        named = [*known, *in_full, *([] if known or unsure else firsts)]
        ids = dict.fromkeys(number for each in named if len(each) == 1 for number in each)
        doubts = [*(each for each in named if len(each) > 1), *unsure_in_full, *(firsts if unsure else ())]
        doubt = next((each for each in doubts if each and each.isdisjoint(ids)), None)
        return Whom(doubt=tuple(sorted(doubt))) if doubt else Whom(tuple(ids))

    def _titled(self, title: str) -> tuple[list[Ids], list[Ids], list[Ids]]:
        """Who is named in full, who may be, and who is by a first name after "with"."""
        text = _bare(title)
        words = list(_WORD.finditer(text))
        folded = [fold(each[0]) for each in words]
        if not folded:
            return [], [], []
        hits = list(self._hits(text, words, folded))
        listed = dict(_after_with(text, words, folded, {each.at: each.end for each in hits}))
        hits = [each for each in hits if each.ids & self._tended or self._is_meant(each, text, words, folded, listed)]
        taken = {place for each in hits for place in range(each.at, each.end)}
        sure, unsure = list[Ids](), list[Ids]()
        for each in hits:
            whole = folded[0] not in _BEFORE and _is_whole(each, text, words, folded, taken)
            (sure if whole else unsure).append(each.ids)
        starts = {each.at for each in hits}
        firsts = [
            frozenset(self._by_first.get(folded[at], ())) for at, ends in listed.items() if ends and at not in starts
        ]
        if folded[0] in _BEFORE:
            return [], [*unsure, *filter(None, firsts)], []
        return sure, unsure, [each for each in firsts if each]

    def _hits(self, text: str, words: Sequence[re.Match[str]], folded: Sequence[str]) -> Iterator[_Hit]:
        """The full names, at each place the longest."""
        at = 0
        while at < len(words):
            best = _Hit(at, 0, frozenset())
            for name, ids in (self._in_full.get(folded[at]) or {}).items():
                end = at + len(name)
                if len(name) > best.length and name == tuple(folded[at:end]) and _is_one(text, words[at:end]):
                    best = _Hit(at, len(name), frozenset(ids))
            if best.length:
                yield best
            at += best.length or 1

    def _is_meant(
        self,
        hit: _Hit,
        text: str,
        words: Sequence[re.Match[str]],
        folded: Sequence[str],
        listed: Collection[int],
    ) -> bool:
        """Whether a title means one with whom one does not keep in touch: there are many, with names like words."""
        if hit.at in listed:
            return True
        stands = hit.at == 0 or (folded[hit.at - 1] in _MEETING and _gap(text, words, hit.at - 1) == "")
        return stands and _is_whole(hit, text, words, folded, ())


def _after_with(
    text: str, words: Sequence[re.Match[str]], folded: Sequence[str], ends: Mapping[int, int]
) -> Iterator[tuple[int, bool]]:
    """Where names stand after "with" or "w/", and whether they end there: `with Jane, Kim and Sam`.

    `ends` tells where a full name that begins somewhere ends.
    """
    for start, word in enumerate(words):
        if folded[start] == "with" or (folded[start] == "w" and text[word.end() : word.end() + 1] == "/"):
            at = start + 1
            while at < len(words):
                last = ends.get(at, at + 1) - 1
                gap = _gap(text, words, last)
                following = folded[last + 1] if last + 1 < len(words) else ""
                yield at, _ends(gap, following)
                if following != "and" and gap not in {",", "&", "+"}:
                    break
                at = last + (2 if following == "and" else 1)


def _ends(gap: str, following: str) -> bool:
    """Whether no surname follows: the title ends, a mark or a number comes, or a word that is in no name."""
    return not following or (gap not in {"", "."}) or following in _ON or following[0].isdigit()


def _gap(text: str, words: Sequence[re.Match[str]], at: int) -> str:
    """What stands between a word and the next, without blanks."""
    return text[words[at].end() : words[at + 1].start()].strip() if at + 1 < len(words) else ""


def _is_one(text: str, words: Sequence[re.Match[str]]) -> bool:
    """Whether nothing stands between the words that is in no name."""
    return all(_INSIDE.fullmatch(text, one.end(), other.start()) for one, other in pairwise(words))


def _is_whole(
    hit: _Hit, text: str, words: Sequence[re.Match[str]], folded: Sequence[str], taken: Collection[int]
) -> bool:
    """Whether the name is no part of a longer one, and no mere words: `Will call` is not Will Call.

    Args:
        hit: where it stands.
        text: the title.
        words: those of it.
        folded: the same, folded.
        taken: the places of words that are in a name themselves.
    """
    first, last = words[hit.at][0][0], words[hit.end - 1][0][0]
    if first.isupper() != last.isupper():
        return False
    beside = [(hit.at - 1, hit.at - 1), (hit.end, hit.end - 1)]
    return not any(
        0 <= at < len(words)
        and at not in taken
        and folded[at] not in _BESIDE
        and (words[at][0][0].isupper() or (first.islower() and words[at][0][0].islower()))
        and _gap(text, words, before) in {"", "."}
        for at, before in beside
    )


def _words(name: str) -> Words:
    return tuple(fold(each) for each in _WORD.findall(_bare(name)))


def _bare(text: str) -> str:
    """Without accents, and characters that are not seen, such as marks of direction; cases are kept."""
    apart = unicodedata.normalize("NFKD", text[:LONGEST_TITLE])
    return "".join(each for each in apart if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")
