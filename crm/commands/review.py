"""`crm review`: the milestones at which the plan is reviewed."""

from functools import partial
from typing import Annotated

import typer

from crm.actions import review_form as forms
from crm.actions import review_links as linking
from crm.actions import reviews as actions
from crm.cadence import day_of
from crm.commands import review_report, review_start
from crm.commands.base import App, command, group
from crm.commands.choose import choose_people
from crm.commands.review_start import close, looking_back
from crm.dates import parse_day, say_day
from crm.errors import BadValueError
from crm.escaping import for_terminal
from crm.exporters.json_ import Describer
from crm.models import Review
from crm.render import plan as screen
from crm.render import review_facts as facts_screen
from crm.render import review_form as form_screen
from crm.render import review_links as links_screen
from crm.render import text
from crm.store import plan, records, review_links, reviews

app = group("The milestones at which the plan is reviewed.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as week-2.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What you found.")]
LookAt = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="What it is to look at.")]


@command(app, name="list", example="crm review list")
def list_(crm: App) -> None:
    """List the reviews with their days."""
    today = day_of(crm.now, crm.tz)
    with crm.reading() as session:
        found, started = reviews.every(session), plan.current(session)
        items = Describer(session, today).many(found)
        parts = list(screen.reviews(found, started.start_on if started else None, today=today, tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm review show week-2")
def show(crm: App, name: Name) -> None:
    """Show one review: its day, what is to have happened by it, what was answered, and what the log says of it."""
    with crm.reading() as session:
        found, telling = reviews.review(session, name), Describer(session, day_of(crm.now, crm.tz))
        facts = looking_back(crm, session, found)
        items = forms.form(session, found)
        told = telling.numbered(found) | {"links": links_screen.told(facts.links, telling), "facts": facts.told()}
    _show(crm, found, told)
    if not crm.json:
        screens = (form_screen.answers(items), links_screen.parts(facts.links, found, tz=crm.tz))
        text.lines(crm.console, *(part for screen in screens for part in screen), *facts_screen.parts(facts, tz=crm.tz))


@command(app, example="crm review link month-1 jane q2")
def link(
    crm: App,
    name: Name,
    words: Annotated[list[str], typer.Argument(metavar="WHO|q2|t3...", help="People or @TAG, questions, tasks.")],
    off: Annotated[bool, typer.Option("--off", help="It need not have happened by then.")] = False,
) -> None:
    """Say what is to have happened by a review: a talk with somebody, an answer, a task done."""
    with crm.reading() as session:
        reviews.review(session, name)
        things = linking.named(session, words, choose=partial(choose_people, crm))
        refs = [(type(each), each.ref) for each in things]
    with crm.writing("review link") as session:
        found, telling = reviews.review(session, name), Describer(session, day_of(crm.now, crm.tz))
        things = [records.by_ref(session, model, ref) for model, ref in refs]
        changed = (linking.unlink if off else linking.link)(session, found, things)
        told = telling.numbered(found) | {"links": links_screen.told(review_links.of(session, found), telling)}
    parts = links_screen.written(found, changed, off=off)
    crm.show(told, lambda console: text.lines(console, *parts))


@command(app, example='crm review complete week-2 --note "Reading works, drills need mornings"')
def complete(crm: App, name: Name, note: Note = None) -> None:
    """Complete a review once its questions are answered, or with a note. Being late does not shift the next."""
    note = _asked(crm, name) if note is None else note
    close(crm, name, note=note)


def _asked(crm: App, name: str) -> str | None:
    """What was found, from a person if one can be asked and nothing was written yet."""
    with crm.reading() as session:
        found = reviews.review(session, name)
        question = f"What did you find at {for_terminal(found.name)}? " + for_terminal(found.text)
        is_empty = found.completed_at is None and not actions.has_something(session, found)
    return str(typer.prompt(question.strip(), default="", show_default=False)) if crm.asks and is_empty else None


@command(app, example="crm review move week-2 2026-01-21")
def move(crm: App, name: Name, day: Annotated[str, typer.Argument(metavar="DATE")]) -> None:
    """Move a review to another day. The others stay where they are."""
    today, to_on = day_of(crm.now, crm.tz), parse_day(day, now=crm.now, tz=crm.tz)
    with crm.writing("review move") as session:
        found = actions.move(session, reviews.review(session, name), to_on=to_on, today=today)
        told = Describer(session, today).numbered(found)
    back = " again" if found.scheduled_on is None else ""
    said = text.join(found.name, f"is on {say_day(to_on)}{back} ({screen.away(to_on, today)}).")
    crm.show(told, lambda console: text.lines(console, said))


@command(app, example='crm review edit week-2 --note "Reading works"')
def edit(crm: App, name: Name, note: Note = None, look_at: LookAt = None) -> None:
    """Change a review's note, or what it is to look at."""
    if note is None and look_at is None:
        raise BadValueError("nothing to change; give --note TEXT or --text TEXT")
    with crm.writing("review edit") as session:
        found = actions.edit(session, reviews.review(session, name), note=note, text=look_at)
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
    _show(crm, found, told)


@command(app, example='crm review add "Month 12" --months 12 --text "Look back on the year"')
def add(
    crm: App,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    weeks: Annotated[int, typer.Option(min=0, max=520, help="Weeks after the plan's start.")] = 0,
    months: Annotated[int, typer.Option(min=0, max=120, help="Calendar months after the plan's start.")] = 0,
    look_at: LookAt = None,
) -> None:
    """Add a review of your own."""
    with crm.writing("review add") as session:
        found = actions.add(session, name, weeks=weeks, months=months, text=look_at or "")
        told = Describer(session, day_of(crm.now, crm.tz)).numbered(found)
    _show(crm, found, told)


review_start.register(app)
review_report.register(app)


def _show(crm: App, found: Review, told: dict[str, object]) -> None:
    today = day_of(crm.now, crm.tz)
    crm.show(told, lambda console: screen.draw_review(console, found, today=today, tz=crm.tz))
