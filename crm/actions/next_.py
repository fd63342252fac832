"""Whose turn it is: a pure order over where everybody stands, and what to say of those who come first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.routes import how_to_reach
from crm.actions.stages import TALKS
from crm.cadence import day_of, parse_cadence, say_cadence
from crm.dates import say_day
from crm.models import Contact
from crm.models.words import Direction, Stage
from crm.settings import Settings
from crm.store import agenda, questions, reaching
from crm.store.agenda import Standing
from crm.store.reaching import Reach

QUESTIONS: Final = 3

Cadence = tuple[int, int]


class Turn(IntEnum):
    """Why it is somebody's turn, the most pressing first."""

    WAITING = 0
    FOLLOW_UP = 1
    NEW = 2
    UNANSWERED = 3
    CADENCE = 4


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Somebody's place in the order: why, then how long it has been so (the longest first), then who came first."""

    turn: Turn
    since: date
    contact_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A question to ask, and the short id under which its answer is recorded."""

    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One person to reach out to: why now, how, and what to ask. `handle` is what to type for them."""

    contact: Contact
    reasons: tuple[str, ...]
    how: str
    ask: tuple[Topic, ...]
    handle: str


def suggestions(session: Session, *, now: datetime, tz: ZoneInfo, settings: Settings, limit: int) -> list[Suggestion]:
    """Whom to reach out to now, the most pressing first, at most `limit` people.

    The settings say after how many days without an answer to write again (`outreach.follow_up_days`), and how often
    to be in touch where neither person nor tag says so (`outreach.cadence`). The number of queries grows with `limit`,
    not with the number of people.
    """
    places = ranked(
        agenda.standings(session),
        today=day_of(now, tz),
        tz=tz,
        follow_up_days=settings["outreach.follow_up_days"],
        cadence=parse_cadence(settings["outreach.cadence"]),
    )[:limit]
    reaches = reaching.reach(session, [each.contact_id for each in places])
    return [_suggestion(session, place, reach) for place, reach in zip(places, reaches, strict=True)]


def _suggestion(session: Session, place: Place, reach: Reach) -> Suggestion:
    handle = reaching.handle(session, reach.contact)
    asked = questions.to_ask(session, reach.contact)[:QUESTIONS]
    return Suggestion(
        contact=reach.contact,
        reasons=(place.reason,),
        how=how_to_reach(reach, handle),
        ask=tuple(Topic(each.ref, each.text) for each in asked),
        handle=handle,
    )


def ranked(
    standings: Iterable[Standing], *, today: date, tz: ZoneInfo, follow_up_days: int, cadence: Cadence
) -> list[Place]:
    """Those whose turn it is today, in order.

    A follow-up that the person planned decides by itself: nobody comes up before its day.
    """
    places = (_place(_Case(each, today, tz), follow_up_days, each.cadence or cadence) for each in standings)
    return sorted(each for each in places if each is not None)


@dataclass(frozen=True, slots=True)
class _Case:
    """One standing, seen from a day."""

    standing: Standing
    today: date
    tz: ZoneInfo

    @property
    def last_on(self) -> date | None:
        """The day of the last contact, if any is known."""
        last_at = self.standing.last_at
        return None if last_at is None else day_of(last_at, self.tz)

    @property
    def since(self) -> date:
        """The day from which to count: of the last contact, or on which the person came on the list."""
        return self.last_on or day_of(self.standing.added_at, self.tz)

    @property
    def ago(self) -> str:
        days = (self.today - self.since).days
        return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")

    @property
    def waits(self) -> bool:
        """Whether the other side wrote last."""
        standing = self.standing
        if standing.last_direction is None:
            return standing.stage == Stage.REPLIED
        return standing.last_direction == Direction.IN and standing.last_kind not in TALKS

    def place(self, turn: Turn, since: date, reason: str) -> Place:
        return Place(turn, since, self.standing.contact_id, reason)


def _place(case: _Case, follow_up_days: int, cadence: Cadence) -> Place | None:
    standing = case.standing
    if standing.follow_up_on is not None:
        return _follow_up(case, standing.follow_up_on)
    if case.waits:
        return case.place(Turn.WAITING, case.since, _waiting(case))
    if standing.stage == Stage.TO_CONTACT:
        return case.place(Turn.NEW, case.since, _new(case))
    if standing.stage == Stage.SCHEDULED:
        return case.place(Turn.FOLLOW_UP, case.since, "the planned chat did not take place; find a new time")
    if standing.stage in {Stage.CONTACTED, Stage.REPLIED}:
        return _unanswered(case, follow_up_days)
    return _cadence(case, cadence)


def _follow_up(case: _Case, due_on: date) -> Place | None:
    if due_on > case.today:
        return None
    said = "is due today" if due_on == case.today else f"was due {say_day(due_on)}"
    return case.place(Turn.FOLLOW_UP, due_on, f"your follow-up {said}")


def _waiting(case: _Case) -> str:
    return f"wrote to you {case.ago}, {say_day(case.last_on)}; your turn" if case.last_on else "replied; your turn"


def _new(case: _Case) -> str:
    if case.last_on is None:
        return f"not contacted yet; on your list since {say_day(case.since)}"
    return f"still to contact; last in touch {case.ago}, {say_day(case.last_on)}"


def _unanswered(case: _Case, follow_up_days: int) -> Place | None:
    days = (case.today - case.since).days
    if days < follow_up_days:
        return None
    return case.place(Turn.UNANSWERED, case.since, f"no answer for {days} days, since {say_day(case.since)}")


def _cadence(case: _Case, cadence: Cadence) -> Place | None:
    least, most = cadence
    if (case.today - case.since).days < least:
        return None
    wanted = f"you want to be in touch every {say_cadence(least, most)}"
    last = f"last in touch {case.ago}, {say_day(case.last_on)}" if case.last_on else "no contact on record"
    return case.place(Turn.CADENCE, case.since + timedelta(days=most), f"{last}; {wanted}")
