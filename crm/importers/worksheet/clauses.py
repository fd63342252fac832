"""First-person clauses in free prose, and the names in them.

`I could ask Ann Example` names a candidate; `He recommends the book Some Title` does not. Only clauses in which the
writer speaks of themself count, and in them only capitalised names right after a few words: with, use, ask, from ...
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.importers.worksheet.names import name_at

_ASIDE, _AROUND = "\x00", "\x01"
_DEEPEST = 8
_SUBJECT = re.compile(
    r"\b(?:I|i|[Ww]e)(?:['\u2019](?:d|ll|m|ve)\b|\s+(?:could|can|should|would|will|might|may|must|want|plan|need|have"
    r"|ought|am|was)\b)"
)
_SUBJECT_AND_MODAL = re.compile(
    r"(?:I|i|[Ww]e)(?:['\u2019](?:d|ll|m|ve))?\s+(?:(?:could|can|should|would|will|might|may|must|am|was)\s+)?"
    r"(?:(?:have|need|want|like|plan|ought|going)\s+to\s+)?"
)
_TRIGGER = re.compile(
    r"\b(?:with|use|using|ask|asking|text|call|message|e-?mail|dm|meet|contact|reach out to|talk to|speak (?:to|with)"
    r"|(?:get|getting|learn|borrow|hear|find out)\b[^.;]{0,60}?\bfrom)\s+"
)
_OR = re.compile(r"[\s\x00]*(?:,\s*)?(?:\bor\b|\band\b|&|/|,)\s+(?:(?:maybe|even|also|then|perhaps)\s+)?")
_AFTER_A_PHRASE = re.compile(r"(?:\s+[a-z][a-z'\u2019]{0,20}){1,5}\s*,\s*(?:or|and)\s+")
_STOP = re.compile(r"[.!?;](?=[\s\x00\x01]|$)|\x01")
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|Dr|Mrs?|Ms|Prof|St|Jr|Sr)|\be\.g|\bi\.e)$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and where it stands in the whole text; names joined by a bare `or` or `and` share a `group`.

    A group is known by the position of its first name.
    """

    name: str
    start: int
    end: int
    group: int


@dataclass(frozen=True, slots=True)
class Clause:
    """What the writer says of themself, from `I` to the end of the sentence, at its place in the whole text."""

    start: int
    words: str
    mentions: tuple[Mention, ...]

    @property
    def act(self) -> str:
        """The clause without its subject: `I'd have to call Ann` is `call Ann`."""
        return _SUBJECT_AND_MODAL.sub("", self.words, count=1)


def clauses(text: str) -> list[Clause]:
    """The first-person clauses of a text in order, those in brackets as clauses of their own."""
    found = [clause for level in _levels(text) for clause in _clauses_of(level, text)]
    return sorted(found, key=lambda clause: clause.start)


def _levels(text: str) -> Iterator[str]:
    """The text once for each depth of brackets, at full length: deeper asides and the text around are masked."""
    depths, depth = [], 0
    for letter in text:
        depth += letter in "(["
        depths.append(depth)
        depth -= letter in ")]" and depth > 0
    for level in range(min(max(depths, default=0), _DEEPEST) + 1):
        yield "".join(
            letter if at == level else _ASIDE if at > level else _AROUND
            for letter, at in zip(text, depths, strict=True)
        )


def _clauses_of(level: str, text: str) -> Iterator[Clause]:
    start = 0
    for end in _sentence_ends(level):
        subject = _SUBJECT.search(level, start, end)
        if subject is not None:
            stop = subject.start() + len(level[subject.start() : end].rstrip(f"{_ASIDE} ,;:-\u2013\u2014)]"))
            mentions = tuple(_mentions(level[subject.start() : end], subject.start()))
            yield Clause(subject.start(), text[subject.start() : stop], mentions)
        start = end + 1


def _sentence_ends(level: str) -> Iterator[int]:
    for stop in _STOP.finditer(level):
        if not _ABBREVIATION.search(level[max(0, stop.start() - 5) : stop.start()]):
            yield stop.start()
    yield len(level)


def _mentions(text: str, offset: int) -> Iterator[Mention]:
    done = 0
    for trigger in _TRIGGER.finditer(text):
        found = name_at(text, trigger.end())
        if found is None or trigger.start() < done:
            continue
        group = offset + trigger.end()
        while found is not None:
            done = found.end
            yield Mention(found.name, offset + done - len(found.name), offset + done, group)
            directly, later = _OR.match(text, done), _AFTER_A_PHRASE.match(text, done)
            joint = directly or later
            if joint is not None and directly is None:
                group = offset + joint.end()
            found = name_at(text, joint.end()) if joint else None
