"""The plan's one row, and the checklist that is dated from it."""

from sqlmodel import Session, col, select

from crm.models import Plan, Task
from crm.models.words import TaskKind


def current(session: Session) -> Plan | None:
    """The plan, if anything was ever said of it."""
    return session.exec(select(Plan).order_by(col(Plan.id)).limit(1)).first()


def checklist(session: Session) -> list[Task]:
    """The checklist's items in the order they were added, done ones too."""
    return list(session.exec(select(Task).where(Task.kind == TaskKind.CHECKLIST).order_by(col(Task.id))))
