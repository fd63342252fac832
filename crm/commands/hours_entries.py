"""`crm hours entries`, `edit` and `remove`: the time log, entry by entry."""

from datetime import date, datetime
from typing import Annotated

import typer

from crm.actions import hours as timing
from crm.actions import time_entries as actions
from crm.commands.base import App, command
from crm.commands.common import confirm, describer, joined, told
from crm.commands.timer import settle
from crm.dates import parse_day, parse_instant
from crm.durations import parse_duration
from crm.models import TimeEntry
from crm.render import text
from crm.render import time_entries as screen
from crm.store import hours, time_entries

Which = Annotated[str, typer.Argument(metavar="ID", help="Its id, such as e5.")]
Words = Annotated[list[str] | None, typer.Argument(metavar="[ACTIVITY]", help="Only this one: its name, or a word.")]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Only from this day on.")]
To = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Only up to this day, and on it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `crm hours`."""
    command(app, example="crm hours entries projects --from 2026-01-05")(entries)
    command(app, example="crm hours edit e5 --duration 1h30")(edit)
    command(app, example="crm hours remove e5")(remove)


def entries(
    crm: App,
    activity: Words = None,
    from_: From = None,
    to: To = None,
    every: Annotated[bool, typer.Option("--all", help="All of them, however many.")] = False,
) -> None:
    """List the time that was logged, newest last."""
    bounds = _day(crm, from_), _day(crm, to)
    settle(crm)
    with crm.reading() as session:
        chosen = hours.activity(session, joined(activity)) if activity else None
        found = actions.entries(
            session,
            activity=chosen,
            from_on=bounds[0],
            to_on=bounds[1],
            limit=None if every or crm.json else screen.MOST,
            tz=crm.tz,
        )
        timed = timing.timed(session, now=crm.now, tz=crm.tz)
        items = describer(crm, session).many([each.entry for each in found.shown]) if crm.json else []
    value = {"items": items, "minutes": found.minutes}
    narrowed = any((activity, *bounds))
    crm.show(
        value, lambda console: text.lines(console, *screen.listing(found, timed, narrowed=bool(narrowed), tz=crm.tz))
    )


def _day(crm: App, said: str | None) -> date | None:
    return None if said is None else parse_day(said, now=crm.now, tz=crm.tz, past=True)


def edit(
    crm: App,
    which: Which,
    duration: Annotated[str | None, typer.Option(metavar="D", help="How long it was, such as 1h30.")] = None,
    at: Annotated[str | None, typer.Option(metavar="WHEN", help="When it began; a day keeps the time of day.")] = None,
    activity: Annotated[str | None, typer.Option(metavar="ACTIVITY", help="What it was spent on.")] = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help='What you did; an empty text ("") clears it.')
    ] = None,
) -> None:
    """Change time that was logged."""
    minutes = parse_duration(duration) if duration is not None else None
    with crm.writing("hours edit") as session:
        entry = time_entries.one(session, which)
        changes = actions.Changes(
            activity=hours.activity(session, activity) if activity is not None else None,
            started_at=_moved_to(crm, entry, at) if at is not None else None,
            minutes=minutes,
            note=note,
        )
        found = actions.edit(session, entry, changes, now=crm.now)
        item, over = told(crm, session, entry), time_entries.overlapping(session, entry)
        remark = screen.overlaps(over, tz=crm.tz) if over else None
    crm.show(item, lambda console: text.lines(console, screen.changed(found, tz=crm.tz)))
    if remark:
        crm.note(remark)


def _moved_to(crm: App, entry: TimeEntry, at: str) -> datetime:
    was = entry.started_at.astimezone(crm.tz).time()
    return parse_instant(at, now=crm.now, tz=crm.tz, past=True, default_time=was)


def remove(crm: App, which: Which) -> None:
    """Remove time that was logged; crm undo takes it back."""
    with crm.reading() as session:
        said = screen.says(time_entries.whole(session, time_entries.one(session, which)), tz=crm.tz)
    confirm(crm, f"Remove {said.plain}?")
    with crm.writing("hours remove") as session:
        entry = time_entries.one(session, which)
        item, ref = told(crm, session, entry), entry.ref
        actions.remove(session, entry)
    crm.show(item, lambda console: text.lines(console, screen.removed(said, ref)))
