"""The plan's own facts: start, deadline, goal, weekly hours, months, total hours, partner."""

import re
from collections.abc import Iterator

from crm.escaping import quote
from crm.importers.worksheet import amounts
from crm.importers.worksheet.blocks import Block, Line
from crm.importers.worksheet.hours import HOURS_A_WEEK, allocated_total
from crm.importers.worksheet.labels import Field, field, is_blank, label, name_of, normal
from crm.importers.worksheet.sheet import Sheet
from crm.rows import PlanRow, Row

_TOTAL = re.compile(r"\b(?P<hours>\d{1,3},\d{3}|\d{1,5})[- ]hours?(?: learning)? project\b", re.IGNORECASE)
_LABEL_AHEAD = re.compile(r"[^:]{1,60}:")
START = frozenset(("date started", "start date", "started", "started on", "date of start", "starting date"))


def plan_rows(sheet: Sheet) -> Iterator[Row]:
    """What the worksheet says of the plan as a whole, and what it leaves open."""
    yield from _start(sheet)
    yield from _total(sheet)
    yield from _deadline(sheet)
    yield from _goal(sheet)
    yield from _weekly_hours(sheet)
    yield from _months(sheet)
    yield from _partner(sheet)


def _start(sheet: Sheet) -> Iterator[Row]:
    found = [each for block in sheet.blocks() for each in _line_fields(block) if normal(each.name) in START]
    filled = next((each for each in found if not each.blank), None)
    if filled is None:
        text, remedy = "the plan has no start date, so its reviews have none", "crm plan start DATE"
        yield sheet.blank(found[0].line if found else None, text, subject="plan", remedy=remedy)
        return
    day = amounts.day(filled.value)
    if day is None:
        text = f"the start date {quote(filled.value)} can be read in several ways, or in none"
        remedy = f"write it like 2026-01-05 on line {filled.line} of {sheet.name}, or: crm plan start DATE"
        yield sheet.warning(filled.line, text, subject="plan", remedy=remedy)
    else:
        yield PlanRow(start_on=day, source=sheet.at(filled.line))


def _line_fields(block: Block) -> Iterator[Field]:
    """The labels of a block that has one on each line; a blank one may be answered on the next line."""
    for at, line in enumerate(block.lines):
        found = label(line.text)
        answer = Line(line.number, found.value)
        following = block.lines[at + 1] if at + 1 < len(block.lines) else None
        if is_blank(found.value) and following and not _LABEL_AHEAD.match(following.text):
            answer = following
        yield Field(found.name, (answer,))


def _total(sheet: Sheet) -> Iterator[Row]:
    for block in sheet.blocks():
        found = _TOTAL.search(block.text)
        if found:
            hours, line = float(found["hours"].replace(",", "")), block.line_at(found.start())
            yield PlanRow(total_hours=hours, source=sheet.at(line, inferred=True))
            text = f"is {hours:g} hours your own total? The worksheet gives it as an example"
            yield sheet.gap(line, text, subject="plan", remedy=f"crm plan set --total-hours {hours:g}")
            return


def _deadline(sheet: Sheet) -> Iterator[Row]:
    for block in sheet.blocks():
        if not name_of(block).startswith("timeline"):
            continue
        answer = field(block)
        days = amounts.days_in(answer.value)
        if len(days) == 1:
            yield PlanRow(deadline_on=days[0], source=sheet.at(answer.line, inferred=True))
            text = f"is {days[0]} your deadline? It was read from {quote(answer.value)}"
        else:
            text = "the timeline names no single day as deadline" if not answer.blank else "the timeline is blank"
        yield sheet.gap(answer.line, text, subject="plan", remedy="crm plan set --deadline DATE")
        return


def _goal(sheet: Sheet) -> Iterator[Row]:
    for section in sheet.parts("goal"):
        said = next((block for block in section.blocks if not is_blank(block.text)), None)
        if said is None:
            text, remedy = "your goal in one sentence is blank", "crm plan set --goal 'your goal'"
            yield sheet.blank(section.line, text, subject="plan", remedy=remedy)
        else:
            yield PlanRow(goal=said.text, source=sheet.at(said.line))
        return


def _weekly_hours(sheet: Sheet) -> Iterator[Row]:
    """The weekly commitment, or else the total of the hours given to activities; both must agree."""
    stated = pace(sheet, "hours")
    found = [each for each in (stated, allocated_total(sheet)) if each is not None and not each.blank]
    if not found:
        text, remedy = "hours per week are blank", "crm plan set --weekly-hours 10"
        yield sheet.blank(stated.line if stated else None, text, subject="plan", remedy=remedy)
        return
    read = [(each, amounts.minutes(each.value, at_most_hours=HOURS_A_WEEK)) for each in found]
    for each, minutes in read:
        if minutes is None:
            text = f"hours per week say {quote(each.value)}, which is no single number"
            remedy = "crm plan set --weekly-hours HOURS"
            yield sheet.warning(each.line, text, subject="plan", remedy=remedy)
    first, minutes = read[0]
    if minutes is not None:
        yield PlanRow(weekly_hours=minutes / 60, source=sheet.at(first.line))
        if any(other not in (minutes, None) for _, other in read):
            other_line = read[1][0].line
            text = f"{quote(first.value)} hours per week here, but {quote(read[1][0].value)} on line {other_line}"
            yield sheet.warning(first.line, text, subject="plan")


def _months(sheet: Sheet) -> Iterator[Row]:
    stated = pace(sheet, "months")
    if stated is None:
        return
    months = amounts.months(stated.value)
    if months is not None:
        yield PlanRow(months=months, source=sheet.at(stated.line))
    elif stated.blank:
        text, remedy = "for how many months is blank", "crm plan set --months 6"
        yield sheet.blank(stated.line, text, subject="plan", remedy=remedy)
    else:
        text, remedy = f"{quote(stated.value)} is no number of months", "crm plan set --months MONTHS"
        yield sheet.warning(stated.line, text, subject="plan", remedy=remedy)


def pace(sheet: Sheet, word: str) -> Field | None:
    """The field of the weekly commitment whose label holds the word."""
    fields = (field(block) for section in sheet.parts("pace") for block in section.walk() if block.lines)
    return next((each for each in fields if each.has(word)), None)


def _partner(sheet: Sheet) -> Iterator[Row]:
    for section in sheet.parts("accountability"):
        for block in section.blocks:
            if not {"partner", "partners", "group", "buddy"} & set(name_of(block).split()):
                continue
            who = next((inner for inner in map(field, block.children) if inner.has("who", "name")), field(block))
            if who.blank:
                text, remedy = "no learning partner is named", "crm plan set --partner NAME"
                yield sheet.blank(who.line, text, subject="plan", remedy=remedy)
            else:
                yield PlanRow(partner=who.value, source=sheet.at(who.line))
            return
