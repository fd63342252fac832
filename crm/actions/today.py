"""Everything that `crm today` says, gathered in one reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitments, evidence, gaps, hours
from crm.actions.evidence import Proven
from crm.actions.next_ import Advice, Suggestion, advise
from crm.cadence import day_of
from crm.models import Review
from crm.models.words import InteractionState, TaskKind
from crm.settings import Settings
from crm.store import due, interactions, outbox_report, plan, reviews
from crm.store.commitments import CommitmentStanding
from crm.store.due import DueTask
from crm.store.interactions import Chat
from crm.store.outbox import Due
from crm.week_hours import WeekSummary

CHAT_DAYS = 7
COMING_DAYS = 7
REVIEW_DAYS = 14
SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Today:
    """One day: what is late, due, and coming within a week; chats till then; reminders that nobody could be told.

    `proofs` are the checklist items that the log seems to have done.
    """

    date: date
    overdue: Sequence[DueTask]
    due: Sequence[DueTask]
    coming: Sequence[DueTask]
    has_start: bool
    chats: Sequence[Chat]
    reviews: Sequence[Review]
    week: WeekSummary
    commitments: Sequence[CommitmentStanding]
    advice: Advice
    gaps_count: int
    undelivered: Sequence[Due] = ()
    proofs: Sequence[Proven] = ()

    @property
    def next(self) -> Sequence[Suggestion]:
        """Whom to write to."""
        return self.advice.suggestions


def gather(session: Session, *, now: datetime, tz: ZoneInfo, settings: Settings) -> Today:
    """The day that `now` is in, in `tz`; the number of queries does not grow with the number of people."""
    today = day_of(now, tz)
    tasks = due.tasks(session, kinds=list(TaskKind), until=today + timedelta(days=COMING_DAYS))
    found = plan.current(session)
    week_starts_on = settings["week_starts_on"]
    return Today(
        date=today,
        overdue=[each for each in tasks if each.day < today],
        due=[each for each in tasks if each.day == today],
        coming=[each for each in tasks if each.day > today],
        has_start=found is not None and found.start_on is not None,
        chats=interactions.chats(session, states=[InteractionState.PLANNED], before=now + timedelta(days=CHAT_DAYS)),
        reviews=reviews.upcoming(session, until=today + timedelta(days=REVIEW_DAYS)),
        week=hours.week_summary(session, day=today, now=now, tz=tz, week_starts_on=week_starts_on),
        commitments=commitments.standing(session, now=now, tz=tz, week_starts_on=week_starts_on),
        advice=advise(session, now=now, tz=tz, settings=settings, limit=SUGGESTED),
        gaps_count=len(gaps.find(session)),
        undelivered=outbox_report.undelivered(session),
        proofs=evidence.proven(session, now=now, tz=tz),
    )
