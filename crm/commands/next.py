"""`crm next`: whom to reach out to now."""

from typing import Annotated

import typer

from crm.actions.next_ import advise
from crm.commands.base import App, command, verb
from crm.commands.common import describer
from crm.render import next as screen
from crm.render import text

app = verb()

MOST = 100


@command(app, example="crm next -n 5")
def next_(
    crm: App,
    count: Annotated[int, typer.Option("-n", min=1, max=MOST, help="How many people.")] = 3,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also whom this week has no room for any more (outreach.weekly_budget).")
    ] = False,
) -> None:
    """Show whom to reach out to now: why, how to reach them, and what to ask."""
    with crm.reading() as session:
        advice = advise(session, now=crm.now, tz=crm.tz, settings=crm.settings, limit=count, anyway=anyway)
        told = screen.all_told(advice, describer(crm, session)) if crm.json else {}
        parts = list(screen.parts(advice))
    crm.show(told, lambda console: text.lines(console, *parts))
