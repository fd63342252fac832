"""What the tables of all address books have in common: names, birthdays, addresses, and ways to reach people.

An importer fills one `Entry` a record; `people` turns the entries into rows. Nothing is guessed: what has no clear
meaning stays as text in the notes, and a notice says so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal

from crm.date_words import day_and_month, day_exists, plain
from crm.errors import BadValueError
from crm.escaping import quote
from crm.folding import fold
from crm.person_rows import Job, PersonRow, SkippedRow, TieRow, Who
from crm.rows import Method, NoticeRow, Row, Source
from crm.tables import IsHeader, Record, header_of, is_garbled, records

Order = Literal["month-first", "day-first"]
"""What `03/04/1990` means in a file: 4 March or 3 April."""

HEAD_BYTES: Final = 65_536

_OLDEST: Final = 1800
_NO_YEAR: Final = (0, 1604)
"""Years that address books write where there is none (Apple's is 1604)."""

_A_LEAP_YEAR: Final = 2000
_YEAR_FIRST: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ][\d:.]+Z?)?", re.ASCII)
_NO_YEAR_DAY: Final = re.compile(r"--(\d{2})-?(\d{2})", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?: [\d:]+(?: [AP]M)?)?", re.ASCII)

_HAN_KANA_HANGUL: Final = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_LINKEDIN: Final = re.compile(r"(?:https?://)?(?:[\w-]+\.)?linkedin\.com/(?:in|pub)/", re.IGNORECASE)
_INSTAGRAM: Final = re.compile(r"(?:https?://)?(?:www\.)?instagram\.com/", re.IGNORECASE)
_USABLE: Final = {
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "phone": re.compile(r".*\d.*", re.DOTALL),
    "url": re.compile(r"https?://\S+|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?", re.IGNORECASE),
}

_TITLES: Final = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "sir", "dame", "rev", "ing"})
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq"})
_PRIVATE: Final = frozenset({"private", "confidential", "personal", "true"})
_NAMES_ELSEWHERE: Final = (
    *(("vorname", "nachname"), ("prénom", "nom"), ("nombre", "apellidos"), ("nome", "cognome"), ("nome", "sobrenome")),
    *(("voornaam", "achternaam"), ("imię", "nazwisko"), ("förnamn", "efternamn"), ("fornavn", "etternavn")),
    *(("fornavn", "efternavn"), ("etunimi", "sukunimi"), ("имя", "фамилия"), ("名", "姓"), ("ad", "soyad")),
)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record of an address book while it is put together.

    Attributes:
        places: addresses, each with a label; the first becomes the place, the others notes.
        extras: facts without a field of their own, each with a label; they stand below the notes.
        ties: verbs of `crm relate` with a name: `("introduced", "Bob Stone")` is that Bob introduced this person.
        birthday: as the file writes it.
        private: the program marks the entry so: its notes are left in the file.
    """

    line: int
    surplus: int = 0
    name: str = ""
    aliases: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    birthday: str = ""
    notes: str = ""
    extras: list[tuple[str, str]] = field(default_factory=list)
    ties: list[tuple[str, str]] = field(default_factory=list)
    private: bool = False


def table(file: BinaryIO, is_ours: IsHeader, *, encoding: str | None) -> Iterator[Record]:
    """The records of an address book that are not blank, one after the other.

    Raises:
        BadValueError: as `crm.tables.records`; also where the columns have the names of another language.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if header_of(head, is_ours) is None and header_of(head, is_localised):
        raise BadValueError(
            "the columns have no English names; export again with the program set to English, "
            "or write First Name, Last Name, E-mail Address ... into the first line"
        )
    return (record for record in records(file, is_ours, encoding=encoding) if not record.is_blank)


def is_localised(names: frozenset[str]) -> bool:
    """Whether these columns are those of an address book in another language than English."""
    return any(
        {given, family} <= names or {_garbled(given), _garbled(family)} <= names for given, family in _NAMES_ELSEWHERE
    )


def _garbled(name: str) -> str:
    """A column's name in Windows-1252, as it looks where UTF-8 is expected."""
    return name.encode("cp1252", "replace").decode("utf-8", "replace")


def people(entries: Iterable[Entry], *, file: str, order: Order | None = None) -> Iterator[Row]:
    """The rows of an address book: people with what is odd about them, then who introduced or manages whom.

    Args:
        entries: the records.
        file: base name of the file.
        order: which number of a slashed birthday is the month; None: not known.
    """
    ties: list[TieRow] = []
    for entry in entries:
        source = Source(file, entry.line)
        reason = _unusable(entry)
        if reason:
            yield SkippedRow(source=source, reason=reason, name=entry.name or next(iter(entry.aliases), ""))
            continue
        person = _person(entry, source, order)
        yield person
        yield from _notices(entry, person, order)
        ties += (_tie(verb, other, person) for verb, other in entry.ties if other != person.who.name)
    yield from ties


def _unusable(entry: Entry) -> str | None:
    if entry.surplus:
        return f"it has {entry.surplus} more cells than there are columns: a comma that is not quoted moved them"
    if not _name(entry):
        return "it has no name and no e-mail address"
    return None


def _name(entry: Entry) -> str:
    """The name, or what stands for it: another name they go by, else their e-mail address."""
    addresses = (each.value for each in entry.methods if each.kind == "email")
    return entry.name or next(iter(entry.aliases), "") or next(addresses, "")


def _person(entry: Entry, source: Source, order: Order | None) -> PersonRow:
    name = _name(entry)
    return PersonRow(
        source=source,
        who=Who(name),
        aliases=tuple(each for each in dict.fromkeys(entry.aliases) if each != name),
        tags=tuple(dict.fromkeys(filter(None, entry.tags))),
        jobs=tuple(dict.fromkeys(each for each in entry.jobs if each.organization or each.title)),
        methods=_each_once(entry.methods),
        place=entry.places[0][1] if entry.places else None,
        birthday=birthday(entry.birthday, order=order),
        notes=None if entry.private else _notes(entry, order),
    )


def _notes(entry: Entry, order: Order | None) -> str | None:
    """The notes as they are, and below them what has no field of its own, a line each."""
    facts = [*((label or "Address", place) for label, place in entry.places[1:]), *entry.extras]
    if entry.birthday and birthday(entry.birthday, order=order) is None:
        facts.insert(0, ("Birthday", entry.birthday))
    return "\n".join(filter(None, (entry.notes, *(f"{label}: {value}" for label, value in facts if value)))) or None


def _notices(entry: Entry, person: PersonRow, order: Order | None) -> Iterator[NoticeRow]:
    def notice(text: str) -> NoticeRow:
        return NoticeRow(source=person.source, level="warning", subject=person.who.name, text=text)

    if any(map(is_garbled, (person.who.name, *(each.organization or "" for each in person.jobs)))):
        yield notice("letters are garbled: the file went through another encoding on its way")
    if entry.private and _notes(entry, order):
        yield notice("marked as private there: the notes stay in the file")
    elif entry.birthday and person.birthday is None:
        yield notice(f"birthday {quote(entry.birthday)} is no clear day: it stands in the notes")


def _tie(verb: str, other: str, person: PersonRow) -> TieRow:
    return TieRow(source=person.source, one=Who(other), type=verb, other=person.who)


def _each_once(methods: Iterable[Method]) -> tuple[Method, ...]:
    """The same way named twice is one, with the first label."""
    kept: dict[tuple[str, str], Method] = {}
    for each in methods:
        there = kept.get((each.kind, each.value), each)
        label, primary = there.label or each.label, there.primary or each.primary
        kept[each.kind, each.value] = Method(each.kind, each.value, label, primary)
    return tuple(kept.values())


def ways(kind: str, values: Iterable[str], label: str = "", *, primary: bool = False) -> Iterator[Method]:
    """Ways to reach somebody; only the first of them can be the primary one.

    A page on LinkedIn or Instagram is of that kind. What cannot be written to, called or opened is `other`.
    """
    for value in filter(None, values):
        actual = _page_kind(value) if kind == "url" else kind
        if actual in _USABLE and not _USABLE[actual].fullmatch(value):
            actual = "other"
        yield Method(actual, value, label or (kind if actual != kind and actual == "other" else None), primary)
        primary = False


def _page_kind(value: str) -> str:
    if _LINKEDIN.match(value):
        return "linkedin"
    return "instagram" if _INSTAGRAM.match(value) else "url"


def full_name(given: str, middle: str = "", family: str = "") -> str:
    """A name in one text; where it is written in Han, kana or Hangul, the family name comes first."""
    parts = [each for each in (given, middle, family) if each]
    if given and family and all(map(is_east_asian, parts)):
        return f"{family} {given}"
    return " ".join(parts)


def is_east_asian(name: str) -> bool:
    """Whether a name is written in Han, kana or Hangul alone."""
    return bool(_HAN_KANA_HANGUL.fullmatch(name.replace(" ", "")))


def without_titles(name: str) -> tuple[list[str], list[str], list[str]]:
    """The words of a name: titles in front, the name itself, which is one word at least, and what stands behind it."""
    words = name.split()
    titles, suffixes = _leading(words, _TITLES), _leading(words[::-1], _SUFFIXES)
    end = max(len(words) - suffixes, titles + 1)
    return words[:titles], words[titles:end], words[end:]


def _leading(words: Sequence[str], known: frozenset[str]) -> int:
    """How many words in a row are of these, one word left over at least."""
    count = 0
    while count < len(words) - 1 and words[count].strip(".,").replace(".", "").lower() in known:
        count += 1
    return count


def given_and_family(name: str) -> str | None:
    """The folded first and last word of a name, middle names, titles and suffixes aside; None of a single word."""
    _titles, bare, _suffixes = without_titles(name)
    return fold(f"{bare[0]} {bare[-1].rstrip(',')}") if len(bare) > 1 else None


def other_names(name: str, *, prefix: str = "", suffix: str = "", more: Iterable[str] = ()) -> list[str]:
    """What else somebody is called: with title and suffix, East Asian names without the blank, and `more`."""
    titled = " ".join(filter(None, (prefix, name, suffix))) if name and (prefix or suffix) else ""
    unspaced = name.replace(" ", "") if is_east_asian(name) else ""
    return [each for each in (titled, unspaced, *more) if each and each != name]


def one_line(*parts: str) -> str:
    """An address in one line."""
    return ", ".join(line.strip(" ,") for part in parts for line in part.splitlines() if line.strip(" ,"))


def is_private(*cells: str) -> bool:
    """Whether one of these cells marks an entry as private (Outlook: Sensitivity and Private)."""
    return any(cell.casefold() in _PRIVATE for cell in cells)


def birthday(text: str, *, order: Order | None = None) -> str | None:
    """A birthday as ISO day, or `--MM-DD` without a year (vCard 4.0, RFC 6350 4.3.4); None where it is not clear.

    Args:
        text: `1990-05-09`, `19900509`, `--05-09`, `9.5.1990`, `9 May 1990`, `May 9`, `12/28/1969`; 1604 is no year.
        order: which number of `03/04/1990` is the month, where neither number tells.
    """
    year, month, day = _parsed(text, order) or (None, 0, 0)
    if year in _NO_YEAR:
        year = None
    if not day_exists(_A_LEAP_YEAR if year is None else year, month, day) or not (year is None or year >= _OLDEST):
        return None
    return f"--{month:02}-{day:02}" if year is None else f"{year}-{month:02}-{day:02}"


def _parsed(text: str, order: Order | None) -> tuple[int | None, int, int] | None:
    """Year, month and day; the numbers are not checked."""
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _NO_YEAR_DAY.fullmatch(text):
        return None, int(found[1]), int(found[2])
    if found := _DOTTED.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.fullmatch(text):
        return _in_order(int(found[1]), int(found[3]), int(found[4]), order)
    named = day_and_month(plain(text))
    return named and (named[2], named[1], named[0])


def _in_order(one: int, other: int, year: int, order: Order | None) -> tuple[int | None, int, int] | None:
    shown = _shown_order(one, other) or ("month-first" if one == other else order)
    if shown is None:
        return None
    return (year, one, other) if shown == "month-first" else (year, other, one)


def _shown_order(one: int, other: int) -> Order | None:
    """The order that two numbers show by themselves: no month has a number above 12."""
    if (one > 12) is (other > 12):
        return None
    return "day-first" if one > 12 else "month-first"


def slash_order(birthdays: Iterable[str], *, usual: Order) -> Order | None:
    """The order in which a file writes slashed birthdays: the one its clear ones have, else the usual one.

    None where the clear ones contradict each other.
    """
    found = (_SLASHED.fullmatch(each) for each in birthdays)
    shown = {_shown_order(int(each[1]), int(each[3])) for each in found if each} - {None}
    return usual if not shown else shown.pop() if len(shown) == 1 else None
