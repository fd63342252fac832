"""The importer for a person's own metalearning worksheet (Markdown).

It knows the worksheet's headings, labels and shapes, and no name of anybody. What is written outright becomes a row;
what prose only suggests is marked as inferred; what is blank, odd or unsure becomes a notice with its line, and never a
guess. What the worksheet says of pay and health (its parts on motivation and salary) is not read at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import BinaryIO

from crm.errors import BadValueError
from crm.importers import base_name, read_bytes
from crm.importers.worksheet.asks import prose_people
from crm.importers.worksheet.checklist import reviews, tasks
from crm.importers.worksheet.companies import companies
from crm.importers.worksheet.contradictions import contradictions
from crm.importers.worksheet.decode import MAX_BYTES, decode, peek
from crm.importers.worksheet.hours import activities, availability
from crm.importers.worksheet.labels import HEADINGS_SOUGHT
from crm.importers.worksheet.people import listed_people
from crm.importers.worksheet.plan import plan_rows
from crm.importers.worksheet.rates import commitments
from crm.importers.worksheet.reading import Reading
from crm.importers.worksheet.sheet import Sheet, open_sheet
from crm.rows import NoticeRow, Row

_KINDS = (
    *("plan", "tag", "organization", "contact", "relationship", "introduction", "referral", "question"),
    *("task", "review", "activity", "availability", "commitment", "notice"),
)
_PARTS_OF_ITS_OWN = frozenset(
    ("experts", "people", "practitioners", "referrals", "tasks", "reviews", "audit", "allocation")
)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a worksheet: it has a heading of one, or says so in its title."""
    try:
        sheet = open_sheet(peek(head), name="")
    except BadValueError:
        return False
    titles = (section.title.casefold() for section in sheet.sections)
    return any("worksheet" in title for title in titles) or any(
        section.role in _PARTS_OF_ITS_OWN for section in sheet.sections
    )


def rows(file: BinaryIO) -> Iterator[Row]:
    """The rows of an open worksheet; see `read`."""
    yield from read(file.read(MAX_BYTES + 1), name=base_name(file))


def read_file(path: Path) -> list[Row]:
    """The rows of the worksheet at this path; see `read`.

    Raises:
        NotFoundError: there is no such file.
        BadValueError: as for `read`, or the path is no file.
    """
    return read(read_bytes(path), name=path.name)


def read(data: bytes, *, name: str) -> list[Row]:
    """All rows of a worksheet, each once, ordered by kind and line; `name` is the base name put in each source.

    Raises:
        BadValueError: the data is no UTF-8 text, too large or too deeply nested, or nothing in it is a worksheet's.
    """
    sheet = open_sheet(decode(data, name=name), name=name)
    found = _unique(_all_rows(sheet))
    if all(isinstance(row, NoticeRow) for row in found):
        raise BadValueError(
            f"{name} has nothing filled in that a worksheet has; looked for headings such as: {HEADINGS_SOUGHT}"
        )
    return sorted(found, key=lambda row: (_KINDS.index(row.KIND), row.source.line or 0))


def _all_rows(sheet: Sheet) -> Iterator[Row]:
    reading = Reading(sheet)
    listed_people(reading)
    prose_people(reading)
    yield from reading.roster.rows()
    yield from reading.rows
    parts = (plan_rows, companies, tasks, reviews, availability, activities, commitments, contradictions, _unclosed)
    for part in parts:
        yield from part(sheet)


def _unclosed(sheet: Sheet) -> Iterator[Row]:
    for block in sheet.blocks():
        if block.kind == "unclosed":
            yield sheet.warning(block.line, "a code block is opened here and never closed; what follows was not read")


def _unique(found: Iterable[Row]) -> list[Row]:
    """Each thing once; a later mention fills what an earlier one left open. Facts of the plan each have a row."""
    unique: dict[tuple[str, str, str], Row] = {}
    for row in found:
        facts = dict(row.facts())
        key = (row.KIND, row.key, " ".join(facts) if row.KIND == "plan" else "")
        known = unique.setdefault(key, row)
        blank = {each.name for each in fields(known)} - dict(known.facts()).keys() - {"source"}
        unique[key] = replace(known, **{name: value for name, value in facts.items() if name in blank})  # type: ignore[arg-type]  # the row's own fields
    return list(unique.values())
