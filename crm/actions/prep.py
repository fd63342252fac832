"""What to know before a chat: the person, the way to them, the last talks, what to ask, what is owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.routes import how_to_reach, to_fill, way_there
from crm.models import Contact, Question, Task
from crm.models.words import InteractionState, Owner
from crm.settings import Settings
from crm.store import dossier, interactions, questions, reaching, reviews, topics
from crm.store.dossier import Dossier
from crm.store.interactions import Chat

if TYPE_CHECKING:
    from crm.actions.path_words import Chain

TALKS: Final = 3
QUESTIONS: Final = 5
WAYS: Final = 2


@dataclass(frozen=True, slots=True)
class Blank:
    """Something that is still missing, and how to get it or what to type for it."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Preparation:
    """One person, ready to be met.

    Attributes:
        known: everything on record.
        handle: what to type for them.
        how: how to reach them, or how to get there.
        talks: what happened, newest first, at most `TALKS`.
        planned: the chat to come, or one that has passed without a word.
        ask: at most `QUESTIONS` open questions: those linked to the next review first, then their own, their tags'
            and anybody's.
        more: how many more open questions there are for them.
        ways: where there is no channel, the best ways to them, at most `WAYS`.
        mine: what the person still owes them, follow-ups too.
        theirs: what they still owe.
        blanks: what is missing.
    """

    known: Dossier
    handle: str
    how: str
    talks: Sequence[Chat]
    planned: Chat | None
    ask: Sequence[Question]
    more: int
    ways: Sequence["Chain"]
    mine: Sequence[Task]
    theirs: Sequence[Task]
    blanks: Sequence[Blank]


def prepare(
    session: Session, contact: Contact, *, now: datetime, tz: ZoneInfo, settings: Settings | None
) -> Preparation:
    """Gather what one wants to know before a chat with the contact.

    Without settings the ways to them are left out: they take long to find, and who meets somebody has one.
    """
    known, handle = dossier.of(session, contact), reaching.handle(session, contact)
    (reach,) = reaching.reach(session, [contact.id])
    how = how_to_reach(reach, handle)
    happened = [InteractionState.HAPPENED]
    owed = topics.promises(session, contact)
    planned = sorted(known.planned, key=lambda each: abs(each.interaction.starts_at - now))
    ask = _ordered(session, known.ask)
    return Preparation(
        known=known,
        handle=handle,
        how=how,
        talks=interactions.chats(session, contact=contact, states=happened, limit=TALKS, newest_first=True),
        planned=planned[0] if planned else None,
        ask=ask[:QUESTIONS],
        more=len(ask[QUESTIONS:]),
        ways=[] if known.methods or settings is None else _ways(session, contact, now=now, tz=tz, settings=settings),
        mine=[each for each in owed if each.owner == Owner.ME],
        theirs=[each for each in owed if each.owner == Owner.THEM],
        blanks=list(_blanks(known, handle, way_there(reach))),
    )


def _ordered(session: Session, ask: Sequence[Question]) -> list[Question]:
    """Those first whose answers the next review waits for; otherwise as they come."""
    following = next((each for each in reviews.every(session) if each.completed_at is None), None)
    wanted = questions.linked(session, following) if following else set()
    return sorted(ask, key=lambda each: each.id not in wanted)


def _ways(session: Session, contact: Contact, *, now: datetime, tz: ZoneInfo, settings: Settings) -> Sequence["Chain"]:
    from crm.actions import path_words  # noqa: PLC0415 - its graph library loads slowly, and most people have a channel

    found = path_words.to_person(session, contact, path_words.Moment(now, tz, settings), most=WAYS)
    return [each for each in found if len(each.stops) > 1]


def _blanks(known: Dossier, handle: str, way: str) -> Iterator[Blank]:
    if not (known.methods or known.contact.how_to_reach):
        yield Blank("no way to reach them", way or to_fill(handle))
    if not (known.contact.context or known.ties or known.positions):
        yield Blank("nothing says who they are", f'crm contact edit {handle} --context "..."')
    if not known.ask:
        yield Blank("no question to ask", f'crm question add "..." --for {handle}')
