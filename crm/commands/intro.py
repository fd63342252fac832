"""`crm intro`: introductions, from the plan to the thanks."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from sqlmodel import Session

from crm.actions import companies, phrases
from crm.actions import introductions as actions
from crm.actions.introductions import Outcome
from crm.cadence import day_of
from crm.commands import intro_asked
from crm.commands.asking import one_of
from crm.commands.asks import Anyway, At, Note, happened_at, told
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact
from crm.commands.common import confirm, describer, distinct
from crm.commands.common import told as record_told
from crm.dates import parse_when
from crm.errors import BadValueError
from crm.models import Contact, Introduction
from crm.models.words import IntroductionState as State
from crm.render import introductions as screen
from crm.render import text
from crm.store import courtesy, introductions, names, records

app = group("Introductions: who could bring you to whom, from the plan to the thanks.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Such as n3.")]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Such as n3; several if the same happened to all.")]
Whom = Annotated[list[str], typer.Argument(metavar="CONNECTOR|ID", help="Who is asked; or n3, if it is on record.")]
For = Annotated[
    list[str] | None,
    typer.Option("--for", metavar="WHO", help='Whom you want to know: names, or "a data engineer" with --at COMPANY.'),
]
Company = Annotated[str | None, typer.Option("--at", metavar="COMPANY", help="Where they work.")]
Want = Annotated[
    str | None, typer.Option("--want", metavar="WHAT", help="introduction, number, handle, or your words.")
]
By = Annotated[str | None, typer.Option("--by", metavar="WHEN", help="By which day: fri, in 2 weeks.")]


@command(app, name="list", example="crm intro list")
def list_(crm: App, every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False) -> None:
    """List introductions by where they stand, those that wait for you first."""
    with crm.reading() as session:
        found = introductions.listed(session, states=list(State) if every else actions.OPEN)
        items = describer(crm, session).many([each.introduction for each in found]) if crm.json else []
        parts = list(screen.listing(found, every=every, today=day_of(crm.now, crm.tz), tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm intro show n3")
def show(crm: App, introduction: Id) -> None:
    """Show everything about an introduction, and what is next."""
    with crm.reading() as session:
        found = records.by_ref(session, Introduction, introduction)
        route = introductions.route(session, found)
        waivers = courtesy.waivers(session, route.connector)
        item = record_told(crm, session, found) | {"waivers": describer(crm, session).many(waivers)}
        parts = list(screen.card(route, waivers, actions.reachable(session, [route]), tz=crm.tz))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example="crm intro plan jane --for ben,ana --want number --by fri")
def plan(
    crm: App,
    whom: Whom,
    target: For = None,
    company: Company = None,
    want: Want = None,
    by: By = None,
    note: Note = None,
    anyway: Anyway = None,
) -> None:
    """Plan to ask somebody to bring you to others."""
    asked = intro_asked.read(crm, whom, target or (), company=company, want=want, by=by, note=note)
    with crm.writing("intro plan") as session:
        found, remarks = asked.begin(session)
        outcome = actions.plan(session, found, anyway=anyway, now=crm.now, tz=crm.tz, settings=crm.settings)
        _show_written(crm, session, outcome, remarks)


@command(app, example="crm intro ask jane --for ben,ana --want number --by fri")
def ask(
    crm: App,
    whom: Whom,
    target: For = None,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="COMPANY|WHEN", help="Where they work; and when you asked, if not just now."),
    ] = None,
    want: Want = None,
    by: By = None,
    note: Note = None,
    anyway: Anyway = None,
) -> None:
    """Ask somebody to bring you to others; with --at yesterday, record that you did."""
    where, when = _where_and_when(crm, at or [])
    asked = intro_asked.read(crm, whom, target or (), company=where, want=want, by=by, note=note)
    asked_at = happened_at(crm, when) if when else None
    with crm.writing("intro ask") as session:
        found, remarks = asked.begin(session)
        outcome = actions.ask(session, found, at=asked_at, anyway=anyway, now=crm.now, tz=crm.tz, settings=crm.settings)
        _show_written(crm, session, outcome, remarks)


@command(app, example="crm intro agreed n3")
def agreed(crm: App, ids: Ids, at: At = None, note: Note = None) -> None:
    """They said yes."""
    _move(crm, ids, State.AGREED, at, note)


@command(app, example="crm intro made n3")
def made(crm: App, ids: Ids, at: At = None, note: Note = None) -> None:
    """They did it: introduced you, or gave you the number."""
    _move(crm, ids, State.MADE, at, note)


@command(app, example="crm intro met n3 --at yesterday")
def met(crm: App, ids: Ids, at: At = None, note: Note = None) -> None:
    """You met whom they brought you to."""
    _move(crm, ids, State.MET, at, note)


@command(app, example="crm intro thanked n3")
def thanked(crm: App, ids: Ids, at: At = None, note: Note = None) -> None:
    """You thanked them; after the meeting, you told them how it went."""
    _move(crm, ids, State.THANKED, at, note)


@command(app, example="crm intro declined n3")
def declined(crm: App, ids: Ids, at: At = None, note: Note = None) -> None:
    """They said no, or it came to nothing."""
    _move(crm, ids, State.DECLINED, at, note)


@command(app, example="crm intro edit n3 --for ben --by 'next mon'")
def edit(
    crm: App,
    introduction: Id,
    target: Annotated[str | None, typer.Option("--for", metavar="WHO", help="Who it turned out to be.")] = None,
    company: Company = None,
    want: Want = None,
    by: By = None,
    note: Note = None,
    state: Annotated[State | None, one_of(State, "Where it stands, forward or back.")] = None,
) -> None:
    """Change an introduction. An empty text ("") clears the company, the day or the note."""
    chosen = None
    if target is not None:
        with crm.reading() as session:
            chosen = choose_contact(crm, session, [target]).ref
    changes: dict[str, Any] = {"want": want, "note": note, "state": state and state.value}
    changes = {name: value for name, value in changes.items() if value is not None}
    if by is not None:
        changes["due_on"] = phrases.due_day(by, now=crm.now, tz=crm.tz) if by else None
    with crm.writing("intro edit") as session:
        found, remarks = records.by_ref(session, Introduction, introduction), []
        if chosen:
            changes |= {"contact_id": records.by_ref(session, Contact, chosen).id, "placeholder": None}
        if company is not None:
            organization, remarks = companies.named(session, company) if company else (None, [])
            changes["organization_id"] = organization and organization.id
        actions.edit(session, found, changes, now=crm.now)
        _show_written(crm, session, Outcome([found]), remarks)


@command(app, example="crm intro remove n3")
def remove(crm: App, introduction: Id) -> None:
    """Remove an introduction that was a mistake. crm undo takes it back."""
    with crm.reading() as session:
        name = screen.name(introductions.route(session, records.by_ref(session, Introduction, introduction)))
    confirm(crm, f"Remove {name.plain}?")
    with crm.writing("intro remove") as session:
        found = records.by_ref(session, Introduction, introduction)
        item = record_told(crm, session, found)
        actions.remove(session, found)
    crm.show(item, lambda console: console.print(text.join("Removed", name, text.hint("(back again: crm undo)"))))


def _where_and_when(crm: App, given: Sequence[str]) -> tuple[str | None, str | None]:
    """`--at` says where, and when: what is no known organization and reads as a time is when."""
    where, when = list[str](), list[str]()
    with crm.reading() as session:
        for each in given:
            (when if names.organization(session, each) is None and _is_time(crm, each) else where).append(each)
    if len(where) > 1 or len(when) > 1:
        raise BadValueError("--at takes one company, and one time in the past")
    return next(iter(where), None), next(iter(when), None)


def _is_time(crm: App, text: str) -> bool:
    try:
        parse_when(text, now=crm.now, tz=crm.tz, past=True)
    except BadValueError:
        if text[:1].isdigit():
            raise
        return False
    return True


def _move(crm: App, ids: Sequence[str], state: State, at: str | None, note: str | None) -> None:
    moved_at = happened_at(crm, at)
    with crm.writing(f"intro {state}") as session:
        found = distinct(records.by_ref(session, Introduction, each) for each in ids)
        _show_written(crm, session, actions.move(session, found, state, at=moved_at, note=note))


def _show_written(crm: App, session: Session, outcome: Outcome, remarks: Sequence[str] = ()) -> None:
    session.flush()
    warnings = [*outcome.warnings, *remarks]
    items = describer(crm, session).many(list(outcome.introductions))
    routes = introductions.of(session, [each.id for each in outcome.introductions])
    parts = list(screen.written(routes, warnings, actions.reachable(session, routes), tz=crm.tz))
    crm.show(told(items, warnings), lambda console: text.lines(console, *parts))
