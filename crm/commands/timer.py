"""`crm timer`: time an activity as one does it."""

from collections.abc import Callable
from typing import Annotated, Final

import typer

from crm.actions import hours as actions
from crm.cadence import day_of
from crm.commands.asking import ask, unless_blank
from crm.commands.base import App, command, group
from crm.dates import say_instant
from crm.durations import parse_duration, say_duration
from crm.escaping import for_terminal, shorten
from crm.exporters.json_ import Describer
from crm.render import text
from crm.render import week as screen
from crm.store import hours

app = group("Time an activity as you do it; one at a time. It goes on while the computer is off.")

LONGEST_NAME: Final = 60
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What you did.")]


@command(app, example="crm timer start reading")
def start(crm: App, activity: Annotated[list[str], typer.Argument(metavar="ACTIVITY")]) -> None:
    """Start timing an activity."""
    settle(crm)
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
    minutes = parse_duration(duration) if duration is not None else _asked(crm, parse_duration)
    _stop(crm, minutes, note)


@command(app, example="crm timer status")
def status(crm: App) -> None:
    """Show what is being timed."""
    settle(crm)
    with crm.reading() as session:
        entry, timed = hours.running(session), actions.timed(session, now=crm.now, tz=crm.tz)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(entry) if entry else None
    value = {"running": timed is not None, "minutes": timed.minutes if timed else 0, "entry": told}
    said = screen.timing(timed, tz=crm.tz) if timed else text.hint("No timer runs. Start one: crm timer start ACTIVITY")
    crm.show(value, lambda console: text.lines(console, said))


def _stop(crm: App, minutes: int | None, note: str | None) -> None:
    with crm.writing("timer stop") as session:
        entry = actions.stop_timer(session, now=crm.now, tz=crm.tz, minutes=minutes, note=note)
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


def settle(crm: App) -> None:
    """Ask about a timer that ran through the night, and log what it really was; Enter lets it run on."""
    minutes = _asked(crm, unless_blank(parse_duration), ", Enter lets it run on")
    if minutes is not None:
        _stop(crm, minutes, None)


def _asked(crm: App, read: Callable[[str], int | None], otherwise: str = "") -> int | None:
    """How long a timer that can't be believed really ran, if a person can be asked."""
    if not crm.asks:
        return None
    with crm.reading() as session:
        timed = actions.timed(session, now=crm.now, tz=crm.tz)
    if timed is None or not timed.is_doubtful:
        return None
    since = f"{shorten(timed.name, LONGEST_NAME)} is timed since {say_instant(timed.started_at, tz=crm.tz)}"
    ran = f"{since}, {say_duration(timed.minutes)}."
    return ask(crm, for_terminal(f"{ran} How long was it really? Such as 2h{otherwise}"), read)
