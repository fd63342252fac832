"""`crm import`: a file comes in whole or not at all, and never succeeds with nothing."""

from pathlib import Path
from typing import Annotated

import typer

from crm.actions import gaps
from crm.actions.import_document import import_document
from crm.actions.import_rows import import_rows
from crm.actions.merging import Moment
from crm.actions.plan import the_plan
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.errors import BadValueError
from crm.exporters import json_reader
from crm.importers import read_bytes, worksheet
from crm.render import init as screen
from crm.render import text
from crm.store import journal, migrate

app = verb()

FORMATS = {"json": json_reader, "worksheet": worksheet}
HEAD_BYTES = 65536

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]
Format = Annotated[str | None, typer.Option("--format", metavar="F", help="json or worksheet, if not recognised.")]


@command(app, name="import", example="crm import everything.json")
def import_(crm: App, file: File, form: Format = None) -> None:
    """Read a file that crm export wrote, or a worksheet; crm undo takes the whole import back."""
    data = read_bytes(file)
    if _form(file, data, form) == "json":
        _import_document(crm, file, data)
    else:
        _import_worksheet(crm, file, data)


def _form(file: Path, data: bytes, asked: str | None) -> str:
    known = ", ".join(FORMATS)
    if asked is not None:
        if asked not in FORMATS:
            raise BadValueError(f"there is no format {asked!r:.40}; known: {known}")
        return asked
    for name, reader in FORMATS.items():
        if reader.sniff(data[:HEAD_BYTES]):
            return name
    raise BadValueError(f"{file.name} is in no format this program knows ({known}); say which with --format")


def _import_document(crm: App, file: Path, data: bytes) -> None:
    tables = json_reader.read(data)
    migrate.upgrade(crm.engine, now=crm.now, backup_folder=crm.settings.paths.backups)
    with crm.writing("import") as session:
        counts = import_document(session, tables, today=day_of(crm.now, crm.tz))
        journal.summarize(session, f"{file.name}: {counts.new} new, {counts.changed} changed")
    crm.show(
        counts,
        lambda console: text.lines(
            console,
            text.safe(f"Read {file.name}: {counts.new} new, {counts.changed} changed, {counts.same} the same."),
            text.hint(
                "Wrong file? crm undo takes it back." if counts.new or counts.changed else "Nothing had to be written."
            ),
        ),
    )
    if counts.kept:
        crm.note(f"{counts.kept} records are newer here than in the file; they were kept")


def _import_worksheet(crm: App, file: Path, data: bytes) -> None:
    rows = worksheet.read(data, name=file.name)
    migrate.upgrade(crm.engine, now=crm.now, backup_folder=crm.settings.paths.backups)
    moment = Moment(crm.now, day_of(crm.now, crm.tz))
    with crm.writing("import") as session:
        report = import_rows(session, rows, file=file.name, moment=moment)
        journal.summarize(session, screen.summary(report, file.name))
        gaps_count, start_on = len(gaps.find(session)), the_plan(session).start_on
    crm.show(
        screen.told(report, start_on),
        lambda console: screen.draw(console, report, name=file.name, start_on=start_on, gaps_count=gaps_count),
    )
