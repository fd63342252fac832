"""Contacts that are probably one person: found by what they share, with the reasons, the surest first.

Not every pair is compared: contacts meet in blocks of those who share an address, a name, or part of a name, and within
a block each is compared with its neighbours by name. So the work grows with the number of people, not of pairs.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Final

from rapidfuzz import fuzz
from sqlmodel import Session

from crm.actions.checked import whom
from crm.folding import fold
from crm.models import Contact
from crm.models.words import Tier
from crm.store import duplicates, journal
from crm.store.duplicates import Face
from crm.store.names import LONGEST_COMPARED

NEIGHBOURS: Final = 20
"""In a block each is compared with so many of those who come after it by name."""

NEARLY: Final = 88
UNLIKE: Final = 60

SHARED: Final = {
    "linkedin": ("same LinkedIn page", 0.95, 0.8),
    "email": ("same e-mail", 0.9, 0.4),
    "instagram": ("same Instagram name", 0.9, 0.4),
    "phone": ("same phone", 0.8, 0.3),
}
"""What a shared handle is called, and how much it says: with names alike, and with names that are not (an office)."""

SAME_NAME, SAME_EMPLOYER, SIMILAR_THERE, SIMILAR, ONLY_ONE = 0.6, 0.3, 0.55, 0.35, 0.3

_NICKNAMES: Final = (
    "alexander alexandra alex sasha",
    "andrew andy drew",
    "anthony tony",
    "benjamin ben",
    "catherine katherine kate katie kathy cathy",
    "charles charlie chuck",
    "christopher christine christina chris",
    "daniel dan danny",
    "david dave",
    "deborah debra deb debbie",
    "edward ed eddie ted",
    "elizabeth liz beth lizzie eliza",
    "frederick fred freddie",
    "gregory greg",
    "james jim jimmy jamie",
    "jeffrey jeff",
    "jennifer jen jenny",
    "jessica jess",
    "john jack johnny",
    "jonathan jon",
    "joseph joe joey",
    "joshua josh",
    "kenneth ken kenny",
    "lawrence larry",
    "margaret maggie meg peggy",
    "matthew matt",
    "michael mike mikey",
    "nathaniel nathan nate",
    "nicholas nick",
    "patrick patricia pat",
    "peter pete",
    "rebecca becca becky",
    "richard rich rick dick",
    "robert rob bob bobby",
    "ronald ron",
    "samuel samantha sam",
    "stephen steven steve",
    "susan sue",
    "theodore theo ted",
    "thomas tom tommy",
    "timothy tim",
    "victoria vicky tori",
    "vincent vince",
    "william will bill billy",
    "zachary zach",
)
_SHORT_FORMS: Final[dict[str, frozenset[int]]] = {
    name: frozenset(place for place, group in enumerate(_NICKNAMES) if name in group.split())
    for group in _NICKNAMES
    for name in group.split()
}
_WORD: Final = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts who are probably one person; `keep` is the one that is tended more closely, or came first.

    Attributes:
        score: how sure it is, 1 to 100.
        reasons: what they share, the strongest first.
    """

    keep: Face
    other: Face
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A contact with their names in words: folded, without punctuation, `Roe, Jane` turned round."""

    face: Face
    names: tuple[tuple[str, ...], ...]

    @property
    def order(self) -> tuple[tuple[str, ...], int]:
        return self.names[0], self.face.id


def find(session: Session) -> list[Pair]:
    """Every pair that is probably one person and was not said to be two, the surest first."""
    apart = duplicates.apart(session)
    seen = [_Seen(face, tuple(_words(each) for each in face.names)) for face in duplicates.faces(session)]
    found: dict[tuple[int, int], Pair] = {}
    for one, other, only in _candidates(seen):
        pair = _pair(one, other, only=only)
        if pair is not None:
            found.setdefault((min(pair.keep.id, pair.other.id), max(pair.keep.id, pair.other.id)), pair)
    kept = [each for each in found.values() if frozenset((each.keep.uid, each.other.uid)) not in apart]
    return sorted(kept, key=lambda each: (-each.score, each.keep.id, each.other.id))


def _words(name: str) -> tuple[str, ...]:
    last, comma, first = name[:LONGEST_COMPARED].partition(",")
    turned = f"{first} {last}" if comma and first.strip() and "," not in first else name[:LONGEST_COMPARED]
    return tuple(_WORD.findall(fold(turned))) or (fold(turned),)


# Who is compared with whom


def _candidates(seen: Sequence[_Seen]) -> Iterator[tuple[_Seen, _Seen, bool]]:
    """Pairs to compare, some of them again, and at last those of whom one has no more than the other's first name."""
    for block in _blocks(seen):
        for one, other in _neighbours(block):
            yield one, other, False
    for one, other in _first_names(seen):
        yield one, other, True


def _blocks(seen: Iterable[_Seen]) -> Iterator[list[_Seen]]:
    blocks: defaultdict[Hashable, list[_Seen]] = defaultdict(list)
    for each in seen:
        for key in set(_keys(each)):
            blocks[key].append(each)
    return (block for block in blocks.values() if len(block) > 1)


def _keys(each: _Seen) -> Iterator[Hashable]:
    yield from each.face.handles
    for name in each.names:
        yield name
        if len(name) > 1:
            yield "last", name[-1]
            yield "first", name[0], name[-1][0]
        for employer in each.face.employers:
            yield employer, name[0]
            yield employer, "last", name[-1]


def _neighbours(block: list[_Seen]) -> Iterator[tuple[_Seen, _Seen]]:
    if len(block) <= NEIGHBOURS:
        yield from combinations(block, 2)
        return
    block.sort(key=lambda each: each.order)
    for place, one in enumerate(block):
        for other in block[place + 1 : place + 1 + NEIGHBOURS]:
            yield one, other


def _first_names(seen: Iterable[_Seen]) -> Iterator[tuple[_Seen, _Seen]]:
    """Those of whom only the first name is known, with the one other person who has it."""
    called: defaultdict[str, list[_Seen]] = defaultdict(list)
    for each in seen:
        called[each.names[0][0]].append(each)
    for block in called.values():
        if len(block) == 2 and len({len(each.names[0]) == 1 for each in block}) == 2:
            yield block[0], block[1]


# Whether they are one


def _pair(one: _Seen, other: _Seen, *, only: bool) -> Pair | None:
    mine, theirs = one.face, other.face
    if mine.kind != theirs.kind:
        return None
    reasons = [*_shared(one, other), *_names(one, other, only=only)]
    if not reasons:
        return None
    reasons.sort(key=lambda reason: -reason[1])
    score = round(100 * (1 - prod(1 - weight for _reason, weight in reasons)))
    keep, gone = sorted((mine, theirs), key=lambda face: (list(Tier).index(Tier(face.tier)), face.id))
    return Pair(keep, gone, max(1, score), tuple(reason for reason, _weight in reasons))


def _shared(one: _Seen, other: _Seen) -> Iterator[tuple[str, float]]:
    kinds = {kind for kind, _value in one.face.handles & other.face.handles}
    unlike = bool(kinds) and not _alike(one, other)
    for kind in SHARED:
        if kind in kinds:
            said, strong, weak = SHARED[kind]
            yield (f"{said}, though the names differ", weak) if unlike else (said, strong)


def _alike(one: _Seen, other: _Seen) -> bool:
    return any(
        set(mine) & set(theirs) or fuzz.ratio(" ".join(mine), " ".join(theirs)) >= UNLIKE
        for mine in one.names
        for theirs in other.names
    )


def _names(one: _Seen, other: _Seen, *, only: bool) -> Iterator[tuple[str, float]]:
    """What the names say. Two LinkedIn pages are two people, whatever they are called."""
    if _pages(one.face) and _pages(other.face) and not _pages(one.face) & _pages(other.face):
        return
    there = one.face.employers & other.face.employers
    elsewhere = one.face.employers and other.face.employers and not there
    if set(one.names) & set(other.names):
        yield "same name", SAME_NAME
        if there:
            yield "same company", SAME_EMPLOYER
        return
    if only and not elsewhere:
        yield "the only other one of that first name", ONLY_ONE
        return
    said = next((said for mine in one.names for theirs in other.names if (said := _similar(mine, theirs))), None)
    if said and there:
        yield f"{said}, same company", SIMILAR_THERE
    elif said and not elsewhere and said not in _NEEDS_COMPANY:
        yield said, SIMILAR


def _pages(face: Face) -> set[str]:
    return {value for kind, value in face.handles if kind == "linkedin"}


_INITIAL: Final = "a name and its initial"
_FIRST_ONLY: Final = "same first name"
_NEEDS_COMPANY: Final = frozenset({_INITIAL, _FIRST_ONLY})


def _similar(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str | None:
    """How two names that differ may be one person's; None if they are not."""
    if min(len(mine), len(theirs)) == 1:
        return _FIRST_ONLY if mine[0] == theirs[0] else None
    same_last, same_first = mine[-1] == theirs[-1], mine[0] == theirs[0]
    if same_first and same_last:
        return "same name but for the middle"
    if same_last and _SHORT_FORMS.get(mine[0], frozenset()) & _SHORT_FORMS.get(theirs[0], frozenset()):
        return "a name and its short form"
    if (same_last and _is_initial(mine[0], theirs[0])) or (same_first and _is_initial(mine[-1], theirs[-1])):
        return _INITIAL
    near = (same_first or same_last) and fuzz.ratio(" ".join(mine), " ".join(theirs)) >= NEARLY
    return "nearly the same name" if near else None


def _is_initial(one: str, other: str) -> bool:
    return one[0] == other[0] and 1 in (len(one), len(other))


# What the person says of a pair


def keep_apart(session: Session, people: Sequence[Contact]) -> list[tuple[Contact, Contact]]:
    """Remember that these are all different people; gives the pairs of which that is news."""
    news = [pair for pair in combinations(people, 2) if duplicates.keep_apart(session, *pair)]
    if news:
        journal.summarize(session, f"Not the same: {whom(people)}")
    return news
