"""The plan's own facts: start, deadline, goal, weekly hours, months, total hours, partner."""

import re
from collections.abc import Iterator

from crm.escaping import quote
from crm.importers.worksheet import amounts
from crm.importers.worksheet.blocks import Block, Line
from crm.importers.worksheet.labels import Field, field, is_blank, label, name_of, normal
from crm.importers.worksheet.sheet import Sheet
from crm.rows import NoticeRow, PlanRow, Row

_TOTAL = re.compile(r"\b(?P<hours>\d{1,3}(?:,\d{3})|\d{1,5})[- ]hours?(?: learning)? project\b", re.IGNORECASE)
_LABEL_AHEAD = re.compile(r"[^:]{1,60}:")


def plan_rows(sheet: Sheet) -> Iterator[Row]:
    """What the worksheet says of the plan as a whole, and what it leaves open."""
    yield from _start(sheet)
    yield from _total(sheet)
    yield from _deadline(sheet)
    yield from _goal(sheet)
    yield from _pace(sheet)
    yield from _partner(sheet)


def _start(sheet: Sheet) -> Iterator[Row]:
    remedy = "crm plan start 2026-01-05 (with your own date)"
    found = [each for block in sheet.blocks() for each in _line_fields(block) if _is_start(each)]
    filled = [each for each in found if not each.blank]
    for each in filled[:1]:
        day = amounts.day(each.value)
        if day is None:
            text = f"the start date {quote(each.value)} can be read in several ways or in none"
            yield sheet.warning(each.line, text, subject="start date", remedy=f"crm plan start, or write 2026-01-05 on line {each.line}")
        else:
            yield PlanRow(start_on=day, source=sheet.at(each.line))
    if not filled:
        line = found[0].line if found else None
        yield sheet.gap(line, "the plan has no start date, so its reviews have none", subject="start date", remedy=remedy)


def _is_start(each: Field) -> bool:
    return normal(each.name) in {"date started", "start date", "started", "started on", "date of start", "starting date"}


def _line_fields(block: Block) -> Iterator[Field]:
    """The labels of a block that has one on each line; a blank one may be answered on the next line."""
    for at, line in enumerate(block.lines):
        found = label(line.text)
        answers = [Line(line.number, found.value)]
        following = block.lines[at + 1] if at + 1 < len(block.lines) else None
        if is_blank(found.value) and following and not _LABEL_AHEAD.match(following.text):
            answers = [following]
        if found.name:
            yield Field(found.name, tuple(answers))
