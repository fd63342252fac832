"""An updated copy of a worksheet: ticks and filled blanks, and only such as the importer reads back unchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from crm.actions.import_compare import Comparison, Difference, Side
from crm.actions.worksheet_values import Edit, Edits, proposals
from crm.errors import BadValueError
from crm.importers import worksheet
from crm.importers.worksheet.page import Page
from crm.importers.worksheet.sheet import open_sheet
from crm.rows import NoticeRow, Row, Source

_HERE = Source()


@dataclass(frozen=True, slots=True)
class Written:
    """The new bytes, what was written line by line, what could not be (`left`), and how much of the file is unread.

    `differing` are the fields that still say something else than the program, since they cannot be written or were
    changed on both sides.
    """

    data: bytes
    edits: list[Edit]
    left: list[Edit]
    unread: int
    differing: list[Difference]


def updated(session: Session, data: bytes, *, name: str) -> Written:
    """The worksheet with what the program knows in its blank places; every other byte stays.

    Nothing is written that another reading would not take for what stands in the database: so that reading the copy
    changes nothing.

    Raises:
        BadValueError: it is no worksheet.
    """
    page = Page(name, data)
    rows = worksheet.read(data, name=name)
    known = Comparison(session)
    before = list(known.differences(rows))
    changed = {each.at for each in before if each.side is Side.PROGRAM}
    trial = _Trial(known, page, rows, before)
    offered = list(proposals(known, page, open_sheet(page.text, name=name), rows, changed))
    taken = trial.accepted(offered)
    made = _applied(page, taken).data
    return Written(
        data=made,
        edits=_flat(taken),
        left=_flat([group for group in offered if group not in taken]),
        unread=trial.unread,
        differing=trial.differing(made),
    )


class _Trial:
    """Tries edits by reading the page that they make."""

    def __init__(self, known: Comparison, page: Page, rows: Sequence[Row], before: Sequence[Difference]) -> None:
        self.page = page
        self.known = known
        self.rows = {_bare(row) for row in rows}
        self.keys = {(row.KIND, row.key) for row in rows if not isinstance(row, NoticeRow)}
        self.problems = {(each.at, each.file) for each in before}
        self.unread = sum(each.side in {Side.NEW, Side.FILE} for each in before)

    def accepted(self, offered: list[Edits], taken: Sequence[Edits] = ()) -> list[Edits]:
        """All of the offered edits that can be taken together, halved until each that cannot is found."""
        both = [*taken, *offered]
        if self._reads_back(both):
            return both
        if len(offered) < 2:
            return list(taken)
        half = len(offered) // 2
        return self.accepted(offered[half:], self.accepted(offered[:half], taken))

    def differing(self, data: bytes) -> list[Difference]:
        """The fields of a page that the program says otherwise, on its own or on both sides."""
        found = self.known.differences(worksheet.read(data, name=self.page.name))
        return [each for each in found if each.side in {Side.PROGRAM, Side.BOTH}]

    def _reads_back(self, edits: Sequence[Edits]) -> bool:
        """Whether the page with these edits says all it said before, and nothing that is not in the database."""
        if not edits:
            return True
        try:
            rows = worksheet.read(_applied(self.page, edits).data, name=self.page.name)
        except BadValueError:
            return False
        if not self.keys <= {(row.KIND, row.key) for row in rows}:
            return False
        fresh = [row for row in rows if _bare(row) not in self.rows]
        return {(each.at, each.file) for each in self.known.differences(fresh)} <= self.problems


def _bare(row: Row) -> Row:
    return replace(row, source=_HERE)


def _applied(page: Page, edits: Sequence[Edits]) -> Page:
    return page.changed({each.line: each.new for each in _flat(edits)})


def _flat(groups: Sequence[Edits]) -> list[Edit]:
    return sorted(_all(groups), key=lambda each: each.line)


def _all(groups: Sequence[Edits]) -> Iterator[Edit]:
    for group in groups:
        yield from group
