"""`crm hours budget`: the plan's hours against its total and its last day."""

import typer

from crm.actions import budget as actions
from crm.commands.base import App, command
from crm.render import budget as screen


def register(app: typer.Typer) -> None:
    """Add the command to `crm hours`."""
    command(app, example="crm hours budget")(budget)


def budget(crm: App) -> None:
    """Show the plan's total hours: what is done and needed, your pace, the forecast, and the burn-up by week."""
    with crm.reading() as session:
        found = actions.budget(session, now=crm.now, tz=crm.tz, week_starts_on=crm.settings["week_starts_on"])
        has_metalearning = actions.has_metalearning(session)
    crm.show(found.told(), lambda console: screen.draw(console, found, has_metalearning=has_metalearning))
