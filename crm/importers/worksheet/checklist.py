"""The checklist with its horizons, and the review schedule."""

import re
from collections.abc import Iterator

from crm.escaping import quote
from crm.importers.worksheet.blocks import Block
from crm.importers.worksheet.labels import Box, box, horizon, is_blank, label, normal
from crm.importers.worksheet.sheet import Sheet
from crm.rows import ReviewRow, Row, TaskRow

_MILESTONE = re.compile(
    r"(?P<unit>week|month)s? (?P<count>\d{1,3})(?: review)?|(?P<count2>\d{1,3}) (?P<unit2>week|month)s?"
)
_EMPTY = re.compile(r"[\s_.-]*")
_FARTHEST = {"week": 520, "month": 120}


def tasks(sheet: Sheet) -> Iterator[Row]:
    """The items of the action checklist, open if they have no box; boxes elsewhere are no tasks."""
    seen: dict[str, int] = {}
    for section in sheet.parts("tasks"):
        for top in section.blocks:
            for block in top.walk():
                found = box(block.text) if block.kind == "item" else None
                if found is None and block is top and block.kind == "item":
                    found = Box(False, block.text)
                if found is not None and not _EMPTY.fullmatch(found.text):
                    yield from _task(sheet, block, found, horizon(section.title), seen)


def _task(sheet: Sheet, block: Block, found: Box, due: str | None, seen: dict[str, int]) -> Iterator[Row]:
    title = found.text.strip()
    if title in seen:
        text = f"{quote(title)} stands on line {seen[title]} already and was read once"
        yield sheet.warning(block.line, text, subject="checklist")
        return
    seen[title] = block.line
    yield from _odd_mark(sheet, block, found)
    yield TaskRow(title=title, horizon=due, done=found.ticked is True, source=sheet.at(block.line))


def reviews(sheet: Sheet) -> Iterator[Row]:
    """The milestones of the review schedule, `Week N` or `Month N`, with the exact words after them."""
    seen: dict[str, int] = {}
    for section in sheet.parts("reviews"):
        for block in section.blocks:
            if block.kind != "item" or is_blank(block.text):
                continue
            found = box(block.text) or Box(False, block.text)
            said = label(found.text)
            unit, count = _milestone(said.name)
            name = f"{unit.title()} {count}"
            if not 1 <= count <= _FARTHEST.get(unit, 0):
                text = f"{quote(said.name)} is no milestone like Week 2 or Month 3"
                yield sheet.warning(block.line, text, subject="reviews")
            elif name in seen:
                text = f"{name} stands on line {seen[name]} already and was read once"
                yield sheet.warning(block.line, text, subject="reviews")
            else:
                seen[name] = block.line
                yield from _odd_mark(sheet, block, found)
                yield ReviewRow(
                    name=name,
                    text=said.value,
                    offset_weeks=count if unit == "week" else 0,
                    offset_months=count if unit == "month" else 0,
                    done=found.ticked is True,
                    source=sheet.at(block.line),
                )


def _milestone(name: str) -> tuple[str, int]:
    found = _MILESTONE.fullmatch(normal(name))
    if found is None:
        return "", 0
    return found["unit"] or found["unit2"], int(found["count"] or found["count2"])


def _odd_mark(sheet: Sheet, block: Block, found: Box) -> Iterator[Row]:
    if found.ticked is None:
        text = f"the box before {quote(found.text)} is neither ticked nor empty and was read as open"
        yield sheet.warning(block.line, text, subject="checklist")
