"""The worksheet being read: its sections by the part they are, and the sources and notices that rows carry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crm.importers.worksheet.blocks import Block, Section, sections
from crm.importers.worksheet.labels import normal, part
from crm.rows import NoticeRow, Source

EXPERTS = "experts"
"""The live group of the people listed under the questions for experts, and the part that lists them."""

_INHERITED = frozenset(("tasks", "practitioners", "reviews", "audit", "allocation", "accountability"))
"""Parts whose inner headings need no name of their own."""

_PREPARE = re.compile(r"\bquestions for (?P<whom>.*(?:reach out|contact|talk|ask).*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A parsed worksheet and the base name of its file."""

    name: str
    sections: list[Section]

    def parts(self, *roles: str) -> Iterator[Section]:
        """The sections that are one of these parts, in the file's order."""
        return (section for section in self.sections if role(section) in roles)

    def blocks(self) -> Iterator[Block]:
        """Every block of the file."""
        for section in self.sections:
            yield from section.walk()

    def at(self, line: int, *, inferred: bool = False) -> Source:
        """The source of a row read at that line."""
        return Source(self.name, line, inferred)

    def gap(self, line: int | None, text: str, *, subject: str = "", remedy: str = "") -> NoticeRow:
        """Something blank or unsure that the person can settle."""
        return NoticeRow(level="gap", text=text, subject=subject, remedy=remedy, source=Source(self.name, line))

    def warning(self, line: int, text: str, *, subject: str = "", remedy: str = "") -> NoticeRow:
        """A value that could not be used."""
        remedy = remedy or f"edit line {line} of {self.name} and import it again"
        return NoticeRow(level="warning", text=text, subject=subject, remedy=remedy, source=Source(self.name, line))


def open_sheet(text: str, *, name: str) -> Sheet:
    """Parse a worksheet.

    Raises:
        BadValueError: nested too deeply.
    """
    return Sheet(name, sections(text, name=name, is_title=lambda title: part(title) is not None))


def role(section: Section) -> str | None:
    """The part that a section is: by its own title, by the title it stands under, or by its instruction."""
    own = part(section.title)
    if own is None and section.level > 2:
        own = next((above for above in map(part, reversed(section.path[1:])) if above in _INHERITED), None)
    if own is None and any(whom_to_ask(block) for block in section.blocks):
        own = EXPERTS
    return own


def whom_to_ask(block: Block) -> str | None:
    """`Prepare questions for ML engineers you can reach out to.` says who the people listed below it are."""
    found = _PREPARE.search(block.text) if block.kind == "paragraph" else None
    return found["whom"].strip().rstrip(".:") if found else None


def is_about_drafts(block: Block) -> bool:
    """`Draft 5 specific questions:` says that questions follow, and no people."""
    words = normal(block.text)
    return block.kind == "paragraph" and "questions" in words and ("draft" in words or "specific" in words)
