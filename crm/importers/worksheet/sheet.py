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

_LONGEST_INSTRUCTION = 500
_PREPARE = re.compile(r"\bquestions for (?P<whom>.*(?:reach out|contact|talk|ask).*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A parsed worksheet and the base name of its file."""

    name: str
    sections: list[Section]

    def parts(self, *roles: str) -> Iterator[Section]:
        """The sections that are one of these parts, in the file's order."""
        return (section for section in self.sections if section.role in roles)

    def blocks(self) -> Iterator[Block]:
        """Every block of the file."""
        for section in self.sections:
            yield from section.walk()

    def at(self, line: int, *, inferred: bool = False) -> Source:
        """The source of a row read at that line."""
        return Source(self.name, line, inferred)

    def gap(self, line: int, text: str, *, subject: str = "", remedy: str = "") -> NoticeRow:
        """Something unsure that only the person can settle."""
        return NoticeRow(level="gap", text=text, subject=subject, remedy=remedy, source=self.at(line))

    def blank(self, line: int | None, text: str, *, subject: str = "", remedy: str = "") -> NoticeRow:
        """Something left open, at the line that asks for it, if there is one."""
        source = Source(self.name, line)
        return NoticeRow(level="gap", text=text, subject=subject, remedy=remedy, blank=True, source=source)

    def rewrite(self, line: int, how: str = "edit line {line} of {name}") -> str:
        """The remedy that is a change of the worksheet itself, with the command that reads it once more."""
        return f"{how.format(line=line, name=self.name)}, then: crm init --worksheet FILE"

    def warning(self, line: int, text: str, *, subject: str = "", remedy: str = "") -> NoticeRow:
        """A value that could not be used."""
        remedy = remedy or self.rewrite(line)
        return NoticeRow(level="warning", text=text, subject=subject, remedy=remedy, source=self.at(line))


def open_sheet(text: str, *, name: str) -> Sheet:
    """Parse a worksheet.

    Raises:
        BadValueError: nested too deeply.
    """
    found = sections(text, name=name, is_title=lambda title: part(title) is not None)
    for section in found:
        section.role = _role(section)
    return Sheet(name, found)


def _role(section: Section) -> str | None:
    """The part that a section is: by its own title, by the title it stands under, or by its instruction."""
    own = part(section.title)
    if own is None:
        own = next(
            (above.role for above in reversed(section.path) if above.level > 1 and above.role in _INHERITED), None
        )
    if own is None and any(whom_to_ask(block) for block in section.blocks):
        own = EXPERTS
    return own


def whom_to_ask(block: Block) -> str | None:
    """`Prepare questions for ML engineers you can reach out to.` says who the people listed below it are."""
    found = _PREPARE.search(block.text[:_LONGEST_INSTRUCTION]) if block.kind == "paragraph" else None
    return found["whom"].strip().rstrip(".:") if found else None


def is_about_drafts(text: str) -> bool:
    """`Draft 5 specific questions:` says that questions follow, and no people."""
    words = set(normal(text[:_LONGEST_INSTRUCTION]).split())
    return bool(words & {"question", "questions"}) and bool(words & {"draft", "specific"})
