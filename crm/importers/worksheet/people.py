"""The people the worksheet lists outright: experts, people slots, practitioners, and whom to ask for a referral."""

from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.bullets import List, begin, person_row, plain, read_bullet
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.person import About, about, job_in, methods
from crm.importers.worksheet.reading import Reading, short
from crm.importers.worksheet.sheet import is_about_drafts, role, whom_to_ask
from crm.importers.worksheet.slots import Slot, is_slot_block, slots
from crm.rows import ContactRow, QuestionRow, ReferralRow, TagRow

EXPERTS = "experts"
"""The live group of the people listed under the questions for experts."""

_GROUP = ("engineers", "experts", "people", "persons", "folks", "everyone", "everybody", "contacts", "mentors", "all")
_ABOVE = frozenset(("above", "before", "earlier"))


def listed_people(reading: Reading) -> None:
    """Read all parts that name people outright, experts first, so that later mentions can mean them."""
    sheet = reading.sheet
    experts = list(sheet.parts(EXPERTS))
    for section in experts:
        _read_experts(section, reading)
    for section in sheet.parts("people"):
        into = begin(reading)
        for block in section.blocks:
            if block.kind == "item" and not is_slot_block(block):
                read_bullet(block, into)
    _read_slots(reading)
    for section in sheet.parts("referrals"):
        _read_referrals(section, reading)
    tagged = reading.roster.tagged(EXPERTS)
    if tagged:
        whom = next((whom for section in experts for whom in map(whom_to_ask, section.blocks) if whom), None)
        reading.rows.append(TagRow(name=EXPERTS, description=whom, source=sheet.at(experts[0].line)))


def _read_experts(section: Section, reading: Reading) -> None:
    """People are listed first, and drafted questions after their own instruction; the order may be the other way."""
    into, drafting = begin(reading, tags=(EXPERTS,)), False
    drafts: list[Block] = []
    for block in section.blocks:
        if block.kind == "paragraph":
            drafting = is_about_drafts(block) or (drafting and whom_to_ask(block) is None)
            if not drafting:
                _report_unmarked(block, reading)
        elif block.kind == "item" and (drafting or block.text.endswith("?")):
            drafts.append(block)
        elif block.kind == "item":
            read_bullet(block, into)
    _read_drafts(drafts, reading)


def _read_drafts(drafts: list[Block], reading: Reading) -> None:
    texts = [(labels.unboxed(block.text), block.line) for block in drafts]
    blank = [line for text, line in texts if labels.is_blank(text)]
    for text, line in texts:
        if not labels.is_blank(text):
            reading.rows.append(QuestionRow(text=text, tag=EXPERTS, source=reading.sheet.at(line)))
    if blank:
        text = f"{len(blank)} of {len(texts)} drafted questions for the experts are blank"
        reading.ask(blank[0], text, about=EXPERTS, remedy=f"crm question add 'your question' --for @{EXPERTS}")


def _report_unmarked(block: Block, reading: Reading) -> None:
    """A line that looks like a name but is no bullet is reported, not read."""
    for line in block.lines:
        found = people_in(line.text)
        if found.names and not found.rest.strip() and len(line.text.split()) <= 4:
            text = f"{short(line.text)} stands without a bullet and was not read as a person"
            remedy = f"put '- ' before line {line.number} of {reading.sheet.name} and import it again"
            reading.rows.append(reading.sheet.warning(line.number, text, subject=line.text, remedy=remedy))


def _read_slots(reading: Reading) -> None:
    for section in reading.sheet.sections:
        part = role(section)
        found = list(slots(section, sure=part in ("people", "practitioners")))
        into = begin(reading, tags=(EXPERTS,) if part == EXPERTS else ())
        for practitioner in (True, False):
            group = [slot for slot in found if slot.is_practitioner is practitioner]
            for slot in group:
                _read_slot(slot, into)
            _report_blank([slot for slot in group if not slot.filled and slot.name is None], len(group), reading)


def _read_slot(slot: Slot, into: List) -> None:
    reading, name = into.reading, slot.name
    title = slot.title or "a person"
    if slot.value and labels.is_blank(slot.value) and any(letter.isalpha() for letter in slot.value):
        text = f"you left off at {title} ({slot.value.strip('[]()<> ')})"
        reading.ask(slot.line, text, about=title, remedy=f"fill in line {slot.line} of {reading.sheet.name}")
    if name is None:
        for each in slot.filled[:1]:
            text = f"{title} has {each.name!r} but no name, and was not read"
            reading.rows.append(reading.sheet.warning(each.line, text, subject=title))
        return
    for person in _people_of(slot, into):
        reading.roster.add(person)
        asks = slot.get("ask")
        for question in asks.value.split("\n") if asks and not slot.is_practitioner else ():
            source = reading.sheet.at(asks.line if asks else slot.line)
            reading.rows.append(QuestionRow(text=question, contact=person.name, source=source))
        blank = [each.name for each in slot.fields if each.blank and not each.has("status", "insight", "path")]
        if blank:
            reading.ask(slot.line, f"{person.name}: still blank: {', '.join(blank)}", about=person.name)


def _people_of(slot: Slot, into: List) -> list[ContactRow]:
    """The people a filled slot describes; a name that has an odd shape is taken whole, since its field says it is one."""
    name = slot.name
    assert name is not None
    words, links = plain(name.value)
    found = people_in(words)
    whole = not found.names or found.unsure
    names = (" ".join(words.split()),) if whole else found.names
    said = _said_in(slot, "" if whole else f"{found.rest}; {links}")
    reach, status = slot.get("reach"), slot.get("status")
    rows = []
    for each in names:
        known = into.reading.resolve(each, name.line, among=into.was_known)
        row = person_row(known or each, said, into.reading.sheet.at(name.line), tags=into.tags, alone=len(names) == 1)
        rows.append(_with_slot(row, slot, reach=reach.value if reach else None, status=status.value if status else None))
    return rows


def _report_blank(blank: list[Slot], count: int, reading: Reading) -> None:
    if not blank:
        return
    if blank[0].is_practitioner:
        text, remedy = f"{len(blank)} of {count} practitioners to study are blank", "crm contact add NAME --kind source"
    else:
        text, remedy = f"{len(blank)} of {count} people to contact are blank", "crm contact add NAME"
    reading.ask(blank[0].line, text, about="people", remedy=remedy)
