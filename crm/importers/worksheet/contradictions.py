"""What a worksheet says in two ways that cannot both be so."""

from collections.abc import Iterator
from datetime import date

from crm.escaping import quote
from crm.importers.worksheet import amounts
from crm.importers.worksheet.hours import HOURS_A_DAY, days_of
from crm.importers.worksheet.labels import is_blank, label, normal
from crm.importers.worksheet.plan import START
from crm.importers.worksheet.sheet import Sheet
from crm.rows import Row

_END = frozenset(("date completed", "completed on", "date finished", "finished on"))
Dated = tuple[int, str, date]
"""A line, what it says, and the day that this is."""


def contradictions(sheet: Sheet) -> Iterator[Row]:
    """Two start dates, an end before the start, a weekday with two different hours."""
    starts, ends = list(_days(sheet, START)), list(_days(sheet, _END))
    for line, said, day in starts[1:]:
        if day != starts[0][2]:
            text = f"the start date is {quote(said)} here, but {quote(starts[0][1])} on line {starts[0][0]}"
            yield sheet.warning(line, text, subject="plan")
    for line, said, day in ends:
        if starts and day < starts[0][2]:
            text = f"completed on {quote(said)}, before the start on line {starts[0][0]}"
            yield sheet.warning(line, text, subject="plan")
    yield from _weekdays(sheet)


def _days(sheet: Sheet, names: frozenset[str]) -> Iterator[Dated]:
    for block in sheet.blocks():
        for line in block.lines:
            said = label(line.text)
            day = amounts.day(said.value) if normal(said.name) in names and not is_blank(said.value) else None
            if day is not None:
                yield line.number, said.value, day


def _weekdays(sheet: Sheet) -> Iterator[Row]:
    first: dict[int, tuple[int, int]] = {}
    for day in (day for section in sheet.sections for day in days_of(section)):
        minutes = amounts.minutes(day.hours.value, at_most_hours=HOURS_A_DAY)
        if minutes is None:
            continue
        line, known = first.setdefault(day.weekday, (day.hours.line, minutes))
        if known != minutes:
            text = f"{day.name.title()} has {quote(day.hours.value)} hours here, but others on line {line}"
            yield sheet.warning(day.hours.line, text, subject=day.name)
