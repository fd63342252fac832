"""`crm schedule`: a chat to come."""

from typing import Annotated

import typer

from crm.actions import chats, phrases
from crm.actions.outreach import Said
from crm.commands.base import App, command, verb
from crm.commands.choose import writing_about
from crm.commands.common import describer
from crm.dates import say_day
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
    kind: Annotated[InteractionKind | None, typer.Option(case_sensitive=False, help="What it will be.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help="How long: 45m, 1h30, 90.")] = None,
    place: Annotated[str | None, typer.Option(metavar="TEXT", help="Where.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is about.")] = None,
) -> None:
    """Put a chat to come in the calendar. The longest ending that is a day and time is when, the rest is who."""
    split = phrases.who_and_when(words, now=crm.now, tz=crm.tz)
    if split.when.at is None:
        raise BadValueError(f"at what time on {say_day(split.when.day)}? Add it at the end, such as 14:30")
    said = Said(kind=kind, minutes=parse_duration(duration) if duration is not None else None, place=place, note=note)
    try:
        with writing_about(crm, "schedule", split.who) as (session, contacts):
            outcome = chats.schedule(session, contacts, split.when.at, said, now=crm.now, tz=crm.tz)
            session.flush()
            telling, handle = describer(crm, session), reaching.handle(session, contacts[0])
            told = {
                "interaction": telling.numbered(outcome.chat.interaction),
                "contacts": telling.many(contacts),
                "warnings": outcome.warnings,
            }
    except NotFoundError as error:
        raise split.doubt or error from error
    crm.show(told, lambda console: text.lines(console, *screen.scheduled(outcome, handle=handle, tz=crm.tz)))
