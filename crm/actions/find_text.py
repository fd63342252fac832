"""What a person typed to find something, taken apart.

    TEXT   = (WORD | "PHRASE" | NAME:VALUE)...

A word stands for all that begin with it. A filter's value goes as far as it makes sense (`at:Acme Labs jane` with an
organization Acme Labs), or as far as quotation marks say. No text breaks a search; only a filter can be wrong.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import local_instant
from crm.dates import parse_day, say_day
from crm.errors import BadValueError, NotFoundError
from crm.escaping import quote, refuse_unstorable
from crm.models.words import Stage, Tier
from crm.store import names, search
from crm.store.search import Filters, Word

MOST_WORDS: Final = 20
LONGEST_WORD: Final = 100
LONGEST_VALUE: Final = 6
"""So many words at most are tried as a filter's value without quotation marks."""

KINDS: Final = {kind.table.replace("_", "-"): kind.table for kind in search.KINDS}
PIECE: Final = re.compile(r'(?:([A-Za-z]+):(?!//))?(?:"([^"]*)"|([^\s"]+|"))?')


@dataclass(frozen=True, slots=True)
class Asked:
    """The words, the filters, the day that `since:` was understood as, and how many words were too many."""

    words: Sequence[Word]
    filters: Filters
    said: Sequence[str] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word, a phrase in quotation marks, or the name of a filter with the beginning of its value."""

    name: str
    text: str
    quoted: bool

    @property
    def plain(self) -> bool:
        return not self.name and not self.quoted


def understand(session: Session, text: str, *, now: datetime, tz: ZoneInfo) -> Asked:
    """The words and filters of a text.

    Raises:
        BadValueError: a filter is unknown, or its value cannot be read.
        NotFoundError, AmbiguousError: a filter names a tag or an organization that is not there, or several.
    """
    pieces = list(_pieces(refuse_unstorable(text, what="The text")))
    reading = _Reading(session, now, tz)
    words: dict[Word, None] = {}
    while pieces:
        piece, *pieces = pieces
        if piece.name:
            pieces = pieces[reading.take(piece, pieces) :]
        elif piece.text.strip():
            words[Word(piece.text[:LONGEST_WORD], whole=piece.quoted)] = None
    chosen = list(words)[:MOST_WORDS]
    return Asked(chosen, reading.filters, reading.said, len(words) - len(chosen))


def _pieces(text: str) -> list[_Piece]:
    return [_piece(found) for found in PIECE.finditer(text) if found[0]]


def _piece(found: re.Match[str]) -> _Piece:
    name, phrase, word = found.groups()
    value = _Piece((name or "").lower(), word or "" if phrase is None else phrase, phrase is not None)
    if not name or value.name in FILTERS:
        return value
    if not value.text:
        return _Piece("", found[0], quoted=False)  # a colon at the end of a word, as in "TODO: call"
    raise BadValueError(
        f"there is no filter {quote(f'{name}:')}; there are {', '.join(f'{each}:' for each in FILTERS)}. "
        f"To look for the text itself, put it in quotation marks: crm find '\"{name}: ...\"'"
    )


class _Reading:
    """The filters as they are read, one after the other."""

    def __init__(self, session: Session, now: datetime, tz: ZoneInfo) -> None:
        self.session, self.now, self.tz = session, now, tz
        self.filters = Filters()
        self.said: list[str] = []

    def take(self, piece: _Piece, following: Sequence[_Piece]) -> int:
        """Read a filter, its value as long as it makes sense; tells how many of the pieces that follow it has."""
        *longer, (shortest, taken) = _values(piece, following)
        for value, more in longer:
            try:
                self.filters = FILTERS[piece.name](self, value)
            except (BadValueError, NotFoundError):
                continue
            return more
        self.filters = FILTERS[piece.name](self, shortest)
        return taken

    def kind(self, value: str) -> Filters:
        return replace(self.filters, kinds=self.filters.kinds | {KINDS[_known("kind", value, KINDS)]})

    def stage(self, value: str) -> Filters:
        return replace(self.filters, stages=self.filters.stages | {_known("stage", value, list(Stage))})

    def tier(self, value: str) -> Filters:
        return replace(self.filters, tiers=self.filters.tiers | {_known("tier", value, list(Tier))})

    def tag(self, value: str) -> Filters:
        return replace(self.filters, tags=self.filters.tags | {names.tag(self.session, value).id})

    def at(self, value: str) -> Filters:
        there = names.the_organization(self.session, value)
        return replace(self.filters, organizations=self.filters.organizations | {there.id})

    def since(self, value: str) -> Filters:
        day = parse_day(value, now=self.now, tz=self.tz, past=True)
        since_at = local_instant(day, time(0), self.tz)
        self.said.append(f"since {say_day(day)}")
        return replace(self.filters, since_at=max(since_at, self.filters.since_at or since_at))


FILTERS: Final[dict[str, Callable[[_Reading, str], Filters]]] = {
    "kind": _Reading.kind,
    "stage": _Reading.stage,
    "tier": _Reading.tier,
    "tag": _Reading.tag,
    "at": _Reading.at,
    "since": _Reading.since,
}


def _values(piece: _Piece, following: Sequence[_Piece]) -> list[tuple[str, int]]:
    """The values that a filter may have, the longest first, and how many of the pieces that follow each takes."""
    own = [piece.text] if piece.text else []
    if piece.quoted:
        values = [(piece.text, 0)]
    elif not own and following and following[0].quoted and not following[0].name:
        values = [(following[0].text, 1)]
    else:
        words = own + [each.text for each in takewhile(lambda each: each.plain, following)]
        lengths = range(min(len(words), LONGEST_VALUE), 0, -1)
        values = [(" ".join(words[:length]), length - len(own)) for length in lengths]
    if not values or not values[-1][0].strip():
        raise BadValueError(f"{piece.name}: has no value; write it behind the colon, as in since:2026-01-05")
    return values


def _known(name: str, value: str, known: Iterable[str]) -> str:
    said = value.strip().lower()
    if said not in known:
        raise BadValueError(f"{name}:{quote(value)} is not known; it can be {', '.join(known)}")
    return said
