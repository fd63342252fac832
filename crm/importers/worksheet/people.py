"""The people the worksheet lists outright: experts, people slots, practitioners, and whom to ask for a referral."""

from collections.abc import Iterator

from rapidfuzz import fuzz

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.bullets import begin, plain, read_bullet
from crm.importers.worksheet.names import people_in
from crm.importers.worksheet.reading import Reading
from crm.importers.worksheet.sheet import EXPERTS, is_about_drafts, whom_to_ask
from crm.importers.worksheet.slot_people import read_slots
from crm.importers.worksheet.slots import is_slot_block
from crm.rows import QuestionRow, ReferralRow, TagRow

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
    read_slots(reading)
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
            text = f"{quote(line.text)} stands without a bullet and was not read as a person"
            remedy = f"put '- ' before line {line.number} of {reading.sheet.name} and import it again"
            reading.rows.append(reading.sheet.warning(line.number, text, subject=line.text, remedy=remedy))


def _read_referrals(section: Section, reading: Reading) -> None:
    """Bullets name people, or `engineers above`: the experts as a group, whoever they are at the time of asking."""
    into = begin(reading)
    for block in _bullets(section):
        text = plain(labels.unboxed(block.text))[0]
        if _means_experts(text, reading):
            reading.rows.append(ReferralRow(tag=EXPERTS, note=text, source=reading.sheet.at(block.line)))
            continue
        for name in read_bullet(block, into):
            person = reading.roster.get(name)
            organization = person.organization if person and person.current else None
            row = ReferralRow(contact=name, organization=organization, source=reading.sheet.at(block.line))
            reading.rows.append(row)


def _bullets(section: Section) -> Iterator[Block]:
    return (block for block in section.blocks if block.kind == "item")


def _means_experts(text: str, reading: Reading) -> bool:
    words = labels.normal(text).split()
    if not words or len(words) > 8 or not (_ABOVE & set(words) or "7 1" in " ".join(words)):
        return False
    if not reading.roster.tagged(EXPERTS):
        return False
    return any(fuzz.ratio(word, group) >= 80 for word in words for group in _GROUP)
