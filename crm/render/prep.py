"""The screen of `crm prep`: one person on one page."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType

from crm.actions.phrases import say_kind, to_log
from crm.actions.prep import Preparation
from crm.actions.referrals import EARLY, TALKING_POINT
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import Contact, Organization, Position, Referral, Task
from crm.models.words import ReferralState
from crm.render import text
from crm.store.dossier import Route
from crm.store.interactions import Chat

if TYPE_CHECKING:
    from crm.actions.path_words import Chain

LONGEST_NAME = 40
LONGEST = 400
"""So much of a long note is shown; `crm interaction show` has all of it."""


def parts(ready: Preparation, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The page, section by section; what is empty is left out."""
    known, contact = ready.known, ready.known.contact
    yield text.join(text.safe(contact.name, text.NAME), text.safe(contact.ref, text.QUIET), gap="  ")
    yield text.facts(_facts(ready, now=now, tz=tz))
    yield ""
    paths = [*(_tie(each.relationship.type, each.outgoing, contact, each.other) for each in known.ties)]
    paths += [_route(each, contact) for each in known.routes]
    if paths:
        yield text.section("How you get to know each other", text.bullets(paths))
    if ready.ways:
        yield text.section("Ways to them", text.rows(map(_way, ready.ways), wide=1))
    if ready.talks:
        yield text.section("Last talks", text.rows([_talk(each, tz) for each in ready.talks], wide=1))
    if ready.ask:
        yield text.section("Ask", text.rows(_questions(ready), wide=1))
    owed = [*(_owed("you", each) for each in ready.mine), *(_owed("they", each) for each in ready.theirs)]
    if owed:
        yield text.section("Open between you", text.rows(owed, wide=2))
    if known.referrals:
        yield text.section("Referrals", Group(*_referrals(known.referrals, tz)))
    if ready.blanks:
        blanks = [(each.text, text.hint(each.remedy)) for each in ready.blanks]
        yield text.section("Still blank", text.rows(blanks, wide=1))
    yield text.hint(_next(ready))


def _facts(ready: Preparation, *, now: datetime, tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    contact = ready.known.contact
    yield "who", contact.context
    yield "works", "; ".join(_position(*each) for each in ready.known.positions)
    yield "tags", " ".join(f"@{each.name}" for each in ready.known.tags)
    yield "place", contact.place
    yield "reach", ready.how if ready.known.methods or contact.how_to_reach else None
    yield "status", contact.status_text
    yield "stage", _stage(contact, tz)
    yield "chat", _planned(ready.planned, now=now, tz=tz)
    yield "notes", text.safe(shorten(contact.notes, LONGEST), multiline=True) if contact.notes else None


def _position(position: Position, organization: Organization | None) -> str:
    where = organization.name if organization else ""
    said = " at ".join(filter(None, (position.title, where)))
    return said if position.current else f"{said} (before)"


def _stage(contact: Contact, tz: ZoneInfo) -> str:
    last = f"last in touch {say_day(contact.last_contact_at.astimezone(tz).date())}" if contact.last_contact_at else ""
    return ", ".join(filter(None, (contact.stage, last)))


def _planned(chat: Chat | None, *, now: datetime, tz: ZoneInfo) -> text.Cell:
    if chat is None:
        return None
    it = chat.interaction
    length = say_duration(it.minutes) if it.minutes else None
    said = ", ".join(filter(None, (say_instant(it.starts_at, tz=tz), length, it.place)))
    others = [each for each in (f"with {chat.names()}",) if len(chat.contacts) > 1]
    passed = text.safe("has passed: how did it go?", text.WARN) if it.starts_at < now else None
    return text.join(it.ref, say_kind(it.kind), said, *others, passed)


def _tie(kind: str, outgoing: bool, contact: Contact, other: Contact) -> str:
    one, another = (contact, other) if outgoing else (other, contact)
    return f"{one.name} {kind} {another.name}"


def _route(route: Route, contact: Contact) -> str:
    """An introduction, seen from the contact: by somebody to them, or by them to somebody."""
    asked = route.introduction
    to = route.contact.name if route.contact else (asked.placeholder or "somebody")
    where = f" at {route.organization.name}" if route.organization else ""
    wanted = f"{asked.want} to {to}{where}" if asked.want == "introduction" else f"{to}'s {asked.want}"
    by = "they" if route.connector.id == contact.id else route.connector.name
    return f"{by} could help: {wanted} ({asked.state})"


def _talk(chat: Chat, tz: ZoneInfo) -> tuple[text.Cell, ...]:
    it = chat.interaction
    others = f"with {chat.names()}" if len(chat.contacts) > 1 else None
    said = text.join(say_kind(it.kind), others, gap=" ")
    note = _short(it.note) if it.note else None
    return say_day(it.starts_at.astimezone(tz).date()), text.join(said, note, gap=": "), _quiet(it.ref)


def _owed(who: str, task: Task) -> tuple[text.Cell, ...]:
    day = task.snoozed_until_on or task.due_on
    return _quiet(task.ref), who, _short(task.title), f"by {say_day(day)}" if day else ""


def _referrals(found: Sequence[tuple[Referral, Organization | None]], tz: ZoneInfo) -> Iterator[RenderableType]:
    """Where each referral stands; before one asks, what makes asking easier."""
    yield text.bullets(_referral(*each, tz) for each in found)
    if any(referral.state in EARLY for referral, _organization in found):
        yield text.hint(TALKING_POINT)


def _referral(referral: Referral, organization: Organization | None, tz: ZoneInfo) -> str:
    where = f" at {organization.name}" if organization else ""
    role = f" as {referral.role}" if referral.role else ""
    wanted = f"a referral{role}{where}"
    if referral.state == ReferralState.PROPOSED:
        return f"{wanted} could be asked for (proposed)"
    on = f", asked {say_day(referral.asked_at.astimezone(tz).date())}" if referral.asked_at else ""
    return f"{wanted} ({referral.state}{on})"


def _questions(ready: Preparation) -> Iterator[tuple[text.Cell, ...]]:
    for each in ready.ask:
        yield _quiet(each.ref), _short(each.text)
    if ready.more:
        yield "", text.hint(f"and {ready.more:,} more: crm question list --for {ready.handle}")


def way(chain: "Chain") -> dict[str, object]:
    """A way to somebody in a line, and what to type first; `crm path` tells all of it."""
    return {"names": [each.name for each in chain.stops], "todo": chain.todo}


def _way(chain: "Chain") -> tuple[text.Cell, ...]:
    names = " → ".join(["you", *(shorten(each.name, LONGEST_NAME) for each in chain.stops)])
    return names, text.join(chain.todo[-1].text, text.hint(chain.todo[-1].command or ""), gap=": ")


def _next(ready: Preparation) -> str:
    if ready.planned is None:
        return f"Plan a chat: crm schedule {ready.handle} fri 14:30"
    answer = f'--answer {ready.ask[0].ref}="..."' if ready.ask else '--note "..."'
    return f"After it: {to_log([ready.handle], ready.planned.interaction, said=answer)}"


def _short(said: str) -> text.Cell:
    return text.safe(shorten(said, LONGEST))


def _quiet(said: str) -> text.Cell:
    return text.safe(said, text.QUIET)
