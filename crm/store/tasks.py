"""Tasks: follow-ups, promises, the checklist."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, ReviewLink, Task
from crm.models.words import TaskKind
from crm.store import records, references


@dataclass(frozen=True, slots=True)
class Todo:
    """A task and whom it is about."""

    task: Task
    contact: Contact | None

    @property
    def day(self) -> date | None:
        """The day it was put off to, or is due."""
        return day_of(self.task)


def day_of(task: Task) -> date | None:
    """The day a task was put off to, or is due; None where it has no day."""
    return task.snoozed_until_on or task.due_on


def its_day() -> sa.Function[date | None]:
    """The same in a query."""
    return sa.func.coalesce(col(Task.snoozed_until_on), col(Task.due_on))


def listed(
    session: Session, *, kind: TaskKind | None = None, contact: Contact | None = None, done: bool = False
) -> list[Todo]:
    """The open tasks, or the `done` ones too: by day, those without one last, then as they came in."""
    query = select(Task, Contact).join(Contact, col(Contact.id) == Task.contact_id, isouter=True)
    if kind is not None:
        query = query.where(Task.kind == kind)
    if contact is not None:
        query = query.where(Task.contact_id == contact.id)
    if not done:
        query = query.where(col(Task.done_at).is_(None))
    found = [Todo(task, whom) for task, whom in session.exec(query.order_by(col(Task.id)))]
    return sorted(found, key=lambda each: each.day or date.max)


def todo(session: Session, task: Task) -> Todo:
    """A task with whom it is about."""
    return Todo(task, None if task.contact_id is None else session.get(Contact, task.contact_id))


def remove(session: Session, task: Task) -> None:
    """Remove a task and what links it to reviews."""
    for link in references.of_kind(session, task, ReviewLink):
        records.remove(session, link)
    records.remove(session, task)
