"""What a review looks back on, counted from the log.

Definitions:

* A review looks back on the stretch since the last one was completed; before the first, since the plan's start; without
  a start (or while it is still to come), on everything. It ends now, or when the review was completed.
* What has an instant counts up to the stretch's end, that instant included; of what was before, all up to the last
  review's completion, that instant included, counts for that one.
* Targets count by the days of the stretch: from its first local day on and before its last, which is not over. A day
  asks for a seventh of the weekly target in force on it.
* Reached is whom one wrote to or talked with.
* A commitment's period counts if its last day lies in the stretch; it is judged by all of its check-ins.
* A referral or an introduction has moved when it came into its present state.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import gaps as blanks
from crm.actions.commitment_periods import Tally, periods
from crm.actions.gaps import Gap
from crm.actions.hours import target_minutes
from crm.cadence import day_of, midnight
from crm.models import ActivityTarget, Commitment, CommitmentVersion, Plan, Review, Task
from crm.models.words import CommitmentState, IntroductionState, Per, ReferralState
from crm.store import (
    commitments,
    hours,
    introductions,
    logged,
    plan,
    records,
    referrals,
    review_facts,
    review_links,
    reviews,
)
from crm.store.commitments import version_on
from crm.store.dossier import Route
from crm.store.referrals import Ask
from crm.store.review_facts import Answered, Reached, Span
from crm.store.review_links import Linked

A_TICK: Final = timedelta(microseconds=1)
WEEK_DAYS: Final = 7
LONGEST_PERIOD: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a review looks back on.

    Attributes:
        since: what it begins with: a review's name, `the plan's start`, or nothing where it is everything.
        from_at: when the last review was completed, or when the plan's start began; None where it is everything.
        to_at: when it ends.
        from_on: its first local day; None where it is everything.
        to_on: the local day of its last instant, which its targets leave out.
        is_review: whether it begins with a review.
    """

    since: str | None
    from_at: datetime | None
    to_at: datetime
    from_on: date | None
    to_on: date
    is_review: bool = False

    @property
    def span(self) -> Span:
        """What it holds: not the last review's instant, but its own last one."""
        from_at = self.from_at + A_TICK if self.from_at and self.is_review else self.from_at
        return Span(from_at, self.to_at + A_TICK)


@dataclass(frozen=True, slots=True)
class ActivityHours:
    """One activity in the stretch: minutes done, and what its targets asked for (0: it has none)."""

    name: str
    minutes: int
    target_minutes: int


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment in the stretch: how often it was done and skipped, and how many of its periods were kept.

    `periods` are the days, weeks or months that ended in the stretch; one that it began in counts only if it was kept.
    """

    ref: str
    title: str
    done: int
    skipped: int
    kept: int
    periods: int
    times: int
    per: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """How much of the checklist is done, how much of it was done in the stretch, and what is open."""

    done: int
    total: int
    done_since: Sequence[Task]
    still_open: Sequence[Task]


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What a review looks back on, by the definitions at the head of this module.

    `target_minutes` is the sum of the activities' targets or, if none has one, what the plan's hours per week asked
    for. `gaps` is what is blank now; a completed review has none.
    """

    stretch: Stretch
    activities: Sequence[ActivityHours]
    target_minutes: int
    reached: Sequence[Reached]
    answers: Sequence[Answered]
    referrals: Sequence[Ask]
    introductions: Sequence[Route]
    promises: Sequence[Promise]
    checklist: Checklist
    links: Sequence[Linked]
    gaps: Sequence[Gap]

    @property
    def minutes(self) -> int:
        """All that was logged in the stretch."""
        return sum(each.minutes for each in self.activities)

    @property
    def talks(self) -> int:
        """With how many of those reached one talked."""
        return sum(each.talked for each in self.reached)

    def told(self) -> dict[str, Any]:
        """The facts as `crm review show --json` tells them; people, questions and the like by uid."""
        stretch = self.stretch
        return {
            "since": stretch.since,
            "from_at": stretch.from_at,
            "to_at": stretch.to_at,
            "hours": {
                "minutes": self.minutes,
                "target_minutes": self.target_minutes,
                "activities": self.activities,
            },
            "people_reached": [each.told() for each in self.reached],
            "talks": self.talks,
            "answers": [each.told() for each in self.answers],
            "referrals": [{"ref": each.referral.ref, "state": each.referral.state} for each in self.referrals],
            "introductions": [
                {"ref": each.introduction.ref, "state": each.introduction.state} for each in self.introductions
            ],
            "commitments": self.promises,
            "checklist": {
                "done": self.checklist.done,
                "total": self.checklist.total,
                "done_since": len(self.checklist.done_since),
            },
            "gaps_count": len(self.gaps),
        }


def gather(session: Session, review: Review, *, now: datetime, tz: ZoneInfo, week_starts_on: str) -> ReviewFacts:
    """What a review looks back on; the number of queries does not grow with what there is.

    Args:
        session: where it is looked up.
        review: the review; of a completed one, what lies before its completion.
        now: the present instant, aware UTC.
        tz: the person's zone, by whose days targets count.
        week_starts_on: `monday` to `sunday`, for commitments.
    """
    found = plan.current(session) or Plan()
    stretch = _stretch(session, review, found, now=now, tz=tz)
    span, activities, asked = stretch.span, *_hours(session, stretch, found)
    return ReviewFacts(
        stretch=stretch,
        activities=activities,
        target_minutes=asked,
        reached=review_facts.reached(session, span),
        answers=review_facts.answered(session, span),
        referrals=[
            each
            for each in referrals.listed(session)
            if each.referral.state != ReferralState.PROPOSED and span.holds(each.referral.moved_at)
        ],
        introductions=[
            each
            for each in introductions.listed(session)
            if each.introduction.state != IntroductionState.PROPOSED and span.holds(each.introduction.moved_at)
        ],
        promises=_promises(session, stretch, tz=tz, week_starts_on=week_starts_on),
        checklist=_checklist(session, span),
        links=review_links.of(session, review),
        gaps=blanks.find(session) if review.completed_at is None else (),
    )


def _stretch(session: Session, review: Review, found: Plan, *, now: datetime, tz: ZoneInfo) -> Stretch:
    to_at = review.completed_at or now
    to_on, last = day_of(to_at, tz), _last_before(session, review, to_at)
    if last is not None and last.completed_at is not None:
        return Stretch(last.name, last.completed_at, to_at, day_of(last.completed_at, tz), to_on, is_review=True)
    if found.start_on is not None and found.start_on <= to_on:
        from_at = midnight(found.start_on, tz)
        return Stretch("the plan's start", from_at, to_at, found.start_on, to_on)
    return Stretch(None, None, to_at, None, to_on)


def _last_before(session: Session, review: Review, to_at: datetime) -> Review | None:
    """The review that was completed last before this one; of two at one instant, the one that was added first."""
    own_place = (to_at, review.id if review.completed_at else sys.maxsize)
    places = {(each.completed_at, each.id): each for each in reviews.every(session) if each.completed_at}
    before = [place for place in places if place < own_place]
    return places[max(before)] if before else None


def _hours(session: Session, stretch: Stretch, found: Plan) -> tuple[list[ActivityHours], int]:
    """Each activity's hours, and what all targets together asked for, in minutes."""
    done: dict[int, int] = {}
    span = stretch.span
    for each in logged.spent(session, now=stretch.to_at, from_at=span.from_at, to_at=span.to_at):
        done[each.activity_id] = done.get(each.activity_id, 0) + each.minutes
    dated, weekly = hours.targets(session), round((found.weekly_hours or 0) * 60)
    activities = [
        ActivityHours(each.name, done.get(each.id, 0), asked_minutes(dated.get(each.id, []), weekly, stretch))
        for each in hours.activities(session)
    ]
    asked = sum(each.target_minutes for each in activities)
    days = (stretch.to_on - stretch.from_on).days if stretch.from_on else 0
    return activities, asked or _of_week(weekly * days)


def asked_minutes(dated: Sequence[ActivityTarget], weekly_minutes: int, stretch: Stretch) -> int:
    """What an activity's dated targets asked for in the stretch; shares are taken of the plan's `weekly_minutes`."""
    in_turn = sorted(dated, key=lambda each: each.from_on)
    asked = 0
    for each, following in zip_longest(in_turn, in_turn[1:]):
        first = max(each.from_on, stretch.from_on or each.from_on)
        end = min(stretch.to_on, following.from_on if following else stretch.to_on)
        asked += max(0, (end - first).days) * target_minutes(each, weekly_minutes)
    return _of_week(asked)


def _of_week(minute_days: int) -> int:
    """A seventh, rounded, a half up."""
    return (2 * minute_days + WEEK_DAYS) // (2 * WEEK_DAYS)


def _promises(session: Session, stretch: Stretch, *, tz: ZoneInfo, week_starts_on: str) -> list[Promise]:
    """The accepted commitments, and those that ended but were kept in the stretch."""
    there = commitments.every(session)
    ids = [each.id for each in there]
    # The period in which the stretch begins is judged by what lies before it, too.
    since_at = None if stretch.from_on is None else midnight(stretch.from_on - LONGEST_PERIOD, tz)
    marks = commitments.marks(session, ids, since_at=since_at, before_at=stretch.span.to_at)
    versions = records.parts_of(session, CommitmentVersion, ids)
    return [
        _promise(each, versions[each.id], marks[each.id], stretch, tz=tz, week_starts_on=week_starts_on)
        for each in there
        if each.state == CommitmentState.ACCEPTED
        or any(stretch.span.holds(done_at) and not skipped for done_at, skipped in marks[each.id])
    ]


def _promise(
    commitment: Commitment,
    versions: Sequence[CommitmentVersion],
    marks: Sequence[tuple[datetime, bool]],
    stretch: Stretch,
    *,
    tz: ZoneInfo,
    week_starts_on: str,
) -> Promise:
    inside = [skipped for done_at, skipped in marks if stretch.span.holds(done_at)]
    tally = Tally.of((day_of(done_at, tz), skipped) for done_at, skipped in marks)
    last = stretch.to_on - timedelta(days=1)
    ended = [
        each
        for each in periods(
            versions, tally, since=stretch.from_on or date.min, until=last, week_starts_on=week_starts_on
        )
        if each.to_on <= last and (each.whole or each.kept)
    ]
    now = version_on(versions, stretch.to_on)
    return Promise(
        ref=commitment.ref,
        title=commitment.title,
        done=inside.count(False),
        skipped=inside.count(True),
        kept=sum(each.kept for each in ended),
        periods=len(ended),
        times=now.times if now else 1,
        per=now.per if now else Per.WEEK.value,
    )


def _checklist(session: Session, span: Span) -> Checklist:
    items = plan.checklist(session)
    done = [each for each in items if each.done_at is not None and each.done_at < span.to_at]
    return Checklist(
        done=len(done),
        total=len(items),
        done_since=[each for each in done if span.holds(each.done_at)],
        still_open=[each for each in items if each not in done],
    )
