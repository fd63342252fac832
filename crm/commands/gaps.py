"""`crm gaps`: what is still blank and blocks something."""

from typing import Annotated

import typer
from rich.console import Console

from crm.actions.gaps import Gap, find
from crm.commands.base import App, command, verb
from crm.render import text

app = verb()

MOST = 7

All = Annotated[bool, typer.Option("--all", help="Show all, not the most useful seven.")]


@command(app, name="gaps", example="crm gaps")
def gaps(crm: App, everything: All = False) -> None:
    """Show what is blank or unsure, the most useful seven first, each with what to type."""
    with crm.reading() as session:
        found = find(session)
    crm.show({"items": found}, lambda console: _draw(console, found, len(found) if everything else MOST))


def _draw(console: Console, found: list[Gap], most: int) -> None:
    if not found:
        console.print(text.safe("Nothing is blank. See what is due: crm today"))
        return
    for each in found[:most]:
        said = each.text[:1].upper() + each.text[1:]
        console.print(text.join("•", said))
        console.print(text.join("   ", text.safe(each.remedy, text.QUIET)))
    if len(found) > most:
        console.print(text.hint(f"and {len(found) - most} more: crm gaps --all"))
