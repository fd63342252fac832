"""The screen of `crm import` for the files of other programs: what became of the rows, and what to type next."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from crm.actions.people_report import Change, Report, What
from crm.escaping import shorten
from crm.render import text
from crm.rows import NoticeRow

NOUNS: Final = {
    "person": ("person", "people"),
    "talk": ("message or talk", "messages and talks"),
    "tie": ("relationship", "relationships"),
    "todo": ("task", "tasks"),
    "row": ("row that could not be taken", "rows that could not be taken"),
}
TITLES: Final = {
    What.NEW: "New",
    What.CHANGED: "Changed",
    What.SAME: "The same",
    What.VANISHED: "No longer in the file; kept here",
    What.REMOVED: "Removed by you; kept away",
    What.SKIPPED: "Skipped",
}
COLUMNS: Final = {What.VANISHED: "gone from file", What.REMOVED: "kept away"}
PEOPLE_STEPS: Final = (
    ("crm find NAME", "whom you are looking for"),
    ("crm who --at COMPANY", "who works where you want to"),
    ("crm contact tier WHO active", "whom to stay in touch with; the others are found, never nagged about"),
)
EVENT_STEPS: Final = (
    ("crm contact show WHO", "what passed between you, and when"),
    ("crm next", "whom to write to first, and how"),
)
FIRST: Final = 10
"""So many of each are shown."""

LONGEST_NAME: Final = 60
LONGEST_DETAILS: Final = 240


def told(report: Report) -> dict[str, Any]:
    """The report as `--json` tells it."""
    return {
        "file": report.file,
        "format": report.form,
        "dry_run": report.dry_run,
        "counts": {kind: dict(counts) for kind, counts in report.counts.items()},
        "changes": [change for what in What for change in report.changes[what]],
        "notices": [{"text": each.text, "subject": each.subject, "line": each.source.line} for each in report.notices],
        "truncated": report.truncated,
        "ignored": report.ignored,
    }


def draw(console: Console, report: Report, *, every: bool) -> None:
    """Print the report: the first of each outcome, or every one of them."""
    text.lines(console, *_parts(report, None if every else FIRST))


def _parts(report: Report, most: int | None) -> Iterator[RenderableType]:
    verb = "Would read" if report.dry_run else "Read"
    yield text.section(f"{verb} {shorten(report.file, LONGEST_NAME)} ({report.form})", _counts(report))
    news = [each for each in report.changes[What.CHANGED] if each.news]
    if news:
        yield _list("News: a reason to write", news, len(news), most)
    for what in What:
        some = [each for each in report.changes[what] if not each.news]
        if some:
            yield _list(TITLES[what], some, report.count(what) - len(news) * (what is What.CHANGED), most)
    if report.notices:
        yield text.section("Odd, taken as it is", _notices(report.notices, most), count=len(report.notices))
    if report.ignored:
        yield text.hint(f"Not read, since it holds nobody: {shorten(', '.join(report.ignored), 200)}")
        yield ""
    yield from _after(report)


def _counts(report: Report) -> RenderableType:
    present = [what for what in What if report.count(what)]
    rows = [
        (_noun(kind, sum(counts.values())), *(f"{counts[what]:,}" if counts[what] else "" for what in present))
        for kind in NOUNS
        if (counts := report.counts.get(kind))
    ]
    return text.table(["what", *(COLUMNS.get(what, what.value) for what in present)], rows)


def _noun(kind: str, count: int) -> str:
    one, many = NOUNS[kind]
    return f"{count:,} {one if count == 1 else many}"


def _list(title: str, changes: Sequence[Change], count: int, most: int | None) -> RenderableType:
    shown = changes[:most]
    rows: list[Sequence[text.Cell]] = [(_line(each.line), each.ref, _name(each), _details(each)) for each in shown]
    left = count - len(shown)
    if left > 0:
        rows.append(("", "", f"and {left:,} more", text.hint("all of them: --all")))
    return text.section(title, text.table(["line", "id", "who", "what"], rows, wide="what"), count=count)


def _line(number: int | None) -> str:
    return str(number) if number else ""


def _name(change: Change) -> str:
    return shorten(change.name, LONGEST_NAME)


def _details(change: Change) -> str:
    return shorten("; ".join(change.details), LONGEST_DETAILS)


def _notices(notices: Sequence[NoticeRow], most: int | None) -> RenderableType:
    rows = [(_line(each.source.line), shorten(each.subject, LONGEST_NAME), each.text) for each in notices[:most]]
    if most is not None and len(notices) > most:
        rows.append(("", f"and {len(notices) - most:,} more", "all of them: --all"))
    return text.table(["line", "who", "what"], rows, wide="what")


def _after(report: Report) -> Iterator[RenderableType]:
    if report.dry_run:
        yield text.safe("Nothing was written. To take it in, leave out --dry-run.")
        return
    if not report.count(What.NEW) + report.count(What.CHANGED):
        yield text.hint("Nothing had to be written.")
        return
    steps = PEOPLE_STEPS if "person" in report.counts else EVENT_STEPS
    yield text.section("Next, type", text.facts([*steps, ("crm undo", "takes this whole import back")]))


@contextmanager
def bar(size: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, from the first call on: rows done, and bytes read of `size`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task("", total=size)

    def show(done: int, position: int) -> None:
        # A format that is read whole is at its end at once: then nobody knows how many rows are left.
        progress.update(task, description=f"{done:,} rows", completed=position, total=size if position < size else None)
        progress.start()

    try:
        yield show
    finally:
        progress.stop()
