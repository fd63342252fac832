"""Finding in everything there is, and what was found in a few words each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm import models as m
from crm.actions.find_text import Asked, understand
from crm.cadence import day_of
from crm.escaping import shorten
from crm.folding import fold
from crm.models.words import InteractionState
from crm.store import search
from crm.store.search import Item, Search, Word

LONGEST_SNIPPET: Final = 120
LEAD: Final = 40
"""So many characters of a text are shown, of them at most so many before the first word that was looked for."""

TOKEN: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")
MOMENTS: Final = ("last_contact_at", "starts_at", "started_at", "done_at", "completed_at", "moved_at", "asked_at")
DAYS: Final = ("scheduled_on", "due_on")
"""The columns that tell when a record was, and when it is to be."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    Attributes:
        total: how many there are in all, of them so many `people`.
        inside: no word begins so; they were found within words.
        private: how many more have the words in private notes, which were not searched.
        near: where nothing was found, names that the words may be a misspelling of.
    """

    asked: Asked
    items: Sequence[Item]
    total: int
    people: int
    inside: bool
    private: int
    near: Sequence[str]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text in one line, and where in it the words stand."""

    text: str
    spans: Sequence[Span] = ()


def find(session: Session, text: str, *, limit: int, private: bool, now: datetime, tz: ZoneInfo) -> Found:
    """The best `limit` (1 or more) records for the text, people first; failing that, what has it within words.

    Raises:
        BadValueError, NotFoundError, AmbiguousError: as `crm.actions.find_text.understand`.
    """
    asked = understand(session, text, now=now, tz=tz)
    wanted = Search(asked.words, asked.filters, private=private)
    hits = search.find(session, wanted, limit=limit)
    hidden = 0 if private or not asked.words else search.count(session, replace(wanted, private=True)) - hits.total
    inside = not hits.total and not hidden and not all(word.whole for word in asked.words)
    if inside:
        hits = search.find(session, replace(wanted, inside=True), limit=limit)
    return Found(
        asked,
        search.items(session, hits.best, private=private),
        hits.total,
        hits.people,
        inside=inside and hits.total > 0,
        private=hidden,
        near=() if hits.total else search.near(session, asked.words),
    )


def title(item: Item) -> str:
    """What a record is called: its name, or what it says or is about."""
    record = item.record
    if isinstance(record, m.Interaction):
        return record.kind if record.state == InteractionState.HAPPENED else f"{record.state} {record.kind}"
    if isinstance(record, m.Introduction):
        return record.want + _to(record.placeholder, item.owner)
    if isinstance(record, m.Referral):
        return "referral" + _to(record.role, item.owner)
    said = item.owner if isinstance(record, m.Answer | m.CheckIn | m.TimeEntry) else record
    words = (getattr(said, name, None) for name in ("name", "title", "text"))
    return str(next(filter(None, words), record.ref))


def _to(what: str | None, owner: object) -> str:
    where = owner.name if isinstance(owner, m.Organization) else None
    return (f": {what}" if what else "") + (f" at {where}" if where else "")


def dated_on(record: m.Record, tz: ZoneInfo) -> date | None:
    """The local day that a record tells of: when it was, or else when it is due."""
    moments = (getattr(record, name, None) for name in MOMENTS)
    at = next((each for each in moments if isinstance(each, datetime)), None)
    if at is not None:
        return day_of(at, tz)
    days = (getattr(record, name, None) for name in DAYS)
    return next((each for each in days if isinstance(each, date)), None)


def snippet(item: Item, words: Sequence[Word], *, inside: bool) -> Snippet:
    """The line of the record's texts that has most of the words, cut to what stands around them.

    A line that only says what the title says is left out; `inside` is as in `Found`.
    """
    said = title(item)
    lines = [line for text in item.texts for line in text.splitlines() if line.strip() not in {"", said}]
    if not lines:
        return Snippet("")
    marked = [sorted(_spans(line, words, inside=inside)) for line in lines]
    best = max(range(len(lines)), key=lambda each: (_variety(lines[each], marked[each]), -each))
    return _cut(lines[best], marked[best])


def marked_title(item: Item, words: Sequence[Word], *, inside: bool) -> Snippet:
    """The title, cut, and where in it the words stand."""
    said = title(item)
    return _cut(said, sorted(_spans(said, words, inside=inside)))


def _variety(line: str, marked: Sequence[Span]) -> int:
    """How many different words stand at these places."""
    return len({line[start:end].casefold() for start, end in marked})


def _spans(text: str, words: Sequence[Word], *, inside: bool) -> Iterator[Span]:
    """Where in a text the words stand, as they were looked for: at the beginning of words, or anywhere."""
    looked_up = [word for word in words if word.indexed and (word.whole or not inside)]
    beginnings = tuple(fold(part[0]) for word in looked_up for part in TOKEN.finditer(word.text))
    for token in TOKEN.finditer(text) if beginnings else ():
        if fold(token[0]).startswith(beginnings):
            yield token.span()
    for word in words:
        if word not in looked_up:
            yield from (found.span() for found in re.finditer(re.escape(word.text), text, re.IGNORECASE))


def _cut(line: str, marked: Sequence[Span]) -> Snippet:
    """The line in at most `LONGEST_SNIPPET` characters, with the first place in it."""
    start = 0
    if marked and len(line) > LONGEST_SNIPPET and marked[0][0] > LEAD:
        start = min(line.rfind(" ", 0, marked[0][0] - LEAD // 2) + 1 or marked[0][0], marked[0][0])
        start = max(start, marked[0][0] - LEAD)
    lead = "…" if start else ""
    shift = len(lead) - start
    cut = shorten(lead + line[start:].rstrip(), LONGEST_SNIPPET)
    places = ((begin + shift, min(end + shift, len(cut))) for begin, end in marked)
    return Snippet(cut, [(begin, end) for begin, end in places if begin < end])
