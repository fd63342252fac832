"""What makes writing to somebody worth more right now: a bonus and its reason in words. And what thanks are for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crm.dates import say_day
from crm.escaping import shorten
from crm.models import Introduction, Referral
from crm.models.words import IntroductionState
from crm.store.prospects import Bringing, Promise, Prospects, Wanted

REVIEW_DAYS: Final = 28
"""So long before a review what it waits for begins to count; more and more from there to its day."""

PROMISE_DAYS: Final = 7
REVIEW: Final = 1.0
UNBLOCKS: Final = 0.5
MOST_UNBLOCKED: Final = 2
LONGEST: Final = 60
INTRODUCTION: Final = "introduction"


@dataclass(frozen=True, slots=True)
class Bonus:
    """A reason that makes a chat worth more: points (above 0), its words, and whether it waits for no window."""

    points: float
    text: str
    makes_due: bool = False


@dataclass(frozen=True, slots=True)
class Thanks:
    """What somebody is owed thanks or word for: since when, in words, and what to type when it is done."""

    since: datetime
    text: str
    command: str


def bonuses(brings: Prospects, *, talked_at: datetime | None, today: date) -> Iterator[Bonus]:
    """What speaks for a chat with somebody, the most pressing first; `talked_at` is when the two last talked."""
    yield from _reviews(brings.wanted, talked_at, today)
    if brings.opened:
        yield Bonus(UNBLOCKS, f"{_say_opened(brings.opened[0])}; write while that is fresh")
    if brings.introductions:
        introductions = list(dict.fromkeys(brings.introductions))
        yield Bonus(_worth(len(introductions)), f"could {_say_bringing(introductions)}")
    if brings.referrals:
        yield Bonus(_worth(len(brings.referrals)), f"could refer you at {_and(brings.referrals)}")
    if brings.targets:
        yield Bonus(UNBLOCKS, f"works at {_and(brings.targets)}, where you want to work")
    if brings.questions:
        many = len(brings.questions)
        said = f"question {brings.questions[0]} is" if many == 1 else f"questions {_and(brings.questions)} are"
        yield Bonus(_worth(many), f"{said} for nobody else")
    promised = list(_promises(brings.promises, today))
    if promised:
        yield Bonus(UNBLOCKS, "; ".join(promised))


def _worth(many: int) -> float:
    return UNBLOCKS * min(many, MOST_UNBLOCKED)


def _reviews(wanted: Sequence[Wanted], talked_at: datetime | None, today: date) -> Iterator[Bonus]:
    """What reviews wait for, the nearer the more; a talk waits for no window and counts more than answers and tasks."""
    for each in wanted:
        left = max(0, (each.due_on - today).days)
        if left > REVIEW_DAYS or _has_talked(each, talked_at):
            continue
        nearness = 2 - left / REVIEW_DAYS
        by = f"by {shorten(each.review, LONGEST)}, {say_day(each.due_on)}"
        if each.ref is None:
            said = "you meant to have talked with them" if each.due_on < today else "to have talked with"
            yield Bonus(REVIEW * nearness, f"{said} {by}", makes_due=True)
        else:
            yield Bonus(UNBLOCKS * nearness, f"{each.ref} is wanted {by}")


def _has_talked(wanted: Wanted, talked_at: datetime | None) -> bool:
    return wanted.ref is None and talked_at is not None and talked_at >= wanted.linked_at


def _say_bringing(introductions: Sequence[Bringing]) -> str:
    """`introduce you to Ann and give you Ben's number and Cal's handle`."""
    met = [each.to for each in introductions if each.want == INTRODUCTION]
    given = [_given(each.want, shorten(each.to, LONGEST)) for each in introductions if each.want != INTRODUCTION]
    said = (f"introduce you to {_and(met)}" if met else "", f"give you {_and(given)}" if given else "")
    return " and ".join(filter(None, said))


def _say_opened(made: Bringing) -> str:
    by = shorten(made.to, LONGEST)
    return f"{by} introduced you" if made.want == INTRODUCTION else f"{by} helped you to reach them"


def _given(want: str, to: str) -> str:
    """`Ann's number`; of the person's own words, `a word at her firm (Ann)`."""
    if " " in want.strip():
        return f"{shorten(want, LONGEST)} ({to})"
    return f"{to}'s {'contact details' if want == 'contact' else shorten(want, LONGEST)}"


def _promises(promises: Sequence[Promise], today: date) -> Iterator[str]:
    """Your own when they are near or late; theirs only once they are late."""
    for each in promises:
        days = (each.due_on - today).days
        title, day = shorten(each.title, LONGEST), say_day(each.due_on)
        if each.mine and days <= PROMISE_DAYS:
            yield f'you promised "{title}" by {day}'
        elif not each.mine and days < 0:
            yield f'they promised "{title}" by {day}'


def thanks(
    name: str,
    owed: Sequence[Introduction | Referral],
    *,
    people: Mapping[int, str],
    organizations: Mapping[int, str],
) -> Iterator[Thanks]:
    """What to thank somebody of that name for; `people` and `organizations` tell by id whom and what it is about."""
    for each in owed:
        since = each.moved_at or each.updated_at
        at = f" at {shorten(organizations[each.organization_id], LONGEST)}" if each.organization_id is not None else ""
        if isinstance(each, Referral):
            yield Thanks(since, f"thank {name}, who referred you{at}", f"crm referral thank {each.ref}")
            continue
        to = people[each.contact_id] if each.contact_id is not None else f"{each.placeholder or 'somebody'}{at}"
        yield Thanks(since, _say_thanks(name, each, shorten(to, LONGEST)), f"crm intro thanked {each.ref}")


def _say_thanks(name: str, made: Introduction, to: str) -> str:
    if made.state == IntroductionState.MET:
        return f"tell {name} how it went with {to}"
    if made.want == INTRODUCTION:
        return f"thank {name}, who introduced you to {to}"
    return f"thank {name}, who gave you {_given(made.want, to)}"


def _and(named: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and 3 more`."""
    shown = [shorten(each, LONGEST) for each in named]
    if len(shown) > 3:
        shown = [*shown[:2], f"{len(named) - 2} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
