"""`crm timer`: time an activity as one does it."""

from typing import Annotated

import typer

from crm.actions import hours as actions
from crm.cadence import day_of
from crm.commands.base import App, command, group
from crm.dates import say_instant
from crm.durations import parse_duration, say_duration
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.render import text
from crm.render import week as screen
from crm.store import hours

app = group("Time an activity as you do it; one at a time. It goes on while the computer is off.")

Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What you did.")]


@command(app, example="crm timer start reading")
def start(crm: App, activity: Annotated[list[str], typer.Argument(metavar="ACTIVITY")]) -> None:
    """Start timing an activity."""
    with crm.writing("timer start") as session:
        chosen = hours.activity(session, " ".join(activity))
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(actions.start_timer(session, chosen, now=crm.now))
    crm.show(
        told,
        lambda console: text.lines(
            console,
            text.join("Timing", chosen.name, f"since {say_instant(crm.now, tz=crm.tz)}."),
            text.hint("When you are done: crm timer stop"),
        ),
    )


@command(app, example="crm timer stop")
def stop(
    crm: App,
    duration: Annotated[str | None, typer.Option(metavar="D", help="How long it really was, such as 2h.")] = None,
    note: Note = None,
) -> None:
    """Stop the timer and log its time."""
    minutes = parse_duration(duration) if duration is not None else _asked(crm)
    with crm.writing("timer stop") as session:
        entry = actions.stop_timer(session, now=crm.now, minutes=minutes, note=note)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(entry)
        name = hours.by_number(session, entry.activity_id).name
        week = actions.week_summary(
            session,
            day=day_of(entry.started_at, crm.tz),
            now=crm.now,
            tz=crm.tz,
            week_starts_on=crm.settings["week_starts_on"],
        )
    lines = screen.logged(entry, name, week, today=day_of(crm.now, crm.tz), tz=crm.tz)
    crm.show(told, lambda console: text.lines(console, *lines))


@command(app, example="crm timer status")
def status(crm: App) -> None:
    """Show what is being timed."""
    with crm.reading() as session:
        entry, timed = hours.running(session), actions.timed(session, now=crm.now)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(entry) if entry else None
    value = {"running": timed is not None, "minutes": timed.minutes if timed else 0, "entry": told}
    said = screen.timing(timed, tz=crm.tz) if timed else text.hint("No timer runs. Start one: crm timer start ACTIVITY")
    crm.show(value, lambda console: text.lines(console, said))


def _asked(crm: App) -> int | None:
    """How long a timer that ran through the night really was, if a person can be asked."""
    if not crm.asks:
        return None
    with crm.reading() as session:
        entry = hours.running(session)
        if entry is None or not actions.is_doubtful(entry, crm.now):
            return None
        ran = say_duration(hours.elapsed_minutes(entry, crm.now))
    while True:
        try:
            return parse_duration(typer.prompt(f"The timer shows {ran}. How long was it really (such as 2h)?"))
        except BadValueError as error:
            crm.note(error.message)
