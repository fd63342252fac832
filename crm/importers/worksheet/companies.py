"""Companies: those the writer wants to work at, and those whose job postings were analysed."""

import re
from collections.abc import Iterator

from crm.importers.worksheet.labels import field, name_of, normal
from crm.importers.worksheet.sheet import Sheet
from crm.importers.worksheet.words import EMPLOYERS
from crm.rows import OrganizationRow, Row

_INTRODUCED = re.compile(r"\b(?:like|such as|e\.g\.|including|for example|namely)[\s:,]+", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*[,;/]\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+")
_LAST_GROUP = re.compile(r"\(([^()]*)\)[\s.*_]*$")
_POSTINGS = re.compile(r"\b(?:job )?(?:listings?|postings?)\b", re.IGNORECASE)
_LONGEST = 60


def companies(sheet: Sheet) -> Iterator[Row]:
    """Target companies, each once, named as they were first written."""
    seen = set()
    for line, name in (*_wanted(sheet), *_analysed(sheet)):
        if name.casefold() not in seen:
            seen.add(name.casefold())
            yield OrganizationRow(name=name, target=True, source=sheet.at(line))


def _wanted(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """The answer to `Company type`: the names after `like`, or the whole answer if it is nothing but names."""
    for block in sheet.blocks():
        if not re.match(r"(?:target )?compan(?:y type|ies)", name_of(block)):
            continue
        for answer in field(block).answers:
            introduced = list(_INTRODUCED.finditer(answer.text))
            names = _names(_INTRODUCED.sub(", ", answer.text[introduced[0].start() :] if introduced else answer.text))
            if introduced or all(_is_name(name) for name in names):
                yield from ((answer.number, name) for name in names if _is_name(name))


def _analysed(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """`Based on analysis of 3 job listings (Acme, Initech, Hooli)` names companies in the brackets that end it."""
    for section in sheet.parts("postings"):
        for block in section.blocks:
            group = _LAST_GROUP.search(block.text)
            if block.kind == "paragraph" and group and _POSTINGS.search(block.text):
                line = block.line_at(group.start())
                yield from ((line, name) for name in _names(group[1]) if _is_name(name))


def _names(text: str) -> list[str]:
    names = (name.strip(" .*_") for name in _SEPARATOR.split(" ".join(text.split())))
    return [name for name in names if name]


def _is_name(text: str) -> bool:
    words = normal(text).split()
    generic = any(word in EMPLOYERS for word in words)
    return bool(words) and len(words) <= 5 and len(text) <= _LONGEST and not text[0].islower() and not generic
