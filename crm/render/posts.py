"""The screen of `crm import Shares.csv`: which posts were credited, and which not."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType

from crm.actions.import_posts import Credited, PostReport
from crm.dates import say_instant
from crm.escaping import shorten
from crm.person_rows import SkippedRow
from crm.render import text

FIRST: Final = 10
"""So many of each are shown, unless every one is asked for."""

LONGEST_NAME: Final = 60
LONGEST_LINK: Final = 160


def told(report: PostReport, *, dry_run: bool) -> dict[str, Any]:
    """The report as `--json` tells it."""
    return {
        "file": report.file,
        "format": "shares",
        "dry_run": dry_run,
        "commitment": report.ref,
        "counts": {
            "credited": len(report.credited),
            "completed": len(report.completed),
            "same": report.same,
            "removed": report.removed,
            "earlier": report.earlier,
            "skipped": len(report.skipped),
        },
        "credited": report.credited,
        "completed": report.completed,
        "skipped": [{"line": each.source.line, "reason": each.reason} for each in report.skipped],
    }


def summary(report: PostReport) -> str:
    """The report in one line, for `crm history`."""
    count = len(report.credited) + len(report.completed)
    return f"{report.file}: {count:,} {'post' if count == 1 else 'posts'} credited to {report.title}"


def draw(console: Console, report: PostReport, *, dry_run: bool, every: bool, tz: ZoneInfo) -> None:
    """Print what became of the posts, and what to type next."""
    text.lines(console, *_parts(report, dry_run, None if every else FIRST, tz))


def _parts(report: PostReport, dry_run: bool, most: int | None, tz: ZoneInfo) -> Iterator[RenderableType]:
    verb = "would be credited" if dry_run else "credited"
    yield text.section(
        f"{shorten(report.file, LONGEST_NAME)}, {verb} to {shorten(report.title, LONGEST_NAME)} ({report.ref})",
        text.facts([(label, f"{count:,}") for label, count in _counts(report) if count]),
    )
    for title, made in (("New check-ins", report.credited), ("Check-ins that got their address", report.completed)):
        if made:
            yield text.section(title, _check_ins(made, most, tz, dry_run=dry_run), count=len(made))
    if report.skipped:
        yield text.section("Skipped", _skipped(report.skipped, most), count=len(report.skipped))
    yield from map(text.hint, _hints(report, dry_run))


def _counts(report: PostReport) -> list[tuple[str, int]]:
    return [
        ("new", len(report.credited)),
        ("already checked in that day, address added", len(report.completed)),
        ("credited before", report.same),
        ("taken back by you, left away", report.removed),
        ("older than the commitment", report.earlier),
    ]


def _check_ins(made: Sequence[Credited], most: int | None, tz: ZoneInfo, *, dry_run: bool) -> RenderableType:
    rows: list[Sequence[text.Cell]] = [
        ("" if dry_run else each.ref, say_instant(each.done_at, tz=tz), shorten(each.url, LONGEST_LINK))
        for each in made[:most]
    ]
    if most is not None and len(made) > most:
        rows.append(("", f"and {len(made) - most:,} more", ""))
    return text.rows(rows, wide=2)


def _skipped(skipped: Sequence[SkippedRow], most: int | None) -> RenderableType:
    rows = [(f"line {each.source.line}", each.reason, shorten(each.name, LONGEST_NAME)) for each in skipped[:most]]
    if most is not None and len(skipped) > most:
        rows.append(("", f"and {len(skipped) - most:,} more", ""))
    return text.rows(rows, wide=2)


def _hints(report: PostReport, dry_run: bool) -> Iterator[str]:
    if report.beside and not dry_run:
        ref = report.beside[0].ref
        yield f"{ref} is on a day that has another check-in, with an address of its own. The same post? Take it back:"
        yield f"crm commitment check-ins {report.ref} --remove {ref}"
    if report.earlier:
        yield "Older posts count with --all."
    if dry_run:
        yield "Nothing was written. To take it in, leave out --dry-run."
    elif report.credited or report.completed:
        yield f"How it stands: crm commitment show {report.ref}    Wrong file? crm undo takes it back."
    else:
        yield "Nothing had to be written."
