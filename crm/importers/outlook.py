"""Microsoft Outlook and outlook.com, "comma separated values"; Google offers the same table as "Outlook CSV".

Birthdays follow the settings of the computer: month first as in the United States, unless the file itself shows that
the day comes first. Left out are initials, gender, identity and billing numbers, and what only the program needs.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from crm import address_fields as fields
from crm.address_fields import Entry, Order
from crm.importers import base_name
from crm.person_rows import Job
from crm.rows import Method, Row
from crm.tables import Record, header_of

_HEADER: Final = frozenset({"first name", "last name", "e-mail address"})
_MAILS: Final = ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address")
_PHONES: Final = (
    *("Mobile Phone", "Business Phone", "Business Phone 2", "Home Phone", "Home Phone 2", "Other Phone"),
    *("Company Main Phone", "Car Phone", "Radio Phone", "Callback", "ISDN", "TTY/TDD Phone"),
)
_OTHERS: Final = ("Business Fax", "Home Fax", "Other Fax", "Telex", "Pager", "IMAddress")
_PAGES: Final = ("Web Page", "Personal Web Page", "Business Web Page")
_WHERE: Final = ("Business", "Home", "Other")
_ADDRESS: Final = ("Street", "Street 2", "Street 3", "PO Box", "City", "State", "Postal Code")
_EXTRAS: Final = (
    *("Department", "Office Location", "Profession", "Spouse", "Children", "Anniversary", "Schools", "Hobby"),
    *("Language", "Keywords", "Assistant's Name", "Assistant's Phone", "User 1", "User 2", "User 3", "User 4"),
)
_NO_DAY: Final = ("0/0/00", "0/0/0000")


def sniff(head: bytes) -> bool:
    """Whether the columns are Outlook's, or those of an address book in another language, which `rows` explains."""
    return header_of(head, _is_ours) is not None or header_of(head, fields.is_localised) is not None


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The people of an export, and who introduced or manages whom.

    Raises:
        BadValueError: the file is damaged, has other columns, or columns in another language than English.
    """
    order = _order(file, encoding)
    file.seek(0)
    records = fields.table(file, _is_ours, encoding=encoding)
    yield from fields.people(map(_entry, records), file=base_name(file), order=order)


def _order(file: BinaryIO, encoding: str | None) -> Order | None:
    """How this file writes days, which takes one look at all of it."""
    records = fields.table(file, _is_ours, encoding=encoding)
    return fields.slash_order((record["Birthday"] for record in records), usual="month-first")


def _is_ours(names: frozenset[str]) -> bool:
    return names >= _HEADER


def _entry(record: Record) -> Entry:
    name = fields.full_name(record["First Name"], record["Middle Name"], record["Last Name"])
    return Entry(
        line=record.line,
        surplus=record.surplus,
        name=name,
        aliases=_aliases(record, name),
        tags=_split(record["Categories"]),
        jobs=[Job(record["Company"] or None, record["Job Title"] or None)],
        methods=list(_methods(record)),
        places=list(_places(record)),
        birthday=_day(record["Birthday"]),
        notes=record["Notes"],
        extras=[(column, _day(record[column])) for column in _EXTRAS],
        ties=list(_ties(record)),
        private=fields.is_private(record["Sensitivity"], record["Private"]),
    )


def _aliases(record: Record, name: str) -> list[str]:
    phonetic = fields.full_name(
        record["Given Yomi"] or record["Given Name Yomi"], "", record["Surname Yomi"] or record["Family Name Yomi"]
    )
    return fields.other_names(
        name, prefix=record["Title"], suffix=record["Suffix"], more=(record["Nickname"], phonetic)
    )


def _split(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(";") if each.strip()]


def _day(cell: str) -> str:
    """A day, where Outlook does not write zeros for none."""
    return "" if cell in _NO_DAY else cell


def _methods(record: Record) -> Iterator[Method]:
    for column in _MAILS:
        yield from fields.ways("email", [record[column]])
    for column in _PHONES:
        yield from fields.ways("phone", [record[column]], column.replace(" Phone", ""))
    yield from fields.ways("phone", [record["Primary Phone"]], primary=True)
    for column in _OTHERS:
        yield from fields.ways("other", [record[column]], "IM" if column == "IMAddress" else column)
    for column in _PAGES:
        yield from fields.ways("url", [record[column]])


def _places(record: Record) -> Iterator[tuple[str, str]]:
    """Each address in one line; a location is one where it is all there is."""
    for where in _WHERE:
        parts = [record[f"{where} {part}"] for part in _ADDRESS]
        parts.append(record[f"{where} Country/Region"] or record[f"{where} Country"])
        line = fields.one_line(*parts) or fields.one_line(record[f"{where} Address"])
        if line:
            yield f"{where} address", line
    if record["Location"]:
        yield "Location", fields.one_line(record["Location"])


def _ties(record: Record) -> Iterator[tuple[str, str]]:
    for verb, column in (("introduced", "Referred By"), ("manages", "Manager's Name")):
        yield from ((verb, name) for name in _split(record[column]))
