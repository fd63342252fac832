"""Every blank of a worksheet, whether the program could fill it or not, with the line where it stands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm import date_words
from crm.errors import BadValueError
from crm.importers.worksheet.blocks import Block, Line, Section
from crm.importers.worksheet.labels import box, field, is_blank, label, name_of, normal, unboxed
from crm.importers.worksheet.page import Page
from crm.importers.worksheet.places import title_of_part
from crm.importers.worksheet.sheet import Sheet, open_sheet

_NUMBERED = re.compile(r"[ \t>]*(\d{1,3}[.)])[ \t]*")
_SEPARATOR = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?")
_BAR = re.compile(r"(?<!\\)\|")
_LINE_TO_FILL = re.compile("[_.\u2026]{3,}")
_MARKS = "*_ \t"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Blank:
    """Something left open: `kind` is label, placeholder, numbered, bullet, box, question or cell."""

    kind: str
    part: str
    line: int
    text: str


def blanks(page: Page) -> list[Blank]:
    """The blanks of a worksheet by line.

    Raises:
        BadValueError: the page is no worksheet.
    """
    sheet = open_sheet(page.text, name=page.name)
    if not is_worksheet(sheet):
        raise BadValueError(f"{page.name} is no worksheet: it has none of a worksheet's headings")
    found = {each.line: each for section in sheet.sections for each in _of_section(section, page)}
    cells = (each for section in sheet.sections for each in _cells(section))
    return sorted([*found.values(), *cells], key=lambda each: each.line)


def is_worksheet(sheet: Sheet) -> bool:
    """Whether a page has a part of a worksheet, or says in a heading that it is one."""
    return any(section.role or "worksheet" in section.title.casefold() for section in sheet.sections)


def _of_section(section: Section, page: Page) -> Iterator[Blank]:
    part, chosen, about = title_of_part(section), _is_choice(section), section.title
    for at, block in enumerate(section.blocks):
        if block.kind == "paragraph":
            yield from _of_paragraph(block, section.blocks[at + 1 :], part)
            about = block.text
        else:
            place = _Place(page, part, about.strip(_MARKS)[:_LONGEST], chosen)
            yield from _of_item(block, place, "")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where items stand: what bare numbers and bullets are `about`, and whether ticks choose one of several."""

    page: Page
    part: str
    about: str
    chosen: bool


def _is_choice(section: Section) -> bool:
    """Whether the boxes of a section are answers to choose from, one of which is ticked: the others are no blanks."""
    asks = any(block.kind == "paragraph" and _is_question(block) for block in section.blocks)
    found = (box(block.text) for block in section.blocks if block.kind == "item")
    return asks and any(each is not None and each.ticked for each in found)


def _is_question(block: Block) -> bool:
    return any(normal(label(line.text).name) == "question" for line in block.lines)


def _of_paragraph(block: Block, after: Sequence[Block], part: str) -> Iterator[Blank]:
    for line in block.lines:
        said = label(line.text)
        if said.name == line.text.strip(_MARKS) or line.text.startswith("|"):
            continue
        is_last = line is block.lines[-1]
        if _LINE_TO_FILL.fullmatch(said.value) or (is_blank(said.value) and is_last and not _is_answered(after)):
            yield Blank("label", part, line.number, said.name)
        elif normal(said.name) == "question" and is_last and not _is_answered(after):
            yield Blank("question", part, line.number, said.value.strip(_MARKS)[:_LONGEST])


def _is_answered(after: Sequence[Block]) -> bool:
    """Whether something stands below a label or question, before the next one: remarks in italics are none."""
    for block in after:
        if block.kind == "item":
            return True
        if block.text.startswith(("**", "__")):
            return False
        if not block.text.startswith(("*", "_")):
            return True
    return False


def _of_item(block: Block, place: _Place, owner: str) -> Iterator[Blank]:
    """The blanks of an item and of those inside it; `owner` is the label it stands under."""
    found = box(block.text)
    said = label(unboxed(block.lines[0].text)) if block.lines else label("")
    name = f"{owner}: {said.name}" if owner else said.name
    kind = _kind(block, said.name, said.value.strip(_MARKS))
    if found is not None and found.ticked is False:
        if not place.chosen:
            yield Blank("box", place.part, block.line, label_text(found.text))
    elif kind == "bullet":
        number = _NUMBERED.match(place.page.line(block.line))
        text = f"{number[1]} {place.about}" if number else place.about
        yield Blank("numbered" if number else "bullet", place.part, block.line, text)
    elif kind is not None:
        text = name if kind == "label" else f"{name}: {said.value.strip(_MARKS)}"
        yield Blank(kind, place.part, block.line, text[:_LONGEST])
    for child in block.children:
        if child.kind == "item":
            yield from _of_item(child, place, said.name[:_LONGEST])


def label_text(text: str) -> str:
    """The text of a box without the emphasis around its label."""
    said = label(text)
    return (f"{said.name}: {said.value}" if said.value else said.name)[:_LONGEST]


def _kind(block: Block, name: str, value: str) -> str | None:
    """The kind of blank that an item is, boxes aside; None if something is in it, or only heads what stands in it."""
    if not block.lines or (not name and is_blank(block.text)):
        return None if block.children else "bullet"
    if not _is_label(block.lines[0], name) or not is_blank(value) or _has_answer(block):
        return None
    if any(letter.isalnum() for letter in value):
        return "placeholder"
    return "label" if not block.children or _asks_for_itself(block) else None


def _has_answer(block: Block) -> bool:
    """Whether something other than fields stands below a label."""
    own = any(not is_blank(line.text) for line in block.lines[1:])
    return own or any(
        child.lines and not is_blank(child.text) and not _is_label(child.lines[0], label(unboxed(child.text)).name)
        for child in block.children
    )


def _is_label(line: Line, name: str) -> bool:
    return bool(name) and name != unboxed(line.text).strip(_MARKS)


def _asks_for_itself(block: Block) -> bool:
    """`Resource 1:` with fields of its own is to be filled in itself; `Person 1:`, which asks for a name, is not."""
    fields = [field(child) for child in block.children if child.lines]
    is_heading = any(each.has("name", "handle", "available") for each in fields)
    words = name_of(block)
    return words[-1:].isdigit() and not is_heading and date_words.weekday_named(words) is None


def _cells(section: Section) -> Iterator[Blank]:
    """The empty cells of the tables of a section, named by row and column."""
    part = title_of_part(section)
    for block in section.walk():
        lines = [line for line in block.lines if line.text.startswith("|")]
        ruled = next((at for at, line in enumerate(lines) if at and _SEPARATOR.fullmatch(line.text)), None)
        if ruled is not None:
            columns = _split(lines[ruled - 1].text)
            for line in lines[ruled + 1 :]:
                yield from _empty(_split(line.text), columns, line, part)


def _empty(cells: Sequence[str], columns: Sequence[str], line: Line, part: str) -> Iterator[Blank]:
    row = next((each for each in cells if each), "")
    for at, name in enumerate(columns):
        if at >= len(cells) or not cells[at] or _LINE_TO_FILL.fullmatch(cells[at]):
            yield Blank("cell", part, line.number, " / ".join(each for each in (row, name) if each))


def _split(row: str) -> list[str]:
    return [each.strip() for each in _BAR.split(row.strip().strip("|"))]
