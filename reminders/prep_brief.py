"""What to know before a chat, in few lines: the facts of `crm prep`, each cut to a line.

Notes that are private are no part of it. In a chat with several people each line names whom it is about, since a line
about somebody who is forgotten later must be found.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import wording
from crm.actions.phrases import say_kind
from crm.actions.prep import QUESTIONS, Preparation, prepare
from crm.cadence import day_of
from crm.dates import say_day
from crm.models import Contact, Organization, Referral, Task
from crm.models.words import IntroductionState, ReferralState
from crm.store.dossier import Route, Tie
from crm.store.interactions import Chat
from crm.store.referrals import Ask
from crm.store.tasks import day_of as day_of_task
from reminders.lines import line, some
from reminders.naming import name as name_of

MOST_PEOPLE: Final = 3
_LONGEST_ITEM: Final = 70


def lines(session: Session, chat: Chat, *, now: datetime, tz: ZoneInfo) -> list[str]:
    """The brief on whom a chat is with: everything on one person, or the most needed on each of the first few."""
    people = chat.contacts[:MOST_PEOPLE]
    told: list[str] = []
    asked: set[int] = set()
    for each in people:
        ready = prepare(session, each, now=now, tz=tz, settings=None)
        ask = [one for one in ready.ask if one.id not in asked][: QUESTIONS // len(people)]
        asked |= {one.id for one in ask}
        questions = [f"{one.ref} {one.text}" for one in ask]
        told += map(line, _alone(ready, questions, tz) if len(people) == 1 else _in_company(ready, questions, tz))
    return told


def _alone(ready: Preparation, questions: Sequence[str], tz: ZoneInfo) -> Iterator[str]:
    known = ready.known
    paths = [_tie(each, known.contact) for each in known.ties]
    paths += [_route(each, known.contact) for each in known.routes if each.introduction.state not in _OVER]
    referrals = [_referral(*each, known.contact, tz) for each in known.referrals if each[0].state not in _OVER]
    yield from _said("Who", _who(ready))
    yield from _said("How you know each other", some([line(each, _LONGEST_ITEM) for each in paths]))
    yield from _said("Last talk", _last(ready, tz))
    yield from (f"Ask: {each}" for each in questions)
    yield from _said("You owe them", _owed(ready.mine))
    yield from _said("They owe you", _owed(ready.theirs))
    yield from _said("Referral", some(referrals))


def _in_company(ready: Preparation, questions: Sequence[str], tz: ZoneInfo) -> Iterator[str]:
    name = name_of(ready.known.contact)
    yield f"{name}: {_who(ready)}".removesuffix(": ")
    yield from _said(f"Last talk with {name}", _last(ready, tz))
    yield from (f"Ask {name}: {each}" for each in questions)
    yield from _said(f"You owe {name}", _owed(ready.mine))
    yield from _said(f"{name} owes you", _owed(ready.theirs))


_OVER: Final = (IntroductionState.DECLINED, ReferralState.DECLINED)


def _said(what: str, text: str) -> Iterator[str]:
    if text:
        yield f"{what}: {text}"


def _who(ready: Preparation) -> str:
    works = [
        " at ".join(filter(None, (position.title, organization.name if organization else None)))
        for position, organization in ready.known.positions
        if position.current
    ]
    return some([line(each, _LONGEST_ITEM) for each in (ready.known.contact.context or "", *works) if each])


def _tie(tie: Tie, contact: Contact) -> str:
    one, other = (contact, tie.other) if tie.outgoing else (tie.other, contact)
    return f"{name_of(one)} {tie.relationship.type} {name_of(other)}"


def _route(route: Route, contact: Contact) -> str:
    """An introduction: by somebody to them, or by them to somebody."""
    by = "they" if route.connector.id == contact.id else name_of(route.connector)
    return f"{by}: {wording.wanted(route)} ({route.introduction.state})"


def _last(ready: Preparation, tz: ZoneInfo) -> str:
    """The day, the kind and the note; of a private note nothing is read."""
    if not ready.talks:
        return ""
    it = ready.talks[0].interaction
    said = f"{say_day(day_of(it.starts_at, tz))}, {say_kind(it.kind)}"
    return f"{said}: {it.note}" if it.note else said


def _owed(tasks: Sequence[Task]) -> str:
    return some([f"{line(each.title, _LONGEST_ITEM)}{_by(day_of_task(each))}" for each in tasks])


def _by(day: date | None) -> str:
    return f" by {say_day(day)}" if day else ""


def _referral(referral: Referral, organization: Organization | None, contact: Contact, tz: ZoneInfo) -> str:
    wanted = line(wording.referral(Ask(referral, contact, None, organization)), _LONGEST_ITEM)
    asked_at = referral.asked_at if referral.state == ReferralState.ASKED else None
    return f"{wanted} ({referral.state}{f' {say_day(day_of(asked_at, tz))}' if asked_at else ''})"
