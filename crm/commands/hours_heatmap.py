"""`crm hours heatmap`: a year of hours, day by day."""

from typing import Annotated

import typer

from crm.actions import heatmap as actions
from crm.cadence import day_of
from crm.clock import YEARS
from crm.commands.base import App, command
from crm.date_words import WEEKDAYS
from crm.render import heatmap as screen
from crm.store import hours

Year = Annotated[
    int | None, typer.Option(metavar="YEAR", min=YEARS[0], max=YEARS[-1], help="Which year; this one if unsaid.")
]
Name = Annotated[
    str | None, typer.Option("--activity", metavar="NAME", help="Only this one: its name, or a word of it.")
]


def register(app: typer.Typer) -> None:
    """Add the command to `crm hours`."""
    command(app, example="crm hours heatmap --year 2026 --activity projects")(heatmap)


def heatmap(crm: App, year: Year = None, activity: Name = None) -> None:
    """Show a year as weeks and weekdays, each day as dense as it had hours, with the longest streak."""
    today, starts_on = day_of(crm.now, crm.tz), crm.settings["week_starts_on"]
    with crm.reading() as session:
        chosen = hours.activity(session, activity) if activity is not None else None
        found = actions.heatmap(session, year or today.year, activity=chosen, now=crm.now, tz=crm.tz)
        latest = actions.latest_year(session, activity=chosen, tz=crm.tz)
        name, uid = (chosen.name, chosen.uid) if chosen else (None, None)
    value = {
        "year": found.year,
        "activity": uid,
        "week_starts_on": starts_on,
        "minutes": found.minutes,
        "active_days": found.active_days,
        "longest_streak": found.longest_streak(),
        "days": found.days,
    }
    first_weekday = WEEKDAYS.index(starts_on)
    crm.show(
        value,
        lambda console: screen.draw(
            console, found, today=today, first_weekday=first_weekday, activity=name, latest=latest
        ),
    )
