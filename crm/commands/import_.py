"""`crm import`: a file comes in whole or not at all, and never succeeds with nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Final

import sqlalchemy as sa
import typer
from sqlmodel import Session

from crm.actions import gaps
from crm.actions.import_csv import import_csv
from crm.actions.import_document import Counts, import_document
from crm.actions.import_people import import_people
from crm.actions.import_rows import import_rows
from crm.actions.merging import Moment
from crm.actions.people_report import TOLD
from crm.actions.plan import the_plan
from crm.cadence import day_of
from crm.commands import import_posts
from crm.commands.base import App, command, verb
from crm.commands.import_files import POSTS, Source, checked, opened
from crm.commands.worksheet_conflicts import remark, settled
from crm.errors import BadValueError
from crm.exporters import csv_reader, json_reader
from crm.importers import worksheet
from crm.render import import_ as people_screen
from crm.render import init as screen
from crm.render import posts as posts_screen
from crm.render import text
from crm.store import journal, migrate, scratch
from crm.store.engine import exists, writing

app = verb()

LONG: Final = 1000
"""So many rows are done before a bar shows how many are left."""

DRY: Final = "Nothing was written: this is what would become of the file."

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read, or LinkedIn's ZIP as it came.")]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="F", help="linkedin, google, outlook, vcard ..., if not recognised."),
]
Encoding = Annotated[str | None, typer.Option(metavar="E", help="Of the text, if it is not UTF-8: cp1252, latin-1.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would become of each row; write nothing.")]
All = Annotated[bool, typer.Option("--all", help="Show every row, not just the first; take older posts too.")]
Credit = Annotated[str | None, typer.Option("--commitment", metavar="M", help="What Shares.csv is credited to: m1.")]


@command(app, name="import", example="crm import Connections.csv --dry-run")
def import_(
    crm: App,
    file: File,
    form: Format = None,
    encoding: Encoding = None,
    commitment: Credit = None,
    dry_run: DryRun = False,
    every: All = False,
) -> None:
    """Read another program's contacts, what crm export wrote, a worksheet, or your posts; crm undo takes it back."""
    checked(form, encoding)
    with opened(file, form) as source:
        if commitment is not None and not source.posts:
            raise BadValueError("--commitment is for LinkedIn's Shares.csv, the list of your posts; leave it out here")
        if source.form == "json":
            tables, today = json_reader.read(source.read()), day_of(crm.now, crm.tz)
            _import_own(crm, file, lambda session: import_document(session, tables, today=today), dry_run=dry_run)
        elif source.form == "csv":
            lines = csv_reader.read(source.read(), encoding=encoding)
            _import_own(crm, file, lambda session: import_csv(session, lines), dry_run=dry_run)
        elif source.form == "worksheet":
            _import_worksheet(crm, file, source.read(), dry_run=dry_run)
        elif source.form == POSTS:
            _import_posts(crm, source, encoding, commitment, dry_run=dry_run, every=every)
        else:
            _import_people(crm, source, encoding, commitment, dry_run=dry_run, every=every)


@contextmanager
def _database(crm: App, *, dry_run: bool) -> Iterator[Session]:
    """A session that writes."""
    with _engine(crm, dry_run=dry_run) as engine, writing(engine, now=crm.now, name="import") as session:
        yield session
        if dry_run:
            session.rollback()


def _engine(crm: App, *, dry_run: bool) -> AbstractContextManager[sa.Engine]:
    """The database; a dry run has a copy where that one is not there or cannot be written.

    Where there is none, an import that fails makes none.
    """
    if dry_run and (not scratch.is_writable(crm.engine) or migrate.revision_of(crm.engine) is None):
        return scratch.copy(crm.engine, now=crm.now)
    if not dry_run and not exists(crm.engine):
        return scratch.new(crm.engine, now=crm.now)
    if not dry_run:
        migrate.upgrade(crm.engine, now=crm.now, backup_folder=crm.settings.paths.backups)
    return nullcontext(crm.engine)


def _import_people(
    crm: App, source: Source, encoding: str | None, commitment: str | None, *, dry_run: bool, every: bool
) -> None:
    moment = Moment(crm.now, day_of(crm.now, crm.tz))
    with _database(crm, dry_run=dry_run) as session, _bar(source, quiet=crm.json) as progress:
        report = import_people(
            session,
            source.rows(encoding),
            file=source.name,
            form=source.form,
            moment=moment,
            dry_run=dry_run,
            most=None if every else TOLD,
            progress=progress,
        )
        posts = import_posts.of_archive(crm, session, source, encoding, commitment, every=every)
    report.ignored = source.ignored
    told = people_screen.told(report) | ({"posts": posts_screen.told(posts, dry_run=dry_run)} if posts else {})
    crm.show(told, lambda console: people_screen.draw(console, report, every=every))
    if posts and not crm.json:
        posts_screen.draw(crm.console, posts, dry_run=dry_run, every=every, tz=crm.tz)


def _import_posts(
    crm: App, source: Source, encoding: str | None, commitment: str | None, *, dry_run: bool, every: bool
) -> None:
    named = import_posts.chosen(crm, commitment)
    with _database(crm, dry_run=dry_run) as session:
        report = import_posts.credit(crm, session, source, encoding, named, every=every)
        journal.summarize(session, posts_screen.summary(report))
    crm.show(
        posts_screen.told(report, dry_run=dry_run),
        lambda console: posts_screen.draw(console, report, dry_run=dry_run, every=every, tz=crm.tz),
    )


@contextmanager
def _bar(source: Source, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """What is told how many rows are done: on a terminal a bar, once it is clear that the file is a long one."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done: None
        return
    with people_screen.bar(source.size) as bar:
        yield lambda done: bar(done, source.position()) if done > LONG else None


def _import_own(crm: App, file: Path, take: Callable[[Session], Counts], *, dry_run: bool) -> None:
    """What this program exported itself."""
    with _database(crm, dry_run=dry_run) as session:
        counts = take(session)
        journal.summarize(session, f"{file.name}: {counts.new} new, {counts.changed} changed")
    written = "Wrong file? crm undo takes it back." if counts.new or counts.changed else "Nothing had to be written."
    crm.show(
        counts,
        lambda console: text.lines(
            console,
            text.safe(f"Read {file.name}: {counts.new} new, {counts.changed} changed, {counts.same} the same."),
            text.hint(DRY if dry_run else written),
        ),
    )
    if counts.kept:
        crm.note(f"{counts.kept} records are newer here than in the file; they were kept")


def _import_worksheet(crm: App, file: Path, data: bytes, *, dry_run: bool) -> None:
    rows = worksheet.read(data, name=file.name)
    moment = Moment(crm.now, day_of(crm.now, crm.tz))
    decided = {} if dry_run else settled(crm, rows)
    with _database(crm, dry_run=dry_run) as session:
        report = import_rows(session, rows, file=file.name, moment=moment, decided=decided)
        journal.summarize(session, screen.summary(report, file.name))
        gaps_count, start_on = len(gaps.find(session)), the_plan(session).start_on
    crm.show(
        screen.told(report, start_on),
        lambda console: screen.draw(console, report, name=file.name, start_on=start_on, gaps_count=gaps_count),
    )
    remark(crm, report)
    if dry_run:
        crm.note(DRY)
