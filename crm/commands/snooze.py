"""`crm snooze`: put a task or a reminder off."""

from datetime import time
from typing import Annotated

import typer

from crm.actions import settle
from crm.commands.base import App, command, verb
from crm.commands.common import joined, told
from crm.render import tasks as screen

app = verb()


@command(app, example="crm snooze t5 next mon")
def snooze(
    crm: App,
    which: Annotated[str, typer.Argument(metavar="ID", help="A task (t5) or a reminder (r2).")],
    when: Annotated[
        list[str] | None, typer.Argument(metavar="[WHEN]", help="fri, in 2 weeks; tomorrow if left out.")
    ] = None,
) -> None:
    """Put a task off until a day, or a reminder until a day or time."""
    at = time.fromisoformat(crm.settings["reminders.at"])
    with crm.writing("snooze") as session:
        found = settle.find(session, which)
        settle.snooze(session, found, joined(when or ["tomorrow"]), at=at, now=crm.now, tz=crm.tz)
        session.flush()
        item = told(crm, session, found)
    crm.show(item, lambda console: console.print(screen.put_off(found, tz=crm.tz)))
