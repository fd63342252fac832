"""`crm calendar sync`: keep follow-ups, promises and commitments in step with a to-do list on the phone."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from crm.commands.base import App, command
from crm.commands.calendar_publish import only_one, warn
from crm.errors import CrmError
from crm.render import text

if TYPE_CHECKING:
    from calendars.remote.sync import Synced


def register(app: typer.Typer) -> None:
    """Add the command to `crm calendar`."""
    command(app, example="crm calendar sync")(sync)


def sync(crm: App) -> None:
    """Keep follow-ups, promises and commitments in step with a calendar's to-dos: done or moved there is so here.

    Each change that is taken over is a command of its own, which crm undo takes back. What was changed on both sides
    since the last time: whether it is done is as it is here, and of two days the one that was set later counts. What
    others put into that calendar is not touched.
    """
    from calendars.remote.configured import to_do_list  # noqa: PLC0415 - everyday commands must not wait for it
    from calendars.remote.sync import sync as run  # noqa: PLC0415 - as above

    with only_one(crm, "sync"):
        place = to_do_list(crm.settings)
        try:
            done = run(place, crm, crm.settings, now=crm.now, tz=crm.tz)
        finally:
            place.close()
    taken = [asdict(each) for each in done.taken]
    told = {"items": [asdict(done.pushed)], "taken": taken, "put_back": done.put_back}
    crm.show(told, lambda console: _draw(console, done))
    warn(crm, done.pushed.problems)
    if done.pushed.error:
        raise CrmError(done.pushed.error)


def _draw(console: Console, done: "Synced") -> None:
    console.print(text.safe(done.pushed.place, text.NAME), soft_wrap=True)
    for each in done.taken:
        console.print(text.safe(f"  {each.words}"))
        if each.conflict:
            console.print(text.hint(f"    {each.conflict}"))
    for words in done.put_back:
        console.print(text.safe(f"  {words}"))
    if not done.taken and not done.put_back:
        console.print(text.safe("  Nothing was changed there."))
    counts = [(done.pushed.written, "written"), (done.pushed.removed, "removed"), (done.pushed.unchanged, "unchanged")]
    said = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    console.print(text.safe(f"  To-dos there: {said or 'none'}"))
    if done.taken:
        console.print(text.hint("To take the last one back: crm undo"))
