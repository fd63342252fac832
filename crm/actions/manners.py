"""The rules of etiquette as pure functions over facts: each says why it speaks and what would settle it, or nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from crm.cadence import days_between
from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.models.words import Stage
from crm.setting_specs import BY_NAME
from crm.settings import Settings
from crm.store.courtesy import Unanswered


class Rule(StrEnum):
    """The rules by name."""

    WEEKLY_BUDGET = "weekly-budget"
    WAITING = "waiting"
    DORMANT = "dormant"
    THANKS_FIRST = "thanks-first"
    TALK_FIRST = "talk-first"
    ONE_ASK = "one-ask"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule has to say: its name, and why it speaks with what would settle it."""

    rule: Rule
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the person set.

    Attributes:
        budget: people to write to of one's own accord in a week.
        waiting_days: days between unanswered messages.
        dormant_after: unanswered messages after which somebody is left alone.
        first_weekday: the day a week begins on, 0 for Monday.
    """

    budget: int = BY_NAME["outreach.weekly_budget"].default
    waiting_days: int = BY_NAME["outreach.follow_up_days"].default
    dormant_after: int = BY_NAME["outreach.dormant_after"].default
    first_weekday: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """The limits as set."""
        return cls(
            budget=settings["outreach.weekly_budget"],
            waiting_days=settings["outreach.follow_up_days"],
            dormant_after=settings["outreach.dormant_after"],
            first_weekday=WEEKDAYS.index(settings["week_starts_on"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules go by, of one contact.

    Attributes:
        handle: what to type for them.
        stage: where the outreach stands.
        talked: whether there was a real talk.
        answering: whether they wrote last, so that what one sends them is an answer.
        unanswered: what one sent since they last wrote, with the day of the last; None if they owe no answer.
        written: how many people one wrote to this week of one's own accord.
        in_touch: whether one wrote to them this week, of one's own accord or not.
        counted: whether they are one of those.
        next_week_on: when the next week begins.
        owed: what they did that was not thanked for: what it is, and the command to type once it is.
        running: an ask of them at the organization that is open already.
        said_no: an ask of the same that they declined.
        asked_on: the day on which the same was asked of them already, and no answer came.
        on: the day the deed is for, if it has one.
    """

    name: str
    handle: str
    stage: Stage
    limits: Limits
    talked: bool = False
    answering: bool = False
    unanswered: tuple[int, date] | None = None
    written: int = 0
    in_touch: bool = False
    counted: bool = False
    next_week_on: date = date.max
    owed: tuple[tuple[str, str], ...] = ()
    running: str | None = None
    said_no: str | None = None
    asked_on: date | None = None
    on: date | None = None


def _weekly_budget(facts: Facts) -> str | None:
    if facts.answering or facts.in_touch or facts.written < facts.limits.budget:
        return None
    people = f"{facts.written} {'person' if facts.written == 1 else 'people'}"
    return (
        f"you have written to {people} of your own accord this week, and outreach.weekly_budget is "
        f"{facts.limits.budget}; ask {facts.name} next week, from {say_day(facts.next_week_on)} on"
    )


def _waiting(facts: Facts) -> str | None:
    message_on = facts.unanswered and facts.unanswered[1]
    last_on = max(filter(None, (message_on, facts.asked_on)), default=None)
    if last_on is None or facts.on is None or _dormant(facts):
        return None
    free_on = last_on + timedelta(days=facts.limits.waiting_days)
    if facts.on >= free_on:
        return None
    what = "message to" if last_on == message_on else "ask of"
    return (
        f"your {what} {facts.name} of {say_day(last_on)} is unanswered, and {facts.limits.waiting_days} days "
        f"between them serve better; wait until {say_day(free_on)}"
    )


def _dormant(facts: Facts) -> str | None:
    count, last_on = facts.unanswered or (0, None)
    if last_on is not None and count >= facts.limits.dormant_after:
        return (
            f"{count} message{'s are' if count > 1 else ' is'} unanswered by {facts.name}, the last of "
            f"{say_day(last_on)}; leave them alone until they write (then: crm log-contact {facts.handle} "
            f"--kind message --direction in)"
        )
    if facts.stage != Stage.DORMANT or facts.answering:
        return None
    return f"you left {facts.name} alone (stage dormant); to go on: crm contact edit {facts.handle} --stage contacted"


def _thanks_first(facts: Facts) -> str | None:
    if not facts.owed:
        return None
    what, command = facts.owed[0]
    more = f" (and {len(facts.owed) - 1} more)" if len(facts.owed) > 1 else ""
    return f"{what}{more}; thank {facts.name}, then type: {command}"


def _talk_first(facts: Facts) -> str | None:
    if facts.talked or facts.stage in {Stage.MET, Stage.KEEPING_IN_TOUCH}:
        return None
    return (
        f"you have not really talked with {facts.name} yet, and one refers whom one knows; "
        f"first a coffee or a call: crm schedule {facts.handle} fri 14:30"
    )


def _one_ask(facts: Facts) -> str | None:
    return facts.running


def _declined(facts: Facts) -> str | None:
    if facts.stage == Stage.DECLINED:
        return (
            f"{facts.name} said no (stage declined); if that has changed: "
            f"crm contact edit {facts.handle} --stage contacted"
        )
    return facts.said_no


RULES: Final[Mapping[Rule, Callable[[Facts], str | None]]] = {
    Rule.WEEKLY_BUDGET: _weekly_budget,
    Rule.WAITING: _waiting,
    Rule.DORMANT: _dormant,
    Rule.THANKS_FIRST: _thanks_first,
    Rule.TALK_FIRST: _talk_first,
    Rule.ONE_ASK: _one_ask,
    Rule.DECLINED: _declined,
}


def judge(facts: Facts, rules: Iterable[Rule]) -> list[Objection]:
    """What these rules have to say of the facts."""
    return [Objection(rule, said) for rule in rules if (said := RULES[rule](facts))]


def on_message(facts: Facts, before: Unanswered | None, at: datetime, tz: ZoneInfo) -> str | None:
    """What to say of a message that was just sent; `before` is what was unanswered before it."""
    if facts.stage == Stage.DECLINED:
        return f"{facts.name} said no (stage declined)"
    if before is None or at < before.last_at:
        return None
    nth, days = ordinal(before.count + 1), days_between(before.last_at, at, tz)
    if before.count >= facts.limits.dormant_after:
        left = "one" if facts.limits.dormant_after == 1 else str(facts.limits.dormant_after)
        return f"the {nth} unanswered message to {facts.name}; after {left}, leave them alone until they write"
    if days >= facts.limits.waiting_days:
        return None
    span = {0: "on one day", 1: "in 1 day"}.get(days, f"in {days} days")
    apart = f"{facts.limits.waiting_days} days between them serve better"
    return f"the {nth} unanswered message to {facts.name} {span}; {apart}"


def ordinal(number: int) -> str:
    """`first`, `second`, `third`, then `4th`, `21st`, `112th`."""
    if number <= 3:
        return ("first", "second", "third")[number - 1]
    last = number % 10 if number % 100 // 10 != 1 else 0
    return f"{number}{('th', 'st', 'nd', 'rd')[last if last <= 3 else 0]}"
