"""What was put into calendars elsewhere: which entries this program made there, and as what.

These writes are Core statements, as the daemon's are: to undo a command must not make forget what stands elsewhere.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import (
    Activity,
    Commitment,
    Interaction,
    JournalChange,
    JournalCommand,
    Published,
    Review,
    Task,
    Tombstone,
)
from crm.store import calendar_chats
from crm.store.shape import table_of

_TABLE = table_of(Published)
_TOLD_OF: Final = (Activity, Commitment, Interaction, Review, Task)
_FEW: Final = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """What this program put somewhere and did not take away again.

    Attributes:
        target: what it is noted by.
        place: the address or path; of to-dos that are kept in step, that of their calendar.
        count: how many entries or, where whole calendars are put as files, how many files.
        last_pushed_at: when the last of them was put there; None where that was only begun.
        in_files: whether they are files.
    """

    target: str
    place: str
    count: int
    last_pushed_at: datetime | None
    in_files: bool


def places(session: Session) -> list[Standing]:
    """Where something stands, by the place; what others made, and was only taken over from there, does not count."""
    uid = _TABLE.c.uid
    in_files = uid.not_like("%@%")
    query = (
        sa.select(
            _TABLE.c.target,
            sa.func.count(),
            sa.func.max(_TABLE.c.published_at),
            sa.func.sum(sa.case((in_files, 1), else_=0)),
        )
        .where(in_files | uid.like("%@networking-crm"))
        .group_by(_TABLE.c.target)
        .order_by(_TABLE.c.target)
    )
    return [
        Standing(target, place_of(target), count, last_at, in_files=bool(files))
        for target, count, last_at, files in session.connection().execute(query)
    ]


def place_of(target: str) -> str:
    """The address or path of a target: an address may have a word behind a # that tells several uses of it apart."""
    return target.partition("#")[0] if "://" in target else target


def of(session: Session, target: str) -> dict[str, Published]:
    """By uid, what was put into a target, or was begun to be."""
    rows = session.exec(select(Published).where(Published.target == target).order_by(col(Published.id)))
    return {each.uid: each for each in rows}


def begin(session: Session, target: str, rows: Iterable[dict[str, Any]]) -> None:
    """Note the entries that are about to be made, so that none is ever there without being known here.

    Args:
        session: writes.
        target: the place.
        rows: of each its `uid`, `href`, `due_on` and `done`.
    """
    known = set(session.scalars(sa.select(_TABLE.c.uid).where(_TABLE.c.target == target)))
    made = [{"target": target, **each} for each in rows if each["uid"] not in known]  # another machine may do the same
    if made:
        session.connection().execute(sa.insert(_TABLE), made)


def note(session: Session, target: str, uid: str, **values: Any) -> None:  # noqa: ANN401 - any of the table's columns
    """Note what an entry is there by now."""
    which = (_TABLE.c.target == target) & (_TABLE.c.uid == uid)
    session.connection().execute(sa.update(_TABLE).where(which).values(**values))


def forget(session: Session, target: str, uids: Collection[str]) -> None:
    """Entries that are not there any more."""
    for uid in uids:
        session.connection().execute(sa.delete(_TABLE).where((_TABLE.c.target == target) & (_TABLE.c.uid == uid)))


def forget_all(session: Session, target: str) -> None:
    """Whatever stands in a place that is gone."""
    session.connection().execute(sa.delete(_TABLE).where(_TABLE.c.target == target))


def known_here(session: Session, uids: Collection[str]) -> set[str]:
    """Those of some records' uids that a record in this database has or had, though it be removed or undone by now."""
    columns = [table_of(each).c.uid for each in (*_TOLD_OF, Tombstone)] + [table_of(JournalChange).c.row_uid]
    wanted, found = sorted(uids), set[str]()
    for first in range(0, len(wanted), _FEW):
        some = wanted[first : first + _FEW]
        found |= {uid for column in columns for uid in session.scalars(sa.select(column).where(column.in_(some)))}
    return found


def mark(session: Session) -> tuple[int, int, datetime | None, int]:
    """Another one after every change that a person made: the last command, how many were taken back, and when.

    Last comes the last note of what their own calendar tells, for what stands there is not put elsewhere.
    """
    undone = col(JournalCommand.undone_at)
    noted = calendar_chats.last_noted().scalar_subquery()
    query = sa.select(sa.func.max(col(JournalCommand.id)), sa.func.count(undone), sa.func.max(undone), noted)
    last, taken_back, at, last_noted = session.execute(query).one()
    return last or 0, taken_back, at, last_noted or 0
