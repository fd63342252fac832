"""Tasks: what is still to do, put off, or done."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette
from crm.actions.checked import brief, optional, required
from crm.actions.etiquette import Deed
from crm.dates import say_day
from crm.errors import BadValueError, RefusedError
from crm.models import Contact, Interaction, Task
from crm.models.words import Owner, TaskKind
from crm.settings import Settings
from crm.store import journal, records, tasks

_PLANNING: Final = frozenset({"kind", "due_on", "contact_id", "owner"})
"""The columns by which a follow-up is planned."""


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


def add(
    session: Session,
    *,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
    **values: Any,  # noqa: ANN401 - what `add_task` takes
) -> tuple[Task, list[str]]:
    """Add a task as a command of its own; with it come remarks.

    Raises:
        RefusedError: it is a follow-up that a rule of etiquette stands against, and no reason was given.
        BadValueError: the title or the reason (`anyway`) is blank.
    """
    made = add_task(session, now=now, **values)
    remarks = _permit(session, made, anyway=anyway, now=now, tz=tz, settings=settings)
    journal.summarize(session, f"Added task {made.ref}: {brief(made.title)}{etiquette.because(anyway, remarks)}")
    return made, remarks


def _permit(
    session: Session, task: Task, *, anyway: str | None, now: datetime, tz: ZoneInfo, settings: Settings
) -> list[str]:
    """Let a task pass; only the person's own follow-up with somebody can break a rule."""
    if anyway is not None:
        required(anyway, what="The reason")
    contact = None if task.contact_id is None else session.get(Contact, task.contact_id)
    if contact is None or task.kind != TaskKind.FOLLOW_UP or task.owner != Owner.ME:
        return []
    return etiquette.permit(
        session, Deed.FOLLOW_UP_PLAN, contact, on=task.due_on, anyway=anyway, now=now, tz=tz, settings=settings
    )


def edit(
    session: Session,
    task: Task,
    changes: dict[str, Any],
    *,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> tuple[Task, list[str]]:
    """Change columns of a task; another due day ends its being put off. With it come remarks.

    Raises:
        RefusedError: a follow-up is moved to where a rule of etiquette stands against it, and no reason was given.
        BadValueError: the title would be blank, or the reason (`anyway`) is.
    """
    if "title" in changes:
        required(changes["title"], what="The title")
    if "note" in changes:
        changes = changes | {"note": optional(changes["note"], what="The note")}
    if "due_on" in changes:
        changes = changes | {"snoozed_until_on": None}
    planned, remarks = _is_planning(task, changes), list[str]()
    for name, value in changes.items():
        setattr(task, name, value)
    if planned:
        remarks = _permit(session, task, anyway=anyway, now=now, tz=tz, settings=settings)
    journal.summarize(session, f"Changed task {task.ref}: {brief(task.title)}{etiquette.because(anyway, remarks)}")
    return task, remarks


def _is_planning(task: Task, changes: Mapping[str, Any]) -> bool:
    """Whether changes plan a follow-up anew; to put it off or to take its day away is no such plan."""
    changed = _PLANNING & changes.keys()
    due_on = changes.get("due_on")
    put_off = due_on is None or (task.due_on is not None and due_on >= task.due_on)
    return bool(changed) and not (changed == {"due_on"} and put_off)


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
