"""The screen of `crm init`: what was read, what changed, what is unsure, and what to type next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console, RenderableType

from crm.actions.import_rows import Change, Report
from crm.dates import say_day
from crm.render import text
from crm.rows import NoticeRow

NOUNS = {
    "contact": ("person", "people"),
    "organization": ("organization", "organizations"),
    "tag": ("group", "groups"),
    "relationship": ("relationship", "relationships"),
    "introduction": ("possible introduction", "possible introductions"),
    "referral": ("possible referral", "possible referrals"),
    "question": ("question", "questions"),
    "task": ("checklist item", "checklist items"),
    "review": ("review", "reviews"),
    "activity": ("activity", "activities"),
    "availability": ("weekday's hours", "weekdays' hours"),
    "commitment": ("commitment", "commitments"),
}
MOST = 12
_A_REVIEW = 'crm review add "Week 2" --weeks 2'


def told(report: Report, start_on: date | None) -> dict[str, Any]:
    """The report as `--json` tells it."""
    return {
        "start_on": start_on,
        "counts": {kind: report.counts(kind) for kind in NOUNS if report.counts(kind)},
        "changes": [change for change in report.changes if change.what != "same"],
        "notices": [
            {
                "level": each.level,
                "text": each.text,
                "line": each.source.line,
                "subject": each.subject,
                "remedy": each.remedy,
            }
            for each in report.notices
        ],
    }


def summary(report: Report, name: str, start_on: date | None = None) -> str:
    """The report in a few words, for `crm history`."""
    new = sum(change.what == "new" for change in report.changes)
    read = f"{name}: {new} new" if name else "no lists read"
    return read + (f", starting {say_day(start_on)}" if start_on else "")


@dataclass(frozen=True, slots=True)
class There:
    """What the database holds now, whatever was read: people, and reviews."""

    people: bool
    reviews: bool


def draw(
    console: Console,
    report: Report,
    *,
    name: str,
    start_on: date | None,
    gaps_count: int,
    there: There | None = None,
) -> None:
    """Print the report; `gaps_count` is how many things are open now, this reading's and others.

    Where nobody looked what is `there`, it is what was read.
    """
    there = there or There(people=bool(report.counts("contact")), reviews=True)
    text.lines(console, *_parts(report, name, start_on, gaps_count, there))


def _parts(report: Report, name: str, start_on: date | None, gaps_count: int, there: There) -> Iterator[RenderableType]:
    if name:
        yield text.section(f"Read {name}", text.table(["what", "new", "changed", "same"], _rows(report)))
    else:
        empty = "is ready, without any people yet" if not there.people else "is ready; no lists were read"
        yield text.safe(f"Your database {empty}.\n", multiline=True)
    yield from _news(report)
    warnings = [each for each in report.notices if each.level == "warning"]
    if warnings:
        yield text.section("Odd lines, left as they are", text.bullets(map(_notice, warnings)), count=len(warnings))
    if start_on:
        reviews = "its reviews are dated: crm review list" if there.reviews else f"it has no reviews yet: {_A_REVIEW}"
        yield text.safe(f"Your plan starts on {say_day(start_on)}; {reviews}")
    if gaps_count:
        yield text.safe(f"{gaps_count} things are blank or unsure; see them, the most useful first: crm gaps")
    yield ""
    yield text.section("Next, type", _next_steps(start_on, there))


def _rows(report: Report) -> Iterator[tuple[text.Cell, ...]]:
    for kind, (one, many) in NOUNS.items():
        counts = report.counts(kind)
        if not counts:
            continue
        total = sum(counts.values())
        same = counts.get("same", 0) + counts.get("kept", 0) + counts.get("removed", 0)
        yield (
            f"{total} {one if total == 1 else many}",
            str(counts.get("new", 0) or ""),
            str(counts.get("changed", 0) or ""),
            str(same or ""),
        )


def _news(report: Report) -> Iterator[RenderableType]:
    """Where the file was known already, each difference; a first reading needs no list."""
    known = [change for change in report.changes if change.what in {"changed", "kept", "removed"}]
    if known:
        shown = [_change(change) for change in known[:MOST]]
        if len(known) > MOST:
            shown.append(text.hint(f"and {len(known) - MOST} more; all of them: crm init --json"))
        yield text.section("What changed", text.bullets(shown), count=len(known))


def _change(change: Change) -> text.Cell:
    line = f" (line {change.line})" if change.line else ""
    if change.what == "removed":
        return text.join(change.name, f"you removed this; it stays removed{line}", gap=": ")
    return text.join(change.name, "; ".join(change.details) + line, gap=": ")


def _notice(notice: NoticeRow) -> text.Cell:
    line = f"line {notice.source.line}: " if notice.source.line else ""
    return text.join(f"{line}{notice.text}", notice.remedy, gap="; ")


def _next_steps(start_on: date | None, there: There) -> RenderableType:
    steps = [("crm today", "one screen that says what to do")]
    if start_on is None:
        steps.append(("crm plan start 2026-01-05", "say when your plan starts (any day), so that reviews get dates"))
    if there.people:
        steps.append(("crm next", "whom to write to first, and how"))
    else:
        steps.append(('crm contact add "Jane Roe"', "your first contact"))
    steps.append(("crm --help", "everything else"))
    return text.facts((command, meaning) for command, meaning in steps)
