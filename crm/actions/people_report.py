"""What became of the rows of another program's file: counted, and the first of each told in detail."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from crm.rows import NoticeRow

TOLD: Final = 1000
"""So many of each kind of outcome are kept in detail; all are counted."""


class What(StrEnum):
    """What became of one row, in the order in which it is told."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    VANISHED = "vanished"
    REMOVED = "removed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one row of the file.

    Attributes:
        kind: person, talk, tie, todo; of what was skipped, row.
        name: whom or what it is about.
        ref: the short id of the contact, where there is one.
        line: where the row stands in the file; of somebody who vanished, None.
        details: what changed, or why the row was skipped.
        news: whether it gives a reason to write to them.
    """

    what: What
    kind: str
    name: str
    ref: str | None = None
    file: str | None = None
    line: int | None = None
    details: tuple[str, ...] = ()
    news: bool = False


@dataclass
class Report:
    """What became of all rows. `most` of each outcome are kept in detail (None: all of them)."""

    file: str
    form: str
    dry_run: bool = False
    most: int | None = TOLD
    counts: dict[str, Counter[What]] = field(default_factory=dict)
    changes: dict[What, list[Change]] = field(default_factory=lambda: {what: [] for what in What})
    notices: list[NoticeRow] = field(default_factory=list)
    truncated: bool = False
    ignored: tuple[str, ...] = ()

    def add(self, change: Change) -> None:
        """Count one row, and keep it while there is room; who is the same is told in a dry run only."""
        self.counts.setdefault(change.kind, Counter())[change.what] += 1
        told = self.dry_run or change.what is not What.SAME
        if told and self._has_room(self.changes[change.what]):
            self.changes[change.what].append(change)

    def warn(self, notice: NoticeRow) -> None:
        """Keep what is odd in a row that was taken."""
        if self._has_room(self.notices):
            self.notices.append(notice)

    def _has_room(self, kept: Sequence[object]) -> bool:
        has_room = self.most is None or len(kept) < self.most
        self.truncated = self.truncated or not has_room
        return has_room

    def count(self, what: What) -> int:
        """How many rows of all kinds became that."""
        return sum(counts[what] for counts in self.counts.values())

    @property
    def recognised(self) -> int:
        """How many rows of the file were understood."""
        understood = (What.NEW, What.CHANGED, What.SAME, What.REMOVED)
        return sum(map(self.count, understood))
