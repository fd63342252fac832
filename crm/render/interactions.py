"""The screens of `crm interaction`: the list, and one with what came of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from crm.actions.phrases import say_kind
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import Task
from crm.models.words import Direction, InteractionState
from crm.render import text
from crm.render.outreach import when
from crm.store.interactions import Chat, Whole

MOST: Final = 30
LONGEST: Final = 80


def listing(found: Sequence[Chat], *, every: bool, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The chats one a line, `MOST` of them unless `every` one is wanted."""
    if not found:
        yield text.safe("Nothing here yet.")
        yield text.hint("Record a chat: crm log-contact WHO --kind coffee. Plan one: crm schedule WHO fri 14:30")
        return
    shown = found if every else found[:MOST]
    yield text.rows([_row(each, tz) for each in shown], wide=3)
    if len(found) > len(shown):
        yield text.hint(f"The first {MOST}; all of them: --all. One in full: crm interaction show ID")
    else:
        yield text.hint(f"One in full: crm interaction show {shown[0].interaction.ref}")


def _row(chat: Chat, tz: ZoneInfo) -> tuple[text.Cell, ...]:
    it = chat.interaction
    style = text.WARN if it.state == InteractionState.PLANNED else text.QUIET
    state = None if it.state == InteractionState.HAPPENED else text.safe(it.state, style)
    names = text.safe(shorten(chat.names(most=3), LONGEST), text.NAME)
    about = text.join(names, shorten(it.note, LONGEST) if it.note else None, gap="  ")
    return text.safe(it.ref, text.QUIET), say_instant(it.starts_at, tz=tz), text.join(say_kind(it.kind), state), about


def card(found: Whole, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """One interaction and what came of it."""
    chat, it = found.chat, found.chat.interaction
    ref = text.safe(it.ref, text.QUIET)
    kind = say_kind(it.kind)
    yield text.join(kind[:1].upper() + kind[1:], "with", text.safe(chat.names(most=20), text.NAME), ref)
    yield text.facts(_facts(found, tz))
    yield ""
    if found.answers:
        rows = [(text.safe(question.ref, text.QUIET), question.text, answer.text) for answer, question in found.answers]
        yield text.section("Answers", text.table(["", "question", "answer"], rows, wide="answer"))
    if found.tasks:
        yield text.section("What came of it", text.rows([_task(each) for each in found.tasks], wide=1))
    if it.state == InteractionState.PLANNED and it.starts_at < now:
        yield text.hint(f"It has passed. Did it happen? crm interaction edit {it.ref} --state happened (or missed)")
    elif it.state == InteractionState.PLANNED:
        yield text.hint(f"To move it: crm interaction edit {it.ref} --at WHEN. Off? crm interaction cancel {it.ref}")
    else:
        yield text.hint(f"To change it: crm interaction edit {it.ref} --note TEXT")


def _facts(found: Whole, tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    it = found.chat.interaction
    yield "when", when(it, tz)
    yield "state", it.state
    yield "direction", "they reached out" if it.direction == Direction.IN else None
    yield "where", it.place
    if found.counted and found.counted.entry.minutes:
        yield "hours", f"{say_duration(found.counted.entry.minutes)} under {found.counted.activity.name}"
    yield "note", text.safe(it.note, multiline=True) if it.note else None
    yield "private", text.safe(it.private_note, multiline=True) if it.private_note else None


def _task(task: Task) -> tuple[text.Cell, ...]:
    day = f"by {say_day(task.due_on)}" if task.due_on else ""
    return text.safe(task.ref, text.QUIET), task.title, "done" if task.done_at else day


def removed(chat: Chat) -> RenderableType:
    """That an interaction is gone."""
    it, names = chat.interaction, text.safe(chat.names(), text.NAME)
    gone = text.join("Removed", it.ref, say_kind(it.kind), "with", names)
    return text.join(gone, text.hint("(crm undo takes it back)"))
