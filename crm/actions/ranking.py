"""Whose turn it is: a pure order over where everybody stands, each place with its reasons in words.

First whom one owes something: an answer, then thanks, then a follow-up that one planned. The others by a score:

    score = tier * (ratio + bonuses)

where `tier` weighs how closely one tends them, `ratio` is the days since the two were last really in touch (or since
they came on the list) over the longest time their cadence allows, and a bonus is counted for each reason that makes a
chat worth more now: nobody wrote yet, a review waits for it, what it would unblock. Each is told among the reasons.

Left alone are those who have not answered yet and are within the time an answer takes, those who left so many messages
unanswered that one more would be pestering, and those who are before their window.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from crm.actions.cadences import Cadence, Pulse, Rule, Says, rules, say_every, window
from crm.actions.worth import Bonus, Thanks
from crm.cadence import day_of
from crm.dates import say_day
from crm.models.words import TALKS, Direction, Stage, Tier
from crm.store.agenda import Standing
from crm.store.courtesy import Unanswered

WEIGHTS: Final[Mapping[Tier, float]] = {Tier.INNER: 1.5, Tier.ACTIVE: 1.0, Tier.OCCASIONAL: 0.5}
LONGEST_RATIO: Final = 4.0
"""Whoever was let wait longer than so many windows is past help by arithmetic: something else must decide."""

NEW: Final = 1.0
UNANSWERED: Final = 0.5
AT_EASE: Final = frozenset({Stage.MET, Stage.KEEPING_IN_TOUCH})
WAITED_FOR: Final = frozenset({Stage.CONTACTED, Stage.REPLIED})


class Turn(IntEnum):
    """Why it is somebody's turn, the most pressing first. Before `OUTREACH` one owes it to them."""

    ANSWER = 0
    THANKS = 1
    FOLLOW_UP = 2
    OUTREACH = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say: days to wait for an answer, unanswered messages after which to stop, tier cadences."""

    follow_up_days: int
    dormant_after: int
    tiers: Mapping[Tier, Cadence]


@dataclass(frozen=True, slots=True)
class Person:
    """One person as the ranking sees them.

    Attributes:
        standing: where the two stand.
        unanswered: messages since they last wrote or the two last talked.
        thanks: what they are owed thanks for.
        bonuses: what would make a chat worth more now.
        asked_at: when something was asked, of them or of somebody who is to bring one to them, and is still to come.
    """

    standing: Standing
    unanswered: Unanswered | None = None
    thanks: tuple[Thanks, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Somebody's place in the order: why, how much it counts, since when, tier, who came first.

    What counts more comes first, so the numbers for that are negative.
    """

    turn: Turn
    negative_score: float
    since: date
    negative_weight: float
    contact_id: int
    reasons: tuple[str, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Those whose turn it is, in order, and the ids of those who left messages unanswered and are left alone."""

    places: tuple[Place, ...]
    resting: tuple[int, ...]


def ranked(people: Iterable[Person], *, today: date, tz: ZoneInfo, settled: Rules) -> Ranking:
    """Those whose turn it is today, in order; nobody of tier none is ever among them."""
    seen = cases(people, today=today, tz=tz, settled=settled)
    places = [place for each in seen if (place := each.place())]
    placed = {each.contact_id for each in places}
    resting = sorted(each.at.contact_id for each in seen if each.at.contact_id not in placed and each.rests)
    return Ranking(tuple(sorted(places)), tuple(resting))


def cases(people: Iterable[Person], *, today: date, tz: ZoneInfo, settled: Rules) -> list["Case"]:
    """Everybody as they stand on a day; nobody of tier none is among them."""
    return [Case(each, today, tz, settled) for each in people if each.standing.tier is not Tier.NONE]


@dataclass(frozen=True, slots=True)
class Case:
    """One person, seen from a day."""

    person: Person
    today: date
    tz: ZoneInfo
    settled: Rules

    @property
    def at(self) -> Standing:
        """Where the two stand."""
        return self.person.standing

    def day(self, instant: datetime) -> date:
        """The person's day on which an instant falls."""
        return day_of(instant, self.tz)

    def place(self) -> Place | None:
        """Their place in the order; None if it is not their turn."""
        return self.owed() or self.outreach()

    # What one owes them -------------------------------------------------------------------------------------------

    def owed(self) -> Place | None:
        """Their place if one owes them an answer, thanks or a follow-up; the oldest debt of a kind comes first."""
        debts = sorted(filter(None, (self._answer(), self._thanks(), self._follow_up())))
        if not debts:
            return None
        reasons = [*(reason for each in debts for reason in each.reasons), *self._no_answer_yet(), *self._bonuses()]
        return replace(debts[0], reasons=tuple(reasons))

    def _place(self, turn: Turn, since: date, *reasons: str) -> Place:
        return Place(turn, 0.0, since, -WEIGHTS[self.at.tier], self.at.contact_id, reasons)

    def _answer(self) -> Place | None:
        if not self.they_wrote_last or self._put_off:
            return None
        if self.at.last_at is None:
            return self._place(Turn.ANSWER, self.day(self.at.added_at), "replied; your turn")
        since = self.day(self.at.last_at)
        return self._place(Turn.ANSWER, since, f"wrote to you {self._ago(since)}, {say_day(since)}; your turn")

    @property
    def they_wrote_last(self) -> bool:
        """Whether the other side wrote last."""
        if self.at.last_direction is None:
            return self.at.stage == Stage.REPLIED
        return self.at.last_direction == Direction.IN and self.at.last_kind not in TALKS

    @property
    def _put_off(self) -> bool:
        """Whether the person planned a later day, knowing what had passed until then."""
        plan = self.at.follow_up
        return bool(
            plan and plan.due_on > self.today and (self.at.last_at is None or plan.planned_at >= self.at.last_at)
        )

    def _thanks(self) -> Place | None:
        owed = self.person.thanks
        if not owed:
            return None
        return self._place(Turn.THANKS, min(self.day(each.since) for each in owed), *(each.text for each in owed))

    def _follow_up(self) -> Place | None:
        """A follow-up that is due, or a planned chat that fell through and that nobody wrote about since."""
        plan = self.at.follow_up
        if plan is not None:
            if plan.due_on > self.today:
                return None
            said = "is due today" if plan.due_on == self.today else f"was due {say_day(plan.due_on)}"
            return self._place(Turn.FOLLOW_UP, plan.due_on, f"your follow-up {said}")
        if self.at.stage == Stage.SCHEDULED and not self._waiting and not self.rests:
            since = self.day(self.at.last_at or self.at.added_at)
            return self._place(Turn.FOLLOW_UP, since, "the planned chat did not take place; find a new time")
        return None

    # Whom one reaches out to of one's own accord --------------------------------------------------------------------

    def outreach(self) -> Place | None:
        """Their place by score, if nothing speaks against writing to them now."""
        if self.decided or self._waiting or self.rests or not self._due:
            return None
        place = self._place(Turn.OUTREACH, self.since, *self._reasons())
        return replace(place, negative_score=-self.score)

    @property
    def decided(self) -> bool:
        """Whether the person settled it: a later day is planned, or they said to let it rest."""
        return self.at.follow_up is not None or self.at.stage == Stage.DORMANT

    @property
    def waited_on(self) -> date | None:
        """The day on which the time for an answer is over: to a message, or to something that was asked."""
        sent = [self.person.asked_at, self.person.unanswered and self.person.unanswered.last_at]
        if self.at.stage in WAITED_FOR:
            sent.append(self.at.last_at or self.at.added_at)
        days = [self.day(each) for each in sent if each]
        return max(days) + timedelta(days=self.settled.follow_up_days) if days else None

    @property
    def _waiting(self) -> bool:
        """Whether an answer may still come."""
        return self.waited_on is not None and self.today < self.waited_on

    @property
    def rests(self) -> bool:
        """Whether they left so many messages unanswered, the last one long enough ago, that one leaves them alone."""
        sent = self.person.unanswered
        if sent is None or sent.count < self.settled.dormant_after or self.decided:
            return False
        return not self._waiting and not self._belongs_to_talk(sent)

    def _belongs_to_talk(self, sent: Unanswered) -> bool:
        """Whether the last message came soon after a talk, as thanks and links do: such ones need no answer."""
        talked_at = self.at.talked_at
        return talked_at is not None and (sent.last_at - talked_at) < timedelta(days=self.settled.follow_up_days)

    @property
    def since(self) -> date:
        """The day from which to count: of the last real contact, or on which they came on the list."""
        return self.day(self.at.real_at or self.at.added_at)

    @property
    def rule(self) -> Rule:
        """How often to be in touch, and who says so."""
        return rules(self.at, self.settled.tiers)[0]

    @property
    def pulse(self) -> Pulse:
        """Where the day lies in their window."""
        return window(self.since, self.rule.days).pulse(self.today)

    @property
    def _due(self) -> bool:
        """Whether their window is open; before that, one writes only to whom one has not reached yet, or for a review.

        Whoever left a message unanswered is due when the time for an answer is over, which `_waiting` sees to.
        """
        stage, pressing = self.at.stage, any(each.makes_due for each in self.person.bonuses)
        return pressing or stage not in AT_EASE or self.pulse is not Pulse.IN_TIME

    @property
    def score(self) -> float:
        """How much it counts to write to them now: 0 or more; what `_reasons` tells, added up."""
        days = max(0, (self.today - self.since).days)
        ratio = min(LONGEST_RATIO, days / self.rule.days[1])
        by_stage = NEW if self._is_new else UNANSWERED if self.unheard else 0.0
        return WEIGHTS[self.at.tier] * (ratio + by_stage + sum(each.points for each in self.person.bonuses))

    @property
    def _is_new(self) -> bool:
        return self.at.stage not in AT_EASE | WAITED_FOR and self.person.unanswered is None

    @property
    def unheard(self) -> bool:
        """Whether one wrote and heard nothing: not after a talk, when the last word may well have been one's own."""
        sent = self.person.unanswered
        return self.at.stage in WAITED_FOR or (sent is not None and not self._belongs_to_talk(sent))

    # The reasons in words -------------------------------------------------------------------------------------------

    def _reasons(self) -> Iterable[str]:
        yield self._history()
        pulse, rule = self.pulse, self.rule
        tells_window = pulse is Pulse.OVERDUE or (pulse is Pulse.DUE and self.at.stage in AT_EASE)
        if tells_window:
            yield self._window(rule, pulse)
        if self.at.tier is not Tier.ACTIVE and not (tells_window and rule.says is Says.TIER):
            yield f"tier {self.at.tier}"
        yield from self._bonuses()

    def _history(self) -> str:
        if self.unheard:
            sent = self.person.unanswered
            written = self.day(sent.last_at if sent else self.at.last_at or self.at.added_at)
            messages = f" to {sent.count} messages" if sent and sent.count > 1 else ""
            return f"no answer{messages} for {(self.today - written).days} days, since {say_day(written)}"
        if self.at.real_at is None:
            known = "not contacted yet" if self._is_new else "no contact on record"
            return f"{known}; on your list since {say_day(self.since)}"
        still = "still to contact; " if self._is_new else ""
        return f"{still}last in touch {self._ago(self.since)}, {say_day(self.since)}"

    def _window(self, rule: Rule, pulse: Pulse) -> str:
        spoken = f"{rule.speaker} says" if rule.speaker else "you want to be in touch"
        opened = window(self.since, rule.days)
        said = (
            f"overdue since {say_day(opened.overdue_on)}"
            if pulse is Pulse.OVERDUE
            else f"due by {say_day(opened.closes_on)}"
        )
        return f"{said}: {spoken} {say_every(rule.days)}"

    def _no_answer_yet(self) -> Iterable[str]:
        """What to know before one writes all the same."""
        sent = self.person.unanswered
        if sent and not self.they_wrote_last and not self._belongs_to_talk(sent):
            said = "your last message has" if sent.count == 1 else f"your last {sent.count} messages have"
            yield f"{said} no answer yet, since {say_day(self.day(sent.last_at))}"

    def _bonuses(self) -> Iterable[str]:
        return (each.text for each in self.person.bonuses)

    def _ago(self, day: date) -> str:
        days = (self.today - day).days
        return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
