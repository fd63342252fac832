"""`crm hours`: weekly targets and the room each weekday has."""

from typing import Annotated, Any

import typer

from crm.actions import hours as actions
from crm.cadence import day_of
from crm.commands import hours_budget, hours_entries, hours_heatmap, hours_import
from crm.commands.base import App, command, group
from crm.commands.common import remark
from crm.date_words import WEEKDAYS, weekday_named
from crm.dates import parse_day, say_day
from crm.durations import say_duration
from crm.errors import BadValueError
from crm.escaping import quote
from crm.exporters.json_ import Describer
from crm.models.words import ActivityRole
from crm.render import hours as screen
from crm.render import text
from crm.store import hours
from crm.week_hours import DAY_HOURS, WEEK_HOURS, parse_hours

app = group("Weekly targets and the room each weekday has.")

Hours = Annotated[str, typer.Argument(metavar="H", help="Hours, such as 5, 2.5 or 1h30.")]


@command(app, name="list", example="crm hours list")
def list_(crm: App) -> None:
    """List the targets, and the room each weekday has."""
    today = day_of(crm.now, crm.tz)
    with crm.reading() as session:
        describer = Describer(session, today)
        activities = describer.many(hours.activities(session))
        room = {WEEKDAYS[day]: describer.record(each) for day, each in sorted(hours.availability(session).items())}
        remarks = actions.remarks(session, today=today)
    value = {"items": activities, "availability": room, "remarks": remarks}
    crm.show(value, lambda console: screen.draw(console, activities, room, remarks, today=today))


@command(app, example="crm hours add 'Building projects' --role projects")
def add(
    crm: App,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: Annotated[ActivityRole, typer.Option(help="What it is for.")] = ActivityRole.OTHER,
) -> None:
    """Add something that your hours go to."""
    with crm.writing("hours add") as session:
        made = actions.add_activity(session, name, role=role)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(made)
    crm.show(
        told,
        lambda console: text.lines(
            console,
            text.join("Added", made.ref, made.name, f"({made.role})."),
            text.hint(f"Its hours a week: crm hours target {made.ref} 5h"),
        ),
    )


@command(app, example="crm hours target projects 6 --from 2026-01-05")
def target(
    crm: App,
    activity: Annotated[str, typer.Argument(metavar="ACTIVITY", help="Its name, or a word of it.")],
    amount: Hours,
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="The day from which it counts.")] = "today",
    share: Annotated[float | None, typer.Option(min=0, max=100, help="Its share of all hours, in percent.")] = None,
) -> None:
    """Set the hours a week for an activity. They count from a day on; 0 ends the target."""
    minutes, from_on = parse_hours(amount, most=WEEK_HOURS), parse_day(from_, now=crm.now, tz=crm.tz)
    with crm.writing("hours target") as session:
        chosen = hours.activity(session, activity)
        actions.set_target(session, chosen, from_on=from_on, minutes=minutes, share_percent=share)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(chosen)
        remarks = actions.on_shares(session, day=from_on) if share is not None else []
    said = text.join(chosen.name + ":", f"{say_duration(minutes)} a week from {say_day(from_on)}.")
    crm.show(told, lambda console: text.lines(console, said))
    remark(crm, remarks)


@command(app, example="crm hours available monday 2h --best-time evening")
def available(
    crm: App,
    day: Annotated[str, typer.Argument(metavar="DAY", help="monday ... sunday")],
    amount: Hours,
    best_time: Annotated[str | None, typer.Option(metavar="TEXT", help="The best time of day.")] = None,
    notes: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
) -> None:
    """Say how many hours a weekday has room for."""
    weekday, minutes = _weekday(day), parse_hours(amount, most=DAY_HOURS)
    with crm.writing("hours available") as session:
        made = actions.set_available(session, weekday, minutes=minutes, best_time=best_time, notes=notes)
        told: dict[str, Any] = Describer(session, day_of(crm.now, crm.tz)).numbered(made)
    best = f"(best time: {made.best_time})" if made.best_time else ""
    said = text.join(f"{WEEKDAYS[weekday].capitalize()}: room for {say_duration(minutes)}", best)
    crm.show(told, lambda console: text.lines(console, said))


def _weekday(name: str) -> int:
    found = weekday_named(name.strip().lower())
    if found is None:
        raise BadValueError(f"{quote(name)} is no weekday; write monday ... sunday.")
    return found


hours_entries.register(app)
hours_import.register(app)
hours_budget.register(app)
hours_heatmap.register(app)
