"""`crm worksheet`: what is blank in it, what reading it would find, and an updated copy."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from crm.actions.worksheet_check import checked
from crm.actions.worksheet_write import Written, updated
from crm.commands.base import App, command, group
from crm.errors import BadValueError, CrmError, RefusedError
from crm.files import write_if_changed
from crm.importers import read_bytes
from crm.importers.worksheet.blanks import blanks
from crm.importers.worksheet.page import Page
from crm.render import worksheet as screen
from crm.store import migrate
from crm.store.engine import exists

app = group("Your worksheet: check it, list its blanks, write back what you did since.")

File = Annotated[Path, typer.Argument(metavar="FILE", help="The worksheet (Markdown).")]
All = Annotated[bool, typer.Option("--all", help="Show every line of the list.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="NEW", help="Write the updated copy here.")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Change FILE itself; a backup is kept beside it first.")]
Force = Annotated[bool, typer.Option("--force", help="Replace NEW even if it is no worksheet; a backup is kept.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")]


@command(app, name="gaps", example="crm worksheet gaps 1metalearning.md")
def gaps(crm: App, file: File, every: All = False) -> None:
    """List every blank with its line, part by part: empty labels, numbers, cells, open boxes. Needs no database."""
    found = blanks(Page(file.name, read_bytes(file)))
    crm.show({"items": found}, lambda console: screen.draw_blanks(console, found, name=file.name, every=every))


@command(app, name="check", example="crm worksheet check 1metalearning.md")
def check(crm: App, file: File, every: All = False) -> None:
    """Say what reading it would find: counts, contradictions, odd lines, and what differs here. Changes nothing."""
    data = read_bytes(file)
    has_database = exists(crm.engine) and migrate.revision_of(crm.engine) is not None
    with crm.reading() if has_database else contextlib.nullcontext() as session:
        found = checked(data, name=file.name, session=session)
    crm.show(screen.told_check(found), lambda console: screen.draw_check(console, found, name=file.name, every=every))


@command(app, name="write", example="crm worksheet write 1metalearning.md -o updated.md")
def write(
    crm: App,
    file: File,
    output: Output = None,
    in_place: InPlace = False,
    force: Force = False,
    dry_run: DryRun = False,
) -> None:
    """Write an updated copy: ticks, blanks, outdated answers. Every other byte stays; FILE is not touched."""
    to = _target(file, output, in_place=in_place, dry_run=dry_run)
    if to is not None and not force:
        _spare(to)
    data = read_bytes(file)
    with crm.reading() as session:
        found = updated(session, data, name=file.name)
    backup = None if dry_run or to is None else _put(crm, file, to, data, found)
    path = None if to is None else str(to)
    crm.show(
        screen.told_write(found, path=path, backup=backup, dry_run=dry_run),
        lambda console: screen.draw_write(console, found, path=path, backup=backup, dry_run=dry_run),
    )
    if found.unread:
        things = "1 thing" if found.unread == 1 else f"{found.unread} things"
        crm.note(f"{file.name} says {things} that the program has not read: crm init --worksheet {file.name}")


def _target(file: Path, output: Path | None, *, in_place: bool, dry_run: bool) -> Path | None:
    """Where to write: None for nowhere.

    Raises:
        BadValueError: nothing says where, or two things do.
        RefusedError: it is the worksheet itself.
    """
    if in_place:
        if output is not None and not _is_same(file, output):
            raise BadValueError("-o and --in-place say two things; give one of them")
        return file.resolve()
    if output is None:
        if dry_run:
            return None
        raise BadValueError("say where to write the copy: -o NEW; or see first what would change: --dry-run")
    if _is_same(file, output):
        raise RefusedError(f"{output} is the worksheet itself; choose another name, or change it with: --in-place")
    return output


def _spare(to: Path) -> None:
    """Replace no file but a worksheet.

    Raises:
        RefusedError: something else is there.
    """
    if not to.exists():
        return
    try:
        blanks(Page(to.name, read_bytes(to)))
    except BadValueError as error:
        told = f"{to} is there already and is no worksheet; choose another name, or replace it with: --force"
        raise RefusedError(told) from error


def _is_same(file: Path, output: Path) -> bool:
    try:
        return output.samefile(file)
    except OSError:
        return output.resolve() == file.resolve()


def _put(crm: App, file: Path, to: Path, data: bytes, found: Written) -> str | None:
    """Write the copy; what it replaces, if that says something else, is kept beside it first, and its path returned."""
    before = read_bytes(to) if to.exists() else found.data
    if to == file.resolve() and before != data:
        raise CrmError(f"{to} was changed meanwhile; nothing was written. Try again.")
    backup = None if before == found.data else _beside(crm, to, before)
    if backup is not None:
        write_if_changed(backup, before)
    write_if_changed(to, found.data)
    return None if backup is None else str(backup)


def _beside(crm: App, file: Path, data: bytes) -> Path:
    """A name for the backup that no other content has."""
    stem = f"{file.name}.{crm.now.astimezone(crm.tz):%Y-%m-%d-%H%M%S}"
    names = (file.with_name(f"{stem}{extra}.bak") for extra in ["", *(f"-{count}" for count in range(2, 1000))])
    return next(each for each in names if not each.exists() or each.read_bytes() == data)
