"""`crm plan`: what everything dated counts from."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

import typer

from crm.actions import plan as actions
from crm.cadence import day_of
from crm.commands.base import App, command, group
from crm.dates import parse_day, say_day
from crm.errors import BadValueError
from crm.escaping import refuse_unstorable
from crm.exporters.json_ import Describer
from crm.models import Plan
from crm.render import plan as screen
from crm.render import text
from crm.store import plan as store
from crm.store import reviews
from crm.week_hours import WEEK_HOURS, parse_hours

app = group("The plan that everything dated counts from.")

MOST_HOURS = 100_000
Text = Annotated[str | None, typer.Option(metavar="TEXT", help="An empty text clears it.")]


@command(app, example="crm plan show")
def show(crm: App) -> None:
    """Show the plan, its reviews and how far the checklist is."""
    today = day_of(crm.now, crm.tz)
    with crm.reading() as session:
        found, milestones, checklist = store.current(session), reviews.every(session), store.checklist(session)
        told = Describer(session, today).numbered(found or Plan())
        crm.show(
            told if found else dict.fromkeys(told),
            lambda console: screen.draw(console, found, milestones, checklist, today=today, tz=crm.tz),
        )


@command(app, example="crm plan start 2026-01-05")
def start(crm: App, day: Annotated[str, typer.Argument(metavar="DATE")]) -> None:
    """Say when the plan starts. Reviews and checklist are dated from there, anew if they were before."""
    today, start_on = day_of(crm.now, crm.tz), parse_day(day, now=crm.now, tz=crm.tz)
    with crm.writing("plan start") as session:
        found = actions.start_plan(session, start_on, today=today)
        told = Describer(session, today).numbered(found)
        milestones = reviews.every(session)
    crm.show(
        told,
        lambda console: text.lines(
            console,
            f"The plan starts {say_day(start_on)}.",
            *([screen.review_table(milestones, today=today, tz=crm.tz)] if milestones else []),
        ),
    )
    if found.deadline_on and found.deadline_on < start_on:
        crm.note(f"Its deadline, {say_day(found.deadline_on)}, is before that; another: crm plan set --deadline DATE")


@command(app, name="set", example='crm plan set --weekly-hours 10 --months 9 --goal "An ML engineering job"')
def set_(
    crm: App,
    total_hours: Annotated[
        str | None, typer.Option(metavar="H", help="Hours in all, such as 400; 0 clears it.")
    ] = None,
    weekly_hours: Annotated[
        str | None, typer.Option(metavar="H", help="Hours a week, such as 10; 0 clears it.")
    ] = None,
    months: Annotated[int | None, typer.Option(min=1, max=600, help="For how many months.")] = None,
    deadline: Annotated[str | None, typer.Option(metavar="DATE", help="By when.")] = None,
    goal: Text = None,
    partner: Text = None,
) -> None:
    """Set what the plan aims at and how much it takes."""
    values = {
        "total_hours": _hours(total_hours, MOST_HOURS),
        "weekly_hours": _hours(weekly_hours, WEEK_HOURS),
        "months": months,
        "deadline_on": parse_day(deadline, now=crm.now, tz=crm.tz) if deadline else None,
        "goal": goal and refuse_unstorable(goal, what="The goal"),
        "partner": partner and refuse_unstorable(partner, what="The partner"),
    }
    given = {name: value for name, value in values.items() if value is not None}
    if not given:
        raise BadValueError("nothing to set; give for example --weekly-hours 10 or --goal TEXT")
    with crm.writing("plan set") as session:
        found = actions.set_plan(session, {name: value or None for name, value in given.items()})
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
    crm.show(told, lambda console: text.lines(console, text.section("Plan", text.facts(_said(told, given)))))
    if deadline and found.deadline_on and found.deadline_on < day_of(crm.now, crm.tz):
        crm.note(f"{say_day(found.deadline_on)} has passed; for a deadline to come: crm plan set --deadline DATE")


def _hours(typed: str | None, most: int) -> float | None:
    return None if typed is None else parse_hours(typed, most=most) / 60


def _said(told: Mapping[str, object], given: Iterable[str]) -> list[tuple[str, str]]:
    return [(name.removesuffix("_on").replace("_", " "), _value(told[name])) for name in given]


def _value(value: object) -> str:
    if isinstance(value, date):
        return say_day(value)
    return f"{value:g}" if isinstance(value, float) else str(value or "cleared")


@command(app, example="crm plan begin")
def begin(
    crm: App,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Begin although the checklist has items that come first.")
    ] = False,
) -> None:
    """Begin the main part today, when what comes before it is done."""
    today = day_of(crm.now, crm.tz)
    anyway = anyway or _confirmed(crm)
    with crm.writing("plan begin") as session:
        found = actions.begin_plan(session, today=today, anyway=anyway)
        told = Describer(session, today).numbered(found)
    crm.show(told, lambda console: text.lines(console, f"The plan began {say_day(found.begun_on or today)}."))
    if found.start_on is None:
        crm.note(screen.START_HINT)


def _confirmed(crm: App) -> bool:
    """Ask a person whether to begin although something comes first; nobody is asked otherwise."""
    if not crm.asks:
        return False
    with crm.reading() as session:
        begun = (store.current(session) or Plan()).begun_on
        first = [text.join(each.ref, each.title) for each in actions.gate(session)]
    if begun or not first:
        return False
    items = text.bullets(first)
    text.lines(crm.console, text.section("These come before the beginning", items, count=len(first)))
    return typer.confirm("Begin anyway?")
