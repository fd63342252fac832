"""Commitments proposed in passing: `post twice per week on ...`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.importers.worksheet.blocks import Block
from crm.importers.worksheet.labels import like, normal
from crm.importers.worksheet.sheet import Sheet
from crm.importers.worksheet.words import NOT_ONESELF
from crm.rows import CommitmentRow, Row

_COUNTS = {
    "once": 1,
    "twice": 2,
    "thrice": 3,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
}
_MOST = 100
_RATE = re.compile(
    r"\b(?:(?P<adverb>once|twice|thrice)|(?P<number>\d{1,3}|one|two|three|four|five|six|seven)\s*(?:times|x))"
    r"\s*(?:per|an?|each|every|/)\s*(?P<per>day|week|month)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[()\[\]]|[.!?;:](?=\s|$)|,")
_SELF = re.compile(r"\b(?:I|i|[Ww]e)(?:['\u2019](?:d|ll|m))?\b")
_INTENT = re.compile(
    r".*\b(?:(?:task|plan|goal|want|try|going|need|have|like|promise|commit|aim|habit|able) to"
    r"|could|can|should|would|will|must|might|may|['\u2019](?:d|ll))\s+"
)
_LOOK_BACK = 200
_MOST_WORDS = 5
_PARTS = ("practitioners", "procedures", "accountability", "pace")


@dataclass(frozen=True, slots=True)
class _Rate:
    verb: str
    title: str
    times: int
    per: str
    line: int


def commitments(sheet: Sheet) -> Iterator[Row]:
    """One proposed commitment for each verb and rate; of several wordings the longest tells most."""
    found: dict[tuple[str, int, str], _Rate] = {}
    for section in sheet.sections:
        if section.role in _PARTS or any(like(word, "networking") for word in normal(section.title).split()):
            for rate in (rate for block in section.walk() for rate in _rates(block)):
                key = (rate.verb, rate.times, rate.per)
                if key not in found or len(rate.title) > len(found[key].title):
                    found[key] = rate
    for rate in found.values():
        source = sheet.at(rate.line, inferred=True)
        yield CommitmentRow(title=rate.title, times=rate.times, per=rate.per, source=source)


def _rates(block: Block) -> Iterator[_Rate]:
    text = block.text
    for match in _RATE.finditer(text):
        times = _COUNTS.get((match["adverb"] or match["number"]).lower()) or int(match["number"])
        act = _act(text, match.start())
        if act is None or not 1 <= times <= _MOST:
            continue
        end = _CLAUSE_END.search(text, match.end())
        after = text[match.end() : end.start() if end else len(text)].strip(" -*_")
        title = f"{act} {after}".strip()
        yield _Rate(
            act.split()[0].casefold(),
            title[0].upper() + title[1:],
            times,
            match["per"].lower(),
            block.line_at(match.start()),
        )


def _act(text: str, end: int) -> str | None:
    """The few words between `I could`, or the clause's start, and the rate; they must begin with what one does."""
    start = max(0, end - _LOOK_BACK)
    for mark in _CLAUSE_END.finditer(text, max(0, end - _LOOK_BACK), end):
        start = mark.end()
    said = text[start:end].strip(" -*_")
    intended = _INTENT.match(said) if _SELF.search(said) else None
    words = said[intended.end() :].split() if intended else said.split()
    if not 1 <= len(words) <= _MOST_WORDS or words[0].casefold() in NOT_ONESELF:
        return None
    return " ".join(words)
