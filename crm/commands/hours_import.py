"""`crm hours import`: time that another program tracked."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlmodel import Session

from crm import importers
from crm.actions import import_hours as actions
from crm.actions.import_hours import Report
from crm.commands.asking import ask
from crm.commands.base import App, command
from crm.commands.common import remark
from crm.commands.import_files import checked
from crm.durations import say_duration
from crm.errors import BadValueError, CrmError
from crm.escaping import for_terminal, quote
from crm.folding import fold
from crm.models import Activity
from crm.render import text
from crm.render import time_import as screen
from crm.store import hours, records
from crm.time_rows import TimeRow

ADD: Final = "+"
MOST_NAMED: Final = 4
LONGEST_NAMED: Final = 30

File = Annotated[Path, typer.Argument(metavar="FILE", help="Toggl's detailed report or JSON, or a log of Watson.")]
Format = Annotated[str | None, typer.Option("--format", metavar="F", help="toggl or watson, if not recognised.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="PROJECT=ACTIVITY", help="What a project counts for; may be repeated."),
]
Add = Annotated[bool, typer.Option("--add-activities", help="Add an activity for each project that has none.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would become of the file; write nothing.")]
Encoding = Annotated[str | None, typer.Option(metavar="E", help="Of a CSV, if it is not UTF-8: cp1252, utf-16.")]


def register(app: typer.Typer) -> None:
    """Add the command to `crm hours`."""
    command(app, name="import", example='crm hours import toggl.csv --map "Thesis=reading" --dry-run')(import_)


def import_(
    crm: App,
    file: File,
    form: Format = None,
    mapped: Map = None,
    add: Add = False,
    dry_run: DryRun = False,
    encoding: Encoding = None,
) -> None:
    """Read the time that Toggl or Watson tracked. Reading a file again doubles nothing and keeps what you changed."""
    mapping = _mapping(mapped or [])
    form, rows, skipped = _read(crm, file, form, encoding)
    chosen, wanted = _chosen(crm, rows, mapping, add=add, asks=crm.asks and not dry_run)
    with crm.writing("hours import") as session:
        activities = {name: records.by_ref(session, Activity, ref) if ref else None for name, ref in chosen.items()}
        activities = actions.with_added(session, activities, wanted)
        report = actions.take(session, rows, activities, form=form, skipped=skipped)
        if dry_run:
            session.rollback()
    if not dry_run and report.is_in_vain:
        raise _nothing_taken(report)
    crm.show(
        report.told(),
        lambda console: text.lines(console, *screen.parts(report, file=file.name, dry_run=dry_run, tz=crm.tz)),
    )
    there = {fold(name) for name in chosen}
    remark(crm, [f"the file has no project {quote(name)}" for name in mapping if fold(name) not in there])


def _mapping(mapped: Sequence[str]) -> dict[str, str]:
    """Activities by project, as typed; a project's name may hold an equals sign.

    Raises:
        BadValueError: there is no equals sign.
    """
    pairs = [each.rpartition("=") for each in mapped]
    for typed, (_project, sign, activity) in zip(mapped, pairs, strict=True):
        if not sign or not activity.strip():
            raise BadValueError(f'{quote(typed)} names no activity; write --map "PROJECT=ACTIVITY"')
    return {project.strip(): activity for project, _sign, activity in pairs}


def _read(
    crm: App, path: Path, form: str | None, encoding: str | None
) -> tuple[str, list[TimeRow], list[actions.Skipped]]:
    """The file's format and its entries, good and bad."""
    if form is not None and form not in importers.TIME_LOGS:
        raise BadValueError(f"there is no format {quote(form)}; known: {', '.join(importers.TIME_LOGS)}")
    checked(None, encoding)
    data = importers.read_bytes(path)
    form = form or _recognised(data[: importers.HEAD_BYTES], path.name)
    rows = importers.time_log(form).rows(io.BytesIO(data), tz=crm.tz, encoding=encoding)
    return form, *actions.sorted_out(rows, now=crm.now, tz=crm.tz)


def _recognised(head: bytes, name: str) -> str:
    if not head.strip():
        raise CrmError(f"{name} is empty; export it again")
    for form in importers.TIME_LOGS:
        if importers.time_log(form).sniff(head):
            return form
    raise BadValueError(
        f"{name} is no time log of Toggl (detailed report as CSV, or JSON) or Watson (log --json, log --csv, frames); "
        "say which with --format. People and lists are read by: crm import"
    )


def _chosen(
    crm: App, rows: Sequence[TimeRow], mapping: Mapping[str, str], *, add: bool, asks: bool
) -> tuple[dict[str, str | None], list[str]]:
    """Each project's activity, by its short id, and the projects for which one is to be added."""
    found = actions.projects(rows)
    with crm.reading() as session:
        activities = actions.matched(session, found, mapping)
        chosen = {name: each.ref if each else None for name, each in activities.items()}
        lost = [name for name, ref in chosen.items() if ref is None]
        if add or not asks:
            return chosen, lost if add else []
        wanted = []
        for name in lost:
            answer = _which(crm, session, name, *found[name])
            wanted += [name] if answer == ADD else []
            chosen[name] = None if answer == ADD else answer
    return chosen, wanted


def _which(crm: App, session: Session, name: str, count: int, minutes: int) -> str | None:
    """The short id of the activity that a person means by a project, `ADD`, or None to leave it out."""
    entries = "1 entry" if count == 1 else f"{count:,} entries"
    asked = for_terminal(f"Which activity is {screen.named(name)} ({entries}, {say_duration(minutes)})?")
    ways = f"Its name, {ADD} to add it as a new one, Enter to leave it out" if name else "Its name, Enter to leave out"

    def read(typed: str) -> str | None:
        if typed == ADD and name:
            return ADD
        return hours.activity(session, typed).ref if typed else None

    return ask(crm, f"{asked} {ways}", read)


def _nothing_taken(report: Report) -> CrmError:
    names = [each.name for each in report.projects]
    named = ", ".join(quote(each) if each else screen.NO_PROJECT for each in names[:MOST_NAMED])
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return CrmError(
        f"nothing was taken: no activity is called {named}{more}; "
        f"say which with --map {quote(names[0][:LONGEST_NAMED] + '=ACTIVITY')}, or add them with --add-activities"
    )
