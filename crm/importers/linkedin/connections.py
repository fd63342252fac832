"""Connections.csv: one row for each connection, below a remark on missing e-mail addresses.

The remark stands before the header in some exports (in one cell or several lines), after it in others, or not at all;
older files have no column for the address of the profile. Since when one is connected stands in the notes, where it is
shown and exported, and counts as no contact that took place.
"""

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO, Final

from crm.person_rows import Job, PersonRow, SkippedRow, Who, profile_slug
from crm.rows import Method, NoticeRow, Row, Source
from crm.tables import Record, cut_off, is_garbled, records

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
REMARKS: Final = ("notes:", "when exporting your connection data")
RESTRICTED: Final = {"restricted member", "linkedin member"}


def is_header(names: frozenset[str]) -> bool:
    """Whether these are its columns."""
    return names >= {"first name", "last name", "connected on"}


def rows(file: BinaryIO, name: str, encoding: str | None) -> Iterator[Row]:
    """The connections, in the file's order."""
    for record in records(file, is_header, encoding=encoding):
        if not _is_remark(record):
            yield from _rows(record, Source(name, record.line))


def _is_remark(record: Record) -> bool:
    filled = [cell for cell in record.cells.values() if cell]
    return len(filled) == 1 and record["First Name"].casefold().startswith(REMARKS)


def _rows(record: Record, source: Source) -> Iterator[Row]:
    person = " ".join(filter(None, (record["First Name"], record["Last Name"])))
    day = parse_day(record["Connected On"])
    if record["Connected On"] and day is None and not record.whole:
        raise cut_off(record.line)
    reason = _unusable(record, person)
    if reason:
        yield SkippedRow(reason=reason, name=person, source=source)
        return
    address = record["URL"]
    slug = slug_of(address)
    jobs = (Job(record["Company"] or None, record["Position"] or None),)
    yield PersonRow(
        who=Who(person, f"linkedin:{slug}" if slug else None),
        jobs=jobs if record["Company"] or record["Position"] else (),
        methods=tuple(_methods(record["Email Address"], address, is_profile=slug is not None)),
        notes=f"Connected on LinkedIn since {day.day} {MONTHS[day.month - 1].title()} {day.year}" if day else None,
        added_on=day,
        source=source,
    )
    for text in _oddities(record, is_profile=slug is not None or not address, day=day):
        yield NoticeRow(level="warning", text=text, subject=person, source=source)


def _unusable(record: Record, person: str) -> str | None:
    if record.is_blank:
        return "the row is blank"
    if record.surplus:
        return "it has more cells than the table has columns: a comma has shifted them"
    if not person:
        return "LinkedIn gives no name (a closed account)"
    if person.casefold() in RESTRICTED and not record["URL"]:
        return "LinkedIn hides who it is"
    return None


def _methods(email: str, address: str, *, is_profile: bool) -> Iterator[Method]:
    """The ways to reach them; an address that is no profile is kept as plain text, never as a link."""
    if email:
        yield Method("email", email, primary=True)
    if address:
        yield Method("linkedin", address, primary=True) if is_profile else Method("other", address)


def _oddities(record: Record, *, is_profile: bool, day: date | None) -> Iterator[str]:
    if not is_profile:
        yield "the address is none of a profile on LinkedIn; it is kept as plain text"
    if record["Connected On"] and day is None:
        yield "the day of the connection cannot be read; it is left out"
    if any(is_garbled(cell) for cell in record.cells.values()):
        yield "some letters look garbled; they are kept as they are"


def slug_of(address: str) -> str | None:
    """What LinkedIn knows somebody by, if that is the address of a profile."""
    return profile_slug(address) if "linkedin.com/in/" in address.casefold() else None


def parse_day(text: str) -> date | None:
    """A day as LinkedIn writes it, `12 Mar 2025` or `1 Jan 2024`; None for anything else."""
    match text.casefold().split():
        case [day, month, year] if month in MONTHS and f"{day}{year}".isdecimal() and len(year) == 4:
            try:
                return date(int(year), MONTHS.index(month) + 1, int(day))
            except ValueError:
                return None
    return None
