"""The part with the experts taken apart: the people it lists, the questions drafted for them, and other text."""

from dataclasses import dataclass, field, replace

from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.labels import is_blank
from crm.importers.worksheet.sheet import is_about_drafts, whom_to_ask


@dataclass(slots=True)
class ExpertPart:
    """The bullets that list people, the bullets that are questions, and the texts that are neither instruction."""

    people: list[Block] = field(default_factory=list)
    drafts: list[Block] = field(default_factory=list)
    texts: list[Block] = field(default_factory=list)


def taken_apart(section: Section) -> ExpertPart:
    """People are listed first, and drafted questions after their own instruction; the order may be the other way."""
    found, drafting = ExpertPart(), False
    for block in section.blocks:
        if block.kind == "paragraph":
            drafting = is_about_drafts(block.text) or (drafting and whom_to_ask(block) is None)
            if not drafting:
                found.texts.append(block)
        elif block.kind == "item" and (drafting or (block.text.endswith("?") and not is_blank(block.text))):
            found.drafts.append(block)
        elif block.kind == "item":
            drafting = _add_person(block, found)
    return found


def _add_person(block: Block, found: ExpertPart) -> bool:
    """Add a bullet without the instruction that follows it; returns whether one does.

    No blank line between makes Markdown join the two, and take the questions for inner bullets.
    """
    said = next((line for line in block.lines if is_about_drafts(line.text)), None)
    if said is None:
        found.people.append(block)
        return False
    lines = tuple(line for line in block.lines if line.number < said.number)
    before = [child for child in block.children if child.line < said.number]
    if lines or before:
        found.people.append(replace(block, lines=lines, children=before))
    found.drafts += [child for child in block.children if child.line > said.number and child.kind == "item"]
    return True
