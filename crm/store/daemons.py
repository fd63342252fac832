"""What the daemon says of itself."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import DaemonStatus
from crm.store.shape import table_of

_TABLE = table_of(DaemonStatus)


def of_host(session: Session, host: str) -> list[DaemonStatus]:
    """What the daemons of a host said; several, where homes share a database."""
    return list(session.exec(select(DaemonStatus).where(DaemonStatus.host == host).order_by(col(DaemonStatus.id))))


def started(session: Session, *, host: str, pid: int, now: datetime, gone: Collection[int] = ()) -> int:
    """Note that a daemon started on a host, in the place of the rows that are of those `gone`; give the row's id."""
    connection = session.connection()
    connection.execute(sa.delete(_TABLE).where(_TABLE.c.id.in_(gone)))
    made = connection.execute(sa.insert(_TABLE).values(host=host, pid=pid, started_at=now))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)


def note(session: Session, number: int, **values: Any) -> bool:  # noqa: ANN401 - any of the table's columns
    """Note what the daemon did last; False if there is no such row any more."""
    changed = session.connection().execute(sa.update(_TABLE).where(_TABLE.c.id == number).values(**values))
    return bool(changed.rowcount)


def latest(session: Session, host: str) -> DaemonStatus | None:
    """What the daemon said of itself that started last, on that host if one ever did."""
    order = ((col(DaemonStatus.host) == host).desc(), col(DaemonStatus.started_at).desc(), col(DaemonStatus.id).desc())
    return session.exec(select(DaemonStatus).order_by(*order).limit(1)).first()


def others(session: Session, own: DaemonStatus | None) -> list[DaemonStatus]:
    """The daemons that share this database and did not say that they stopped, the latest turn first."""
    query = select(DaemonStatus).where(
        col(DaemonStatus.stopped_at).is_(None), DaemonStatus.id != (own.id if own else None)
    )
    return list(session.exec(query.order_by(col(DaemonStatus.last_tick_at).desc(), col(DaemonStatus.id))))
