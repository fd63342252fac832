"""`crm calendar`: what the plan and the people bring, as .ics files and addresses that calendar programs read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, RenderableType

from calendars import feeds
from calendars.entry import Entry
from calendars.feeds import Feed
from calendars.publish import Published, export_feeds, shown_entries, upcoming
from calendars.terms import Terms
from crm.commands import calendar_address, calendar_doctor, calendar_publish, calendar_sync, calendar_withdraw
from crm.commands.base import App, command, group
from crm.dates import say_day, say_instant
from crm.errors import CrmError
from crm.escaping import shorten
from crm.files import expanded
from crm.render import text

if TYPE_CHECKING:
    from sqlmodel import Session

app = group("Reviews, chats, follow-ups, commitments and study hours for calendar programs.")

MOST_WARNINGS = 5
LONGEST_SUMMARY = 80


@command(app, example="crm calendar export ~/calendars")
def export(
    crm: App,
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Where to; default: the data folder.")] = None,
) -> None:
    """Write every calendar as a file; one that holds the same already is left alone."""
    own = crm.settings.paths.calendars
    target = expanded(folder or own).absolute()
    with crm.reading() as session:
        done = export_feeds(session, target, now=crm.now, tz=crm.tz, terms=Terms.from_settings(crm.settings))
    written = [each for each in done if not each.failed]
    _warn(crm, written)
    if written:
        crm.show(
            {"items": [_told_file(each) for each in written]},
            lambda console: _draw_files(console, written, target, kept_up=target == own),
        )
    _refuse(done)


@command(app, name="list", example="crm calendar list")
def list_(crm: App) -> None:
    """Show the calendars, what comes next in each, and where their files are."""
    with crm.reading() as session:
        found = [_look(crm, session, feed) for feed in _feeds()]
    crm.show({"items": [each.told() for each in found]}, lambda console: _draw_list(console, crm, found))


def _feeds() -> list[Feed]:
    return [feeds.load(name) for name in feeds.names()]


def _warn(crm: App, written: Sequence[Published]) -> None:
    """Each problem once, though an entry may stand in several calendars."""
    problems = list(dict.fromkeys(problem for each in written for problem in each.problems))
    for problem in problems[:MOST_WARNINGS]:
        crm.note(f"warning: {problem}")
    if len(problems) > MOST_WARNINGS:
        crm.note(f"warning: and {len(problems) - MOST_WARNINGS:,} more; crm calendar export --json lists them all")


def _refuse(done: Sequence[Published]) -> None:
    """Report what failed.

    Raises:
        CrmError: a file could not be written; the first one's reason is given.
    """
    failed = [each.problems[0] for each in done if each.failed]
    if failed:
        more = len(done) - len(failed)
        raise CrmError(failed[0] + (f" The other {more} were written." if more else ""))


def _told_file(each: Published) -> dict[str, object]:
    return {
        "name": each.name,
        "title": feeds.load(each.name).title,
        "path": str(each.path),
        "changed": each.changed,
        "entries": each.entries,
        "problems": each.problems,
    }


def _draw_files(console: Console, written: Sequence[Published], folder: Path, *, kept_up: bool) -> None:
    console.print(text.join("Calendar files in", text.safe(folder, text.NAME)), soft_wrap=True)
    rows = [
        (each.path.name, feeds.load(each.name).title, str(each.entries), "written" if each.changed else "unchanged")
        for each in written
    ]
    text.lines(console, "", text.table(["file", "calendar", "entries", ""], rows), "")
    empty = [(each.path.name, feeds.load(each.name).filled_by) for each in written if not each.entries]
    if empty:
        console.print(text.section("Empty so far; to fill them, type", text.facts(empty)))
    for line in _what_to_do(folder, kept_up=kept_up):
        console.print(line, soft_wrap=True)


def _what_to_do(folder: Path, *, kept_up: bool) -> Iterator[RenderableType]:
    yield text.safe("Open a file to import it once, or subscribe to its address to see every change:")
    yield text.safe(f"  {(folder / 'all.ics').as_uri()}", text.NAME)
    yield text.hint("all.ics holds the others: take it, or those of the others that you want.")
    if kept_up:
        yield text.hint("To keep the files up to date by themselves: crm daemon run")
    else:
        yield text.hint("Nothing renews the files here; after changes, run this command again.")


@dataclass(frozen=True, slots=True)
class _Look:
    """One calendar as the list shows it."""

    feed: Feed
    path: Path
    entries: int
    next: Entry | None

    def told(self) -> dict[str, object]:
        """As `--json` tells it."""
        return {
            "name": self.feed.name,
            "title": self.feed.title,
            "path": str(self.path),
            "written": self.path.is_file(),
            "entries": self.entries,
            "next": _told_entry(self.next) if self.next else None,
        }


def _look(crm: App, session: "Session", feed: Feed) -> _Look:
    terms = Terms.from_settings(crm.settings)
    entries, count = shown_entries(session, feed, now=crm.now, tz=crm.tz, terms=terms)
    path = crm.settings.paths.calendars / feed.file_name
    return _Look(feed, path, count, upcoming(entries, now=crm.now, tz=crm.tz))


def _told_entry(entry: Entry) -> dict[str, object]:
    timed = isinstance(entry.starts, datetime)
    return {
        "summary": entry.summary,
        "starts_on": None if timed else entry.starts,
        "starts_at": entry.starts if timed else None,
    }


def _draw_list(console: Console, crm: App, found: Sequence[_Look]) -> None:
    rows = [(each.feed.name, each.feed.title, str(each.entries), _say_next(each, crm)) for each in found]
    console.print(text.table(["calendar", "title", "entries", "next"], rows, wide="next"))
    folder = crm.settings.paths.calendars
    console.print()
    console.print(text.join("Files:", text.safe(folder / "NAME.ics", text.NAME)), soft_wrap=True)
    if not all(each.path.is_file() for each in found):
        console.print(text.hint("They are not all there yet; to write them: crm calendar export"))


def _say_next(each: _Look, crm: App) -> text.Cell:
    if each.next is None:
        return text.hint(f"nothing yet: {each.feed.filled_by}" if not each.entries else "nothing to come")
    starts = each.next.starts
    assert starts is not None  # or it would not come next
    day = say_instant(starts, tz=crm.tz) if isinstance(starts, datetime) else say_day(starts)
    return f"{day}  {shorten(each.next.summary, LONGEST_SUMMARY)}"


calendar_address.register(app)
calendar_publish.register(app)
calendar_sync.register(app)
calendar_withdraw.register(app)
calendar_doctor.register(app)
