"""Tasks on a screen: overdue first, then what is due, then the rest."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.actions.evidence import Proven
from crm.dates import say_day, say_instant
from crm.escaping import shorten
from crm.models import Reminder, Task
from crm.models.words import Horizon, Owner, TaskKind
from crm.render import evidence, text
from crm.store.tasks import Todo

MOST: Final = 40
LONGEST: Final = 200
LONGEST_NAME: Final = 30

OVERDUE, DUE, LATER, NO_DAY, DONE = "Overdue", "Due today", "Later", "Without a day", "Done"
HORIZONS: Final = {
    Horizon.THIS_WEEK: "This week, once the plan has a start",
    Horizon.NEXT_TWO_WEEKS: "Next two weeks, once the plan has a start",
    Horizon.BEFORE_START: "Before the main learning starts",
}
ORDER: Final = (OVERDUE, DUE, LATER, *HORIZONS.values(), NO_DAY, DONE)


def group(todo: Todo, today: date) -> str:
    """The heading under which a task stands."""
    if todo.task.done_at is not None:
        return DONE
    if todo.day is None:
        return HORIZONS[Horizon(todo.task.horizon)] if todo.task.horizon else NO_DAY
    if todo.day == today:
        return DUE
    return OVERDUE if todo.day < today else LATER


def listing(
    found: Sequence[Todo], proofs: Mapping[str, Proven], *, every: bool, today: date, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """The screen of `crm task list`; a long group is cut short unless `every` task is wanted.

    Args:
        found: the tasks.
        proofs: by uid of a task, what seems to have done it.
        every: whether long groups are shown whole.
        today: the person's day.
        tz: the person's zone.
    """
    if not found:
        yield text.hint('Nothing to do. Add something: crm task add "Send the repo" --due fri --for WHO')
        return
    groups: dict[str, list[Todo]] = {title: [] for title in ORDER}
    for each in found:
        groups[group(each, today)].append(each)
    for title, todos in groups.items():
        if todos:
            yield text.section(title, _rows(todos, proofs, every, today, tz), count=len(todos))
    yield text.hint(f"Done with one: crm done {found[0].task.ref}   Later: crm snooze {found[0].task.ref} fri")


def _rows(
    todos: Sequence[Todo], proofs: Mapping[str, Proven], every: bool, today: date, tz: ZoneInfo
) -> RenderableType:
    shown = todos if every else todos[:MOST]
    rows: list[tuple[text.Cell, ...]] = [
        (text.safe(each.task.ref, text.QUIET), _what(each, proofs.get(each.task.uid)), _when(each, today, tz))
        for each in shown
    ]
    if len(shown) < len(todos):
        rows.append(("", text.hint(f"and {len(todos) - len(shown):,} more: crm task list --all"), ""))
    return text.rows(rows, wide=1)


def _what(todo: Todo, proof: Proven | None) -> Text:
    """The title, whom it is about where the title does not say so, and what seems to have done it."""
    title, name = todo.task.title, todo.contact.name if todo.contact else ""
    about = text.safe(f"({shorten(name, LONGEST_NAME)})", text.NAME) if name and name not in title else None
    owed = text.hint("owed to you") if todo.task.owner == Owner.THEM else None
    kind = text.hint(todo.task.kind) if todo.task.kind in {TaskKind.PROMISE, TaskKind.FOLLOW_UP} else None
    told = text.join(shorten(title, LONGEST), about, owed, kind)
    return text.join(told, evidence.offer(proof) if proof else None, gap="\n")


def _when(todo: Todo, today: date, tz: ZoneInfo) -> Text:
    if todo.task.done_at is not None:
        return text.hint(say_instant(todo.task.done_at, tz=tz))
    if todo.day is None:
        return Text()
    late = (today - todo.day).days
    said = Text(say_day(todo.day))
    if late > 0:
        said.append(f", {late} day{'s' * (late > 1)} late", style=text.BAD)
    if todo.task.snoozed_until_on:
        said.append(", put off", style=text.QUIET)
    return said


def card(todo: Todo, proof: Proven | None, evidence_says: str | None, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """Everything about one task, with what seems to have done it, or what did (`evidence_says`)."""
    task = todo.task
    yield text.join(text.hint(task.ref), text.safe(task.title, text.HEADING, multiline=True))
    yield ""
    yield text.facts(
        [
            ("Due", say_day(task.due_on) if task.due_on else None),
            ("Put off until", say_day(task.snoozed_until_on) if task.snoozed_until_on else None),
            ("Done", say_instant(task.done_at, tz=tz) if task.done_at else "no"),
            ("Kind", task.kind),
            ("When", task.horizon),
            ("About", text.join(todo.contact.name, text.hint(todo.contact.ref)) if todo.contact else None),
            ("Owed by", "them" if task.owner == Owner.THEM else None),
            ("Out of", f"i{task.interaction_id}" if task.interaction_id else None),
            ("Done by", text.safe(shorten(evidence_says, LONGEST)) if evidence_says else None),
            ("Looks", evidence.offer(proof) if proof else None),
            ("Read from", f"{task.source_file}:{task.source_line or ''}" if task.source_file else None),
            ("Note", text.safe(task.note, multiline=True) if task.note else None),
        ]
    )


def written(verb: str, todo: Todo) -> Text:
    """A task that was added, changed, done or put off, with its day said back."""
    day = f"for {say_day(todo.day)}" if todo.day else None
    return text.join(verb, name(todo.task), text.safe(day) if day else None, _about(todo))


def _about(todo: Todo) -> Text | None:
    if todo.contact is None:
        return None
    return text.join("with", text.safe(shorten(todo.contact.name, LONGEST_NAME), text.NAME))


def name(found: Task | Reminder) -> Text:
    """A task or reminder in one line."""
    return text.join(text.hint(found.ref), text.safe(shorten(found.title, LONGEST)))


def finished(found: Task | Reminder, *, fresh: bool) -> Text:
    """A task or reminder that is done now, or was before."""
    said = text.safe("Done:", text.GOOD) if fresh else "Done already:"
    return text.join(said, name(found))


def put_off(found: Task | Reminder, *, tz: ZoneInfo) -> Text:
    """A task or reminder that was put off, with the day said back."""
    until = _until(found, tz)
    return text.join("Put off until", text.safe(until, text.HEADING), name(found), gap=" ")


def _until(found: Task | Reminder, tz: ZoneInfo) -> str:
    if isinstance(found, Task):
        return f"{say_day(found.snoozed_until_on)}:" if found.snoozed_until_on else ""
    return f"{say_instant(found.snoozed_until_at, tz=tz)}:" if found.snoozed_until_at else ""
