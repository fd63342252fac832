"""`crm gaps`: what is still blank and blocks something."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from crm.actions.gaps import Gap, find, settle
from crm.commands.base import App, command, verb
from crm.render import text

app = verb()

MOST = 7

Settled = Annotated[list[str] | None, typer.Option("--settle", metavar="ID", help="This one is settled (w12).")]
All = Annotated[bool, typer.Option("--all", help="Show all, not the most useful seven.")]


@command(app, name="gaps", example="crm gaps")
def gaps(crm: App, everything: All = False, settled: Settled = None) -> None:
    """Show what is blank or unsure, the most useful seven first, each with what to type."""
    if settled:
        _settle(crm, settled)
        return
    with crm.reading() as session:
        found = find(session)
    crm.show({"items": found}, lambda console: _draw(console, found, len(found) if everything else MOST))


def _settle(crm: App, settled: list[str]) -> None:
    with crm.writing("gaps") as session:
        items = [settle(session, each) for each in settled]
    crm.show({"items": items}, lambda console: text.lines(console, *(text.safe(f"Settled: {each}") for each in items)))


def _draw(console: Console, found: list[Gap], most: int) -> None:
    if not found:
        console.print(text.safe("Nothing is blank. See what is due: crm today"))
        return
    console.print(text.bullets(map(_gap, found[:most])))
    if len(found) > most:
        console.print(text.hint(f"and {len(found) - most} more: crm gaps --all"))


def _gap(each: Gap) -> Text:
    """What is open, and below it what to type."""
    said = text.safe(each.text[:1].upper() + each.text[1:])
    said.append("\n").append_text(text.safe(each.remedy, text.QUIET))
    if each.ref:
        said.append(f"\nsettled? crm gaps --settle {each.ref}", style=text.QUIET)
    return said
