"""How a quoted line was read, in words, before it is recorded."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.actions.outreach import Said
from crm.actions.phrases import say_kind
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import for_terminal, shorten
from crm.models import Contact, Question
from crm.models.words import Direction, InteractionKind

LONGEST = 120


def read(
    contacts: Sequence[Contact], said: Said, asked: Sequence[Question], *, now: datetime, tz: ZoneInfo
) -> list[str]:
    """One line of what, with whom and when, and one for each thing that follows from it; `asked` fit the answers."""
    return [f"read as: {_talk(contacts, said, now, tz)}", *(f"  {each}" for each in _rest(contacts, said, asked))]


def _talk(contacts: Sequence[Contact], said: Said, now: datetime, tz: ZoneInfo) -> str:
    kind = say_kind((said.kind or InteractionKind.OTHER).value, other="contact")
    people = _short(", ".join(each.name for each in contacts))
    link = {Direction.IN: "from", Direction.OUT: "to"}.get(said.direction, "with") if said.direction else "with"
    if said.when is None:
        when = f"now, {say_instant(now, tz=tz)}"
    else:
        when = say_instant(said.when.at, tz=tz) if said.when.at else say_day(said.when.day)
    length = [say_duration(said.minutes)] if said.minutes else []
    place = [f"at {_short(said.place)}"] if said.place else []
    return ", ".join([f"{kind} {link} {people}", when, *length, *place])


def _rest(contacts: Sequence[Contact], said: Said, asked: Sequence[Question]) -> Iterator[str]:
    for reply, question in zip(said.answers, asked, strict=True):
        by = ", ".join(each.name for each in contacts if each.id in reply.by or len(contacts) == 1) or "all of them"
        yield f"{question.ref} ({_short(question.text)}), answered by {_short(by)}: {_short(reply.text)}"
    for what, due_on in said.promises:
        yield f"you promised: {_short(what)}, by {say_day(due_on)}"
    if said.follow_up_on:
        yield f"follow up on {say_day(said.follow_up_on)}"
    if said.note:
        yield f"{'private note' if said.private else 'note'}: {_short(said.note)}"


def _short(text: str) -> str:
    return for_terminal(shorten(text, LONGEST))
