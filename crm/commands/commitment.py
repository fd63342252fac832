"""`crm commitment`: promises to oneself, such as twice a week."""

from typing import Annotated, Any

import typer
from sqlmodel import Session

from crm.actions import commitments as actions
from crm.actions.commitment_rhythm import parse_often
from crm.cadence import day_of
from crm.commands import commitment_story
from crm.commands.base import App, command, group
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.models import Commitment
from crm.models.words import CommitmentState
from crm.render import commitments as screen
from crm.render import text
from crm.store import commitments as store

app = group("Promises to yourself, such as twice a week.")

Which = Annotated[list[str], typer.Argument(metavar="COMMITMENT", help="Its id (m1) or words of its title.")]
Often = Annotated[str, typer.Argument(metavar="N/day|week|month")]


@command(app, name="list", example="crm commitment list")
def list_(
    crm: App, every: Annotated[bool, typer.Option("--all", help="Show every one, and what has ended.")] = False
) -> None:
    """List your commitments and how they stand. Accepted ones are counted, proposed ones wait for you."""
    today, starts_on = day_of(crm.now, crm.tz), crm.settings["week_starts_on"]
    with crm.reading() as session:
        stories = actions.accepted(session, now=crm.now, tz=crm.tz, week_starts_on=starts_on)
        counted = {each.standing.uid: commitment_story.counts(each.standing) for each in stories}
        told = Describer(session, today).many(store.every(session))
    items = [each | counted.get(each["uid"], {}) for each in told]
    others = {state: _rows(told, state) for state in (CommitmentState.PROPOSED, CommitmentState.ENDED)}
    crm.show(
        {"items": items},
        lambda console: text.lines(console, *screen.parts(stories, others, today=today, every=every)),
    )


@command(app, example='crm commitment add "Post on LinkedIn" 2/week --accept')
def add(
    crm: App,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    often: Often,
    accept: Annotated[bool, typer.Option("--accept", help="Take it on at once.")] = False,
) -> None:
    """Make a commitment. It counts once you accept it."""
    times, per = parse_often(often)
    with crm.writing("commitment add") as session:
        made = actions.add(session, title, times=times, per=per, accepted=accept, today=day_of(crm.now, crm.tz))
        told = _told(crm, session, made)
    _show(crm, told)


@command(app, example="crm commitment accept m1")
def accept(crm: App, which: Which) -> None:
    """Take a proposed commitment on, or one that had ended up again."""
    with crm.writing("commitment accept") as session:
        found = store.commitment(session, " ".join(which))
        told = _told(crm, session, actions.accept(session, found, today=day_of(crm.now, crm.tz)))
    _show(crm, told)


@command(app, example="crm commitment edit m1 --often 3/week")
def edit(
    crm: App,
    which: Which,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="A new title.")] = None,
    often: Annotated[str | None, typer.Option(metavar="N/day|week|month", help="Another rhythm.")] = None,
) -> None:
    """Change a title, or how often. More counts from today on, less from the next day, week or month on."""
    if title is None and often is None:
        raise BadValueError("nothing to change; give --title TEXT or --often 3/week")
    today, rhythm = day_of(crm.now, crm.tz), parse_often(often) if often else None
    starts_on = crm.settings["week_starts_on"]
    with crm.writing("commitment edit") as session:
        found = store.commitment(session, " ".join(which))
        actions.edit(session, found, title=title, often=rhythm, today=today, week_starts_on=starts_on)
        told = _told(crm, session, found)
    _show(crm, told)


@command(app, example="crm commitment ease m1 1/week")
def ease(crm: App, which: Which, often: Often) -> None:
    """Promise less, from the next period on. The day, week or month that runs is judged as it began."""
    rhythm = parse_often(often)
    with crm.writing("commitment ease") as session:
        found = store.commitment(session, " ".join(which))
        starts_on = crm.settings["week_starts_on"]
        actions.ease(session, found, rhythm, today=day_of(crm.now, crm.tz), week_starts_on=starts_on)
        told = _told(crm, session, found)
    _show(crm, told)


@command(app, example="crm commitment remove m1")
def remove(crm: App, which: Which) -> None:
    """End a commitment. Its check-ins are kept; without any it is removed."""
    with crm.writing("commitment remove") as session:
        found = store.commitment(session, " ".join(which))
        told = _told(crm, session, found)
        removed = actions.remove(session, found)
    said = "Removed:" if removed else "Ended, its check-ins are kept:"
    crm.show(
        told | {"state": CommitmentState.ENDED.value},
        lambda console: text.lines(console, text.join(said, found.title)),
    )


commitment_story.register(app)


def _rows(told: list[dict[str, Any]], state: CommitmentState) -> list[tuple[str, str, str]]:
    return [(each["ref"], each["title"], f"{each['times']}/{each['per']}") for each in told if each["state"] == state]


def _told(crm: App, session: Session, commitment: Commitment) -> dict[str, Any]:
    return Describer(session, day_of(crm.now, crm.tz)).numbered(commitment)


def _show(crm: App, told: dict[str, Any]) -> None:
    ref, state = told["ref"], told["state"]
    hint = {
        CommitmentState.PROPOSED: f"Take it on: crm commitment accept {ref}",
        CommitmentState.ACCEPTED: f"Each time you have done it: crm check-in {ref}",
        CommitmentState.ENDED: f"Take it up again: crm commitment accept {ref}",
    }[CommitmentState(state)]
    crm.show(told, lambda console: text.lines(console, *commitment_story.head(crm, told), text.hint(hint)))
