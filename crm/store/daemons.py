"""What the daemon says of itself."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import DaemonStatus
from crm.store.shape import table_of

_TABLE = table_of(DaemonStatus)


def started(session: Session, *, host: str, pid: int, now: datetime) -> int:
    """Note that a daemon started on a host, in the place of what the last one there said; give the row's id."""
    connection = session.connection()
    connection.execute(sa.delete(_TABLE).where(_TABLE.c.host == host))
    made = connection.execute(sa.insert(_TABLE).values(host=host, pid=pid, started_at=now))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def note(session: Session, number: int, **values: Any) -> None:  # noqa: ANN401 - any of the table's columns
    """Note what the daemon did last."""
    session.connection().execute(sa.update(_TABLE).where(_TABLE.c.id == number).values(**values))


def latest(session: Session) -> DaemonStatus | None:
    """What the daemon that started last said of itself."""
    order = (col(DaemonStatus.started_at).desc(), col(DaemonStatus.id).desc())
    return session.exec(select(DaemonStatus).order_by(*order).limit(1)).first()
