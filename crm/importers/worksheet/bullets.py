"""Bullets that name people, one or several, with whatever follows the names."""

import shlex
from dataclasses import dataclass

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block
from crm.importers.worksheet.markup import plain
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.person import About, about
from crm.importers.worksheet.reading import AMBIGUOUS, Reading
from crm.importers.worksheet.slots import is_slot_block
from crm.importers.worksheet.unread import ask_about_notes, names_begun, report_unmarked, without_strays
from crm.rows import ContactRow, Source


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
    if labels.is_blank(text) or labels.is_open(text):
        _report_nobody(block, text, into.reading)
        return [name for child in block.children for name in _read_inner(child, into)]
    return _read_people(block, into)


def _read_inner(block: Block, into: List) -> list[str]:
    if block.kind == "item":
        return read_bullet(block, into)
    report_unmarked(block.lines, into.reading)
    return []


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


def _read_people(block: Block, into: List) -> list[str]:
    reading, sheet = into.reading, into.reading.sheet
    own, strays = without_strays(block.lines)
    notes = [note for child in block.children if not is_slot_block(child) for note in child.walk()]
    below = [line for note in notes for line in note.lines if not line.text.startswith("|")]
    rows = (line for note in notes for line in note.lines if line.text.startswith("|"))
    report_unmarked((*strays, *rows), reading)
    text = labels.unboxed(" ".join(line.text for line in own))
    words, links = plain(text)
    found = people_in(words)
    if not found.names:
        remedy = f"write '- Name, how you know them' on line {block.line} of {sheet.name}, or: crm contact add NAME"
        reading.rows.append(sheet.warning(block.line, f"no name was found in {quote(text)}", remedy=remedy))
        ask_about_notes(below, text, reading)
        return []
    said = about("; ".join(part for part in (found.rest, *(line.text for line in below)) if part), links=links)
    names = []
    for each in found.names:
        name = reading.resolve(each, block.line, among=into.was_known)
        if name == AMBIGUOUS:
            continue
        row = person_row(name or each, said, sheet.at(block.line), tags=into.tags, alone=len(found.names) == 1)
        names.append(reading.roster.add(row))
    _ask_about(block, text, names, said, reading, doubtful=found.unsure)
    ask_about_notes(below, " and ".join(found.names), reading)
    return names


def _ask_about(block: Block, text: str, names: list[str], said: About, reading: Reading, *, doubtful: bool) -> None:
    if not names:
        return
    who = " and ".join(names)
    after_label = said.context is not None and f": {said.context}" in text and bool(names_begun(said.context))
    if doubtful or after_label or not any(name[:1].isupper() or not name[:1].islower() for name in names):
        reading.ask(block.line, f"{quote(text)} was read as {who}; is that all of the name?", about=names[0])
    if said.context and said.context.casefold().startswith("from "):
        question = f"{who}: what does {quote(said.context)} mean - home, work, or how you met?"
        reading.ask(block.line, question, about=names[0])


def _report_nobody(block: Block, text: str, reading: Reading) -> None:
    """A bullet without a name is reported: a placeholder, a label with nothing after it, an empty one.

    A label above inner bullets is their heading, reported only if it could be a person.
    """
    remedy = reading.sheet.rewrite(block.line, "write a name on line {line} of {name}")
    heads = any(child.lines for child in block.children)
    if labels.is_open(text) and heads:
        for name in names_begun(labels.label(text).name):
            said = f"{quote(text)} was read as a heading of the bullets below it and as no person"
            reading.ask(block.line, said, about=name, remedy=f"if it is one: crm contact add {shlex.quote(name)}")
    elif labels.is_open(text):
        reading.ask(
            block.line, f"{quote(text)} has nothing after it and was read as no person", about=text, remedy=remedy
        )
    elif any(letter.isalnum() for letter in text):
        reading.ask(block.line, f"{quote(text)} was read as a placeholder", about=text, remedy=remedy)
    elif text or not heads:
        said = f"{quote(text or '-')} on line {block.line} names nobody"
        reading.ask(block.line, said, about=text or "people", remedy=remedy)
