"""Ways in words: who stands on them and how close, why each step leads to the next, and what to do first."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette, paths, routes, wording
from crm.actions.checked import brief
from crm.actions.etiquette import APPLIES, Deed
from crm.actions.manners import Limits, judge
from crm.actions.paths import Aim, Kind, Reason, Step, is_direct
from crm.actions.relationships import sentence
from crm.actions.warmth import Warmth, warmth
from crm.actions.who import people_at, quoted, say_job, typed
from crm.cadence import day_of
from crm.dates import say_day
from crm.escaping import shorten
from crm.models import Contact, Introduction, Organization, Referral, Relationship
from crm.models.words import ContactKind, IntroductionState, ReferralState, Stage
from crm.settings import Settings
from crm.store import introductions, network, reaching
from crm.store.network import Network, Post
from crm.store.reaching import Reach

MOST: Final = 5
LONGEST_NAME: Final = 40
LONGEST: Final = 200
_NOT_ASKED: Final = frozenset(
    {IntroductionState.PROPOSED, IntroductionState.PLANNED, ReferralState.PROPOSED, ReferralState.PLANNED}
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When one asks (aware UTC), in which zone, and with which settings."""

    now: datetime
    tz: ZoneInfo
    settings: Settings


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do, and what to type for it, unless the text says."""

    text: str
    command: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody on a way, or the company at its end.

    Attributes:
        contact: None for somebody unnamed and for a company.
        warmth: how close one is to the contact.
        facts: what to know of them: where they are, how often they were asked, when one last talked.
        why: what says that the one before leads to them; of the first, nothing.
    """

    kind: Kind
    name: str
    contact: Contact | None
    warmth: Warmth | None
    facts: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """One way, from the first person to the aim. `marks` say why one would rather not take it."""

    stops: tuple[Stop, ...]
    marks: tuple[str, ...]
    todo: tuple[Todo, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """A company, as all the organizations on record that are it; `called` is what to type for it."""

    organizations: Sequence[Organization]
    role: str | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.organizations[0].name

    @property
    def called(self) -> str:
        """What to type for it."""
        return typed(self.organizations[0])


def to_person(session: Session, contact: Contact, moment: Moment, *, most: int = MOST) -> list[Chain]:
    """The best ways to a contact, the best first; none where nobody leads to them."""
    there = network.around(session, network.employer_ids(session, contact), contact.id)
    found = paths.ways(there, Aim(contact.id, ()), most=most, now=moment.now)
    return _Teller(session, there, found, None, moment).chains()


def to_company(session: Session, company: Company, moment: Moment, *, most: int = MOST) -> list[Chain]:
    """The best ways into a company, the best first."""
    ids = [each.id for each in company.organizations]
    there = network.around(session, ids)
    found = paths.ways(there, Aim(None, ids, company.role), most=most, now=moment.now)
    return _Teller(session, there, found, company, moment).chains()


def person_hints(session: Session, contact: Contact, chains: Sequence[Chain]) -> list[str]:
    """What else can be done to get to a contact."""
    handle = reaching.handle(session, contact)
    (reach,) = reaching.reach(session, [contact.id])
    own = "" if routes.is_settled(reach) else contact.how_to_reach
    noted = [f"Your own note on reaching them: {shorten(own, LONGEST)}"] if own else []
    if chains:
        return [*noted, f"Somebody else knows them: crm relate WHO knows {handle}"]
    return [
        *noted,
        f"You found out: {routes.to_fill(handle)}, or --how-to-reach TEXT",
        f"Somebody knows them: crm relate WHO knows {handle}",
        "Your contacts elsewhere may have them: crm import FILE",
    ]


def company_hints(session: Session, company: Company, chains: Sequence[Chain], *, now: datetime) -> list[str]:
    """What else can be done to get into a company."""
    people = people_at(session, company.organizations[0].ref, former=True, weak=False, now=now)
    unsure = f"{people.weak:,} more may have to do with it: " if people.weak else "Who may have to do with it: "
    weak = [f"{unsure}crm who --at {company.called} --weak"] if people.weak or not chains else []
    if chains:
        return [f"Everybody you know there: crm who --at {company.called}", *weak]
    return [
        *weak,
        f"Somebody is there: crm contact edit WHO --organization {company.called}",
        "Your LinkedIn connections may hold some: crm import Connections.csv",
    ]


class _Teller:
    """Tells ways; what it takes is read for all of them at once."""

    def __init__(
        self,
        session: Session,
        there: Network,
        ways: Sequence[tuple[Step, ...]],
        company: Company | None,
        moment: Moment,
    ) -> None:
        self.ways, self.company, self.people, self.moment = ways, company, there.people, moment
        ids = {number for way in ways for number in _on(way)}
        self.contacts = network.contacts(session, ids)
        self.reaches = {each.contact.id: each for each in reaching.reach(session, sorted(ids))}
        self.jobs, self.talks = network.jobs(session, ids), network.last_talks(session, ids)
        self.asked = network.times_asked(session, ids)
        asks = {each.id for way in ways for step in way for each in step.reasons if isinstance(each, Introduction)}
        self.routes = {each.introduction.id: each for each in introductions.of(session, sorted(asks))}
        self.manners = etiquette.gather(
            session,
            list(self.contacts.values()),
            organization=company.organizations[0] if company else None,
            now=moment.now,
            tz=moment.tz,
            limits=Limits.of(moment.settings),
        )

    def chains(self) -> list[Chain]:
        """Each way, told."""
        return [self._chain(each) for each in self.ways]

    def _chain(self, way: tuple[Step, ...]) -> Chain:
        told = way[:-1] if len(way) > 1 and way[-2].to[0] is Kind.UNNAMED else way
        return Chain(
            stops=tuple(self._stop(each, after) for each, after in zip_longest(told, told[1:])),
            marks=tuple(mark for number in _on(way) if (mark := _mark(self.contacts[number]))),
            todo=tuple(self._todo(told)),
        )

    def _stop(self, step: Step, after: Step | None) -> Stop:
        why = tuple(dict.fromkeys(filter(None, map(self._why, step.reasons))))
        kind, number = step.to
        if kind is Kind.PERSON:
            contact = self.contacts[number]
            how = warmth(contact, now=self.moment.now)
            return Stop(kind, contact.name, contact, how, tuple(self._facts(contact, after)), why)
        return Stop(kind, self._name(step), None, None, (), why)

    def _name(self, step: Step) -> str:
        """The company, or somebody unnamed there."""
        kind, number = step.to
        if kind is Kind.UNNAMED:
            return wording.target(self.routes[number])
        return self.company.name if self.company else ""

    def _facts(self, contact: Contact, after: Step | None) -> Iterator[str]:
        leading = {each.id for each in after.reasons if isinstance(each, Post)} if after else set()
        for job in self.jobs.get(contact.id, ()):
            if job.post.current or job.post.id in leading:
                yield say_job(job) if job.post.current else f"before: {say_job(job)}"
        times, at = self.asked.get(contact.id, 0), self.talks.get(contact.id)
        if after is not None:
            yield f"asked {times} time{'' if times == 1 else 's'}"
        yield f"last talk: {say_day(day_of(at, self.moment.tz)) if at else 'never'}"

    def _why(self, reason: Reason) -> str:
        """What says that one stop leads to the next; nothing for somebody's own position, which is told of them."""
        if isinstance(reason, Relationship):
            return sentence(self.contacts[reason.from_contact_id], reason.type, self.contacts[reason.to_contact_id])
        if isinstance(reason, Introduction):
            route = self.routes[reason.id]
            other = self._other_role(reason.placeholder if reason.contact_id is None else None)
            return f"{brief(route.connector.name)} could help: {wording.wanted(route)} ({self._state(reason)}){other}"
        if isinstance(reason, Referral):
            role = f" as {brief(reason.role)}" if reason.role else ""
            return f"a referral{role} ({self._state(reason)}){self._other_role(reason.role)}"
        colleague = self.contacts[reason.contact_id].name
        return "" if self.company else f"{brief(colleague)} works there too; nothing says whether they know each other"

    def _other_role(self, title: str | None) -> str:
        """The remark on what leads into the company, but not in the role that is wanted."""
        wanted = self.company.role if self.company else None
        return "; another role" if wanted and title and not paths.fits(wanted, title) else ""

    def _state(self, asked: Introduction | Referral) -> str:
        if asked.state in _NOT_ASKED:
            return "not asked yet"
        on = f" on {say_day(day_of(asked.asked_at, self.moment.tz))}" if asked.asked_at else ""
        return f"asked{on}" if asked.state == IntroductionState.ASKED else f"{asked.state}{on and f', asked{on}'}"

    def _todo(self, way: Sequence[Step]) -> Iterator[Todo]:
        """What to do first: get to the first person, then what to ask of them."""
        contact = self.contacts[way[0].to[1]]
        facts, reach = self.manners[contact.id], self.reaches[contact.id]
        if len(way) == 1:
            yield from _direct(reach, facts.name, facts.handle)
            return
        if not reach.methods and not is_direct(self.people[contact.id]):
            noted = routes.way_there(reach)
            yield Todo(
                f"find out how to reach {facts.name}{noted and f' ({brief(noted)})'}", routes.to_fill(facts.handle)
            )
        deed = Deed.REFERRAL_ASK if way[1].to[0] is Kind.COMPANY else Deed.INTRODUCTION_ASK
        yield from (Todo(each.text, None) for each in judge(facts, APPLIES[deed])[:1])
        yield self._ask(way[1], facts.name, facts.handle)

    def _ask(self, step: Step, name: str, handle: str) -> Todo:
        """What to ask of the first person, so that they lead to the next stop."""
        kind, number = step.to
        introduction = next((each for each in step.reasons if isinstance(each, Introduction)), None)
        if kind is Kind.COMPANY:
            assert self.company is not None
            role = f" --role {quoted(self.company.role)}" if self.company.role else ""
            return Todo(
                f"ask {name} for a referral", f"crm referral ask {handle} --company {self.company.called}{role}"
            )
        if introduction is not None:
            return self._carry_on(introduction, name, handle)
        other = self.manners[number]
        return Todo(f"ask {name} for an introduction to {other.name}", f"crm intro ask {handle} --for {other.handle}")

    def _carry_on(self, asked: Introduction, name: str, handle: str) -> Todo:
        """What is to do about an introduction that is on record."""
        wanted, ref = wording.wanted(self.routes[asked.id]), asked.ref
        if asked.state in {IntroductionState.ASKED, IntroductionState.AGREED}:
            return Todo(f"you asked {name} for {wanted}; ask how it stands, and note it", f"crm intro made {ref}")
        if asked.state not in _NOT_ASKED | {IntroductionState.DECLINED}:
            if asked.contact_id is None:
                return Todo(f"{name} has given you {wanted}; note who it is", f"crm intro edit {ref} --for WHO")
            other = self.manners[asked.contact_id].handle
            return Todo(f"{name} has given you {wanted}; when you have written to them", _wrote(other))
        if asked.contact_id is None:
            return Todo(f"ask {name} for {wanted}", f"crm intro ask {ref}")
        want = "" if asked.want == wording.INTRODUCTION else f" --want {shlex.quote(asked.want)}"
        return Todo(
            f"ask {name} for {wanted}", f"crm intro ask {handle} --for {self.manners[asked.contact_id].handle}{want}"
        )


def _direct(reach: Reach, name: str, handle: str) -> Iterator[Todo]:
    """What to do about somebody one needs nobody else for."""
    yield Todo(f"write to {name}: {routes.how_to_reach(reach, handle)}; when you have written", _wrote(handle))
    if any(each.kind == "phone" for each in reach.methods[: routes.METHODS]):
        yield Todo("once you have a time for a call, such as fri 14:30", f"crm schedule {handle} fri 14:30 --kind call")


def _wrote(handle: str) -> str:
    return f"crm log-contact {handle} --kind message"


def _on(way: Sequence[Step]) -> Iterator[int]:
    """The people on a way, by id."""
    return (number for kind, number in (each.to for each in way) if kind is Kind.PERSON)


def _mark(contact: Contact) -> str | None:
    if contact.archived_at is not None:
        return f"{brief(contact.name)} is put away"
    if contact.kind == ContactKind.SOURCE:
        return f"{brief(contact.name)} is a source, not somebody you know"
    return f"{brief(contact.name)} said no before" if contact.stage == Stage.DECLINED else None
