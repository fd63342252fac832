"""Referrals on a screen: the board, one in full, who could refer, and what to type next."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.actions import wording
from crm.actions.manners import Rule
from crm.actions.referrals import TALKING_POINT
from crm.actions.referrers import Candidate
from crm.cadence import day_of
from crm.dates import say_day, say_instant
from crm.escaping import shorten
from crm.exporters.json_ import Describer
from crm.models import Contact, Organization, Waiver
from crm.models.words import ReferralState as State
from crm.models.words import Stage
from crm.render import text
from crm.render.ago import ago
from crm.render.introductions import set_aside
from crm.store.referrals import Ask

MOST: Final = 40
LONGEST: Final = 80

EMPTY: Final = {
    State.PROPOSED: "crm referral plan @TAG --company NAME",
    State.PLANNED: "crm referral plan WHO --company NAME",
    State.ASKED: "crm referral ask WHO --company NAME",
    State.AGREED: "when they say yes: crm referral agreed WHO",
    State.SUBMITTED: "when it is handed in: crm referral submitted WHO",
    State.INTERVIEWING: "when the company calls: crm referral interviewing WHO",
    State.OFFER: "crm referral offer WHO",
    State.DECLINED: "crm referral declined WHO",
    State.THANKED: "when you have thanked: crm referral thank WHO",
}
"""The board's states in their order, and what brings a referral there."""

WIDEST: Final = max(map(len, EMPTY))

FIRST: Final = {
    Rule.TALK_FIRST: "talk first",
    Rule.THANKS_FIRST: "thank them first",
    Rule.ONE_ASK: "asked already",
    Rule.DORMANT: "leave alone until they write",
    Rule.DECLINED: "said no",
    Rule.WEEKLY_BUDGET: "next week: enough people for this one",
}

Handles = Mapping[int, str]


def board(found: Sequence[Ask], *, every: bool, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm referral list`: a section for each state; a long one is cut short unless `every` is wanted."""
    for state, remedy in EMPTY.items():
        asks = [each for each in found if each.referral.state == state]
        title = state.capitalize().ljust(WIDEST)
        if asks:
            yield text.section(title, _rows(asks, every, tz), count=len(asks))
        else:
            yield text.join(text.safe(title, text.HEADING), text.hint(f"0  {remedy}"), gap="  ")
    yield ""
    if found:
        yield text.hint(f"What is next for one: crm referral show {found[0].referral.ref}")
    yield text.hint("Who could refer you, and what comes first: crm referral candidates")


def _rows(asks: Sequence[Ask], every: bool, tz: ZoneInfo) -> RenderableType:
    shown = asks if every else asks[:MOST]
    rows: list[tuple[text.Cell, ...]] = [
        (text.safe(each.referral.ref, text.QUIET), _line(each), _since(each, tz)) for each in shown
    ]
    if len(shown) < len(asks):
        rows.append(("", text.hint(f"and {len(asks) - len(shown):,} more: crm referral list --all"), ""))
    return text.rows(rows, wide=1)


def _line(ask: Ask) -> Text:
    it = ask.referral
    outcome = f"({it.outcome})" if it.outcome and it.outcome != it.state else None
    where = None if ask.organization or ask.tag else text.hint("(company still to be named)")
    return text.join(text.safe(wording.asked_of(ask), text.NAME), "for", wording.referral(ask), where, outcome)


def _since(ask: Ask, tz: ZoneInfo) -> Text:
    moved_at = ask.referral.moved_at
    return text.hint(f"since {say_day(day_of(moved_at, tz))}") if moved_at else Text()


def name(ask: Ask) -> Text:
    """A referral in one line."""
    return text.join(text.hint(ask.referral.ref), _line(ask))


def card(ask: Ask, waivers: Sequence[Waiver], handles: Handles, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """Everything about one referral."""
    it = ask.referral
    since = f", since {say_instant(it.moved_at, tz=tz)}" if it.moved_at else ""
    yield name(ask)
    yield ""
    yield text.facts(
        [
            ("Asked of", _whom(ask)),
            ("At", ask.organization.name if ask.organization else "still to be named"),
            ("As", it.role),
            ("Stands", f"{it.state}{since}"),
            ("Asked", say_instant(it.asked_at, tz=tz) if it.asked_at else "not yet"),
            ("Outcome", it.outcome),
            ("Thanked", say_instant(it.thanked_at, tz=tz) if it.thanked_at else None),
            ("Read from", f"{it.source_file}:{it.source_line or ''}" if it.source_file else None),
            ("Note", text.safe(it.note, multiline=True) if it.note else None),
            *set_aside(waivers, tz),
            ("Good to know", TALKING_POINT if it.state in ASKING else None),
        ]
    )
    yield ""
    yield from map(text.hint, _steps(ask, handles))


ASKING: Final = (State.PROPOSED, State.PLANNED, State.ASKED)
"""The states in which it helps to know what is in it for them."""


def _whom(ask: Ask) -> text.Cell:
    if ask.contact is None:
        return text.join(wording.asked_of(ask), text.hint("everybody in it, as it stands"))
    return text.join(text.safe(ask.contact.name, text.NAME), text.hint(ask.contact.ref))


def written(
    asks: Sequence[Ask], warnings: Sequence[str], handles: Handles, *, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """Referrals that were written, with what to know of them, and what is next."""
    for each in asks[:MOST]:
        yield text.join(text.safe(f"{each.referral.state.capitalize()}:", text.GOOD), name(each))
    if len(asks) > MOST:
        yield f"and {len(asks) - MOST:,} more"
    yield Padding(text.facts(_written(asks, warnings, handles, tz)), (0, 0, 0, 2))


def _written(
    asks: Sequence[Ask], warnings: Sequence[str], handles: Handles, tz: ZoneInfo
) -> Iterator[tuple[str, text.Cell]]:
    rows = [each.referral for each in asks]
    yield "when", ", ".join(dict.fromkeys(say_instant(each.moved_at, tz=tz) for each in rows if each.moved_at))
    yield "outcome", ", ".join(dict.fromkeys(each.outcome for each in rows if each.outcome))
    for warning in warnings:
        yield "note", text.safe(warning, text.WARN)
    for each in asks[:MOST]:
        if each.organization is None and each.contact:
            yield "note", f"the company is still to be named: crm referral edit {each.referral.ref} --company NAME"
    if any(each.state in ASKING for each in rows):
        yield "good to know", TALKING_POINT
    steps = dict.fromkeys(step for each in asks for step in _steps(each, handles)) if len(asks) <= 5 else {}
    for place, step in enumerate(steps):
        yield "next" if place == 0 else "", step


def _steps(ask: Ask, handles: Handles) -> Iterator[str]:
    """What to type next."""
    it = ask.referral
    if ask.contact is None:
        at = f' --at "{shorten(ask.organization.name, LONGEST)}"' if ask.organization else ""
        yield f"Who that is, and what comes first: crm referral candidates{at}"
        return
    whom = shorten(ask.contact.name, LONGEST)
    match State(it.state):
        case State.PROPOSED | State.PLANNED:
            yield f"Before you ask: crm prep {handles.get(ask.contact.id, ask.contact.ref)}"
            yield f"Ask {whom}, and note it: crm referral ask {it.ref}"
        case State.ASKED:
            yield f"When {whom} says yes: crm referral agreed {it.ref}   no: crm referral declined {it.ref}"
        case State.AGREED:
            yield f"When {whom} has handed it in: crm referral submitted {it.ref}"
        case State.SUBMITTED | State.INTERVIEWING | State.OFFER if it.thanked_at is None:
            yield f"Thank {whom}, then: crm referral thank {it.ref}"
        case State.DECLINED if it.outcome and it.thanked_at is None:
            yield f"Thank {whom} all the same, then: crm referral thank {it.ref}"
        case State.DECLINED:
            yield "Others who could: crm referral candidates"
    yield from _news(ask)


def _news(ask: Ask) -> Iterator[str]:
    """What may come of one that was handed in."""
    it = ask.referral
    if it.state in {State.SUBMITTED, State.INTERVIEWING, State.THANKED} and it.outcome is None:
        words = [each for each in ("interviewing", "offer", "declined") if each != it.state]
        yield f"When the company answers: crm referral {'|'.join(words)} {it.ref}"


def candidates_told(found: Sequence[Candidate], telling: Describer) -> list[dict[str, Any]]:
    """Who could refer, as `--json` tells it."""
    contacts = telling.many([each.lead.contact for each in found])
    return [
        {
            "contact": contact,
            "why": _why(each),
            "referrals": [ask.referral.ref for ask in (*each.lead.asks, *each.lead.groups)],
            "first": [{"rule": one.rule, "text": one.text} for one in each.first],
        }
        for contact, each in zip(contacts, found, strict=True)
    ]


def candidates(
    found: Sequence[Candidate], organization: Organization | None, *, every: bool, now: datetime, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """The screen of `crm referral candidates`."""
    where = f" at {shorten(organization.name, LONGEST)}" if organization else ""
    if not found:
        yield text.hint(f"Nobody who could refer you{where} yet. Name a group: crm referral plan @experts")
        yield text.hint(f'Or somebody: crm referral plan WHO --company "{where.removeprefix(" at ") or "NAME"}"')
        return
    shown = found if every else found[:MOST]
    rows = [
        (
            text.safe(each.lead.contact.ref, text.QUIET),
            text.safe(shorten(each.lead.contact.name, LONGEST), text.NAME),
            ", ".join(_why(each)),
            _standing(each.lead.contact, now, tz),
            FIRST[each.first[0].rule] if each.first else text.safe("can be asked", text.GOOD),
        )
        for each in shown
    ]
    yield text.table(["", "who", "because", "where you stand", "first"], rows, wide="because")
    yield ""
    if len(shown) < len(found):
        yield text.hint(f"and {len(found) - len(shown):,} more: crm referral candidates --all")
    yield text.hint(_how(found[0], organization))
    yield text.hint(TALKING_POINT)


def _how(candidate: Candidate, organization: Organization | None) -> str:
    company = f'"{shorten(organization.name, LONGEST)}"' if organization else "NAME"
    ask = f"crm referral ask {candidate.lead.contact.ref} --company {company}"
    if not candidate.first:
        return f"Ask: {ask}"
    if candidate.first[0].rule == Rule.TALK_FIRST:
        return f"A talk first: crm schedule {candidate.lead.contact.ref} fri 14:30   Then: {ask}"
    return f"All about somebody: crm prep {candidate.lead.contact.ref}"


def _why(candidate: Candidate) -> list[str]:
    lead = candidate.lead
    return [
        *(f"{each.referral.ref} {each.referral.state}" for each in lead.asks),
        *(f"in {wording.asked_of(each)} ({each.referral.ref})" for each in lead.groups),
        *(f"{position.title or 'works'} at {shorten(there.name, LONGEST)}" for position, there in lead.positions),
    ]


def _standing(contact: Contact, now: datetime, tz: ZoneInfo) -> str:
    if contact.last_contact_at is None:
        return "never in touch" if contact.stage == Stage.TO_CONTACT else contact.stage
    return f"{contact.stage}, {ago(contact.last_contact_at, now=now, tz=tz)}"
