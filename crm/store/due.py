"""What asks for a reminder: open tasks with a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from crm.models import Contact, Task
from crm.models.words import Owner, TaskKind
from crm.store.tasks import day_of, its_day


@dataclass(frozen=True, slots=True)
class DueTask:
    """An open task, the day it is due or was put off to, and whom it is about."""

    task: Task
    day: date
    contact: Contact | None


def tasks(session: Session, *, kinds: Collection[TaskKind], until: date) -> list[DueTask]:
    """The open tasks of these kinds that are due on `until` or before it, the longest due first."""
    day = its_day()
    query = (
        select(Task, Contact)
        .join(Contact, col(Contact.id) == Task.contact_id, isouter=True)
        .where(col(Task.kind).in_(kinds), col(Task.done_at).is_(None), day <= until)
        .order_by(day, col(Task.id))
    )
    return [DueTask(task, dated, contact) for task, contact in session.exec(query) if (dated := day_of(task))]


def promised(session: Session) -> set[tuple[int, date]]:
    """By whom (a contact's id) and by which day something was promised to the person that is still open."""
    day = its_day()
    query = select(Task).where(Task.kind == TaskKind.PROMISE, Task.owner == Owner.THEM, col(Task.done_at).is_(None))
    query = query.where(col(Task.contact_id).is_not(None), day.is_not(None))
    return {(task.contact_id, dated) for task in session.exec(query) if task.contact_id and (dated := day_of(task))}
