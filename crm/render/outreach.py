"""What is said after a contact was logged, a chat planned, or either changed; and the screens of interactions."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding

from crm.actions.outreach import Outcome
from crm.actions.phrases import say_kind, to_log
from crm.actions.stages import Move
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import Interaction, Task
from crm.render import text

LONGEST = 160


def logged(outcome: Outcome, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """What was logged, what followed from it, and what to type next."""
    yield from _written("Logged the planned" if outcome.fulfilled else "Logged", outcome, tz, other="contact")
    ref = outcome.chat.interaction.ref
    yield text.hint(f"Wrong? crm undo, or change it: crm interaction edit {ref} --help")
    yield text.hint("What is next: crm today")


def scheduled(outcome: Outcome, *, handles: Sequence[str], tz: ZoneInfo) -> Iterator[RenderableType]:
    """What was planned, and what to type next."""
    yield from _written("Planned", outcome, tz)
    it = outcome.chat.interaction
    yield text.hint(f"Before it: crm prep {handles[0]}")
    yield text.hint(f"After it: {to_log(handles, it)}")
    yield text.hint(f"To move it: crm interaction edit {it.ref} --at WHEN")


def changed(outcome: Outcome, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """What an interaction is now."""
    state = outcome.chat.interaction.state
    yield from _written(f"Changed: {state}", outcome, tz)
    yield text.hint("Wrong? crm undo")


def _written(verb: str, outcome: Outcome, tz: ZoneInfo, *, other: str = "chat") -> Iterator[RenderableType]:
    it = outcome.chat.interaction
    names = text.safe(shorten(outcome.chat.names(), LONGEST), text.NAME)
    yield text.join(
        text.safe(verb, text.GOOD), say_kind(it.kind, other=other), "with", names, text.safe(it.ref, text.QUIET)
    )
    yield Padding(text.facts(_facts(outcome, tz)), (0, 0, 0, 2))


def when(interaction: Interaction, tz: ZoneInfo) -> str:
    """`Mon 5 Jan 2026 14:30, 45 min`."""
    length = [say_duration(interaction.minutes)] if interaction.minutes else []
    return ", ".join([say_instant(interaction.starts_at, tz=tz), *length])


def _facts(outcome: Outcome, tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    interaction = outcome.chat.interaction
    yield "when", when(interaction, tz)
    yield "where", interaction.place
    yield from (("stage", each) for each in _moves(outcome.moves, len(outcome.chat.contacts)))
    if outcome.counted and outcome.counted.entry.minutes:
        counted = say_duration(outcome.counted.entry.minutes)
        yield "hours", f"{counted} counted under {outcome.counted.activity.name}"
    for question, answer in outcome.answers:
        yield "answer", text.join(text.safe(question.ref, text.QUIET), shorten(answer.text, LONGEST))
    for task in outcome.closed:
        yield "done", _task(task, "was due")
    for task in outcome.tasks:
        yield task.kind, _task(task, "by")
    for warning in outcome.warnings:
        yield "note", text.safe(warning, text.WARN)


def _moves(moves: Sequence[Move], people: int) -> Iterator[str]:
    """Each change of stage once, with whose it is where several people took part."""
    kinds = dict.fromkeys((each.before, each.after) for each in moves)
    for before, after in kinds:
        whose = [each.contact.name for each in moves if (each.before, each.after) == (before, after)]
        names = f" ({', '.join(whose)})" if people > 1 else ""
        yield f"{before} → {after}{shorten(names, LONGEST)}"


def _task(task: Task, said: str) -> text.Cell:
    day = f"{said} {say_day(task.due_on)}" if task.due_on else None
    return text.join(text.safe(task.ref, text.QUIET), shorten(task.title, LONGEST), day)
