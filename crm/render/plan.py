"""The plan on a screen: its facts, its reviews, its checklist."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from crm.cadence import day_of
from crm.dates import say_day
from crm.escaping import shorten
from crm.models import Plan, Review, Task
from crm.models.words import Horizon
from crm.render import text
from crm.store.reviews import day_due

START_HINT = "Without a start date nothing is dated. Set it: crm plan start 2026-01-05"
HORIZONS = {
    Horizon.THIS_WEEK: "this week",
    Horizon.NEXT_TWO_WEEKS: "next two weeks",
    Horizon.BEFORE_START: "before you begin",
}
LONGEST_TEXT = 200
LONGEST_NAME = 60


def draw(
    console: Console,
    plan: Plan | None,
    reviews: Sequence[Review],
    checklist: Sequence[Task],
    *,
    today: date,
    tz: ZoneInfo,
) -> None:
    """The screen of `crm plan show`."""
    plan = plan or Plan()
    gate = [each for each in checklist if each.horizon == Horizon.BEFORE_START and each.done_at is None]
    console.print(text.section("Plan", text.facts(_facts(plan, len(gate), today))))
    if reviews:
        console.print(text.section("Reviews", review_table(reviews, today=today, tz=tz)))
    if checklist:
        done = sum(each.done_at is not None for each in checklist)
        console.print(text.section(f"Checklist, {done} of {len(checklist)} done", _checklist(checklist)))
    for hint in _hints(plan):
        console.print(text.hint(hint))


def _facts(plan: Plan, gate: int, today: date) -> Iterator[tuple[str, text.Cell]]:
    yield "start", text.join(say_day(plan.start_on), f"({away(plan.start_on, today)})") if plan.start_on else "not set"
    if plan.begun_on:
        yield "begun", say_day(plan.begun_on)
    else:
        yield "begun", "not yet" + (f"; {gate} of the checklist come first" if gate else "; crm plan begin")
    if plan.deadline_on:
        yield "deadline", f"{say_day(plan.deadline_on)} ({away(plan.deadline_on, today)})"
    amounts = ((plan.total_hours, "h in all"), (plan.weekly_hours, "h a week"), (plan.months, "months"))
    yield "effort", ", ".join(f"{amount:g} {unit}" for amount, unit in amounts if amount is not None)
    yield "goal", plan.goal
    yield "partner", plan.partner


def _hints(plan: Plan) -> Iterator[str]:
    if plan.start_on is None:
        yield START_HINT
    if plan.weekly_hours is None and plan.total_hours is None:
        yield "How much is it? crm plan set --weekly-hours 10 --months 9"
    if plan.goal is None:
        yield 'What is it for? crm plan set --goal "..."'


def _checklist(checklist: Sequence[Task]) -> Table:
    rows = []
    for horizon, name in (*HORIZONS.items(), (None, "other")):
        items = [each for each in checklist if each.horizon == horizon]
        if items:
            done = sum(each.done_at is not None for each in items)
            due = max((each.due_on for each in items if each.due_on), default=None)
            by = f"by {say_day(due)}" if due else ""
            rows.append((name, text.bar(done, len(items), 10), f"{done} of {len(items)}", by))
    made = text.table(["", "", "", ""], rows)
    made.show_header = False
    return made


def away(day: date, today: date) -> str:
    """How far a day is: `today`, `tomorrow`, `in 3 days`, `3 days ago`."""
    days = (day - today).days
    if abs(days) <= 1:
        return ("today", "tomorrow", "yesterday")[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def reviews(found: Sequence[Review], start_on: date | None, *, today: date, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm review list`."""
    if found:
        yield review_table(found, today=today, tz=tz)
    else:
        yield text.hint('No reviews yet. Add one: crm review add "Week 2" --weeks 2')
    if start_on is None:
        yield text.hint(START_HINT)


def review_table(reviews: Iterable[Review], *, today: date, tz: ZoneInfo) -> Table:
    """Reviews, one a line: name, day with weekday, how far, state."""
    rows = [
        (text.safe(shorten(each.name, LONGEST_NAME), text.NAME), *_when(each, today), state(each, tz))
        for each in reviews
    ]
    return text.table(["review", "due", "", "state"], rows)


def _when(review: Review, today: date) -> tuple[str, Text]:
    day = day_due(review)
    if day is None:
        return offset(review), Text("")
    if review.completed_at:
        return say_day(day), Text("")
    late = (today - day).days
    return say_day(day), Text(f"{late} day{'s' if late > 1 else ''} overdue", text.BAD) if late > 0 else Text(
        away(day, today)
    )


def offset(review: Review) -> str:
    """How long after the start a review is due, where the start is not known."""
    parts = ((review.offset_weeks, "week"), (review.offset_months, "month"))
    said = " and ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count)
    return f"{said or '0 weeks'} after the start"


def state(review: Review, tz: ZoneInfo) -> Text:
    """Whether a review is open, was started or moved, or is completed."""
    if review.completed_at:
        return Text(f"completed {say_day(day_of(review.completed_at, tz))}", style=text.GOOD)
    begun = f"started {say_day(day_of(review.started_at, tz))}" if review.started_at else "open"
    if review.scheduled_on and review.due_on:
        return Text(f"{begun}, moved from {say_day(review.due_on)}")
    return Text(begun)


def draw_review(console: Console, review: Review, *, today: date, tz: ZoneInfo) -> None:
    """The screen of one review."""
    day, how_far = _when(review, today)
    facts: list[tuple[str, text.Cell]] = [
        ("due", text.join(day, how_far, gap="  ")),
        ("state", state(review, tz)),
        ("what for", text.safe(review.text, multiline=True)),
        ("note", text.safe(review.note or "", multiline=True)),
    ]
    console.print(text.section(shorten(review.name, LONGEST_TEXT), text.facts(pair for pair in facts if pair[1])))
