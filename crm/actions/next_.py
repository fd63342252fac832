"""Whom to reach out to now: in which order and why, how to reach them, what to ask, and what is enough for a week."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.cadences import tier_cadences
from crm.actions.ranking import Person, Place, Rules, Turn, ranked
from crm.actions.routes import how_to_reach, to_ask
from crm.actions.who import say_job
from crm.actions.worth import Thanks, bonuses, thanks
from crm.cadence import day_of, local_instant, week_bounds
from crm.date_words import WEEKDAYS
from crm.models import Contact, Introduction
from crm.settings import Settings
from crm.store import agenda, asking, contacts, courtesy, network, prospects, reaching
from crm.store.agenda import Standing
from crm.store.courtesy import Unanswered
from crm.store.prospects import Prospects
from crm.store.reaching import Reach

QUESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A question to ask, and the short id under which its answer is recorded."""

    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One person to reach out to: why now, how, and what to ask.

    `handle` is what to type for them, `commands` what to type when thanks are said or a channel is asked for; `job` is
    what they are and where, as far as is known.
    """

    contact: Contact
    reasons: tuple[str, ...]
    how: str
    ask: tuple[Topic, ...]
    handle: str
    commands: tuple[str, ...] = ()
    job: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many people were written to this week of one's own accord, of how many, and when the next week begins."""

    used: int
    of: int
    renews_on: date

    @property
    def left(self) -> int:
        """How many more people this week has room for."""
        return max(0, self.of - self.used)


@dataclass(frozen=True, slots=True)
class Advice:
    """Whom to reach out to, and who is left alone.

    Attributes:
        suggestions: the most pressing first.
        budget: what this week has room for.
        held_back: how many more there are whose turn it is and for whom this week has no room.
        resting: those who left `dormant_after` messages or more unanswered and are left alone.
    """

    suggestions: tuple[Suggestion, ...]
    budget: Budget
    held_back: int
    resting: tuple[Contact, ...]
    dormant_after: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of everybody one could reach out to: it decides whose turn it is, on whichever day.

    Attributes:
        standings: where each of them stands.
        unanswered: what one sent them without an answer, by contact id.
        owed: what they are owed thanks for, by contact id.
        brings: what a chat with them would bring, by contact id.
    """

    standings: tuple[Standing, ...]
    unanswered: Mapping[int, Unanswered]
    owed: Mapping[int, Sequence[Thanks]]
    brings: defaultdict[int, Prospects]

    def people(self, today: date) -> list[Person]:
        """Everybody as the ranking sees them on a day."""
        return [
            Person(
                standing=each,
                unanswered=self.unanswered.get(each.contact_id),
                thanks=tuple(self.owed.get(each.contact_id, ())),
                bonuses=tuple(bonuses(self.brings[each.contact_id], talked_at=each.talked_at, today=today)),
                asked_at=max((at for at in self.brings[each.contact_id].asked_at), default=None),
            )
            for each in self.standings
        ]


def advise(
    session: Session, *, now: datetime, tz: ZoneInfo, settings: Settings, limit: int, anyway: bool = False
) -> Advice:
    """Whom to reach out to now, at most `limit` people.

    Once the week's budget (`outreach.weekly_budget`) is used up, only whom one owes something comes up, unless
    `anyway`. The number of queries grows neither with `limit` nor with the number of people.
    """
    known, today = gather(session), day_of(now, tz)
    settled = Rules(settings["outreach.follow_up_days"], settings["outreach.dormant_after"], tier_cadences(settings))
    ranking = ranked(known.people(today), today=today, tz=tz, settled=settled)
    of, week_starts_on = settings["outreach.weekly_budget"], settings["week_starts_on"]
    budget = week_budget(session, of=of, week_starts_on=week_starts_on, now=now, tz=tz)
    places = ranking.places
    if not budget.left and not anyway:
        places = tuple(each for each in places if each.turn is not Turn.OUTREACH)
    resting = contacts.by_id(session, ranking.resting)
    return Advice(
        suggestions=tuple(_suggestions(session, places[:limit], known.owed)),
        budget=budget,
        held_back=len(ranking.places) - len(places),
        resting=tuple(resting[each] for each in ranking.resting),
        dormant_after=settings["outreach.dormant_after"],
    )


def gather(session: Session) -> Known:
    """What decides whose turn it is; the number of queries does not grow with the number of people."""
    standings = agenda.standings(session)
    return Known(
        standings=tuple(standings),
        unanswered=courtesy.unanswered(session, _ids(standings)),
        owed=_thanks(session, standings),
        brings=prospects.prospects(session),
    )


def _ids(standings: Sequence[Standing]) -> list[int] | None:
    """Whom to ask the database about; everybody, where they are too many to name."""
    return [each.contact_id for each in standings] if len(standings) <= agenda.MOST else None


def _thanks(session: Session, standings: Sequence[Standing]) -> dict[int, list[Thanks]]:
    """What one owes thanks for, by contact id; three queries beside the debts themselves."""
    owed = courtesy.thanks_owed(session, _ids(standings))
    every = [each for debts in owed.values() for each in debts]
    about = {each.contact_id for each in every if isinstance(each, Introduction) and each.contact_id is not None}
    named = {each.id: each.name for each in contacts.by_id(session, about | owed.keys()).values()}
    there = prospects.organization_names(session, {each.organization_id for each in every})
    return {
        number: list(thanks(named[number], debts, people=named, organizations=there)) for number, debts in owed.items()
    }


def week_budget(session: Session, *, of: int, week_starts_on: str, now: datetime, tz: ZoneInfo) -> Budget:
    """What the week that `now` is in has room for, with a budget `of` so many people."""
    first, last = week_bounds(day_of(now, tz), first_weekday=WEEKDAYS.index(week_starts_on))
    renews_on = last + timedelta(days=1)
    since_at, until_at = (local_instant(day, time(), tz) for day in (first, renews_on))
    return Budget(courtesy.reached_out(session, since_at=since_at, until_at=until_at), of, renews_on)


def _suggestions(session: Session, places: Sequence[Place], owed: Mapping[int, Sequence[Thanks]]) -> list[Suggestion]:
    ids = [each.contact_id for each in places]
    reaches = reaching.reach(session, ids)
    handles = reaching.handles(session, [each.contact for each in reaches])
    asked, jobs = asking.to_ask(session, ids), network.jobs(session, ids)
    return [
        Suggestion(
            contact=reach.contact,
            reasons=place.reasons,
            how=how_to_reach(reach, handles[place.contact_id]),
            ask=tuple(Topic(each.ref, each.text) for each in asked[place.contact_id][:QUESTIONS]),
            handle=handles[place.contact_id],
            commands=tuple(_commands(owed.get(place.contact_id, ()), reach)),
            job=next((say_job(each) for each in jobs.get(place.contact_id, ()) if each.post.current), ""),
        )
        for place, reach in zip(places, reaches, strict=True)
    ]


def _commands(owed: Sequence[Thanks], reach: Reach) -> Iterator[str]:
    yield from (each.command for each in owed)
    asking_for_it = to_ask(reach)
    if asking_for_it is not None:
        yield asking_for_it
