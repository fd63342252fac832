"""What the prose of the practitioner interviews says could be asked of whom: candidates, ways to people, introductions.

Everything found here is marked as inferred, and what had to be assumed is a gap.
"""

import re
import shlex
from dataclasses import dataclass, field

from crm.escaping import quote
from crm.importers.worksheet.blocks import Block, Section
from crm.importers.worksheet.clauses import Clause, Mention, clauses
from crm.importers.worksheet.labels import like, normal
from crm.importers.worksheet.names import is_person_like, name_at
from crm.importers.worksheet.person import company_at
from crm.importers.worksheet.reading import AMBIGUOUS, Reading
from crm.importers.worksheet.slots import slots
from crm.rows import ContactRow, IntroductionRow, ReferralRow, RelationshipRow, Source

_ADDRESS_FROM = re.compile(
    r"\bget(?:ting)?\s+(?P<whose>their|his|her|\S{1,40}['\u2019]s)\s+(?P<what>[\w-]{1,20})"
    r"(?:\s+[\w-]{1,20}){0,2}?\s+from\s+"
)
_WANTS = {
    "number": frozenset(("number", "numbers", "phone", "phones", "cell", "digits")),
    "email": frozenset(("email", "emails", "mail", "address", "addresses")),
    "instagram": frozenset(("insta", "instas", "instagram", "instagrams", "ig")),
}
_MODAL = r"(?:I|i|we)\s+(?:could|can|might|should|would)"
_INTRODUCTION = r"intro(?:duction)?s?\s+(?:to|with)"
_IF_THERE_IS = re.compile(
    r"\bif there(?:\s+is|\s+are|['\u2019]s)\s+(?:an?|any|some)?\s*(?P<who>[a-z][a-z /-]{1,60}?)\s+"
    rf"(?:(?:that|who|whom)\s+)?{_MODAL}\s+(?:get|have)\s+(?:an?\s+)?{_INTRODUCTION}\b.*"
)
_INTRODUCTION_TO = re.compile(rf"\b{_INTRODUCTION}\s+")
_SOMEBODY = re.compile(
    r"(?:an?|any|some|one of \w{2,5})\s+(?P<who>[a-z][a-z /-]{1,40}?)"
    r"(?=\s+(?:at|from|in|who|for|to|there|so)\b|[,;.]|\s*$)"
)
_AT = re.compile(r"\s+at\s+")
_CLAUSE_END = re.compile(r"[,;:()]")
_TOOL_PARTS = ("concepts", "facts", "procedures", "tools", "resources", "courses", "curricula", "postings", "skills")
_LONGEST = 5_000
"""Characters of one paragraph that are searched; who `their` means is looked for among all names before it."""


@dataclass(slots=True)
class _Passage:
    """One block of prose being read, with the people mentioned in it so far under the names they go by."""

    reading: Reading
    block: Block
    things: frozenset[str]
    met: list[tuple[Mention, str]] = field(default_factory=list)

    def line(self, position: int) -> int:
        return self.block.line_at(position)

    def source(self, position: int) -> Source:
        return self.reading.sheet.at(self.line(position), inferred=True)


def prose_people(reading: Reading) -> None:
    """Read the prose of the practitioner interviews; all parts that list people outright must have been read before."""
    things = _things(reading)
    for section in reading.sheet.sections:
        if section.role == "practitioners" or any(slot.is_practitioner for slot in slots(section.blocks, sure=False)):
            for block in section.walk():
                _read_passage(_Passage(reading, block, things))
    _ask_which(reading)


def _read_passage(passage: _Passage) -> None:
    if len(passage.block.text) > _LONGEST:
        text = f"a paragraph longer than {_LONGEST:,} characters was not searched for people"
        passage.reading.rows.append(passage.reading.sheet.warning(passage.block.line, text))
        return
    for clause in clauses(passage.block.text):
        for mention in clause.mentions:
            name = _meet(mention, clause, passage)
            if name:
                passage.met.append((mention, name))
        _read_address_from(clause, passage)
        _read_referral(clause, passage)
        _read_introduction(clause, passage)


def _meet(mention: Mention, clause: Clause, passage: _Passage) -> str | None:
    """The name a mentioned person goes by; somebody new becomes a candidate, what may be no person a question."""
    reading, line = passage.reading, passage.line(mention.start)
    known = reading.resolve(mention.name, line)
    if known == AMBIGUOUS or (known is None and not is_person_like(mention.name)):
        return None
    if known is None and all(word.casefold() in passage.things for word in mention.name.split()):
        text = f"is {mention.name} in {quote(clause.words, 80)} a person? It was not read as one"
        reading.ask(line, text, about=mention.name, remedy=f"if so: crm contact add {shlex.quote(mention.name)}")
        return None
    if known is None:
        text = f"{mention.name} was inferred from {quote(clause.words, 80)}; keep, edit or remove"
        reading.ask(line, text, about=mention.name)
    row = ContactRow(name=known or mention.name, context=clause.words, source=passage.source(mention.start))
    return reading.roster.add(row)


def _read_address_from(clause: Clause, passage: _Passage) -> None:
    """`get their numbers from Ann`: Ann knows them, can be asked for the numbers, and that is how to reach them."""
    found = _ADDRESS_FROM.search(clause.words)
    giver = _named(clause, found.end(), passage) if found else None
    if found is None or giver is None:
        return
    line, source = passage.line(clause.start), passage.source(clause.start)
    what = found["what"].casefold()
    want = next((want for want, words in _WANTS.items() if what in words), "contact")
    for name in _owners(found["whose"], clause, passage):
        if name == giver:
            continue
        passage.reading.roster.add(ContactRow(name=name, how_to_reach=clause.act, source=source))
        passage.reading.rows += [
            RelationshipRow(from_name=giver, to_name=name, source=source),
            IntroductionRow(connector=giver, contact=name, want=want, note=clause.words, source=source),
        ]
        remedy = f"crm contact edit {shlex.quote(name)} --phone NUMBER"
        passage.reading.ask(line, f"how will you reach {name}: {quote(clause.act, 80)}?", about=name, remedy=remedy)


def _owners(whose: str, clause: Clause, passage: _Passage) -> list[str]:
    """Whom `their`, `his` or `Ann's` means: the last group of names before it, the last name, the person named."""
    before = [(mention, name) for mention, name in passage.met if mention.end <= clause.start]
    if whose == "their":
        return list(dict.fromkeys(name for mention, name in before if mention.group == before[-1][0].group))
    if whose in {"his", "her"}:
        return [name for _, name in before[-1:]]
    owner = whose[:-2]
    name = passage.reading.resolve(owner, passage.line(clause.start)) if is_person_like(owner) else None
    return [name] if name else []


def _read_referral(clause: Clause, passage: _Passage) -> None:
    """`ask Ann for a referral`, however it is spelt."""
    words = [match for match in re.finditer(r"\w+", clause.words) if like(match.group().casefold(), "referral")]
    if not words:
        return
    note = clause.words[: words[0].end()]
    asked = [each for each in passage.met if clause.start <= each[0].start < clause.start + words[0].start()]
    for mention, name in asked:
        if mention.group == asked[-1][0].group:
            source = passage.source(mention.start)
            row = ReferralRow(contact=name, organization=_workplace(name, passage), note=note, source=source)
            passage.reading.rows.append(row)


def _read_introduction(clause: Clause, passage: _Passage) -> None:
    """`ask Ann for an introduction to a data engineer`, `if there is an engineer I could get an introduction to`."""
    found = _IF_THERE_IS.search(clause.words) or _INTRODUCTION_TO.search(clause.words)
    asked = [name for mention, name in passage.met if found and mention.end <= clause.start + found.start()]
    if found is None or not asked:
        return
    connector = asked[-1]
    somebody = found if "who" in found.re.groupindex else _SOMEBODY.match(clause.words, found.end())
    contact = None if somebody else _named(clause, found.end(), passage)
    if (somebody is None and contact is None) or contact == connector:
        return
    row = IntroductionRow(
        connector=connector,
        contact=contact,
        placeholder=somebody["who"] if somebody else None,
        organization=_company_after(somebody) or _workplace(connector, passage),
        note=found.group() if somebody is found else clause.words,
        source=passage.source(clause.start + found.start()),
    )
    passage.reading.rows.append(row)


def _ask_which(reading: Reading) -> None:
    """Whoever could be asked for a referral as well as for an introduction: both stand, the person chooses."""
    referred = {row.contact for row in reading.rows if isinstance(row, ReferralRow)}
    for row in list(reading.rows):
        if isinstance(row, IntroductionRow) and row.connector in referred and row.want == "introduction":
            whom = quote(row.contact or row.placeholder or "")
            text = f"{row.connector}: ask for a referral, or for an introduction to {whom}? Both are noted"
            remedy = f"crm contact show {shlex.quote(row.connector)}"
            reading.ask(row.source.line or 1, text, about=row.connector, remedy=remedy)


def _named(clause: Clause, position: int, passage: _Passage) -> str | None:
    """The person named at this position of a clause, under the name they go by."""
    found = name_at(clause.words, position)
    if found is None:
        return None
    start = clause.start + found.end - len(found.name)
    return _meet(Mention(found.name, start, clause.start + found.end, start), clause, passage)


def _company_after(somebody: re.Match[str] | None) -> str | None:
    """`an introduction to a data engineer at Acme`."""
    at = _AT.match(somebody.string, somebody.end("who")) if somebody else None
    return company_at(_CLAUSE_END.split(at.string[at.end() :], maxsplit=1)[0]) if at else None


def _workplace(name: str, passage: _Passage) -> str | None:
    person = passage.reading.roster.get(name)
    return person.organization if person and person.current else None


def _things(reading: Reading) -> frozenset[str]:
    """Capitalised words of the parts on concepts, tools and resources: what is named there is probably no person."""

    def is_tool_part(section: Section) -> bool:
        return any(like(word, part) for word in normal(section.title).split() for part in _TOOL_PARTS)

    words = (
        word
        for section in reading.sheet.sections
        if is_tool_part(section)
        for block in section.walk()
        for word in re.findall(r"[^\W\d_][\w-]*", block.text)
    )
    return frozenset(word.casefold() for word in words if not word[0].islower())
