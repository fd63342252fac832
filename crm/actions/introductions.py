"""Introductions: planned, asked, agreed, made, met, thanked, or declined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette, wording
from crm.actions.checked import added, brief, optional, required
from crm.actions.etiquette import Deed
from crm.cadence import day_of
from crm.dates import say_day
from crm.errors import AmbiguousError, BadValueError, RefusedError
from crm.folding import fold
from crm.models import Contact, Introduction, Organization
from crm.models.words import IntroductionState as State
from crm.settings import Settings
from crm.store import introductions, journal, reaching, records
from crm.store.dossier import Route

LADDER: Final = (State.PROPOSED, State.PLANNED, State.ASKED, State.AGREED, State.MADE, State.MET, State.THANKED)
"""The states in their order; `declined` can come from any."""

_NOT_ASKED: Final = (State.PROPOSED, State.PLANNED)

_SAME_WANT: Final = {
    **dict.fromkeys(("phone", "phone number", "telephone", "telephone number", "mobile", "mobile number"), "number"),
    **dict.fromkeys(("insta", "ig", "instagram", "instagram handle"), "handle"),
}
"""Words for what is wanted that mean the same, folded."""

OPEN: Final = (State.PROPOSED, State.PLANNED, State.ASKED, State.AGREED, State.MADE, State.MET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a connector; None where the person said nothing.

    Attributes:
        targets: to whom: contacts, or descriptions of somebody unnamed.
        organization: where they work.
        want: what is wanted: introduction, number, handle, or the person's own words.
        due_on: by when.
        note: anything else.
    """

    targets: Sequence[Contact | str] = ()
    organization: Organization | None = None
    want: str | None = None
    due_on: date | None = None
    note: str | None = None

    def facts(self) -> dict[str, Any]:
        """The columns that were said."""
        values = {
            "organization_id": self.organization and self.organization.id,
            "want": None if self.want is None else required(self.want, what="What is wanted"),
            "due_on": self.due_on,
            "note": optional(self.note, what="The note") if self.note else None,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The introductions that were written, and what the person should know of them."""

    introductions: Sequence[Introduction]
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reachable:
    """What to type for somebody whom an introduction leads to, and the kinds of channel that are on record."""

    handle: str
    channels: frozenset[str]


def kind_of(want: str) -> str:
    """What is wanted, whatever word one used for it: a phone is a number, an insta a handle."""
    folded = fold(want)
    return _SAME_WANT.get(folded, folded)


def begin(session: Session, connector: Contact, wish: Wish) -> list[Introduction]:
    """The introduction to each target: the one on record with what was said now, else a new one, proposed as yet.

    Raises:
        BadValueError: the connector is a target, or a text is blank.
        AmbiguousError: there are several for a target, which differ in what is wanted.
    """
    return [_begun(session, connector, target, wish) for target in wish.targets]


def _begun(session: Session, connector: Contact, target: Contact | str, wish: Wish) -> Introduction:
    if target is connector:
        raise BadValueError(f"{brief(connector.name)} can't be asked for an introduction to themselves")
    found = _on_record(introductions.toward(session, connector, target, wish.organization), wish.want)
    if found is None:
        found = Introduction(connector_id=connector.id)
        if isinstance(target, Contact):
            found.contact_id = target.id
        else:
            found.placeholder = required(target, what="Whom it is for")
    facts = wish.facts()
    if wish.want is not None and found.want and kind_of(found.want) == kind_of(wish.want):
        facts.pop("want")
    return change(session, found, facts)


def _on_record(found: Sequence[Introduction], want: str | None) -> Introduction | None:
    """The one that is meant: not over yet, and with the same wanted or nothing else decided."""
    running = [each for each in found if each.state != State.THANKED]
    if want is not None:
        same = [each for each in running if kind_of(each.want) == kind_of(want)]
        return next(iter(same or [each for each in running if each.state == State.PROPOSED]), None)
    if len(running) > 1:
        raise AmbiguousError(
            "there are several such introductions; say which by id, or with --want",
            candidates=[f"{each.ref} {brief(each.want)} ({each.state})" for each in running[:10]],
        )
    return running[0] if running else None


def change(session: Session, introduction: Introduction, values: dict[str, Any]) -> Introduction:
    """Set columns of an introduction, which may be a new one."""
    for name, value in values.items():
        setattr(introduction, name, value)
    return records.add(session, introduction)


def plan(
    session: Session,
    found: Sequence[Introduction],
    *,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Outcome:
    """Plan to ask for these introductions.

    Raises:
        RefusedError: a rule of etiquette stands against it, or one is further along already.
        BadValueError: the reason is blank.
    """
    remarks: list[str] = []
    for connector, theirs in _by_connector(session, found):
        remarks += etiquette.permit(
            session, Deed.INTRODUCTION_PLAN, connector, about=theirs, anyway=anyway, now=now, tz=tz, settings=settings
        )
    for each in found:
        _move(each, State.PLANNED, now)
    _summarize(session, "Planned to ask for", found, etiquette.because(anyway, remarks))
    return Outcome(found, remarks)


def ask(
    session: Session,
    found: Sequence[Introduction],
    *,
    at: datetime | None,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Outcome:
    """Ask for these introductions: now, or at a time that has passed, on which etiquette only remarks.

    Raises:
        RefusedError: a rule of etiquette stands against asking now, or one is further along already.
        BadValueError: the reason is blank.
    """
    remarks: list[str] = []
    for connector, theirs in _by_connector(session, found):
        known: dict[str, Any] = {"about": theirs, "now": at or now, "tz": tz, "settings": settings}
        if at is None or anyway is not None:
            remarks += etiquette.permit(session, Deed.INTRODUCTION_ASK, connector, anyway=anyway, **known)
        else:
            remarks += map(str, etiquette.objections(session, Deed.INTRODUCTION_ASK, connector, **known))
    because = etiquette.because(anyway, remarks)
    for each in found:
        if each.asked_at:
            remarks.append(f"{each.ref} was asked for before, on {say_day(day_of(each.asked_at, tz))}")
        _move(each, State.ASKED, at or now)
        each.asked_at = at or now
    _summarize(session, "Asked for", found, because)
    return Outcome(found, remarks)


def _by_connector(session: Session, found: Sequence[Introduction]) -> Iterator[tuple[Contact, list[Introduction]]]:
    for number in dict.fromkeys(each.connector_id for each in found):
        yield session.get_one(Contact, number), [each for each in found if each.connector_id == number]


def move(
    session: Session, found: Sequence[Introduction], state: State, *, at: datetime, note: str | None = None
) -> Outcome:
    """Record what became of introductions, at that time; steps may be left out, and a no can come at any time.

    Thanks for one that was declined leave it so. A note is added to what was noted before.

    Raises:
        RefusedError: one is further along already.
        BadValueError: the note cannot be stored.
    """
    remarks = [remark for each in found if (remark := _jump(each, state))]
    for each in found:
        if State(each.state) != State.DECLINED or state != State.THANKED:
            _move(each, state, at)
        if state == State.THANKED:
            each.thanked_at = at
        each.note = added(each.note, note)
    _summarize(session, _DEEDS[state], found)
    return Outcome(found, remarks)


def _jump(introduction: Introduction, state: State) -> str | None:
    """What to say of a move that nothing on record leads up to."""
    ref, before = introduction.ref, State(introduction.state)
    if before == State.DECLINED and state == State.THANKED:
        return f"{ref} was declined, and stays so; your thanks are noted"
    if before == State.DECLINED and state != State.DECLINED:
        return f"{ref} was declined before, and is {state} now"
    if before in _NOT_ASKED and state != State.DECLINED:
        return f"{ref} went from {before} straight to {state}; nothing says that you asked"
    return None


_DEEDS: Final = {
    State.AGREED: "Agreed:",
    State.MADE: "Made:",
    State.MET: "Met:",
    State.THANKED: "Thanked for",
    State.DECLINED: "Declined:",
}


def _move(introduction: Introduction, state: State, at: datetime) -> None:
    before = State(introduction.state)
    late = before == State.THANKED and state == State.MET  # thanked when it was made, and met afterwards
    free = late or State.DECLINED in {state, before}
    if not free and LADDER.index(state) < LADDER.index(before):
        raise RefusedError(
            f"{introduction.ref} is {before} already; to set it back: crm intro edit {introduction.ref} --state {state}"
        )
    introduction.state, introduction.moved_at = state.value, at


def edit(session: Session, introduction: Introduction, changes: dict[str, Any], *, now: datetime) -> Introduction:
    """Change columns of an introduction, the state too, forward or back.

    Raises:
        BadValueError: there is nothing to change, the connector is the target, or a text is blank.
    """
    if not changes:
        raise BadValueError("nothing to change; give for example --by fri, --want number or --state asked; see --help")
    if changes.get("contact_id") == introduction.connector_id:
        raise BadValueError("nobody can be asked for an introduction to themselves")
    if changes.get("want") is not None:
        required(changes["want"], what="What is wanted")
    if "note" in changes:
        changes = changes | {"note": optional(changes["note"], what="The note")}
    if "state" in changes:
        changes = _settled(introduction, State(changes["state"]), now) | changes
    change(session, introduction, changes)
    _summarize(session, "Changed", [introduction])
    return introduction


def _settled(introduction: Introduction, state: State, now: datetime) -> dict[str, Any]:
    """The instants that go with a state that is set by hand: what is taken back did not happen."""
    settled: dict[str, Any] = {"moved_at": now}
    if state in {State.PROPOSED, State.PLANNED}:
        settled["asked_at"] = None
    elif state == State.ASKED:
        settled["asked_at"] = introduction.asked_at or now
    if state == State.THANKED:
        settled["thanked_at"] = introduction.thanked_at or now
    elif state not in {State.MET, State.DECLINED}:
        settled["thanked_at"] = None
    return settled


def remove(session: Session, introduction: Introduction) -> Route:
    """Remove an introduction."""
    gone = introductions.route(session, introduction)
    _summarize(session, "Removed", [introduction])
    records.remove(session, introduction)
    return gone


def reachable(session: Session, routes: Sequence[Route]) -> dict[int, Reachable]:
    """What to type for each of the people whom the introductions lead to, and how they can be reached, by id."""
    people = {each.contact.id: each.contact for each in routes if each.contact}
    kinds = introductions.channels(session, people)
    return {
        number: Reachable(reaching.handle(session, each), frozenset(kinds[number])) for number, each in people.items()
    }


def _summarize(session: Session, verb: str, found: Sequence[Introduction], because: str = "") -> None:
    session.flush()
    routes = introductions.of(session, [each.id for each in found])
    connectors = dict.fromkeys(brief(each.connector.name) for each in routes)
    what = brief(", ".join(f"{wording.wanted(each)} ({each.introduction.ref})" for each in routes))
    journal.summarize(session, f"{verb} {what}, through {brief(', '.join(connectors))}{because}")
