"""`crm referral`: whom to ask for a referral, and where each ask stands."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from sqlmodel import Session

from crm.actions import companies, referrers
from crm.actions import referrals as actions
from crm.actions.referrals import EARLY, TALKING_POINT, Outcome, Wish
from crm.commands.asking import one_of
from crm.commands.asks import Anyway, At, Note, happened_at, told
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact, choose_people
from crm.commands.common import confirm, describer, distinct
from crm.commands.common import told as record_told
from crm.models import Contact, Referral
from crm.models.words import ReferralState as State
from crm.render import referrals as screen
from crm.render import text
from crm.store import courtesy, names, records, referrals

app = group("Referrals: whom to ask, and where each stands.")

_REF: Final = re.compile(r"f\d{1,18}", re.ASCII | re.IGNORECASE)

Id = Annotated[str, typer.Argument(metavar="ID", help="Such as f3.")]
Whom = Annotated[list[str], typer.Argument(metavar="WHO|ID", help="Who is asked; or f3, if it is on record.")]
Company = Annotated[str | None, typer.Option("--company", metavar="NAME", help="Where to be referred.")]
Role = Annotated[str | None, typer.Option("--role", metavar="TEXT", help="For which job.")]
Every = Annotated[bool, typer.Option("--all", help="Every one of them, however many.")]


@command(app, name="list", example="crm referral list")
def list_(crm: App, every: Every = False) -> None:
    """Show the board: every referral under the state it is in."""
    with crm.reading() as session:
        found = referrals.listed(session)
        items = describer(crm, session).many([each.referral for each in found]) if crm.json else []
        parts = list(screen.board(found, every=every, tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm referral show f3")
def show(crm: App, referral: Id) -> None:
    """Show everything about a referral, and what is next."""
    with crm.reading() as session:
        found = records.by_ref(session, Referral, referral)
        ask = referrals.ask(session, found)
        waivers = courtesy.waivers(session, ask.contact) if ask.contact else []
        item = record_told(crm, session, found) | {
            "waivers": describer(crm, session).many(waivers),
            "talking_point": TALKING_POINT,
        }
        parts = list(screen.card(ask, waivers, actions.handles(session, [ask]), tz=crm.tz))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example="crm referral candidates --at acme")
def candidates(
    crm: App,
    at: Annotated[str | None, typer.Option("--at", metavar="COMPANY", help="Only for this company.")] = None,
    every: Every = False,
) -> None:
    """List who could refer you, where you stand with each, and what comes first."""
    with crm.reading() as session:
        organization = names.the_organization(session, at) if at is not None else None
        found = referrers.candidates(session, organization, now=crm.now, tz=crm.tz, settings=crm.settings)
        items = screen.candidates_told(found, describer(crm, session)) if crm.json else []
        parts = list(screen.candidates(found, organization, every=every, now=crm.now, tz=crm.tz))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm referral plan jane --company acme --role 'data engineer'")
def plan(
    crm: App, whom: Whom, company: Company = None, role: Role = None, note: Note = None, anyway: Anyway = None
) -> None:
    """Plan to ask somebody; @TAG notes everybody in it as a candidate."""
    if len(whom) == 1 and whom[0].startswith("@"):
        _propose(crm, whom[0], company, role, note)
        return
    ids, people = _chosen(crm, whom)
    with crm.writing("referral plan") as session:
        wish, remarks = _wish(session, company, role, note)
        found = _begin(session, ids, people, wish, (State.PROPOSED,))
        outcome = actions.plan(session, found, anyway=anyway, now=crm.now, tz=crm.tz, settings=crm.settings)
        _show_written(crm, session, outcome, remarks)


def _propose(crm: App, tag: str, company: str | None, role: str | None, note: str | None) -> None:
    with crm.writing("referral plan") as session:
        wish, remarks = _wish(session, company, role, note)
        made = actions.propose(session, names.tag(session, tag), wish)
        _show_written(crm, session, Outcome([made]), remarks)


@command(app, example="crm referral ask jane --company acme --role 'data engineer'")
def ask(
    crm: App,
    whom: Whom,
    company: Company = None,
    role: Role = None,
    at: At = None,
    note: Note = None,
    anyway: Anyway = None,
) -> None:
    """Ask somebody, or each person in @TAG; with --at yesterday, record that you did."""
    asked_at = happened_at(crm, at) if at is not None else None
    ids, people = _chosen(crm, whom)
    with crm.writing("referral ask") as session:
        wish, remarks = _wish(session, company, role, note)
        found = _begin(session, ids, people, wish, EARLY)
        outcome = actions.ask(session, found, at=asked_at, anyway=anyway, now=crm.now, tz=crm.tz, settings=crm.settings)
        _show_written(crm, session, outcome, remarks)


def _chosen(crm: App, whom: Sequence[str]) -> tuple[list[str], list[str]]:
    """The referrals named by id, or else the short ids of the people named."""
    if all(_REF.fullmatch(each) for each in whom):
        return list(whom), []
    with crm.reading() as session:
        return [], [each.ref for each in choose_people(crm, session, whom)]


def _wish(session: Session, company: str | None, role: str | None, note: str | None) -> tuple[Wish, list[str]]:
    organization, remarks = companies.named(session, company) if company is not None else (None, [])
    return Wish(organization=organization, role=role, note=note), remarks


def _begin(
    session: Session, ids: Sequence[str], people: Sequence[str], wish: Wish, states: Sequence[State]
) -> list[Referral]:
    on_record = distinct(records.by_ref(session, Referral, each) for each in ids)
    contacts = [records.by_ref(session, Contact, each) for each in people]
    return [
        *(actions.change(session, each, wish.facts()) for each in on_record),
        *(actions.begin(session, each, wish, states) for each in contacts),
    ]


@command(app, example="crm referral agreed jane")
def agreed(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """They will refer you."""
    _move(crm, whom, State.AGREED, at, note)


@command(app, example="crm referral submitted f3")
def submitted(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """They handed it in."""
    _move(crm, whom, State.SUBMITTED, at, note)


@command(app, example="crm referral interviewing f3")
def interviewing(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """The company talks with you."""
    _move(crm, whom, State.INTERVIEWING, at, note)


@command(app, example="crm referral offer f3")
def offer(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """The company made an offer."""
    _move(crm, whom, State.OFFER, at, note)


@command(app, example="crm referral declined f3 --at yesterday")
def declined(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """They said no; or, once it was handed in, the company did."""
    _move(crm, whom, State.DECLINED, at, note)


@command(app, example="crm referral thank jane")
def thank(crm: App, whom: Whom, at: At = None, note: Note = None) -> None:
    """You thanked them for it, however it ended."""
    _move(crm, whom, State.THANKED, at, note)


def _move(crm: App, whom: Sequence[str], state: State, at: str | None, note: str | None) -> None:
    moved_at = happened_at(crm, at)
    ids = list(whom) if all(_REF.fullmatch(each) for each in whom) else [_one_of(crm, whom, state)]
    with crm.writing(f"referral {'thank' if state == State.THANKED else state}") as session:
        found = distinct(records.by_ref(session, Referral, each) for each in ids)
        if state == State.THANKED:
            outcome = actions.thank(session, found, at=moved_at, note=note)
        else:
            outcome = actions.move(session, found, state, at=moved_at, note=note)
        _show_written(crm, session, outcome)


def _one_of(crm: App, whom: Sequence[str], state: State) -> str:
    """The short id of the referral that is meant of somebody."""
    with crm.reading() as session:
        return actions.find(session, choose_contact(crm, session, whom), state).ref


@command(app, example="crm referral edit f1 --company acme")
def edit(
    crm: App,
    referral: Id,
    company: Company = None,
    role: Role = None,
    note: Note = None,
    state: Annotated[State | None, one_of(State, "Where it stands, forward or back.")] = None,
) -> None:
    """Change a referral. An empty text ("") clears the company, the role or the note."""
    given: dict[str, Any] = {"role": role, "note": note, "state": state and state.value}
    changes = {name: value for name, value in given.items() if value is not None}
    with crm.writing("referral edit") as session:
        found, remarks = records.by_ref(session, Referral, referral), list[str]()
        if company is not None:
            organization, remarks = companies.named(session, company) if company else (None, [])
            changes["organization_id"] = organization and organization.id
        actions.edit(session, found, changes, now=crm.now)
        _show_written(crm, session, Outcome([found]), remarks)


@command(app, example="crm referral remove f3")
def remove(crm: App, referral: Id) -> None:
    """Remove a referral that was a mistake. crm undo takes it back."""
    with crm.reading() as session:
        name = screen.name(referrals.ask(session, records.by_ref(session, Referral, referral)))
    confirm(crm, f"Remove {name.plain}?")
    with crm.writing("referral remove") as session:
        found = records.by_ref(session, Referral, referral)
        item = record_told(crm, session, found)
        actions.remove(session, found)
    crm.show(item, lambda console: console.print(text.join("Removed", name, text.hint("(back again: crm undo)"))))


def _show_written(crm: App, session: Session, outcome: Outcome, remarks: Sequence[str] = ()) -> None:
    session.flush()
    warnings = [*outcome.warnings, *remarks]
    items = describer(crm, session).many(list(outcome.referrals))
    asks = [referrals.ask(session, each) for each in outcome.referrals]
    parts = list(screen.written(asks, warnings, actions.handles(session, asks), tz=crm.tz))
    crm.show(told(items, warnings), lambda console: text.lines(console, *parts))
