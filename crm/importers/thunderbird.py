"""Mozilla Thunderbird's address book, "comma separated"; its lines end in a comma.

In the file of the older program the encoding is the computer's own, so that `--encoding` may be needed.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from crm import address_fields as fields
from crm.address_fields import Entry
from crm.importers import base_name
from crm.person_rows import Job
from crm.rows import Method, Row
from crm.tables import Record, header_of

_HEADER: Final = frozenset({"display name", "primary email"})
_MAILS: Final = ("Primary Email", "Secondary Email")
_PHONES: Final = ("Mobile Number", "Work Phone", "Home Phone")
_OTHERS: Final = ("Fax Number", "Pager Number", "Screen Name")
_PAGES: Final = ("Web Page 1", "Web Page 2")
_ADDRESS: Final = ("Address", "Address 2", "City", "State", "ZipCode", "Country")
_EXTRAS: Final = ("Department", "Custom 1", "Custom 2", "Custom 3", "Custom 4")


def sniff(head: bytes) -> bool:
    """Whether the columns are Thunderbird's."""
    return header_of(head, _is_ours) is not None


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The people of an export.

    Raises:
        BadValueError: the file is damaged, has other columns, or columns in another language than English.
    """
    records = fields.table(file, _is_ours, encoding=encoding)
    return fields.people(map(_entry, records), file=base_name(file))


def _is_ours(names: frozenset[str]) -> bool:
    return names >= _HEADER


def _entry(record: Record) -> Entry:
    name = _name(record)
    return Entry(
        line=record.line,
        surplus=record.surplus,
        name=name,
        aliases=fields.other_names(name, more=(record["Display Name"], record["Nickname"])),
        jobs=[Job(record["Organization"] or None, record["Job Title"] or None)],
        methods=list(_methods(record)),
        places=list(_places(record)),
        birthday=_birthday(record),
        notes=record["Notes"],
        extras=[(column, record[column]) for column in _EXTRAS],
    )


def _name(record: Record) -> str:
    """First and last name; what is displayed where one of them is missing, or where it has an East Asian order."""
    shown = record["Display Name"]
    if shown and (not record["First Name"] or not record["Last Name"] or fields.is_east_asian(shown)):
        return shown
    return fields.full_name(record["First Name"], "", record["Last Name"])


def _birthday(record: Record) -> str:
    """The three columns as one day; where only some are filled, their text, which is no birthday."""
    year, month, day = (record[f"Birth {part}"] for part in ("Year", "Month", "Day"))
    if month and day:
        return f"{year or '-'}-{month:0>2}-{day:0>2}"
    return " ".join(filter(None, (year, month, day)))


def _methods(record: Record) -> Iterator[Method]:
    for column in _MAILS:
        yield from fields.ways("email", [record[column]])
    for column in _PHONES:
        yield from fields.ways("phone", [record[column]], column.split()[0])
    for column in _OTHERS:
        yield from fields.ways("other", [record[column]], column.removesuffix(" Number"))
    for column in _PAGES:
        yield from fields.ways("url", [record[column]])


def _places(record: Record) -> Iterator[tuple[str, str]]:
    for where in ("Work", "Home"):
        line = fields.one_line(*(record[f"{where} {part}"] for part in _ADDRESS))
        if line:
            yield f"{where} address", line
