"""`crm commitment`: promises to oneself, such as twice a week."""

from typing import Annotated

import typer

from crm.actions import commitments as actions
from crm.cadence import day_of
from crm.commands.base import App, command, group
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.models.words import CommitmentState
from crm.render import commitments as screen
from crm.render import text
from crm.store import commitments as store

app = group("Promises to yourself, such as twice a week.")

Which = Annotated[list[str], typer.Argument(metavar="COMMITMENT", help="Its id (m1) or words of its title.")]


@command(app, name="list", example="crm commitment list")
def list_(crm: App) -> None:
    """List your commitments and how they stand. Accepted ones are counted, proposed ones wait for you."""
    today = day_of(crm.now, crm.tz)
    with crm.reading() as session:
        standings = actions.standing(session, now=crm.now, tz=crm.tz, week_starts_on=crm.settings["week_starts_on"])
        counted = {each.uid: {"done": each.done, "skipped": each.skipped, "left": each.left} for each in standings}
        told = Describer(session, today).many(store.every(session))
    items = [each | counted.get(each["uid"], {}) for each in told]
    proposed = [
        (each["ref"], each["title"], f"{each['times']}/{each['per']}")
        for each in told
        if each["state"] == CommitmentState.PROPOSED
    ]
    crm.show({"items": items}, lambda console: screen.draw(console, standings, proposed, today=today))


@command(app, example='crm commitment add "Post on LinkedIn" 2/week --accept')
def add(
    crm: App,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    often: Annotated[str, typer.Argument(metavar="N/day|week|month")],
    accept: Annotated[bool, typer.Option("--accept", help="Take it on at once.")] = False,
) -> None:
    """Make a commitment. It counts once you accept it."""
    times, per = actions.parse_often(often)
    with crm.writing("commitment add") as session:
        made = actions.add(session, title, times=times, per=per, accepted=accept, today=day_of(crm.now, crm.tz))
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(made)
    _show(crm, told)


@command(app, example="crm commitment accept m1")
def accept(crm: App, which: Which) -> None:
    """Take a proposed commitment on, or one that had ended up again."""
    with crm.writing("commitment accept") as session:
        found = actions.accept(session, store.commitment(session, " ".join(which)))
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
    _show(crm, told)


@command(app, example="crm commitment edit m1 --often 3/week")
def edit(
    crm: App,
    which: Which,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="A new title.")] = None,
    often: Annotated[str | None, typer.Option(metavar="N/day|week|month", help="How often from today on.")] = None,
) -> None:
    """Change a title, or how often from today on. What is past keeps its own."""
    if title is None and often is None:
        raise BadValueError("nothing to change; give --title TEXT or --often 3/week")
    today, rhythm = day_of(crm.now, crm.tz), actions.parse_often(often) if often else None
    with crm.writing("commitment edit") as session:
        found = store.commitment(session, " ".join(which))
        actions.edit(session, found, title=title, often=rhythm, today=today)
        told = Describer(session, today).numbered(found)
    _show(crm, told)


@command(app, example="crm commitment show m1")
def show(crm: App, which: Which) -> None:
    """Show one commitment."""
    with crm.reading() as session:
        found = store.commitment(session, " ".join(which))
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
    _show(crm, told)


@command(app, example="crm commitment remove m1")
def remove(crm: App, which: Which) -> None:
    """End a commitment. Its check-ins are kept; without any it is removed."""
    with crm.writing("commitment remove") as session:
        found = store.commitment(session, " ".join(which))
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
        removed = actions.remove(session, found)
    said = "Removed:" if removed else "Ended, its check-ins are kept:"
    crm.show(
        told | {"state": CommitmentState.ENDED.value},
        lambda console: text.lines(console, text.join(said, found.title)),
    )


def _show(crm: App, told: dict[str, object]) -> None:
    ref, state = str(told["ref"]), str(told["state"])
    hint = {
        CommitmentState.PROPOSED: f"Take it on: crm commitment accept {ref}",
        CommitmentState.ACCEPTED: f"Each time you have done it: crm check-in {ref}",
        CommitmentState.ENDED: f"Take it up again: crm commitment accept {ref}",
    }[CommitmentState(state)]
    said = text.join(ref, str(told["title"]), f"{told['times']}/{told['per']}", state, gap="  ")
    crm.show(told, lambda console: text.lines(console, said, text.hint(hint)))
