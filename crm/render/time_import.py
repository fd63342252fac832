"""What became of a time tracker's file: by project, and what was left out or lies over time logged before."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from crm.actions.import_hours import Project, Report
from crm.dates import say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.render import text

MOST: Final = 5
MOST_PROJECTS: Final = 40
LONGEST_NAME: Final = 40
NO_PROJECT: Final = "no project"


def parts(report: Report, *, file: str, dry_run: bool, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm hours import`; times without a zone in the file were taken as those of `tz`."""
    new = report.count("new")
    does = "would add" if dry_run else "added"
    entries = "1 entry" if new == 1 else f"{new:,} entries"
    said = f"{does} {entries}, {say_duration(report.count('minutes'))}" if new else "nothing new"
    yield text.safe(f"{shorten(file, LONGEST_NAME)}: {said}.")
    yield text.section("Projects", _projects(report))
    yield from _told("Left out", [f"{each.name}: {each.reason}" for each in report.skipped])
    over = [
        f"{say_duration(each.minutes)} of {shorten(each.activity, LONGEST_NAME)} from "
        f"{say_instant(each.started_at, tz=tz)}, over {each.there}"
        for each in report.overlaps
    ]
    yield from _told("Over time that was logged before", over)
    if report.overlaps:
        yield text.hint("Both were kept. To see them: crm hours entries. To drop one: crm hours remove ID")
    yield from _way_out(report)
    if any(each.new for each in report.projects) and report.has_wall_times:
        yield text.hint(f"The file tells no time zone; its times were taken as those of {tz.key}.")
    if dry_run:
        yield text.hint("Nothing was written: this is what would become of the file.")
    elif new:
        yield text.hint("To see them: crm hours entries. Wrong file? crm undo takes it back.")


def _projects(report: Report) -> RenderableType:
    found = sorted(report.projects, key=lambda each: (each.activity is not None, -each.minutes))
    rows = [
        (
            text.safe(named(each.name)),
            text.safe(shorten(each.activity, LONGEST_NAME)) if each.activity else text.safe("none yet", text.WARN),
            f"{each.new:,}" if each.new else "",
            say_duration(each.minutes) if each.minutes else "",
            _rest(each),
        )
        for each in found[:MOST_PROJECTS]
    ]
    if len(found) > MOST_PROJECTS:
        rows.append((text.hint(f"and {len(found) - MOST_PROJECTS} more"), text.safe(""), "", "", ""))
    made = text.table(["project", "activity", "new", "time", ""], rows)
    for column in (2, 3):
        made.columns[column].justify = "right"
        made.columns[column].no_wrap = True
    return made


def named(project: str) -> str:
    """A project on one line."""
    return shorten(project, LONGEST_NAME) if project else NO_PROJECT


def _rest(each: Project) -> str:
    counts = ((each.same, "here already"), (each.removed, "removed before"), (each.left_out, "left out"))
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


def _told(title: str, found: list[str]) -> Iterator[RenderableType]:
    if found:
        more = [f"and {len(found) - MOST:,} more; all of them: --json"] if len(found) > MOST else []
        yield text.section(title, text.bullets([*found[:MOST], *more]), count=len(found))


def _way_out(report: Report) -> Iterator[RenderableType]:
    left = [each for each in report.projects if each.left_out]
    if left:
        yield text.hint(
            f'No activity is called so. Say which: --map "{shorten(left[0].name, LONGEST_NAME)}=ACTIVITY", '
            "or add them: --add-activities"
        )
