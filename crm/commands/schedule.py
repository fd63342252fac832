"""`crm schedule`: a chat to come."""

import shlex
from datetime import datetime
from typing import Annotated

import typer

from crm.actions import chats, phrases
from crm.actions.outreach import Said
from crm.actions.phrases import Split
from crm.cadence import day_of
from crm.commands.asking import one_of
from crm.commands.asks import Anyway
from crm.commands.base import App, command, verb
from crm.commands.choose import writing_about
from crm.commands.common import describer
from crm.dates import say_day, say_instant
from crm.durations import parse_duration
from crm.errors import BadValueError, NotFoundError
from crm.models.words import InteractionKind
from crm.render import outreach as screen
from crm.render import text
from crm.store import reaching

app = verb()


@command(app, example="crm schedule jane fri 14:30 --kind coffee --duration 45m --place 'Cafe Luna'")
def schedule(
    crm: App,
    words: Annotated[list[str], typer.Argument(metavar="WHO... WHEN", help="People, then the day and time.")],
    kind: Annotated[InteractionKind | None, one_of(InteractionKind, "What it will be.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help="How long: 45m, 1h30, 90.")] = None,
    place: Annotated[str | None, typer.Option(metavar="TEXT", help="Where.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is about.")] = None,
    anyway: Anyway = None,
) -> None:
    """Put a chat to come in the calendar. The longest ending that is a day and time is when, the rest is who."""
    split = phrases.who_and_when(words, now=crm.now, tz=crm.tz)
    at = _to_come(crm, split, words)
    said = Said(kind=kind, minutes=parse_duration(duration) if duration is not None else None, place=place, note=note)
    try:
        with writing_about(crm, "schedule", split.who) as (session, contacts):
            outcome = chats.schedule(
                session, contacts, at, said, anyway=anyway, now=crm.now, tz=crm.tz, settings=crm.settings
            )
            session.flush()
            telling, handles = describer(crm, session), [reaching.handle(session, each) for each in contacts]
            told = {
                "interaction": telling.numbered(outcome.chat.interaction),
                "contacts": telling.many(contacts),
                "warnings": outcome.warnings,
            }
    except NotFoundError as error:
        raise split.doubt or error from error
    crm.show(told, lambda console: text.lines(console, *screen.scheduled(outcome, handles=handles, tz=crm.tz)))


def _to_come(crm: App, split: Split, words: list[str]) -> datetime:
    """The instant that was typed.

    Raises:
        BadValueError: it has passed, or is a day without a time.
    """
    when, said = split.when, say_instant(split.when.at, tz=crm.tz) if split.when.at else say_day(split.when.day)
    if when.at < crm.now if when.at else when.day < day_of(crm.now, crm.tz):
        logged = shlex.join([*split.who, "--at", " ".join(words[len(split.who) :])])
        raise BadValueError(f"{said} has passed, and schedule looks ahead; to record it: crm log-contact {logged}")
    if when.at is None:
        raise BadValueError(f"at what time on {said}? Add it at the end, such as 14:30")
    return when.at
