"""Slots: bullets whose inner bullets are fields, such as `Person 1` with Name, How to reach, What to ask, Status."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block, Line
from crm.importers.worksheet.labels import Field
from crm.importers.worksheet.names import people_in

_NAME = ("name", "handle")
_PERSON = ("reach", "ask", "status")
_PRACTITIONER = ("role", "path", "insight")


@dataclass(slots=True)
class Slot:
    """One slot: its label, the text after that (or without one), its fields, and lines that belong to none of them."""

    title: str
    value: str
    line: int
    fields: list[Field] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)

    def get(self, *words: str) -> Field | None:
        """The first filled field whose label holds one of the words."""
        return next((each for each in self.fields if each.has(*words) and not each.blank), None)

    @property
    def name(self) -> Field | None:
        """The filled name; a name beside the slot's own label, or instead of one, counts too."""
        beside = Field(self.title, (Line(self.line, self.value),))
        named = not beside.blank and bool(people_in(beside.value).names)
        return self.get(*_NAME) or (beside if named else None)

    @property
    def filled(self) -> list[Field]:
        """Fields with something in them."""
        return [each for each in self.fields if not each.blank]

    @property
    def is_practitioner(self) -> bool:
        """Whether it describes somebody studied from afar: a learning path, insights, no way to reach them."""
        return any(each.has("path", "insight") for each in self.fields) or not any(
            each.has(*_PERSON) for each in self.fields
        )


def slots(blocks: Iterable[Block], *, sure: bool) -> Iterator[Slot]:
    """The slots among these blocks; unless they are `sure` to hold some, only those with a name and another field."""
    loose: Slot | None = None
    for block in blocks:
        if block.kind != "item":
            continue
        inner = [labels.field(child) for child in block.children if _is_field(child)]
        if inner and (sure or _is_slot(inner)):
            yield _slot(block, inner)
        elif sure and _is_field(block):
            one = labels.field(block)
            if loose is None or (one.has(*_NAME) and loose.fields):
                if loose is not None:
                    yield loose
                loose = Slot("", "", block.line)
            loose.fields.append(one)
        elif sure:
            yield from slots(block.children, sure=True)
    if loose is not None:
        yield loose


def _slot(block: Block, inner: list[Field]) -> Slot:
    """A slot from its bullet and the fields in it; `1. Name: ...` with more fields below is a field itself."""
    notes = [line for child in block.children for line in _notes(child)]
    if _is_field(block):
        return Slot("", "", block.line, [labels.field(replace(block, children=[])), *inner], notes)
    text = labels.unboxed(block.text)
    said = labels.label(text)
    is_label = said.value or labels.is_open(text)
    return Slot(said.name, said.value if is_label else said.name, block.line, inner, notes)


def _notes(block: Block) -> Iterator[Line]:
    """The lines of a slot's inner bullet that may be no part of its field: those below what stands beside the label."""
    one = labels.field(block)
    open_ = labels.is_open(labels.unboxed(block.lines[0].text)) if block.lines else True
    if not _is_field(block):
        yield from (line for each in block.walk() for line in each.lines)
    elif not one.has("ask") and not open_:
        yield from (line for each in block.walk() for line in each.lines if line is not block.lines[0])


def is_slot_block(block: Block) -> bool:
    """Whether a bullet is a slot or a field of one, and so no person by itself."""
    return _is_field(block) or any(_is_field(child) for child in block.children)


def _is_slot(fields: list[Field]) -> bool:
    return any(each.has(*_NAME) for each in fields) and any(each.has(*_PERSON, *_PRACTITIONER) for each in fields)


def _is_field(block: Block) -> bool:
    if not block.lines:
        return False
    has_colon = any(colon in block.lines[0].text for colon in (":", "\uff1a"))
    words = labels.name_of(block).split()
    return (
        has_colon
        and len(words) <= 4
        and any(labels.like(w, cue) for w in words for cue in _NAME + _PERSON + _PRACTITIONER)
    )
