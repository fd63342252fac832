"""The blank places of a worksheet that the program may know something for, and where each stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm.importers.worksheet.blocks import Block, Line, Section
from crm.importers.worksheet.experts import taken_apart
from crm.importers.worksheet.hours import allocated_total, days_of, inner_fields, is_total, stated_activities
from crm.importers.worksheet.labels import Field, field, is_blank, label, name_of, normal, unboxed
from crm.importers.worksheet.markup import plain
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.plan import START, pace
from crm.importers.worksheet.sheet import EXPERTS, Sheet
from crm.importers.worksheet.slots import Slot, slots
from crm.rows import ActivityRow, AvailabilityRow, PlanRow, Row

_PERSON = (("how_to_reach", ("reach",)), ("ask", ("ask",)), ("status_text", ("status",)), ("title", ("role",)))
_SLOTTED = ("people", "referrals", "practitioners", EXPERTS)


@dataclass(frozen=True, slots=True)
class Place:
    """A line with one answer (`old`) or none: what belongs there is the `field` of the record that `row` names."""

    line: int
    row: Row
    field: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class PersonPlace:
    """The blank fields of one person's slot, each with its line, and those of one answer with that (`filled`).

    `name` is None in a slot that is free. Fields are name, how_to_reach, ask, status_text and title.
    """

    name: str | None
    lines: dict[str, int]
    filled: dict[str, Line]


@dataclass(frozen=True, slots=True)
class Draft:
    """An empty numbered question, or (with `text`) the blank answer to one that is written."""

    line: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A blank sum, or one with a number (`old`): `what` is available, hours or share."""

    line: int
    what: str
    old: str | None = None


def places(sheet: Sheet) -> Iterator[Place]:
    """The facts of plan, weekdays and activities that are blank or have one answer."""
    yield from _start(sheet)
    yield from _goal(sheet)
    for name, word in (("weekly_hours", "hours"), ("months", "months")):
        asked = pace(sheet, word)
        if asked is not None:
            yield from _place([asked], PlanRow(), name)
    yield from _partner(sheet)
    yield from _weekdays(sheet)
    for each in stated_activities(sheet):
        for stated, name in ((each.share, "share_percent"), (each.hours, "weekly_minutes")):
            if stated is not None:
                yield from _place([stated], ActivityRow(name=each.name), name)


def _start(sheet: Sheet) -> Iterator[Place]:
    lines = [line for block in sheet.blocks() for line in block.lines if normal(label(line.text).name) in START]
    if lines and all(is_blank(label(line.text).value) for line in lines):
        yield Place(lines[0].number, PlanRow(), "start_on")


def _goal(sheet: Sheet) -> Iterator[Place]:
    section = next(sheet.parts("goal"), None)
    if section and all(is_blank(block.text) for block in section.blocks):
        items = (block for block in section.blocks if block.kind == "item" and not block.children)
        yield from (Place(block.line, PlanRow(), "goal") for block in list(items)[:1])


def _partner(sheet: Sheet) -> Iterator[Place]:
    for section in sheet.parts("accountability"):
        for block in section.blocks:
            if {"partner", "partners", "group", "buddy"} & set(name_of(block).split()):
                who = next((each for each in map(field, block.children) if each.has("who", "name")), None)
                if who is not None and who.blank:
                    yield Place(who.line, PlanRow(), "partner")
                return


def _weekdays(sheet: Sheet) -> Iterator[Place]:
    for section in sheet.sections:
        for day in days_of(section):
            row = AvailabilityRow(weekday=day.weekday)
            for name, words in (("minutes", ("hours", "available")), ("best_time", ("best", "time"))):
                yield from _blank(day.fields, words, row, name)
            yield from _blank(day.fields, ("notes", "note"), row, "notes")


def _blank(fields: list[Field], words: tuple[str, ...], row: Row, name: str) -> Iterator[Place]:
    yield from _place([each for each in fields if each.has(*words)], row, name)


def _place(asked: list[Field], row: Row, name: str) -> Iterator[Place]:
    said = _one_answer(asked)
    if asked and all(each.blank for each in asked):
        yield Place(asked[0].line, row, name)
    elif said is not None:
        yield Place(said.number, row, name, said.text)


def _one_answer(asked: list[Field]) -> Line | None:
    """What is said, if it is a single line."""
    said = [line for each in asked if not each.blank for line in each.answers]
    return said[0] if len(said) == 1 else None


def totals(sheet: Sheet) -> Iterator[Total]:
    """The sum of the weekdays' hours; those of the activities' shares and of their hours, if blank."""
    for section in sheet.parts("audit", "allocation"):
        for block in (each for each in section.blocks if is_total(each)):
            for each in inner_fields(block):
                if section.role == "audit" and each.has("hours"):
                    said = _one_answer([each])
                    if each.blank or said is not None:
                        yield Total(each.line, "available", said.text if said else None)
                elif each.blank and section.role == "allocation" and "100" in normal(each.name):
                    yield Total(each.line, "share")
    stated = allocated_total(sheet)
    if stated is not None and stated.blank:
        yield Total(stated.line, "hours")


def person_places(sheet: Sheet) -> Iterator[PersonPlace]:
    """The slots with something blank or one answer: those of one named person, and free ones of people to contact."""
    for section, slot in _slots(sheet):
        found = _person_place(slot, is_free=section.role == "people")
        if found is not None and (found.lines or found.filled):
            yield found


def slot_names(sheet: Sheet) -> Iterator[str]:
    """The names of all who have a slot."""
    for _section, slot in _slots(sheet):
        if slot.name is not None:
            yield from people_in(plain(slot.name.value)[0]).names


def _slots(sheet: Sheet) -> Iterator[tuple[Section, Slot]]:
    for section in sheet.sections:
        blocks = taken_apart(section).people if section.role == EXPERTS else section.blocks
        for slot in slots(blocks, sure=section.role in _SLOTTED):
            yield section, slot


def _person_place(slot: Slot, *, is_free: bool) -> PersonPlace | None:
    lines, filled = {}, {}
    for name, words in _PERSON:
        asked = [each for each in slot.fields if each.has(*words)]
        if asked and all(each.blank for each in asked):
            lines[name] = asked[0].line
        elif (said := _one_answer(asked)) is not None:
            filled[name] = said
    if slot.name is not None:
        names = people_in(plain(slot.name.value)[0]).names
        return PersonPlace(names[0], lines, filled) if len(names) == 1 else None
    asks_name = next((each for each in slot.fields if each.has("name")), None)
    if not is_free or slot.filled or asks_name is None:
        return None
    return PersonPlace(None, {"name": asks_name.line} | lines, {})


def drafts(sheet: Sheet) -> Iterator[Draft]:
    """The empty numbered questions, and the blank `Answer:` below a written one."""
    for section in sheet.parts(EXPERTS):
        for block in taken_apart(section).drafts:
            text = unboxed(block.text)
            if is_blank(text) and not block.children:
                yield Draft(block.line)
            elif not is_blank(text):
                yield from _answers(block, text)


def _answers(block: Block, text: str) -> Iterator[Draft]:
    for child in block.children:
        asked = field(child)
        if child.kind == "item" and asked.has("answer") and asked.blank and not child.children:
            yield Draft(asked.line, text)


def written_questions(sheet: Sheet) -> set[str]:
    """The questions that are drafted already."""
    return {unboxed(block.text) for section in sheet.parts(EXPERTS) for block in taken_apart(section).drafts}


def title_of_part(section: Section) -> str:
    """The part of the worksheet that a section belongs to: its heading of the second level, or the page's title."""
    chain = [*section.path, section]
    return next((each.title for each in chain if each.level == 2), chain[0].title)
