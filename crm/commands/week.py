"""`crm week`: the week's hours against their targets."""

from typing import Annotated

import typer

from crm.actions import commitments, hours
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.dates import parse_day
from crm.render import text
from crm.render import week as screen

app = verb()


@command(app, example="crm week --at 2026-01-05")
def week(
    crm: App, at: Annotated[str, typer.Option(metavar="DATE", help="Any day of the week to show.")] = "today"
) -> None:
    """Show the week: hours against targets, whether you are behind, and what room is left."""
    today, day = day_of(crm.now, crm.tz), parse_day(at, now=crm.now, tz=crm.tz, past=True)
    starts_on = crm.settings["week_starts_on"]
    with crm.reading() as session:
        found = hours.week_summary(session, day=day, now=crm.now, tz=crm.tz, week_starts_on=starts_on)
        standings, timed = [], None
        if found.from_on <= today <= found.to_on:
            standings = commitments.standing(session, now=crm.now, tz=crm.tz, week_starts_on=starts_on)
            timed = hours.timed(session, now=crm.now)
    crm.show(
        found.told(),
        lambda console: text.lines(console, *screen.parts(found, standings, timed, today=today, tz=crm.tz)),
    )
