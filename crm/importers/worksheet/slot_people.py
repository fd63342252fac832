"""People in slots: whom to contact (name, how to reach, what to ask, status) and practitioners studied from afar."""

from dataclasses import replace

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Line
from crm.importers.worksheet.bullets import List, begin, person_row
from crm.importers.worksheet.experts import taken_apart
from crm.importers.worksheet.labels import Field
from crm.importers.worksheet.markup import plain
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.person import about, job_in, methods
from crm.importers.worksheet.reading import AMBIGUOUS, Reading, typed
from crm.importers.worksheet.roster import merged
from crm.importers.worksheet.sheet import EXPERTS
from crm.importers.worksheet.slots import Slot, slots
from crm.importers.worksheet.unread import ask_about_notes
from crm.rows import ContactRow, QuestionRow, Source

_LISTS = (EXPERTS, "people", "referrals")
"""Parts that list people to reach out to."""

_MAY_STAY_BLANK = ("status", "insight", "path")


def read_slots(reading: Reading) -> None:
    """Read every slot of the worksheet, wherever it stands."""
    for section in reading.sheet.sections:
        part = section.role
        blocks = taken_apart(section).people if part == EXPERTS else section.blocks
        found = list(slots(blocks, sure=part in _LISTS or part == "practitioners"))
        into = begin(reading, tags=(EXPERTS,) if part == EXPERTS else ())
        for kind, studied in (("source", True), ("person", False)):
            group = [slot for slot in found if _is_studied(slot, part) is studied]
            for slot in group:
                for name in _read_slot(slot, into, kind):
                    if part == "referrals":
                        reading.refer(name, slot.line)
            _report_blank([slot for slot in group if not slot.filled and slot.name is None], len(group), kind, reading)


def _is_studied(slot: Slot, part: str | None) -> bool:
    return part == "practitioners" or (part not in _LISTS and slot.is_practitioner)


def _read_slot(slot: Slot, into: List, kind: str) -> list[str]:
    """Read one slot; returns the names its people go by."""
    reading, name = into.reading, slot.name
    _report_placeholder(slot, reading)
    if name is None:
        _report_nameless(slot, reading)
        return []
    people = [reading.roster.add(replace(row, kind=kind)) for row in _people_of(slot, name, into)]
    asked = slot.get("ask")
    blank = [field.name for field in slot.fields if field.blank and not field.has(*_MAY_STAY_BLANK)]
    for person in people:
        for answer in asked.answers if asked else ():
            source = reading.sheet.at(answer.number)
            reading.rows.append(QuestionRow(text=answer.text, contact=person, source=source))
        if blank:
            remedy = f'crm contact edit {typed(person)} --title "..."'
            reading.blank(slot.line, f"{person}: still blank: {', '.join(blank)}", about=person, remedy=remedy)
    if kind == "person":
        ask_about_notes(slot.notes, " and ".join(people) or name.value, reading)
    return people


def _report_nameless(slot: Slot, reading: Reading) -> None:
    for field in slot.filled[:1]:
        text = f"{_title(slot)} has {quote(field.name)} filled in but no name, and was not read"
        reading.rows.append(reading.sheet.warning(field.line, text, subject=_title(slot)))
    asks_name = any(field.has("name", "handle") for field in slot.fields)
    if not slot.filled and not asks_name and people_in(slot.title).names:
        text = f"{quote(slot.title)} is a label with nothing after it and was read as no person"
        remedy = reading.sheet.rewrite(slot.line, "write '- Name: ...' below line {line} of {name}")
        reading.ask(slot.line, text, about=slot.title, remedy=remedy)


def _people_of(slot: Slot, field: Field, into: List) -> list[ContactRow]:
    """The people of a filled slot, of one line after the other."""
    said = _names_said(field)
    rows = [row for line in said for row in _people_on(line, into, alone=len(said) == 1)]
    facts = _from_fields(slot, into.reading.sheet.at(field.line), alone=len(rows) == 1)
    return [merged(row, facts) for row in rows]


def _names_said(field: Field) -> list[Line]:
    """The answers of a name field, each with its line; one that begins with no name belongs to the answer before."""
    said = list(field.answers[:1])
    for answer in field.answers[1:]:
        found = people_in(plain(answer.text)[0])
        if found.names and not found.unsure:
            said.append(answer)
        else:
            said[-1] = Line(said[-1].number, f"{said[-1].text}, {answer.text}")
    return said


def _people_on(line: Line, into: List, *, alone: bool) -> list[ContactRow]:
    """The people of one line; a name of an odd shape is taken whole, since its field says that it is one."""
    words, links = plain(line.text)
    found = people_in(words)
    whole = not found.names or found.unsure
    names = (" ".join(words.split()),) if whole else found.names
    said = about("" if whole else found.rest, links=links)
    if whole and not words.startswith("@"):
        into.reading.ask(line.number, f"is {quote(words)} a name? It was kept as written", about=names[0])
    source = into.reading.sheet.at(line.number)
    rows = []
    for each in names:
        name = into.reading.resolve(each, line.number, among=into.was_known)
        if name != AMBIGUOUS:
            rows.append(person_row(name or each, said, source, tags=into.tags, alone=alone and len(names) == 1))
    return rows


def _from_fields(slot: Slot, source: Source, *, alone: bool) -> ContactRow:
    """What the other fields of a slot say, of nobody by name; addresses in the name field are of one person `alone`."""
    reach, status, does, name = slot.get("reach"), slot.get("status"), slot.get("role"), slot.get("name", "handle")
    job = job_in(does.value) if does else None
    found = methods(reach.value, handles=True) if reach else ()
    if name and alone and not found:
        found = methods(name.value, handles=True)
    return ContactRow(
        name="",
        how_to_reach=reach.value if reach else None,
        status_text=status.value if status else None,
        title=(job.title if job else does.value) if does else None,
        organization=job.organization if job else None,
        current=job.current if job else True,
        methods=found,
        source=source,
    )


def _report_placeholder(slot: Slot, reading: Reading) -> None:
    if labels.is_blank(slot.value) and any(letter.isalpha() for letter in slot.value):
        text = f"you left off at {_title(slot)} ({slot.value.strip('[]()<> ')})"
        remedy = reading.sheet.rewrite(slot.line, "fill in line {line} of {name}")
        reading.blank(slot.line, text, about=_title(slot), remedy=remedy)


def _report_blank(blank: list[Slot], count: int, kind: str, reading: Reading) -> None:
    if not blank:
        return
    what, remedy = "people to contact", "crm contact add NAME"
    if kind == "source":
        what, remedy = "practitioners to study", "crm contact add NAME --kind source"
    reading.blank(blank[0].line, f"{what}: {len(blank)} of {count} blank", about="people", remedy=remedy)


def _title(slot: Slot) -> str:
    return slot.title or "a person"
