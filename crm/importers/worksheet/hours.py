"""Hours: how many each weekday has room for, and how they are split over activities."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from crm import date_words
from crm.escaping import quote
from crm.importers.worksheet import amounts
from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.labels import Field, field, label, name_of, normal, unboxed
from crm.importers.worksheet.sheet import Sheet
from crm.rows import ActivityRow, AvailabilityRow, Row

HOURS_A_DAY = 24
HOURS_A_WEEK = 7 * HOURS_A_DAY
_LONGEST_NAME = 200

_ROLES = (
    # The first line that fits decides: `Retrieval practice` is retrieval, `Community projects` is networking.
    ("retrieval", ("retriev", "recall", "flashcard", "anki", "spaced")),
    ("networking", ("network", "communit", "outreach", "coffee")),
    ("metalearning", ("metalearn", "meta learn", "planning")),
    ("reading", ("read", "research", "course", "paper", "book", "lecture")),
    ("drills", ("drill", "weak", "leetcode", "exercise", "practice")),
    ("projects", ("project", "build")),
)


def availability(sheet: Sheet) -> Iterator[Row]:
    """A row for each weekday with something filled in, and one gap for those without hours."""
    days = [each for section in sheet.sections for each in days_of(section)]
    for each in days:
        yield from _day_rows(sheet, each)
    blank = [each for each in days if each.hours.blank]
    if blank:
        text = f"available hours of the weekdays: {len(blank)} of {len(days)} blank"
        remedy = f"crm hours available {blank[0].name} 3"
        yield sheet.blank(blank[0].hours.line, text, subject="hours", remedy=remedy)
    for section in sheet.parts("audit"):
        for block in section.blocks:
            yield from _unknown_day(sheet, block)
            yield from _check_total(sheet, block, days)


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday (0 = Monday) as written."""

    weekday: int
    line: int
    hours: Field
    fields: list[Field]

    @property
    def name(self) -> str:
        """In lower case."""
        return date_words.WEEKDAYS[self.weekday]

    @property
    def minutes(self) -> int | None:
        """What its hours come to; None if they are blank or no single number."""
        return amounts.minutes(self.hours.value, at_most_hours=HOURS_A_DAY)


def days_of(section: Section) -> Iterator[Day]:
    """The weekdays of a section that ask for their hours."""
    for block in section.walk():
        weekday, fields = _weekday(block), inner_fields(block)
        hours = next((each for each in fields if each.has("hours", "available")), None)
        if weekday is not None and hours is not None:
            yield Day(weekday, block.line, hours, fields)


def _day_rows(sheet: Sheet, day: Day) -> Iterator[Row]:
    minutes = day.minutes
    if minutes is None and not day.hours.blank:
        text = f"{day.name.title()} says {quote(day.hours.value)}, which is no single number of hours"
        remedy = f"crm hours available {day.name} HOURS"
        yield sheet.warning(day.hours.line, text, subject=day.name, remedy=remedy)
    best, notes = _value(day.fields, "best", "time"), _value(day.fields, "notes", "note")
    if minutes is not None or best or notes:
        source = sheet.at(day.line if minutes is None else day.hours.line)
        yield AvailabilityRow(weekday=day.weekday, minutes=minutes, best_time=best, notes=notes, source=source)


def _unknown_day(sheet: Sheet, block: Block) -> Iterator[Row]:
    filled = next((each for each in inner_fields(block) if each.has("hours") and not each.blank), None)
    if filled and _weekday(block) is None and not is_total(block):
        text = f"{quote(block.text)} is no weekday, and its hours were not read"
        yield sheet.warning(filled.line, text, subject="hours")


def _check_total(sheet: Sheet, block: Block, days: list[Day]) -> Iterator[Row]:
    """The stated total against the sum, if every weekday has a number."""
    stated = next((each for each in inner_fields(block) if each.has("hours")), None) if is_total(block) else None
    if stated is None or any(day.minutes is None for day in days):
        return
    total = sum(day.minutes or 0 for day in days)
    if amounts.minutes(stated.value, at_most_hours=HOURS_A_WEEK) not in {None, total}:
        text = f"the weekdays add up to {total / 60:g} hours, but their total says {quote(stated.value)}"
        yield sheet.warning(stated.line, text, subject="hours")


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as written, with its fields."""

    name: str
    line: int
    share: Field | None
    hours: Field | None


def activities(sheet: Sheet) -> Iterator[Row]:
    """A row for each activity, blank or not; shares that do not add up and odd values are warnings."""
    found = list(stated_activities(sheet))
    shares: list[float] = []
    for each in found:
        share = amounts.percent(each.share.value) if each.share else None
        minutes = amounts.minutes(each.hours.value, at_most_hours=HOURS_A_WEEK) if each.hours else None
        for stated, value, what in ((each.share, share, "share"), (each.hours, minutes, "hours a week")):
            if stated and value is None and not stated.blank:
                text = f"{each.name}: {quote(stated.value)} is no single number for its {what}"
                yield sheet.warning(stated.line, text, subject=each.name, remedy=_target(each.name))
        shares += [] if share is None else [share]
        yield ActivityRow(
            name=each.name,
            role=_role(each.name),
            weekly_minutes=minutes,
            share_percent=share,
            source=sheet.at(each.line),
        )
    if found and len(shares) == len(found) and abs(sum(shares) - 100) > 0.5:
        text = f"the shares of the activities add up to {sum(shares):g} %, not 100 %"
        yield sheet.warning(found[0].line, text, subject="hours")
    yield from _blank_activities(sheet, found)


def _blank_activities(sheet: Sheet, found: list[Activity]) -> Iterator[Row]:
    blank = [each for each in found if all(stated is None or stated.blank for stated in (each.share, each.hours))]
    if blank:
        text = f"share and hours of the activities: {len(blank)} of {len(found)} blank"
        yield sheet.blank(blank[0].line, text, subject="hours", remedy=_target(blank[0].name))


def allocated_total(sheet: Sheet) -> Field | None:
    """The stated total of the hours given to activities."""
    totals = (block for section in sheet.parts("allocation") for block in section.blocks if is_total(block))
    return next((each for block in totals for each in inner_fields(block) if each.has("hours")), None)


def stated_activities(sheet: Sheet) -> Iterator[Activity]:
    """Every activity that asks for its share or hours, once."""
    seen = set()
    tops = ((section, top) for section in sheet.sections for top in section.blocks)
    for section, top in tops:
        for block in top.walk():
            share, hours = _split(block, beside=section.role == "allocation" and block is top)
            name = label(unboxed(block.text[:_LONGEST_NAME])).name
            if (share or hours) and name and not is_total(block) and normal(name) not in seen:
                seen.add(normal(name))
                yield Activity(name, block.line, share, hours)


def _split(block: Block, *, beside: bool) -> tuple[Field | None, Field | None]:
    """Share of time and hours a week of an activity; hours `beside` its name count as such in the part for that."""
    share = hours = None
    for each in inner_fields(block):
        plain = normal(each.name)
        if "of time" in plain:
            share = share or each
        elif plain in {"hours week", "hours per week"} or (plain == "hours" and beside):
            hours = hours or each
    return share, hours


def _weekday(block: Block) -> int | None:
    return date_words.weekday_named(name_of(block).replace("weds", "wed")) if block.kind == "item" else None


def inner_fields(block: Block) -> list[Field]:
    """The inner fields of an item; hours beside the label itself count as its hours."""
    if block.kind != "item" or not block.lines:
        return []
    fields = [field(child) for child in block.children if child.lines]
    beside = label(unboxed(block.lines[0].text)).value
    if beside and not any(each.has("hours") and not each.blank for each in fields):
        own = field(block)
        fields = [Field("hours", own.answers[:1]), *fields]
    return fields


def _value(fields: list[Field], *words: str) -> str | None:
    return next((each.value for each in fields if each.has(*words) and not each.blank), None)


def is_total(block: Block) -> bool:
    """Whether an item sums up those above it."""
    return name_of(block).startswith("total")


def _role(name: str) -> str:
    plain = normal(name)
    return next((role for role, stems in _ROLES if any(stem in plain for stem in stems)), "other")


def _target(name: str) -> str:
    return f"crm hours target {shlex.quote(name)} 5"
