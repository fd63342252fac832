"""Bullets that name people, one or several, with whatever follows the names."""

from dataclasses import dataclass

from markdown_it import MarkdownIt

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.person import About, about
from crm.importers.worksheet.reading import AMBIGUOUS, Reading
from crm.importers.worksheet.slots import is_slot_block
from crm.rows import ContactRow, Source

_LONGEST_MARKED_UP = 2_000
"""Longer texts are taken as they are: nobody marks them up, and the parser's time on odd ones grows with the square."""

_INLINE = MarkdownIt("commonmark")


@dataclass(frozen=True, slots=True)
class List:
    """A list of people being read: the tags it gives, and how many people were known before it began.

    Two bullets of one list are two people; a first name in another list means the one person it can mean.
    """

    reading: Reading
    tags: tuple[str, ...] = ()
    before: int = 0

    def was_known(self, name: str) -> bool:
        """Whether this person was read before the list began."""
        return self.reading.roster.place(name) < self.before


def begin(reading: Reading, *, tags: tuple[str, ...] = ()) -> List:
    """Begin to read a list."""
    return List(reading, tags, len(reading.roster))


def read_bullet(block: Block, into: List) -> list[str]:
    """Read a bullet; returns the names its people go by, none for a blank or a heading of inner bullets."""
    text = labels.unboxed(block.text)
    if is_slot_block(block):
        return []
    if labels.is_blank(text):
        _placeholder(block, text, into.reading)
        return [name for child in block.children for name in read_bullet(child, into)]
    if text.rstrip("*_ ").endswith(":") and block.children:
        return [name for child in block.children for name in read_bullet(child, into)]
    return _read_people(block, text, into)


def plain(text: str) -> tuple[str, str]:
    """The text without Markdown's inline marks, and the addresses its links lead to."""
    if len(text) > _LONGEST_MARKED_UP:
        return text, ""
    tokens = _INLINE.parseInline(text)[0].children or []
    words = "".join(token.content or (" " if token.type == "softbreak" else "") for token in tokens)
    links = (str(token.attrs["href"]) for token in tokens if token.type == "link_open")
    return words, " ".join(link for link in links if link.removeprefix("mailto:") not in words)


def person_row(name: str, said: About, source: Source, *, tags: tuple[str, ...] = (), alone: bool = True) -> ContactRow:
    """A contact from a name and what was said; ways to reach somebody belong to one person `alone`."""
    job = said.job
    return ContactRow(
        name=name,
        tags=tags,
        context=said.context,
        place=said.place,
        organization=job.organization if job else None,
        title=job.title if job else None,
        current=job.current if job else True,
        methods=said.methods if alone else (),
        source=source,
    )


def _read_people(block: Block, text: str, into: List) -> list[str]:
    reading, sheet = into.reading, into.reading.sheet
    words, links = plain(text)
    found = people_in(words)
    if not found.names:
        remedy = f"write '- Name, how you know them' on line {block.line} of {sheet.name}, or: crm contact add NAME"
        reading.rows.append(sheet.warning(block.line, f"no name was found in {quote(text)}", remedy=remedy))
        return []
    said = about(
        "; ".join(part for part in (found.rest, *(child.text for child in block.children)) if part), links=links
    )
    names = []
    for each in found.names:
        name = reading.resolve(each, block.line, among=into.was_known)
        if name == AMBIGUOUS:
            continue
        row = person_row(name or each, said, sheet.at(block.line), tags=into.tags, alone=len(found.names) == 1)
        names.append(reading.roster.add(row))
    _ask_about(block, text, names, said, reading, doubtful=found.unsure)
    return names


def _ask_about(block: Block, text: str, names: list[str], said: About, reading: Reading, *, doubtful: bool) -> None:
    if not names:
        return
    who = " and ".join(names)
    if doubtful or not any(name[:1].isupper() or not name[:1].islower() for name in names):
        reading.ask(block.line, f"{quote(text)} was read as {who}; is that all of the name?", about=names[0])
    if said.context and said.context.casefold().startswith("from "):
        question = f"{who}: what does {quote(said.context)} mean - home, work, or how you met?"
        reading.ask(block.line, question, about=names[0])


def _placeholder(block: Block, text: str, reading: Reading) -> None:
    if any(letter.isalpha() for letter in text):
        remedy = f"write a name on line {block.line} of {reading.sheet.name} and import it again"
        reading.ask(block.line, f"{quote(text)} was read as a placeholder", about=text, remedy=remedy)
