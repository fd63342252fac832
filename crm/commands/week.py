"""`crm week`: the week's hours against their targets."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from crm.actions import commitments, hours
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.dates import parse_day
from crm.errors import BadValueError
from crm.render import text
from crm.render import week as screen

app = verb()


@command(app, example="crm week --at 2026-01-05")
def week(
    crm: App,
    at: Annotated[str, typer.Option(metavar="DATE", help="Any day of the week to show.")] = "today",
    report: Annotated[bool, typer.Option("--report", help="The week's account, as Markdown.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the account here, not to the screen.")
    ] = None,
) -> None:
    """Show the week: hours against targets, whether you are behind, and what room is left.

    With --report, its account as Markdown: hours, people reached, commitments, answers, checklist, and what comes.
    """
    today, day = day_of(crm.now, crm.tz), parse_day(at, now=crm.now, tz=crm.tz, past=True)
    if report:
        _report(crm, day, output)
        return
    if output is not None:
        raise BadValueError("-o writes the week's account; add --report")
    starts_on = crm.settings["week_starts_on"]
    with crm.reading() as session:
        found = hours.week_summary(session, day=day, now=crm.now, tz=crm.tz, week_starts_on=starts_on)
        standings, timed = [], None
        if found.from_on <= today <= found.to_on:
            standings = commitments.standing(session, now=crm.now, tz=crm.tz, week_starts_on=starts_on)
            timed = hours.timed(session, now=crm.now, tz=crm.tz)
    crm.show(
        found.told(),
        lambda console: text.lines(
            console, *screen.parts(found, standings, timed, today=today, tz=crm.tz, columns=console.width)
        ),
    )


def _report(crm: App, day: date, output: Path | None) -> None:
    """Print the account of the week that holds `day`, or write it to a file."""
    from crm.actions import week_report  # noqa: PLC0415 - the week without it is asked for far more often
    from crm.files import write_output  # noqa: PLC0415 - as above
    from crm.render import week_report as words  # noqa: PLC0415 - as above

    with crm.reading() as session:
        found = week_report.gather(
            session, day=day, now=crm.now, tz=crm.tz, week_starts_on=crm.settings["week_starts_on"]
        )
        told, written = found.told(), words.markdown(found)
    if output is None:
        crm.show(told | {"markdown": written}, lambda _: typer.echo(written, nl=False))
        return
    write_output(output, written.encode())
    crm.show({"file": str(output)}, lambda console: console.print(text.safe(f"Wrote {output}")))
