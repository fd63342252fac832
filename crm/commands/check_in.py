"""`crm check-in`: once more of a commitment."""

from datetime import time
from typing import Annotated

import typer

from crm.actions import commitment_words as words
from crm.actions import commitments as actions
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.dates import parse_instant, say_instant
from crm.exporters.json_ import Describer
from crm.render import commitments as screen
from crm.render import text
from crm.store import commitments as store

app = verb()


@command(app, example="crm check-in post --url https://example.org/my-post")
def check_in(
    crm: App,
    which: Annotated[list[str], typer.Argument(metavar="COMMITMENT", help="Its id (m1) or words of its title.")],
    at: Annotated[str, typer.Option(metavar="WHEN", help="When you did it.")] = "now",
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where it can be seen.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    skip: Annotated[str | None, typer.Option(metavar="REASON", help="Skip it once, and why.")] = None,
) -> None:
    """Count a commitment once more, or skip it once with a reason."""
    done_at = parse_instant(at, now=crm.now, tz=crm.tz, past=True, default_time=time(12))
    with crm.writing("check-in") as session:
        found = store.commitment(session, " ".join(which))
        made = actions.check_in(session, found, at=done_at, now=crm.now, url=url, note=note, skip_reason=skip)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(made)
        standing = actions.standing_of(
            session, found, now=done_at, tz=crm.tz, week_starts_on=crm.settings["week_starts_on"]
        )
    today = day_of(crm.now, crm.tz)
    said = text.join("Skipped:" if skip else "Done:", found.title, f"({say_instant(done_at, tz=crm.tz)})")
    stands = text.join(screen.says(standing, today=today) + ",", screen.remark(standing, today=today))
    if not standing.left and standing.to_on >= today and standing.streak:
        stands.append(f"; {words.streak(standing)}")
    count = text.join(screen.marks(standing), stands, gap="  ")
    crm.show(told, lambda console: text.lines(console, said, count))
