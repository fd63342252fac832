"""Address books as Google, Outlook and Thunderbird export them, with their quirks, and the people that stand in them.

Everybody is invented; the same seed gives the same bytes. Each builder writes the cells of a person and, apart from
that, what an importer has to make of them.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from crm.person_rows import Job, PersonRow, Who
from crm.rows import Method, Source

GIVEN = (
    "Tamsin",
    "Odalys",
    "Bram",
    "Ikenna",
    "Zo\u00eb",
    "Sj\u00f6fn",
    "Renske",
    "Thandeka",
    "Yusra",
    "Pavlo",
    "J\u00falia",
    "Quill",
)
FAMILY = (
    "Orrell",
    "Vantongeren",
    "Nakuru",
    "Szewc",
    "Albaracin",
    "O'Dwyrell",
    "de Rooy-Lund",
    "Ferreira",
    "\u00d6stmark",
    "Bexley",
)
HAN = (
    ("\u592a\u90ce", "\u5c71\u7530", "\u30bf\u30ed\u30a6", "\u30e4\u30de\u30c0"),
    ("\u5c0f\u660e", "\u738b", "\u30b7\u30e7\u30a6", "\u30aa\u30a6"),
)
FIRMS = ("Quorvane Labs", 'The "Blue" Door, Inc.', "N\u00f8rrebro Data", "Halcyon; Sons", "Tessera")
TITLES = ("Engineer", "VP, Sales", "Analyst", "Head of People")
NOTES = ("met at the pottery fair", 'two\nlines, "quoted"', '=HYPERLINK("x")', "likes +1 games", "\u2615 on Tuesdays")
TAGS = ("Navy", "alumni 2019", "book club")
STREETS = (("12 Elm Road", "Dunmore", "CA", "94000", "USA"), ("Kr\u00f8ygata 4", "Bergen", "", "5003", "Norway"))


@dataclass
class Person:
    """What one person's entry says, before any program writes it down."""

    line: int
    given: str
    middle: str
    family: str
    prefix: str = ""
    suffix: str = ""
    nickname: str = ""
    yomi: tuple[str, str] = ("", "")
    firm: str = ""
    title: str = ""
    mails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    page: str = ""
    birthday: tuple[int | None, int, int] | None = None
    notes: str = ""
    tags: list[str] = field(default_factory=list)
    address: Sequence[str] = ()
    referrer: str = ""

    @property
    def is_han(self) -> bool:
        """Whether the family name comes first."""
        return any(self.yomi)

    @property
    def name(self) -> str:
        """The name that an importer gives."""
        if self.is_han:
            return f"{self.family} {self.given}"
        return " ".join(filter(None, (self.given, self.middle, self.family)))

    @property
    def full(self) -> str:
        """The name with title and suffix."""
        return " ".join(filter(None, (self.prefix, self.name, self.suffix)))

    @property
    def place(self) -> str | None:
        """The address in one line."""
        return ", ".join(filter(None, self.address)) or None

    @property
    def iso_birthday(self) -> str | None:
        """As it is stored."""
        if self.birthday is None:
            return None
        year, month, day = self.birthday
        return f"{year or '-'}-{month:02}-{day:02}"

    def row(self, file: str, methods: Sequence[Method], aliases: Sequence[str], tags: Sequence[str] = ()) -> PersonRow:
        """What an importer has to yield; what is said in ways that differ between programs is given."""
        return PersonRow(
            source=Source(file, self.line),
            who=Who(self.name),
            aliases=tuple(each for each in dict.fromkeys(aliases) if each and each != self.name),
            tags=tuple(tags),
            jobs=(Job(self.firm or None, self.title or None),) if self.firm or self.title else (),
            methods=tuple(methods),
            place=self.place,
            birthday=self.iso_birthday,
            notes=self.notes or None,
        )

    def common_aliases(self) -> list[str]:
        """Other names that every program can hold."""
        unspaced = self.name.replace(" ", "") if self.is_han else ""
        return [self.full if self.prefix or self.suffix else "", unspaced, self.nickname]


def people(count: int, seed: int) -> Iterator[Person]:
    """So many people; `line` counts from 2 on and is set again by the builder, since notes have several lines."""
    dice = random.Random(seed)  # noqa: S311 - the same people each time, nothing secret

    def maybe(chance: float, make: Callable[[], str]) -> str:
        return make() if dice.random() < chance else ""

    first = ""
    for number in range(count):
        given, family = GIVEN[number % len(GIVEN)], dice.choice(FAMILY)
        family = f"{family} {number}" if number >= len(GIVEN) and number % 3 else family
        person = Person(0, given, maybe(0.2, lambda: dice.choice(GIVEN)), family)
        if number % 11 == 5:
            person.given, person.family, *yomi = dice.choice(HAN)
            person.middle, person.yomi = "", (yomi[0], yomi[1])
        elif number % 13 == 7:
            person.middle = person.family = ""
        else:
            person.prefix, person.suffix = maybe(0.1, lambda: "Dr."), maybe(0.1, lambda: "Jr.")
        person.nickname = maybe(0.2, lambda: f"Nick{dice.randrange(99)}")
        person.firm, person.title = maybe(0.7, lambda: dice.choice(FIRMS)), maybe(0.6, lambda: dice.choice(TITLES))
        person.mails = [f"p{seed}.{number}.{each}@example.org" for each in range(dice.choice((0, 1, 1, 2, 3)))]
        person.phones = [f"+1 555 {seed:02}{number:03}{each}" for each in range(dice.choice((0, 0, 1, 2)))]
        person.page = dice.choice(
            ("", f"https://www.linkedin.com/in/p{seed}-{number}", f"https://p{seed}-{number}.example.org/~me")
        )
        if dice.random() < 0.4:
            person.birthday = dice.choice(((1969, 12, 28), (1990, 3, 4), (None, 5, 9), (2000, 2, 29), (None, 2, 29)))
        person.notes = maybe(0.5, lambda: dice.choice(NOTES))
        person.tags = [each for each in TAGS if dice.random() < 0.3]
        person.address = dice.choice(((), (), *STREETS))
        person.referrer = first if dice.random() < 0.1 else ""
        first = first or person.name
        yield person


@dataclass
class Book:
    """A file, and the people whom an importer has to find in it."""

    data: bytes
    rows: list[PersonRow]
    ties: list[tuple[str, str, str]]


def _written(
    columns: Sequence[str], table: Sequence[tuple[Person, dict[str, str]]], *, bom: bool, tail: str = ""
) -> bytes:
    """The table; each person is told the line in which their record begins."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator=f"{tail}\r\n")
    writer.writeheader()
    for person, cells in table:
        person.line = out.getvalue().count("\n") + 1
        writer.writerow(cells)
    return (("\ufeff" if bom else "") + out.getvalue()).encode()


def _page_kind(person: Person) -> str:
    return "linkedin" if "linkedin" in person.page else "url"


def _ties(everybody: Sequence[Person]) -> list[tuple[str, str, str]]:
    return [(each.referrer, "introduced", each.name) for each in everybody if each.referrer]


def _google_values(person: Person, label: str) -> tuple[dict[str, str], list[Method]]:
    """The numbered columns: the first e-mail is the main one, all phones share one cell."""
    cells, methods = {}, []
    for number, mail in enumerate(person.mails, start=1):
        cells |= {f"E-mail {number} - {label}": "* Work" if number == 1 else "Home", f"E-mail {number} - Value": mail}
        methods.append(Method("email", mail, "Work" if number == 1 else "Home", number == 1))
    if person.phones:
        cells |= {f"Phone 1 - {label}": "Mobile", "Phone 1 - Value": " ::: ".join(person.phones)}
        methods += [Method("phone", each, "Mobile") for each in person.phones]
    if person.page:
        cells |= {f"Website 1 - {label}": "Profile", "Website 1 - Value": person.page}
        methods.append(Method(_page_kind(person), person.page, "Profile"))
    if person.referrer:
        cells |= {f"Relation 1 - {label}": "Referred by" if label == "Label" else "referredBy"}
        cells |= {"Relation 1 - Value": person.referrer}
    return cells, methods


_NUMBERED = (
    *(
        f"{kind} {number} - {{}}|{kind} {number} - Value"
        for kind, most in (("E-mail", 3), ("Phone", 1))
        for number in range(1, most + 1)
    ),
    "Website 1 - {}|Website 1 - Value",
    "Relation 1 - {}|Relation 1 - Value",
)


def _numbered(label: str) -> list[str]:
    return [column for pair in _NUMBERED for column in pair.format(label).split("|")]


def _google_birthday(person: Person) -> str:
    year, month, day = person.birthday or (0, 0, 0)
    return "" if not month else f"{year}-{month:02}-{day:02}" if year else f" --{month:02}-{day:02}"


def _finished(
    everybody: Sequence[Person],
    file: str,
    methods: Sequence[Sequence[Method]],
    aliases: Sequence[Sequence[str]],
    *,
    tagged: bool,
) -> list[PersonRow]:
    return [
        person.row(file, ways, names, person.tags if tagged else ())
        for person, ways, names in zip(everybody, methods, aliases, strict=True)
    ]


def google_old(count: int = 240, seed: int = 1, file: str = "file") -> Book:
    """Google CSV as exported until 2024."""
    columns = (
        *(
            "Name",
            "Given Name",
            "Additional Name",
            "Family Name",
            "Yomi Name",
            "Given Name Yomi",
            "Additional Name Yomi",
        ),
        *("Family Name Yomi", "Name Prefix", "Name Suffix", "Initials", "Nickname", "Short Name", "Maiden Name"),
        *("Birthday", "Gender", "Location", "Sensitivity", "Notes", "Language", "Photo", "Group Membership"),
        *_numbered("Type"),
        *("Address 1 - Type", "Address 1 - Formatted", "Organization 1 - Name", "Organization 1 - Title"),
    )
    everybody, table, methods, aliases = list(people(count, seed)), [], [], []
    for person in everybody:
        values, ways = _google_values(person, "Type")
        cells = {
            "Name": person.full,
            "Given Name": person.given,
            "Additional Name": person.middle,
            "Family Name": person.family,
            "Yomi Name": " ".join(filter(None, reversed(person.yomi))),
            "Name Prefix": person.prefix,
            "Name Suffix": person.suffix,
            "Nickname": person.nickname,
            "Birthday": _google_birthday(person),
            "Notes": person.notes,
            "Group Membership": " ::: ".join(["* myContacts", *person.tags]),
            "Address 1 - Formatted": "\n".join(filter(None, person.address)),
            "Organization 1 - Name": person.firm,
            "Organization 1 - Title": person.title,
        }
        table.append((person, cells | values))
        methods.append(ways)
        aliases.append([*person.common_aliases(), cells["Yomi Name"]])
    data = _written(columns, table, bom=False)
    return Book(data, _finished(everybody, file, methods, aliases, tagged=True), _ties(everybody))


def google_new(count: int = 240, seed: int = 2, file: str = "file") -> Book:
    """Google CSV as exported since 2024: no full name, labels first, a byte order mark."""
    columns = (
        *(
            "First Name",
            "Middle Name",
            "Last Name",
            "Phonetic First Name",
            "Phonetic Middle Name",
            "Phonetic Last Name",
        ),
        *("Name Prefix", "Name Suffix", "Nickname", "File As", "Organization Name", "Organization Title"),
        *("Organization Department", "Birthday", "Notes", "Photo", "Labels", *_numbered("Label"), "Address 1 - Label"),
        *(
            "Address 1 - Formatted",
            "Address 1 - Street",
            "Address 1 - City",
            "Address 1 - PO Box",
            "Address 1 - Region",
        ),
        *("Address 1 - Postal Code", "Address 1 - Country", "Address 1 - Extended Address"),
    )
    everybody, table, methods, aliases = list(people(count, seed)), [], [], []
    for person in everybody:
        values, ways = _google_values(person, "Label")
        street = dict(zip(("Street", "City", "Region", "Postal Code", "Country"), person.address, strict=False))
        cells = {
            "First Name": person.given,
            "Middle Name": person.middle,
            "Last Name": person.family,
            "Phonetic First Name": person.yomi[0],
            "Phonetic Last Name": person.yomi[1],
            "Name Prefix": person.prefix,
            "Name Suffix": person.suffix,
            "Nickname": person.nickname,
            "Organization Name": person.firm,
            "Organization Title": person.title,
            "Birthday": _google_birthday(person),
            "Notes": person.notes,
            "Labels": " ::: ".join([*person.tags, "* myContacts"]),
            **{f"Address 1 - {part}": cell for part, cell in street.items()},
        }
        table.append((person, cells | values))
        methods.append(ways)
        aliases.append([*person.common_aliases(), " ".join(filter(None, reversed(person.yomi)))])
    data = _written(columns, table, bom=True)
    return Book(data, _finished(everybody, file, methods, aliases, tagged=True), _ties(everybody))


def outlook(count: int = 240, seed: int = 3, file: str = "file", encoding: str = "utf-8") -> Book:
    """Outlook's CSV in English, dates as in the United States."""
    columns = (
        *("First Name", "Middle Name", "Last Name", "Title", "Suffix", "Nickname", "Given Yomi", "Surname Yomi"),
        *("E-mail Address", "E-mail 2 Address", "E-mail 3 Address", "Home Phone", "Business Phone", "Mobile Phone"),
        *("Primary Phone", "Company", "Job Title", "Department", "Business Street", "Business City", "Business State"),
        *("Business Postal Code", "Business Country/Region", "Web Page", "Birthday", "Anniversary", "Notes"),
        *("Referred By", "Sensitivity", "Private", "Categories"),
    )
    everybody, table, methods, aliases = list(people(count, seed)), [], [], []
    for person in everybody:
        if person.birthday and person.birthday[0] is None:
            person.birthday = (1604, *person.birthday[1:])
        if encoding != "utf-8" and (person.is_han or not person.notes.isascii()):
            person.given, person.family, person.yomi, person.notes = "Juha", "Salonen", ("", ""), ""
        year, month, day = person.birthday or (0, 0, 0)
        street = dict(zip(("Street", "City", "State", "Postal Code", "Country/Region"), person.address, strict=False))
        cells = {
            "First Name": person.given,
            "Middle Name": person.middle,
            "Last Name": person.family,
            "Title": person.prefix,
            "Suffix": person.suffix,
            "Nickname": person.nickname,
            "Given Yomi": person.yomi[0],
            "Surname Yomi": person.yomi[1],
            **dict(zip(("E-mail Address", "E-mail 2 Address", "E-mail 3 Address"), person.mails, strict=False)),
            **dict(zip(("Mobile Phone", "Business Phone"), person.phones, strict=False)),
            "Primary Phone": person.phones[0] if person.phones else "",
            "Company": person.firm,
            "Job Title": person.title,
            **{f"Business {part}": cell for part, cell in street.items()},
            "Web Page": person.page,
            "Birthday": f"{month}/{day}/{year}" if month else "0/0/00",
            "Anniversary": "0/0/00",
            "Notes": person.notes,
            "Referred By": person.referrer,
            "Sensitivity": "Normal",
            "Private": "False",
            "Categories": ";".join(person.tags) if len(person.tags) % 2 else "; ".join(person.tags),
        }
        if year == 1604:
            person.birthday = (None, month, day)
        labels = zip(person.phones, ("Mobile", "Business"), strict=False)
        table.append((person, cells))
        methods.append(
            [
                *(Method("email", each) for each in person.mails),
                *(Method("phone", each, label, label == "Mobile") for each, label in labels),
                *([Method(_page_kind(person), person.page)] if person.page else []),
            ]
        )
        aliases.append([*person.common_aliases(), " ".join(filter(None, reversed(person.yomi)))])
    data = _written(columns, table, bom=False).decode().encode(encoding)
    return Book(data, _finished(everybody, file, methods, aliases, tagged=True), _ties(everybody))


def thunderbird(count: int = 240, seed: int = 4, file: str = "file") -> Book:
    """Thunderbird's CSV: every line ends in a comma, the birthday has three columns."""
    columns = (
        *("First Name", "Last Name", "Display Name", "Nickname", "Primary Email", "Secondary Email", "Screen Name"),
        *("Work Phone", "Home Phone", "Fax Number", "Pager Number", "Mobile Number", "Home Address", "Home Address 2"),
        *("Home City", "Home State", "Home ZipCode", "Home Country", "Work Address", "Work Address 2", "Work City"),
        *("Work State", "Work ZipCode", "Work Country", "Job Title", "Department", "Organization", "Web Page 1"),
        *(
            "Web Page 2",
            "Birth Year",
            "Birth Month",
            "Birth Day",
            "Custom 1",
            "Custom 2",
            "Custom 3",
            "Custom 4",
            "Notes",
        ),
    )
    everybody, table, methods, aliases = list(people(count, seed)), [], [], []
    for person in everybody:
        person.middle = person.prefix = person.suffix = person.referrer = ""
        person.mails, person.yomi = person.mails[:2], ("x", "x") if person.is_han else ("", "")
        year, month, day = person.birthday or (None, 0, 0)
        street = dict(zip(("Address", "City", "State", "ZipCode", "Country"), person.address, strict=False))
        shown = person.name if person.is_han else f"{person.family}, {person.given}" if person.family else person.given
        cells = {
            "First Name": person.given,
            "Last Name": person.family,
            "Display Name": shown,
            "Nickname": person.nickname,
            **dict(zip(("Primary Email", "Secondary Email"), person.mails, strict=False)),
            **dict(zip(("Mobile Number", "Work Phone"), person.phones, strict=False)),
            "Job Title": person.title,
            "Organization": person.firm,
            "Web Page 1": person.page,
            **{f"Home {part}": cell for part, cell in street.items()},
            "Birth Year": str(year or ""),
            "Birth Month": str(month or ""),
            "Birth Day": str(day or ""),
            "Notes": person.notes,
        }
        table.append((person, cells))
        methods.append(
            [
                *(Method("email", each) for each in person.mails),
                *(Method("phone", *pair) for pair in zip(person.phones, ("Mobile", "Work"), strict=False)),
                *([Method(_page_kind(person), person.page)] if person.page else []),
            ]
        )
        unspaced = person.name.replace(" ", "") if person.is_han else ""
        aliases.append([unspaced, shown, person.nickname])
    data = _written(columns, table, bom=False, tail=",")
    return Book(data, _finished(everybody, file, methods, aliases, tagged=False), [])
