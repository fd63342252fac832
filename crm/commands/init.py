"""`crm init`: from nothing to a database with the person's own lists in it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from crm import setting_checks, settings
from crm.actions import gaps
from crm.actions.configure import set_value
from crm.actions.import_rows import Report, import_rows
from crm.actions.merging import Moment
from crm.actions.plan import start_plan, the_plan
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.commands.worksheet_conflicts import remark, settled
from crm.dates import parse_day
from crm.errors import BadValueError
from crm.escaping import for_terminal
from crm.files import expanded
from crm.importers import seed, worksheet
from crm.models import Contact, Plan, Record, Review
from crm.render import init as screen
from crm.rows import PlanRow, Row
from crm.store import journal, matching, migrate

app = verb()

Worksheet = Annotated[Path | None, typer.Option("--worksheet", metavar="FILE", help="Your own worksheet (Markdown).")]
Start = Annotated[str | None, typer.Option(metavar="DATE", help="The day your plan starts.")]
Zone = Annotated[str | None, typer.Option(metavar="TZ", help="Your time zone, such as Europe/Berlin.")]
Empty = Annotated[bool, typer.Option("--empty", help="Begin with no lists at all.")]


@command(app, example="crm init --worksheet 1metalearning.md --start 2026-01-05")
def init(crm: App, file: Worksheet = None, start: Start = None, timezone: Zone = None, empty: Empty = False) -> None:
    """Create your database and fill it. Run it again after editing the worksheet: it merges and doubles nothing."""
    if timezone:
        crm = _in_zone(crm, setting_checks.zone(timezone))
    start_on = parse_day(start, now=crm.now, tz=crm.tz) if start else None
    name, rows = _lists(crm, file, empty=empty)
    migrate.upgrade(crm.engine, now=crm.now, backup_folder=crm.settings.paths.backups)
    start_on = start_on or _ask_start(crm, rows)
    report, start_on, gaps_count, there = _fill(crm, name, rows, start_on)
    remark(crm, report)
    crm.show(
        screen.told(report, start_on),
        lambda console: screen.draw(console, report, name=name, start_on=start_on, gaps_count=gaps_count, there=there),
    )


def _in_zone(crm: App, zone: str) -> App:
    set_value(crm.settings.paths.config_file, "timezone", zone)
    return App(crm.json, crm.asks, crm.now, settings.load())


def _lists(crm: App, file: Path | None, *, empty: bool) -> tuple[str, Sequence[Row]]:
    """The rows to take and what to call them; a terminal is asked which when nothing was said."""
    if empty and file:
        raise BadValueError("--empty and --worksheet say opposite things; give one of them")
    if not empty and file is None and crm.asks:
        empty, file = _ask_which()
    if empty:
        return "", []
    if file is None:
        return "the built-in lists", seed.read()
    return file.name, worksheet.read_file(file)


def _ask_which() -> tuple[bool, Path | None]:
    typer.echo("What shall your contacts and your plan start from?")
    typer.echo("  1  your own worksheet (a Markdown file)")
    typer.echo("  2  the built-in lists (people, checklist, reviews)")
    typer.echo("  3  nothing yet")
    choice = typer.prompt("Type 1, 2 or 3", default="2")
    while choice not in {"1", "2", "3"}:
        choice = typer.prompt("Type 1, 2 or 3", default="2")
    if choice != "1":
        return choice == "3", None
    while not (path := expanded(typer.prompt("Path of the worksheet").strip("'\" "))).is_file():
        typer.echo(f"There is no file {for_terminal(str(path))}; drag the file into this window, or press Ctrl-C")
    return False, path


def _ask_start(crm: App, rows: Sequence[Row]) -> date | None:
    """The start of the plan, if it is known nowhere and a person can say it."""
    if not crm.asks or any(isinstance(row, PlanRow) and row.start_on for row in rows):
        return None
    with crm.reading() as session:
        plan = matching.one(session, Plan)
    if plan is not None and plan.start_on:
        return None
    while True:
        answer = typer.prompt(
            "When does your plan start? (2026-01-05, next mon; Enter: decide later)", default="", show_default=False
        )
        if not answer:
            return None
        try:
            return parse_day(answer, now=crm.now, tz=crm.tz)
        except BadValueError as error:
            crm.note(error.message)


def _fill(
    crm: App, name: str, rows: Sequence[Row], start_on: date | None
) -> tuple[Report, date | None, int, screen.There]:
    today = day_of(crm.now, crm.tz)
    decided = settled(crm, rows)
    with crm.writing("init") as session:
        moment = Moment(crm.now, today)
        report = import_rows(session, rows, file=name, moment=moment, decided=decided) if rows else Report()
        plan = the_plan(session)
        anchor = start_on or plan.start_on
        if anchor:
            start_plan(session, anchor, today=today)
        if crm.settings.values["timezone"].origin != "default":
            plan.timezone = crm.settings["timezone"]
        journal.summarize(session, screen.summary(report, name, start_on))
        there = screen.There(people=_is_any(session, Contact), reviews=_is_any(session, Review))
        return report, plan.start_on, len(gaps.find(session)), there


def _is_any(session: Session, model: type[Record]) -> bool:
    return matching.one(session, model) is not None
