"""`crm commitment show` and `check-ins`: how it went so far, and what was checked in by mistake."""

from typing import Annotated, Any, Final

import typer
from rich.text import Text

from crm.actions import commitments as actions
from crm.cadence import day_of
from crm.commands.base import App, command
from crm.dates import say_day, say_instant
from crm.escaping import shorten
from crm.exporters.json_ import Describer
from crm.models.words import CommitmentState
from crm.render import commitments as screen
from crm.render import text
from crm.store import commitments as store
from crm.store.commitments import CommitmentStanding

LONGEST_TITLE: Final = 200

Which = Annotated[list[str], typer.Argument(metavar="COMMITMENT", help="Its id (m1) or words of its title.")]
All = Annotated[bool, typer.Option("--all", help="Show every one, not just the newest.")]
Remove = Annotated[str | None, typer.Option("--remove", metavar="ID", help="Take one of them back, such as k3.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `crm commitment`."""
    command(app, example="crm commitment show m1")(show)
    command(app, name="check-ins", example="crm commitment check-ins m1 --remove k3")(check_ins)


def counts(standing: CommitmentStanding) -> dict[str, Any]:
    """What --json tells of an accepted commitment besides the record."""
    names = ("done", "skipped", "left", "act_by_on", "safe_until_on", "streak", "best_streak")
    return {each: getattr(standing, each) for each in names}


def head(crm: App, told: dict[str, Any]) -> list[Text]:
    """The commitment in one line, and in another what rhythm is to come."""
    today, title = day_of(crm.now, crm.tz), shorten(str(told["title"]), LONGEST_TITLE)
    coming = [each for each in told["versions"] if each["from_on"] > today]
    said = [text.join(told["ref"], title, f"{told['times']}/{told['per']}", told["state"], gap="  ")]
    return said + [text.safe(f"From {say_day(each['from_on'])} on: {each['times']}/{each['per']}") for each in coming]


def show(crm: App, which: Which) -> None:
    """Show how one commitment went. Its last twelve periods are told, and the newest check-ins with their addresses."""
    today = day_of(crm.now, crm.tz)
    with crm.reading() as session:
        found = store.commitment(session, " ".join(which))
        starts_on = crm.settings["week_starts_on"]
        (story,) = actions.stories(session, [found], now=crm.now, tz=crm.tz, week_starts_on=starts_on)
        made, describer = store.check_ins(session, found), Describer(session, today)
        told, marks = describer.numbered(found), describer.many(made[: screen.MOST])
    shown, is_accepted = actions.judged(found, story), found.state == CommitmentState.ACCEPTED
    periods = [
        {"from_on": each.from_on, "to_on": each.to_on, "times": each.times, "done": each.done}
        | {"skipped": each.skipped, "kept": each.kept, "whole": each.whole}
        for each in shown[-screen.LAST :]
    ]
    stands = story.standing if is_accepted else None
    value = told | (counts(stands) if stands else {}) | {"periods": periods, "check_ins": marks}
    crm.show(
        value,
        lambda console: text.lines(
            console, *head(crm, told), "", *screen.story(found.ref, stands, shown, made, today=today, tz=crm.tz)
        ),
    )


def check_ins(crm: App, which: Which, remove: Remove = None, every: All = False) -> None:
    """List its check-ins, the newest first. --remove takes one back that was a mistake."""
    if remove is not None:
        _take_back(crm, which, remove)
        return
    with crm.reading() as session:
        found = store.commitment(session, " ".join(which))
        made, ref = store.check_ins(session, found), found.ref
        told = Describer(session, day_of(crm.now, crm.tz)).many(made)
    crm.show(
        {"items": told},
        lambda console: text.lines(console, *screen.check_ins(ref, made, tz=crm.tz, every=every)),
    )


def _take_back(crm: App, which: list[str], ref: str) -> None:
    with crm.writing("commitment check-ins") as session:
        found = store.commitment(session, " ".join(which))
        gone = store.check_in(session, found, ref)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(gone)
        at, title = gone.done_at, found.title
        actions.take_back(session, found, gone)
    said = text.join("Taken back:", title, f"({say_instant(at, tz=crm.tz)})")
    crm.show(told, lambda console: text.lines(console, said, text.hint("Not meant? crm undo brings it back.")))
