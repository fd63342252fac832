"""Tasks: what is still to do, put off, or done."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from crm.actions.checked import brief, optional, required
from crm.dates import say_day
from crm.errors import BadValueError, RefusedError
from crm.models import Contact, Interaction, Task
from crm.models.words import Owner, TaskKind
from crm.store import journal, records, tasks


def add_task(
    session: Session,
    *,
    title: str,
    kind: TaskKind,
    now: datetime,  # noqa: ARG001 - callers hand every action the moment
    due_on: date | None = None,
    contact: Contact | None = None,
    interaction: Interaction | None = None,
    owner: Owner = Owner.ME,
    note: str | None = None,
) -> Task:
    """A new task, about a contact and out of an interaction where they are given; `owner` says who owes it.

    Raises:
        BadValueError: the title is blank.
    """
    return records.add(
        session,
        Task(
            title=required(title, what="The title"),
            kind=kind.value,
            due_on=due_on,
            contact_id=contact.id if contact else None,
            interaction_id=interaction.id if interaction else None,
            owner=owner.value,
            note=optional(note, what="The note") if note else None,
        ),
    )


def add(session: Session, **values: Any) -> Task:  # noqa: ANN401 - what `add_task` takes
    """Add a task as a command of its own."""
    made = add_task(session, **values)
    journal.summarize(session, f"Added task {made.ref}: {brief(made.title)}")
    return made


def edit(session: Session, task: Task, changes: dict[str, Any]) -> Task:
    """Change columns of a task; another due day ends its being put off.

    Raises:
        BadValueError: the title would be blank.
    """
    if "title" in changes:
        required(changes["title"], what="The title")
    if "note" in changes:
        changes = changes | {"note": optional(changes["note"], what="The note")}
    if "due_on" in changes:
        changes = changes | {"snoozed_until_on": None}
    for name, value in changes.items():
        setattr(task, name, value)
    journal.summarize(session, f"Changed task {task.ref}: {brief(task.title)}")
    return task


def finish(task: Task, *, now: datetime) -> bool:
    """Mark a task as done; False when it was already."""
    if task.done_at is not None:
        return False
    task.done_at = now
    return True


def snooze(session: Session, task: Task, until_on: date, *, today: date) -> Task:
    """Put a task off until a later day.

    Raises:
        BadValueError: the day is not after today.
        RefusedError: the task is done.
    """
    if task.done_at is not None:
        raise RefusedError(f"{task.ref} is done already; open it again with: crm task edit {task.ref} --reopen")
    if until_on <= today:
        raise BadValueError(f"{say_day(until_on)} is not after today; name a later day, such as tomorrow or next mon.")
    task.snoozed_until_on = until_on
    journal.summarize(session, f"Put off {task.ref} until {say_day(until_on)}: {brief(task.title)}")
    return task


def remove(session: Session, task: Task) -> None:
    """Remove a task."""
    journal.summarize(session, f"Removed task {task.ref}: {brief(task.title)}")
    tasks.remove(session, task)
