"""`crm task`: follow-ups, promises, the checklist and whatever else is to do."""

from typing import Annotated, Any

import typer
from sqlmodel import Session

from crm.actions import evidence
from crm.actions import tasks as actions
from crm.cadence import day_of
from crm.commands.asks import Anyway
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact
from crm.commands.common import confirm, describer, joined, remark, told
from crm.dates import parse_day
from crm.errors import BadValueError
from crm.models import Contact, Task
from crm.models.words import Owner, TaskKind
from crm.render import tasks as screen
from crm.render import text
from crm.store import records, tasks

app = group("Follow-ups, promises and the checklist.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Such as t5.")]
Due = Annotated[str | None, typer.Option("--due", metavar="WHEN", help="A day: fri, in 2 weeks, 3 feb.")]
For = Annotated[str | None, typer.Option("--for", metavar="WHO", help="Whom it is about.")]
Kind = Annotated[TaskKind | None, typer.Option("--kind", case_sensitive=False, help="What kind of task.")]
Owed = Annotated[Owner | None, typer.Option("--owner", case_sensitive=False, help="Who owes it: me or them.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Notes.")]


@command(app, name="list", example="crm task list --kind promise")
def list_(
    crm: App, kind: Kind = None, every: Annotated[bool, typer.Option("--all", help="The done ones too.")] = False
) -> None:
    """List what is to do: overdue, due today, later, and what has no day."""
    with crm.reading() as session:
        found = tasks.listed(session, kind=kind, done=every)
        proofs = evidence.by_task(session, [each.task for each in found], now=crm.now, tz=crm.tz)
        items = describer(crm, session).many([each.task for each in found]) if crm.json else []
        items = [item | _told(proofs.get(item["uid"])) for item in items]
        parts = list(screen.listing(found, proofs, every=every, today=day_of(crm.now, crm.tz), tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm task show t5")
def show(crm: App, task: Id) -> None:
    """Show everything about a task."""
    with crm.reading() as session:
        found = records.by_ref(session, Task, task)
        proof = evidence.by_task(session, [found], now=crm.now, tz=crm.tz).get(found.uid)
        item = told(crm, session, found) | _told(proof)
        done_by = evidence.kept(session, found, tz=crm.tz)
        parts = list(screen.card(tasks.todo(session, found), proof, done_by, tz=crm.tz))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example='crm task add "Send the repo" --due fri --for jane')
def add(
    crm: App,
    words: Annotated[list[str], typer.Argument(metavar="TITLE")],
    due: Due = None,
    whom: For = None,
    kind: Kind = None,
    owner: Owed = None,
    note: Note = None,
    anyway: Anyway = None,
) -> None:
    """Add something to do."""
    due_on = parse_day(due, now=crm.now, tz=crm.tz) if due is not None else None
    about = _choose(crm, whom)
    with crm.writing("task add") as session:
        made, remarks = actions.add(
            session,
            anyway=anyway,
            title=joined(words),
            kind=kind or TaskKind.OTHER,
            due_on=due_on,
            contact=records.by_ref(session, Contact, about) if about else None,
            owner=owner or Owner.ME,
            note=note,
            now=crm.now,
            tz=crm.tz,
            settings=crm.settings,
        )
        _show_written(crm, session, "Added", made)
    remark(crm, remarks)


def _told(proof: evidence.Proven | None) -> dict[str, object]:
    """The key `proof`, where there is any: every other task is told as everywhere."""
    return {} if proof is None else {"proof": proof.told()}


def _choose(crm: App, whom: str | None) -> str | None:
    """The id of the contact meant, chosen before anything is written."""
    if not whom:
        return None
    with crm.reading() as session:
        return choose_contact(crm, session, [whom]).ref


@command(app, example="crm task edit t5 --due 'next mon'")
def edit(
    crm: App,
    task: Id,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Another title.")] = None,
    due: Due = None,
    whom: For = None,
    kind: Kind = None,
    owner: Owed = None,
    note: Note = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="It is not done after all.")] = False,
    anyway: Anyway = None,
) -> None:
    """Change a task. An empty text ("") clears the day, the person or the note."""
    changes: dict[str, Any] = {
        "title": title,
        "kind": kind and kind.value,
        "owner": owner and owner.value,
        "note": note,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    if due is not None:
        changes["due_on"] = parse_day(due, now=crm.now, tz=crm.tz) if due else None
    if reopen:
        changes["done_at"] = changes["evidence_id"] = None
    if not changes and whom is None:
        raise BadValueError("nothing to change; give for example --due fri or --title TEXT; see: crm task edit --help")
    about = _choose(crm, whom)
    with crm.writing("task edit") as session:
        if whom is not None:
            changes["contact_id"] = records.by_ref(session, Contact, about).id if about else None
        edited, remarks = actions.edit(
            session,
            records.by_ref(session, Task, task),
            changes,
            anyway=anyway,
            now=crm.now,
            tz=crm.tz,
            settings=crm.settings,
        )
        _show_written(crm, session, "Changed", edited)
    remark(crm, remarks)


@command(app, example="crm task remove t5")
def remove(crm: App, task: Id) -> None:
    """Remove a task; one that is finished is rather done. crm undo takes it back."""
    with crm.reading() as session:
        name = screen.name(records.by_ref(session, Task, task)).plain
    confirm(crm, f"Remove {name}?")
    with crm.writing("task remove") as session:
        found = records.by_ref(session, Task, task)
        item = told(crm, session, found)
        actions.remove(session, found)
    crm.show(item, lambda console: console.print(text.join("Removed", name, text.hint("(back again: crm undo)"))))


def _show_written(crm: App, session: Session, verb: str, task: Task) -> None:
    session.flush()
    item, line = told(crm, session, task), screen.written(verb, tasks.todo(session, task))
    crm.show(item, lambda console: console.print(line))
