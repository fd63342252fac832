"""Ways to a person or into a company: a graph of who leads to whom, and the shortest and warmest ways through it.

The graph is made of edges: whom nothing connects with anybody is not in it, so that thousands of imported people cost
nothing. Every step of a way costs the more the colder it is; the numbers are relative to each other only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import nsmallest
from itertools import islice, pairwise
from typing import Any, Final

import networkx as nx
from rapidfuzz import fuzz

from crm.actions.warmth import Warmth, closeness, warmth
from crm.folding import fold
from crm.models import Introduction, Referral, Relationship
from crm.models.words import ContactKind, IntroductionState, ReferralState, Stage, Tier
from crm.store.network import Network, Person, Post

CANDIDATES: Final = 50
"""So many ways are looked at; those with a detour among them are left out."""

COLDNESS: Final = {Warmth.WARM: 10, Warmth.LUKEWARM: 25, Warmth.COLD: 50}
NO_CHANNEL: Final = 5
CLOSE_TIE: Final = 10
TIE: Final = 12
CLOSE_TIES: Final = frozenset({"friend-of", "works-with"})
TO_ASK: Final = 11
ASKED: Final = 9
MADE: Final = 8
DECLINED: Final = 60
THERE_NOW: Final = 10
THERE_BEFORE: Final = 30
REFERRAL: Final = 9
OPEN_ROLE: Final = 5
OTHER_ROLE: Final = 25
COLLEAGUE: Final = 40
SAME_ROLE: Final = 85

Reason = Relationship | Introduction | Referral | Post


class Kind(StrEnum):
    """What stands at a corner of the graph."""

    YOU = "you"
    PERSON = "person"
    UNNAMED = "unnamed"
    COMPANY = "company"


Corner = tuple[Kind, int]
"""With the id of a person, or of the introduction that leads to somebody unnamed."""

YOU: Final[Corner] = (Kind.YOU, 0)
COMPANY: Final[Corner] = (Kind.COMPANY, 0)


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to: a contact, or a company (all the organizations that are it), perhaps in a role.

    For a contact the organizations are those where they are now.
    """

    contact_id: int | None
    organization_ids: Sequence[int]
    role: str | None = None

    @property
    def corner(self) -> Corner:
        """Where the ways end."""
        return COMPANY if self.contact_id is None else (Kind.PERSON, self.contact_id)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way: where it leads, and what says so (nothing for the first, to somebody one knows)."""

    to: Corner
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """How one corner leads to another, and what says so."""

    start: Corner
    end: Corner
    cost: int
    reason: Reason | None = None


def ways(there: Network, aim: Aim, *, most: int, now: datetime) -> list[tuple[Step, ...]]:
    """The best ways to an aim, at most `most`, the best first.

    Ways through people who were put away, who declined or who are sources, and asks that were declined, come up only
    where there is nothing else.
    """
    return _Ways(there, aim, most, now, aside=False).found() or _Ways(there, aim, most, now, aside=True).found()


def is_aside(person: Person) -> bool:
    """Whether a way leads through somebody only where there is no other."""
    return person.archived_at is not None or person.stage == Stage.DECLINED or person.kind == ContactKind.SOURCE


def is_direct(person: Person) -> bool:
    """Whether one needs nobody else to get to a person: there is a channel, or was contact."""
    in_touch = person.last_contact_at is not None or person.stage not in {Stage.TO_CONTACT, Stage.DECLINED}
    return person.has_method or in_touch


class _Ways:
    """One search; `aside` lets it go through what is used only where there is nothing else."""

    def __init__(self, there: Network, aim: Aim, most: int, now: datetime, *, aside: bool) -> None:
        self.there, self.aim, self.most, self.now, self.aside = there, aim, most, now, aside
        people = [each for each in there.people.values() if aside or not is_aside(each) or each.id == aim.contact_id]
        self.costs = {each.id: self._to(each) for each in people}
        self.usable = frozenset(self.costs)
        self.warm = {each.id for each in people if warmth(each, now=now) is Warmth.WARM}

    def found(self) -> list[tuple[Step, ...]]:
        """The best ways, detours left out."""
        graph = nx.DiGraph()
        for edge in self._edges():
            _add(graph, edge)
        try:
            every = nx.shortest_simple_paths(graph, YOU, self.aim.corner, weight="cost")
            found = [path for path in islice(every, CANDIDATES) if not self._is_detour(graph, path)]
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return []
        return [_steps(graph, path) for path in found[: self.most]]

    def _to(self, person: Person) -> int:
        """How far somebody is from oneself."""
        how = warmth(person, now=self.now)
        hard = 0 if person.has_method or how is Warmth.WARM else NO_CHANNEL
        return COLDNESS[how] + list(Tier).index(Tier(person.tier)) + hard

    def _is_detour(self, graph: nx.DiGraph, path: Sequence[Corner]) -> bool:
        """Whether the way goes round to somebody on it to whom oneself is as near."""
        spent = 0
        for start, end in pairwise(path[:-1]):
            spent += graph.edges[start, end]["cost"]
            if start != YOU and end[0] is Kind.PERSON and spent >= self.costs[end[1]]:
                return True
        return False

    def _edges(self) -> Iterator[Edge]:
        between = [
            each
            for each in (*self._ties(), *self._introductions(), *self._referrals(), *self._colleagues())
            if each.end[0] is not Kind.PERSON or each.end[1] not in self.warm
        ]
        linked = {number for each in between for kind, number in (each.start, each.end) if kind is Kind.PERSON}
        between += self._posts(linked)
        yield from between
        for kind, number in {each.start: None for each in between}:
            if kind is Kind.PERSON and (kind, number) != self.aim.corner:
                yield Edge(YOU, (kind, number), self.costs[number])
        goal = self.there.people.get(self.aim.contact_id or 0)
        if goal is not None and is_direct(goal):
            yield Edge(YOU, self.aim.corner, self.costs[goal.id])

    def _ties(self) -> Iterator[Edge]:
        for each in self.there.relationships:
            pair = (each.from_contact_id, each.to_contact_id)
            if self.usable.issuperset(pair):
                cost = CLOSE_TIE if each.type in CLOSE_TIES else TIE
                for start, end in (pair, pair[::-1]):
                    yield Edge((Kind.PERSON, start), (Kind.PERSON, end), cost, each)

    def _introductions(self) -> Iterator[Edge]:
        for each in self.there.introductions:
            if each.connector_id not in self.usable or self._is_closed(each):
                continue
            start, cost = (Kind.PERSON, each.connector_id), _introduction_cost(each)
            if each.contact_id in self.usable:
                yield Edge(start, (Kind.PERSON, each.contact_id or 0), cost, each)
            elif each.contact_id is None and self._is_there(each.organization_id):
                unnamed = (Kind.UNNAMED, each.id)
                yield Edge(start, unnamed, cost + self._role_cost(each.placeholder), each)
                yield Edge(unnamed, COMPANY, 1, each)

    def _is_closed(self, asked: Introduction | Referral) -> bool:
        return not self.aside and asked.state in {IntroductionState.DECLINED, ReferralState.DECLINED}

    def _is_there(self, organization_id: int | None) -> bool:
        return self.aim.contact_id is None and organization_id in self.aim.organization_ids

    def _referrals(self) -> Iterator[Edge]:
        here = {each.contact_id for each in self.there.posts if each.current}
        for number, each in self.there.referrals:
            named = self._is_there(each.organization_id)
            anywhere = each.organization_id is None and number in here and self.aim.contact_id is None
            if number in self.usable and (named or anywhere) and not self._is_closed(each):
                yield Edge((Kind.PERSON, number), COMPANY, REFERRAL + self._role_cost(each.role), each)

    def _colleagues(self) -> Iterator[Edge]:
        """Those who are where the contact is: they may know them, which nothing says."""
        for each in self.there.posts if self.aim.contact_id is not None else ():
            if each.current and each.contact_id in self.usable - {self.aim.contact_id}:
                yield Edge((Kind.PERSON, each.contact_id), self.aim.corner, COLLEAGUE, each)

    def _posts(self, linked: set[int]) -> Iterator[Edge]:
        """Those at the company; of the many whom nobody else is linked with, the nearest."""
        if self.aim.contact_id is not None:
            return
        there = [each for each in self.there.posts if each.contact_id in self.usable]
        yield from map(self._at_company, (each for each in there if each.contact_id in linked))
        alone = (each for each in there if each.contact_id not in linked)
        yield from map(self._at_company, nsmallest(self.most, alone, key=self._far))

    def _at_company(self, post: Post) -> Edge:
        cost = (THERE_NOW if post.current else THERE_BEFORE) + self._role_cost(post.title)
        return Edge((Kind.PERSON, post.contact_id), COMPANY, cost, post)

    def _far(self, post: Post) -> tuple[object, ...]:
        person = self.there.people[post.contact_id]
        cost = self.costs[person.id] + self._at_company(post).cost
        return cost, closeness(person, now=self.now), post.id

    def _role_cost(self, title: str | None) -> int:
        if self.aim.role is None or fits(self.aim.role, title):
            return 0
        return OTHER_ROLE if title else OPEN_ROLE


def _introduction_cost(introduction: Introduction) -> int:
    costs: Mapping[str, int] = {
        IntroductionState.PROPOSED: TO_ASK,
        IntroductionState.PLANNED: TO_ASK,
        IntroductionState.ASKED: ASKED,
        IntroductionState.AGREED: ASKED,
        IntroductionState.DECLINED: DECLINED,
    }
    return costs.get(introduction.state, MADE)


def fits(role: str, title: str | None) -> bool:
    """Whether a title has all the words of a role, or is nearly written like it."""
    wanted, said = fold(role), fold(title or "")
    return set(wanted.split()) <= set(said.split()) or fuzz.token_sort_ratio(wanted, said) >= SAME_ROLE


def _add(graph: nx.DiGraph, edge: Edge) -> None:
    known: dict[str, Any] = graph.get_edge_data(edge.start, edge.end) or {"cost": edge.cost, "reasons": ()}
    reasons = (*known["reasons"], edge.reason) if edge.reason else known["reasons"]
    graph.add_edge(edge.start, edge.end, cost=min(known["cost"], edge.cost), reasons=reasons)


def _steps(graph: nx.DiGraph, path: Sequence[Corner]) -> tuple[Step, ...]:
    return tuple(Step(end, graph.edges[start, end]["reasons"]) for start, end in pairwise(path))
