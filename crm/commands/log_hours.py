"""`crm log-hours`: record time spent on an activity."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from crm.actions import hours as actions
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.dates import parse_when
from crm.durations import parse_duration
from crm.exporters.json_ import Describer
from crm.render import text
from crm.render import week as screen
from crm.render.time_entries import overlaps
from crm.store import hours, time_entries

app = verb()


@command(app, example="crm log-hours 1h30 projects --at yesterday")
def log_hours(
    crm: App,
    duration: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 45m, 1h30, 1.5h or 90.")],
    activity: Annotated[list[str], typer.Argument(metavar="ACTIVITY", help="Its name, or a word of it.")],
    at: Annotated[str | None, typer.Option(metavar="WHEN", help="When it began; by default it ends now.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What you did.")] = None,
) -> None:
    """Record time spent on an activity."""
    minutes = parse_duration(duration)
    started_at = _started_at(crm, at, minutes)
    with crm.writing("log-hours") as session:
        chosen = hours.activity(session, " ".join(activity))
        entry = actions.log_time(session, chosen, started_at=started_at, minutes=minutes, now=crm.now, note=note)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(entry)
        week = actions.week_summary(
            session,
            day=day_of(started_at, crm.tz),
            now=crm.now,
            tz=crm.tz,
            week_starts_on=crm.settings["week_starts_on"],
        )
        over = time_entries.overlapping(session, entry)
        remark = overlaps(over, tz=crm.tz) if over else None
    lines = screen.logged(entry, chosen.name, week, today=day_of(crm.now, crm.tz), tz=crm.tz)
    crm.show(told, lambda console: text.lines(console, *lines))
    if remark:
        crm.note(remark)


def _started_at(crm: App, at: str | None, minutes: int) -> datetime:
    if at is None:
        return crm.now - timedelta(minutes=minutes)
    when = parse_when(at, now=crm.now, tz=crm.tz, past=True)
    return when.at or actions.start_on_day(when.day, minutes=minutes, now=crm.now, tz=crm.tz)
