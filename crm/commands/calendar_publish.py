"""`crm calendar publish`: push the calendars to where the person configured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from crm.commands.base import App, command
from crm.errors import BusyError, ConfigurationError, CrmError
from crm.render import text

if TYPE_CHECKING:
    from calendars.remote.configured import Target
    from calendars.remote.push import Pushed
    from crm.store.published import Standing

MOST_WARNINGS: Final = 5


def register(app: typer.Typer) -> None:
    """Add the command to `crm calendar`."""
    command(app, example="crm calendar publish --dry-run")(publish)


def publish(
    crm: App,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Push what changed to the calendar's address or folder that is configured; nothing goes anywhere else.

    People are told by their first names, and notes are left out, unless calendar.NAME.detail says otherwise. The place
    shows what is here: of what this program put there, what others changed is put back, and what is gone here is
    removed. What others put there is not touched.
    """
    from calendars.remote.configured import targets  # noqa: PLC0415 - everyday commands must not wait for it

    try:
        wanted = targets(crm.settings)
    except ConfigurationError:
        _tell_of(crm, _left_behind(crm))
        raise
    with only_one(crm, "publish"), going_on(crm, "crm calendar publish"):
        done = [_push(crm, each, dry_run=dry_run) for each in wanted]
    items = [{"kind": target.kind, **asdict(each)} for target, each in zip(wanted, done, strict=True)]
    behind = _left_behind(crm)
    told = {"items": items, "dry_run": dry_run, "left_behind": [_told(each) for each in behind]}
    crm.show(told, lambda console: _draw(console, done, dry_run=dry_run))
    warn(crm, list(dict.fromkeys(problem for each in done for problem in each.problems)))
    _tell_of(crm, behind)
    errors = [each.error for each in done if each.error]
    if errors:
        raise CrmError("; ".join(errors))


@contextmanager
def only_one(crm: App, name: str) -> Iterator[None]:
    """Let no two of that name run at the same time.

    Raises:
        BusyError: another one does, such as the daemon's.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - as above

    try:
        with FileLock(crm.settings.paths.data / f"{name}.lock", timeout=0):
            yield
    except Timeout:
        raise BusyError(f"crm calendar {name} is at it already, perhaps for the daemon; try again") from None


@contextmanager
def going_on(crm: App, command_line: str) -> Iterator[None]:
    """Say how to go on where a person stops it."""
    try:
        yield
    except KeyboardInterrupt:
        crm.note(f"What was done until now is noted; to go on: {command_line}")
        raise


def _left_behind(crm: App) -> "list[Standing]":
    """What stands where nothing is pushed to any more."""
    from calendars.remote.withdraw import standing  # noqa: PLC0415 - as above

    with crm.reading() as session:
        return standing(session, crm.settings, configured=False)


def counted(each: "Standing") -> str:
    """How many of what stand in a place."""
    one, many = ("file", "files") if each.in_files else ("entry", "entries")
    return f"{each.count:,} {one if each.count == 1 else many}"


def _told(each: "Standing") -> dict[str, object]:
    return {"place": each.place, "count": each.count, "last_pushed_at": each.last_pushed_at}


def _tell_of(crm: App, behind: "Sequence[Standing]") -> None:
    for each in behind:
        stands = f"{counted(each)} still stand{'s' if each.count == 1 else ''} at {each.place}"
        crm.note(f"{stands}, where nothing is pushed any more; to take away: crm calendar withdraw {quote(each.place)}")


def warn(crm: App, problems: Sequence[str]) -> None:
    """Each problem on standard error; of many, the first few."""
    for problem in problems[:MOST_WARNINGS]:
        crm.note(f"warning: {problem}")
    if len(problems) > MOST_WARNINGS:
        crm.note(f"warning: and {len(problems) - MOST_WARNINGS:,} more; --json lists them all")


def _push(crm: App, target: "Target", *, dry_run: bool) -> "Pushed":
    from calendars.remote.push import Pushed, push  # noqa: PLC0415 - as above
    from crm.render.calendar_progress import bar  # noqa: PLC0415 - as above

    try:
        with crm.reading() as session:
            items, problems = target.items(session, crm.settings, now=crm.now, tz=crm.tz)
        place = target.open()
    except CrmError as error:
        return Pushed(target.name, error=error.message)
    try:
        with bar(place.name, quiet=crm.json) as progress:
            done = push(place, items, crm, now=crm.now, dry_run=dry_run, progress=progress)
    finally:
        place.close()
    done.problems[:0] = problems
    return done


def _draw(console: Console, done: Sequence["Pushed"], *, dry_run: bool) -> None:
    for each in done:
        console.print(text.safe(each.place, text.NAME), soft_wrap=True)
        console.print(text.join("  ", _said(each, dry_run=dry_run), gap=""))
    if dry_run and not any(each.error for each in done):
        console.print(text.hint("Nothing was pushed; to do it: crm calendar publish"))


def _said(done: "Pushed", *, dry_run: bool) -> str:
    counts = [
        (done.written, "to write" if dry_run else "written"),
        (done.removed, "to remove" if dry_run else "removed"),
        (done.unchanged, "unchanged"),
    ]
    none = "nothing pushed" if done.error or done.problems else "nothing to push"
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count) or none
    if done.put_back:
        told += f"; {done.put_back:,} of them {'was' if done.put_back == 1 else 'were'} changed there and put back"
    return f"{told}; stopped" if done.error else told
