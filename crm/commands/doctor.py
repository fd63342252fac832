"""`crm doctor`: is everything sound, and what to do if not."""

import typer
from rich.console import Console

from crm.actions.doctor import Check, examine
from crm.commands.base import App, command, verb
from crm.render import text

app = verb()


@command(app, example="crm doctor", lenient=True)
def doctor(crm: App) -> None:
    """Check database, permissions, time zone, clock, backups and daemon; exit 1 when something is not sound."""
    checks = list(examine(crm.settings, crm.engine, daemon_runs=crm.daemon_runs()))
    crm.show({"items": checks}, lambda console: _draw(console, checks))
    if not all(each.ok for each in checks):
        raise typer.Exit(1)


def _draw(console: Console, checks: list[Check]) -> None:
    for each in checks:
        mark = text.safe("ok  ", text.GOOD) if each.ok and not each.remedy else None
        mark = mark or (text.safe("note", text.WARN) if each.ok else text.safe("BAD ", text.BAD))
        console.print(text.join(mark, each.check, each.remedy and f"- {each.remedy}"))
