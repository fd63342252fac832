"""Introductions on a screen: where each stands, and what to type next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.actions import wording
from crm.actions.introductions import Reachable, kind_of
from crm.cadence import day_of
from crm.dates import say_day, say_instant
from crm.escaping import shorten
from crm.models import Contact, Waiver
from crm.models.words import IntroductionState as State
from crm.render import text
from crm.store.dossier import Route

MOST: Final = 40
LONGEST: Final = 80

TITLES: Final = {
    State.MET: "Met: say how it went",
    State.MADE: "Made: thank them",
    State.AGREED: "Agreed",
    State.ASKED: "Asked",
    State.PLANNED: "Planned",
    State.PROPOSED: "Could be asked",
    State.THANKED: "Thanked",
    State.DECLINED: "Declined",
}
"""The states as headings, those that wait for the person first."""

TO_COME: Final = (State.PLANNED, State.ASKED, State.AGREED)
"""The states in which the day by which it is wanted counts."""

CHANNELS: Final = {
    "number": ("phone", "--phone NUMBER"),
    "handle": ("instagram", "--instagram NAME"),
    "email": ("email", "--email ADDRESS"),
    "contact": ("", '--how-to-reach "..."'),
}
"""By what is wanted, the kind of channel it is (any, where it is not said), and the option that keeps it."""

Handles = Mapping[int, Reachable]
"""What to type for each contact, and how they can be reached, by id."""


def listing(found: Sequence[Route], *, every: bool, today: date, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm intro list`; a long group is cut short unless `every` one is wanted."""
    if not found:
        yield text.hint(
            'No introductions here. Ask for one: crm intro ask WHO --for "a data engineer" --at COMPANY   '
            "(the ones that are over: crm intro list --all)"
        )
        return
    for state, title in TITLES.items():
        routes = [each for each in found if each.introduction.state == state]
        if routes:
            yield text.section(title, _rows(routes, every, today, tz), count=len(routes))
    yield text.hint(f"What is next for one: crm intro show {found[0].introduction.ref}")


def _rows(routes: Sequence[Route], every: bool, today: date, tz: ZoneInfo) -> RenderableType:
    shown = routes if every else routes[:MOST]
    rows: list[tuple[text.Cell, ...]] = [
        (text.safe(each.introduction.ref, text.QUIET), _line(each), _when(each, today, tz)) for each in shown
    ]
    if len(shown) < len(routes):
        rows.append(("", text.hint(f"and {len(routes) - len(shown):,} more: crm intro list --all"), ""))
    return text.rows(rows, wide=1)


def _line(route: Route) -> Text:
    return text.join(text.safe(shorten(route.connector.name, LONGEST), text.NAME), "for", wording.wanted(route))


def _when(route: Route, today: date, tz: ZoneInfo) -> Text:
    it = route.introduction
    if it.due_on and it.state in TO_COME:
        late = (today - it.due_on).days
        said = Text(f"by {say_day(it.due_on)}")
        return said.append(f", {late} day{'s' * (late > 1)} late", style=text.BAD) if late > 0 else said
    return text.hint(f"since {say_day(day_of(it.moved_at, tz))}") if it.moved_at else Text()


def name(route: Route) -> Text:
    """An introduction in one line."""
    return text.join(text.hint(route.introduction.ref), _line(route))


def card(route: Route, waivers: Sequence[Waiver], handles: Handles, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """Everything about one introduction."""
    it = route.introduction
    yield text.join(text.hint(it.ref), text.safe(wording.wanted(route), text.HEADING))
    yield ""
    yield text.facts(
        [
            ("Through", _person(route.connector)),
            ("To", _person(route.contact) if route.contact else it.placeholder),
            ("At", route.organization.name if route.organization else None),
            ("Wanted", it.want),
            ("Stands", _stands(route, tz)),
            ("Asked", say_instant(it.asked_at, tz=tz) if it.asked_at else "not yet"),
            ("By", say_day(it.due_on) if it.due_on else None),
            ("Thanked", say_instant(it.thanked_at, tz=tz) if it.thanked_at else None),
            ("Read from", f"{it.source_file}:{it.source_line or ''}" if it.source_file else None),
            ("Note", text.safe(it.note, multiline=True) if it.note else None),
            *set_aside(waivers, tz),
        ]
    )
    yield ""
    yield from map(text.hint, next_steps([route], handles))


def _person(contact: Contact) -> Text:
    return text.join(text.safe(contact.name, text.NAME), text.hint(contact.ref))


def set_aside(waivers: Sequence[Waiver], tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    """The rules that were set aside for somebody, each with the day and the reason."""
    for place, each in enumerate(waivers):
        said = f"{each.rule}, {say_day(day_of(each.added_at, tz))}: {each.reason}"
        yield "Set aside" if place == 0 else "", text.safe(shorten(said, 400))


def _stands(route: Route, tz: ZoneInfo) -> str:
    it = route.introduction
    return f"{it.state}, since {say_instant(it.moved_at, tz=tz)}" if it.moved_at else it.state


def written(
    routes: Sequence[Route], warnings: Sequence[str], handles: Handles, *, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """Introductions that were written, with what to know of them, and what is next."""
    states = dict.fromkeys(each.introduction.state.capitalize() for each in routes)
    connectors = dict.fromkeys(shorten(each.connector.name, LONGEST) for each in routes)
    yield text.join(text.safe(f"{', '.join(states)}:", text.GOOD), text.safe(", ".join(connectors), text.NAME))
    yield Padding(text.facts(_written(routes, warnings, handles, tz)), (0, 0, 0, 2))


def _written(
    routes: Sequence[Route], warnings: Sequence[str], handles: Handles, tz: ZoneInfo
) -> Iterator[tuple[str, text.Cell]]:
    for place, each in enumerate(routes[:MOST]):
        yield "for" if place == 0 else "", text.join(text.hint(each.introduction.ref), wording.wanted(each))
    if len(routes) > MOST:
        yield "", f"and {len(routes) - MOST:,} more"
    rows = [each.introduction for each in routes]
    yield "when", ", ".join(dict.fromkeys(say_instant(each.moved_at, tz=tz) for each in rows if each.moved_at))
    yield "by", ", ".join(dict.fromkeys(say_day(each.due_on) for each in rows if each.due_on and each.state in TO_COME))
    for warning in warnings:
        yield "note", text.safe(warning, text.WARN)
    for place, step in enumerate(next_steps(routes, handles)):
        yield "next" if place == 0 else "", step


def next_steps(routes: Sequence[Route], handles: Handles) -> Iterator[str]:
    """What to type next: once for each state, and where something was made, for each whom it leads to."""
    for state in TITLES:
        there = [each for each in routes if each.introduction.state == state]
        if there:
            yield from _steps(state, there, handles)


def _steps(state: State, routes: Sequence[Route], handles: Handles) -> Iterator[str]:
    refs = " ".join(each.introduction.ref for each in routes)
    whom = ", ".join(dict.fromkeys(shorten(each.connector.name, LONGEST) for each in routes))
    to = " and ".join(wording.target(each) for each in routes[:3])
    match state:
        case State.PROPOSED | State.PLANNED:
            yield f"Write to {whom}, and note it: crm intro ask {refs}"
        case State.ASKED:
            yield f"When {whom} says yes: crm intro agreed {refs}   When it is done: crm intro made {refs}"
        case State.AGREED:
            yield f"When {whom} has done it: crm intro made {refs}"
        case State.MADE:
            yield f"Thank {whom}, then: crm intro thanked {refs}"
            for each in routes:
                yield from _now_reachable(each, handles)
            yield f"Once you have met {to}: crm intro met {refs}"
        case State.MET:
            yield f"Tell {whom} how it went, then: crm intro thanked {refs}"
            for each in routes:
                if each.contact:
                    yield f'Log the talk: crm log-contact {handles[each.contact.id].handle} --kind coffee --note "..."'
        case State.THANKED:
            yield f"If you have yet to meet {to}, afterwards: crm intro met {refs}"
        case State.DECLINED:
            for each in routes:
                yield f"Another way to {wording.target(each)}: crm path --to {_goal(each, handles)}"


def _goal(route: Route, handles: Handles) -> str:
    if route.contact is not None:
        return handles[route.contact.id].handle
    return f'"{shorten(route.organization.name, LONGEST)}"' if route.organization else "COMPANY"


def _now_reachable(route: Route, handles: Handles) -> Iterator[str]:
    it, contact = route.introduction, route.contact
    if contact is None:
        at = f' --organization "{shorten(route.organization.name, LONGEST)}"' if route.organization else ""
        yield f'Who is it? crm contact add "NAME"{at}, then: crm intro edit {it.ref} --for "NAME"'
        return
    to = handles[contact.id]
    kind, option = CHANNELS.get(kind_of(it.want), ("", ""))
    is_kept = kind in to.channels if kind else bool(to.channels or contact.how_to_reach)
    if option and not is_kept:
        yield f"Keep it: crm contact edit {to.handle} {option}"
    yield f"Write to {shorten(contact.name, LONGEST)}, then: crm log-contact {to.handle} --kind message"
