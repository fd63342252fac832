"""The people the worksheet lists outright: experts, people slots, practitioners, and whom to ask for a referral."""

from collections.abc import Iterator

from rapidfuzz import fuzz

from crm.escaping import quote
from crm.importers.worksheet import labels
from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.bullets import begin, read_bullet
from crm.importers.worksheet.experts import taken_apart
from crm.importers.worksheet.markup import plain
from crm.importers.worksheet.reading import Reading
from crm.importers.worksheet.sheet import EXPERTS, whom_to_ask
from crm.importers.worksheet.slot_people import read_slots
from crm.importers.worksheet.slots import is_slot_block
from crm.importers.worksheet.unread import ask_about_notes, report_unmarked
from crm.rows import QuestionRow, ReferralRow, TagRow

_GROUP = ("engineers", "experts", "people", "persons", "folks", "everyone", "everybody", "contacts", "mentors", "all")
_LIKE_A_GROUP = 80
_LONGEST_REFERENCE = 8
_BESIDE_A_GROUP = frozenset(
    ("above", "the", "of", "listed", "named", "in", "from", "part", "section", "ml", "ai", "data", "software")
)


def listed_people(reading: Reading) -> None:
    """Read all parts that name people outright, experts first, so that later mentions can mean them."""
    sheet = reading.sheet
    experts = list(sheet.parts(EXPERTS))
    for section in experts:
        _read_experts(section, reading)
    for section in sheet.parts("people"):
        into = begin(reading)
        for block in _bullets(section, reading):
            if not is_slot_block(block):
                read_bullet(block, into)
    read_slots(reading)
    for section in sheet.parts("referrals"):
        _read_referrals(section, reading)
    _name_group(experts, reading)


def _name_group(experts: list[Section], reading: Reading) -> None:
    tagged = reading.roster.tagged(EXPERTS)
    if tagged:
        said = ((block.line, whom_to_ask(block)) for section in experts for block in section.blocks)
        line, whom = next(((line, whom) for line, whom in said if whom), (tagged[0].source.line, None))
        reading.rows.append(TagRow(name=EXPERTS, description=whom, source=reading.sheet.at(line or 1)))


def _read_experts(section: Section, reading: Reading) -> None:
    into, part = begin(reading, tags=(EXPERTS,)), taken_apart(section)
    for block in part.texts:
        report_unmarked(block.lines, reading)
    for block in part.people:
        read_bullet(block, into)
    _read_drafts(part.drafts, reading)


def _read_drafts(drafts: list[Block], reading: Reading) -> None:
    texts = [(labels.unboxed(block.text), block.line) for block in drafts]
    blank = [line for text, line in texts if labels.is_blank(text)]
    for text, line in texts:
        if not labels.is_blank(text):
            reading.rows.append(QuestionRow(text=text, tag=EXPERTS, source=reading.sheet.at(line)))
    if blank:
        text = f"drafted questions for the experts: {len(blank)} of {len(texts)} blank"
        reading.blank(blank[0], text, about=EXPERTS, remedy=f"crm question add 'your question' --for @{EXPERTS}")


def _read_referrals(section: Section, reading: Reading) -> None:
    """Bullets name people, or `engineers above`: the experts as a group, whoever they are at the time of asking."""
    into, has_experts = begin(reading), bool(reading.roster.tagged(EXPERTS))
    for block in _bullets(section, reading):
        text = plain(labels.unboxed(block.text))[0]
        if _means_experts(text) and has_experts:
            reading.rows.append(ReferralRow(tag=EXPERTS, note=text, source=reading.sheet.at(block.line)))
            ask_about_notes(
                (line for child in block.children for note in child.walk() for line in note.lines), text, reading
            )
            continue
        if _means_experts(text):
            warning = f"{quote(text)} means the experts, but none are listed"
            reading.rows.append(reading.sheet.warning(block.line, warning, subject=EXPERTS))
            continue
        for name in read_bullet(block, into):
            reading.refer(name, block.line)


def _bullets(section: Section, reading: Reading) -> Iterator[Block]:
    for block in section.blocks:
        if block.kind == "item":
            yield block
        else:
            report_unmarked(block.lines, reading)


def _means_experts(text: str) -> bool:
    """`Engineers above`: a word for people, misspelt or not, with `above` or the part's number, and nobody's name."""
    words = labels.normal(text).split()
    if len(words) > _LONGEST_REFERENCE or not ("above" in words or "7 1" in " ".join(words)):
        return False
    groups = [word for word in words if any(fuzz.ratio(word, group) >= _LIKE_A_GROUP for group in _GROUP)]
    return bool(groups) and all(word in _BESIDE_A_GROUP or word in groups or word.isdigit() for word in words)
