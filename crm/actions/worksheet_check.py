"""What reading a worksheet would find, before it is read: counts, contradictions, and what differs here and there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from crm.actions.import_compare import Comparison, Difference
from crm.importers import worksheet
from crm.importers.worksheet.blanks import blanks
from crm.importers.worksheet.page import Page
from crm.rows import NoticeRow
from crm.store import matching


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing that an earlier reading of the file found and that is not in it any more; it stays here."""

    kind: str
    key: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A worksheet's rows by kind, its blanks, its odd lines, what only the person can settle, and the differences.

    `differences` is None where there is no database to compare with.
    """

    counts: Mapping[str, int]
    blanks: int
    warnings: list[NoticeRow]
    unsure: list[NoticeRow]
    differences: list[Difference] | None = None
    gone: list[Gone] = field(default_factory=list)


def checked(data: bytes, *, name: str, session: Session | None) -> Checked:
    """Look a worksheet through; with a session, against what the database holds. Nothing is changed.

    Raises:
        BadValueError: it is no worksheet.
    """
    rows = worksheet.read(data, name=name)
    notices = [row for row in rows if isinstance(row, NoticeRow)]
    return Checked(
        counts=Counter(row.KIND for row in rows if not isinstance(row, NoticeRow)),
        blanks=len(blanks(Page(name, data))),
        warnings=[each for each in notices if each.level == "warning"],
        unsure=[each for each in notices if each.level != "warning" and not each.blank],
        differences=None if session is None else list(Comparison(session).differences(rows)),
        gone=[] if session is None else _gone(session, {(row.KIND, row.key) for row in rows}, name),
    )


def _gone(session: Session, there: set[tuple[str, str]], name: str) -> list[Gone]:
    """What was read from the file of that name and still stands here, but not in the file."""
    return [
        Gone(kind, key, each.line)
        for (kind, key, what), each in matching.baselines(session).items()
        if what == "record" and each.file == name and (kind, key) not in there
        if each.record_uid and matching.by_uid(session, kind, each.record_uid) is not None
    ]
