"""A week's account: what was done in it, which commitments were kept, and what the next one brings.

Definitions:

* Hours are those of `crm week`, see `crm.week_hours`.
* Reached is whom one wrote to or talked with in the week; answers are those gathered in it.
* Of a commitment those periods count that ended in the week by its last day, or by today; the streak is as it stood
  then. A period that runs on is told as far as it has come.
* The commitments of the week are those with a period that ends in it, whether that is over or not. One is kept if each
  of these periods is, so that a daily one can't be before the last day; a first period that was not whole is left out.
* Of the checklist, what was ticked in the week.
* What comes is due or planned in the seven days after the week; it is left out of a week that is longer past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitments as promises
from crm.actions import hours
from crm.actions.commitment_periods import Period, streaks
from crm.cadence import day_of, midnight
from crm.models import ActivityTarget, CommitmentVersion, Contact, Review, Task
from crm.models.words import CommitmentState, InteractionState, TaskKind
from crm.store import commitments, due, interactions, plan, records, review_facts, reviews
from crm.store import hours as hours_store
from crm.store.due import DueTask
from crm.store.interactions import Chat
from crm.store.review_facts import Answered, Reached, Span
from crm.week_hours import WeekSummary

_A_DAY: Final = timedelta(days=1)
_A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment in the week: its periods that ended, the one that runs on, and how many were kept in a row.

    `begun` is the period in which it was taken on, if that ended in the week without being whole or kept. `met` is
    whether the week kept it, None for one that is none of the week's.
    """

    ref: str
    uid: str
    title: str
    ended: Sequence[Period]
    running: Period | None
    begun: Period | None
    met: bool | None
    streak: int
    best_streak: int

    @property
    def kept(self) -> int:
        """How many of the periods that ended were kept."""
        return sum(each.kept for each in self.ended)


@dataclass(frozen=True, slots=True)
class Coming:
    """What the seven days after the week bring, `from_on` to `to_on`.

    `late` is how many open tasks were due before; `chats` come with their day.
    """

    from_on: date
    to_on: date
    tasks: Sequence[DueTask]
    late: int
    reviews: Sequence[Review]
    chats: Sequence[tuple[date, Chat]]


@dataclass(frozen=True, slots=True)
class WeekReport:
    """A week's account, by the definitions at the head of this module; `checklist` is (done, all)."""

    week: WeekSummary
    has_begun: bool
    is_over: bool
    reached: Sequence[Reached]
    answers: Sequence[Answered]
    promises: Sequence[Promise]
    ticked: Sequence[Task]
    checklist: tuple[int, int]
    coming: Coming | None

    def told(self) -> dict[str, Any]:
        """The account as `crm week --report --json` tells it, people and the like by uid."""
        return self.week.told() | {
            "target_minutes": self.week.target_minutes,
            "people_reached": [each.told() for each in self.reached],
            "answers": [each.told() for each in self.answers],
            "commitments": [_promise_told(each) for each in self.promises],
            "checklist": {
                "done": self.checklist[0],
                "total": self.checklist[1],
                "done_in_week": [each.uid for each in self.ticked],
            },
            "coming": None if self.coming is None else _coming_told(self.coming),
        }


def _promise_told(each: Promise) -> dict[str, Any]:
    running = each.running
    return {
        "ref": each.ref,
        "uid": each.uid,
        "title": each.title,
        "periods": len(each.ended),
        "kept": each.kept,
        "running": None if running is None else {"done": running.done, "times": running.times, "to_on": running.to_on},
        "streak": each.streak,
        "best_streak": each.best_streak,
    }


def _coming_told(coming: Coming) -> dict[str, Any]:
    return {
        "from_on": coming.from_on,
        "to_on": coming.to_on,
        "tasks": [each.task.uid for each in coming.tasks],
        "late": coming.late,
        "reviews": [each.uid for each in coming.reviews],
        "chats": [each.interaction.uid for _, each in coming.chats],
    }


def gather(session: Session, *, day: date, now: datetime, tz: ZoneInfo, week_starts_on: str) -> WeekReport:
    """The account of the week that holds `day`; the number of queries does not grow with what there is.

    Args:
        session: where it is looked up.
        day: any day of the week, local to `tz`.
        now: the present instant, aware UTC.
        tz: the person's zone, by whose days the week is counted.
        week_starts_on: `monday` to `sunday`.
    """
    today = day_of(now, tz)
    week = hours.week_summary(session, day=day, now=now, tz=tz, week_starts_on=week_starts_on)
    span = Span(midnight(week.from_on, tz), midnight(week.to_on + _A_DAY, tz))
    items = plan.checklist(session)
    then = midnight(min(week.to_on, today), tz)
    stories = promises.accepted(session, now=then, tz=tz, week_starts_on=week_starts_on)
    return WeekReport(
        week=week,
        has_begun=week.from_on <= today,
        is_over=week.to_on < today,
        reached=review_facts.reached(session, span),
        answers=review_facts.answered(session, span),
        promises=of_week(stories, week, today),
        ticked=[each for each in items if span.holds(each.done_at)],
        checklist=(sum(each.done_at is not None for each in items), len(items)),
        coming=None if week.to_on + _A_WEEK < today else _coming(session, week.to_on + _A_DAY, tz),
    )


def of_week(stories: Sequence[promises.Story], week: WeekSummary, today: date) -> list[Promise]:
    """The commitments that the week has something of, as they stood at its end or stand today.

    Args:
        stories: those of the commitments, up to the week's last day or to today.
        week: the week; one that is to come has something of none.
        today: the person's day.
    """
    last = min(week.to_on, today)
    if last < week.from_on:
        return []
    judged_on = last + _A_DAY if week.to_on < today else last
    return [
        _promise(each, week, judged_on) for each in stories if each.periods and each.periods[-1].to_on >= week.from_on
    ]


def _promise(story: promises.Story, week: WeekSummary, judged_on: date) -> Promise:
    """A commitment as it stood on the morning of a day."""
    *_, last = story.periods
    running = last if last.to_on >= judged_on else None
    in_week = [each for each in story.periods if week.from_on <= each.to_on < judged_on]
    ended = [each for each in in_week if each.whole or each.kept]
    streak, best = streaks(story.periods, today=judged_on)
    it = story.standing
    return Promise(
        ref=it.ref,
        uid=it.uid,
        title=it.title,
        ended=ended,
        running=running,
        begun=next((each for each in in_week if each not in ended), None),
        met=_met(story.periods, week),
        streak=streak,
        best_streak=best,
    )


def _met(periods: Sequence[Period], week: WeekSummary) -> bool | None:
    in_week = [each for each in periods if week.from_on <= each.to_on <= week.to_on and (each.whole or each.kept)]
    if not in_week:
        return None
    return all(each.kept for each in in_week) and periods[-1].to_on >= week.to_on


def kept(found: Sequence[Promise]) -> tuple[int, int]:
    """How many of the week's commitments it kept, and how many there are."""
    met = [each.met for each in found if each.met is not None]
    return sum(met), len(met)


def _coming(session: Session, from_on: date, tz: ZoneInfo) -> Coming:
    to_on = from_on + _A_WEEK - _A_DAY
    tasks = due.tasks(session, kinds=list(TaskKind), until=to_on)
    chats = interactions.chats(
        session,
        states=[InteractionState.PLANNED],
        since=midnight(from_on, tz),
        before=midnight(to_on + _A_DAY, tz),
    )
    return Coming(
        from_on=from_on,
        to_on=to_on,
        tasks=[each for each in tasks if each.day >= from_on],
        late=sum(each.day < from_on for each in tasks),
        reviews=reviews.upcoming(session, until=to_on),
        chats=[(day_of(each.interaction.starts_at, tz), each) for each in chats],
    )


def has_something(session: Session, day: date, *, by_on: date, tz: ZoneInfo) -> bool:
    """Whether there is anything to give account of: targets in force on a day, or accepted commitments.

    What was set down or taken on after `by_on`, a day in `tz`, does not count: nobody answers for a week that was over,
    or nearly so, when the plan was made.
    """
    dated = hours_store.targets(session)
    asked = {number for number, found in dated.items() if (now := hours_store.target_on(found, day)) and _asks(now)}
    activities = hours_store.activities(session) if asked else []
    if any(each.id in asked and day_of(each.added_at, tz) <= by_on for each in activities):
        return True
    found = plan.current(session)
    if found and found.weekly_hours and day_of(found.added_at, tz) <= by_on and (found.start_on or day) <= day:
        return True
    there = [each.id for each in commitments.every(session, CommitmentState.ACCEPTED)]
    versions = records.parts_of(session, CommitmentVersion, there)
    return any(each.from_on <= by_on for of_one in versions.values() for each in of_one)


def _asks(target: ActivityTarget) -> bool:
    return bool(target.weekly_minutes or target.share_percent)


def first_names(people: Sequence[Contact]) -> list[str]:
    """Each by the first name; of two who share it, with the first letter of the last."""
    firsts = [_first(each.name) for each in people]
    return [
        f"{first} {rest[-1][:1]}." if firsts.count(first) > 1 and (rest := each.name.split()[1:]) else first
        for first, each in zip(firsts, people, strict=True)
    ]


def _first(name: str) -> str:
    """The first word that is no abbreviated title, such as `Dr.`."""
    words = name.split()
    return next((each for each in words if not each.endswith(".")), words[0] if words else name)
