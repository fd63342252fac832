"""What was put into calendars elsewhere: which entries this program made there, and as what.

These writes are Core statements, as the daemon's are: to undo a command must not make forget what stands elsewhere.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import JournalCommand, Published
from crm.store.shape import table_of

_TABLE = table_of(Published)


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


def mark(session: Session) -> tuple[int, int, datetime | None]:
    """Another one after every change that a person made: the last command, how many were taken back, and when."""
    undone = col(JournalCommand.undone_at)
    query = sa.select(sa.func.max(col(JournalCommand.id)), sa.func.count(undone), sa.func.max(undone))
    last, taken_back, at = session.execute(query).one()
    return last or 0, taken_back, at
