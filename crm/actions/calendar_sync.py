"""Taking over what was done in a calendar elsewhere: a task that was finished or moved there, a commitment kept.

What was changed on one side only since the last time counts. Where both sides changed it, the program's word on whether
it is done stands, and of two days that which was set later.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import commitments, tasks
from crm.actions.checked import brief
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models import Commitment, Task
from crm.models.words import CommitmentState
from crm.settings import Settings
from crm.store import journal
from crm.store.tasks import day_of as day_of_task

NOON: Final = time(12)

What = Literal["done", "opened", "moved", "kept"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the calendar says of a thing to do.

    Attributes:
        due_on: by which day, in the person's zone; None if it says none.
        done: whether it is done there.
        done_at: when it was done, if that is said.
        modified_at: when it was changed last, if that is said.
    """

    due_on: date | None
    done: bool
    done_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing that was taken over.

    Attributes:
        ref: the task's or commitment's short id.
        title: its title.
        what: done, opened (again), moved, or kept (a check-in was made).
        due_on: the day to which it was moved.
        conflict: what was decided between two changes; empty where there was but one.
    """

    ref: str
    title: str
    what: What
    due_on: date | None = None
    conflict: str = ""

    @property
    def words(self) -> str:
        """It in a line."""
        did = {"done": "done", "opened": "opened again", "kept": "checked in"}.get(self.what, "moved")
        day = f" to {say_day(self.due_on)}" if self.due_on else ""
        return f"{did}{day}: {self.ref} {brief(self.title)}"


def of_task(
    session: Session,
    task: Task,
    *,
    agreed_on: date | None,
    agreed_done: bool,
    seen: Seen,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Taken | None:
    """Finish, open or move a task as it was in the calendar, as a command of its own; None if there is nothing to do.

    Args:
        session: the command's.
        task: as it is here.
        agreed_on: the day on which both sides agreed last.
        agreed_done: whether they agreed that it is done.
        seen: as it is there.
        now: the present instant, aware UTC.
        tz: the person's zone.
        settings: for the rules of etiquette.

    Raises:
        RefusedError: a rule of etiquette stands against the day.
    """
    done = task.done_at is not None
    if seen.done != agreed_done and done == agreed_done:
        task.done_at = max(min(seen.done_at or now, now), min(task.added_at, now)) if seen.done else None
        return _told(session, Taken(task.ref, task.title, "done" if seen.done else "opened"))
    day = day_of_task(task)
    if done or seen.due_on in {None, agreed_on, day}:
        return None
    conflict = ""
    if day != agreed_on:
        if seen.modified_at is None or seen.modified_at <= task.updated_at:
            return None
        conflict = f"it was moved here too, to {say_day(day) if day else 'no day'}; the later change counts"
    assert seen.due_on is not None
    _move(session, task, seen.due_on, now=now, tz=tz, settings=settings)
    return _told(session, Taken(task.ref, task.title, "moved", seen.due_on, conflict))


def _move(session: Session, task: Task, day: date, *, now: datetime, tz: ZoneInfo, settings: Settings) -> None:
    """To a later day it is put off, so that the day on which it was due is kept; else it becomes due then."""
    today = day_of(now, tz)
    if task.due_on is not None and day > max(today, task.due_on):
        tasks.snooze(session, task, day, today=today)
    else:
        tasks.edit(session, task, {"due_on": day}, anyway=None, now=now, tz=tz, settings=settings)


def of_commitment(
    session: Session,
    commitment: Commitment,
    *,
    agreed_done: bool,
    period: tuple[date, date],
    seen: Seen,
    now: datetime,
    tz: ZoneInfo,
    week_starts_on: str,
) -> Taken | None:
    """Check in once as the calendar says it was done, as a command of its own; None if there is nothing to do.

    It counts in its period whenever it was ticked off: on the period's last day, if that was after its end.

    Args:
        session: the command's.
        commitment: it.
        agreed_done: whether both sides agreed last that the period's is done.
        period: its first and last day.
        seen: as it is there.
        now: the present instant, aware UTC.
        tz: the person's zone.
        week_starts_on: monday ... sunday.
    """
    if not seen.done or agreed_done or commitment.state != CommitmentState.ACCEPTED:
        return None
    at = min(seen.done_at or now, now)
    if not period[0] <= day_of(at, tz) <= period[1]:
        at = now if period[0] <= day_of(now, tz) <= period[1] else local_instant(period[1], NOON, tz)
    stands = commitments.standing_of(session, commitment, now=at, tz=tz, week_starts_on=week_starts_on)
    if not stands.left or at > now:
        return None
    commitments.check_in(session, commitment, at=at, now=now)
    return _told(session, Taken(commitment.ref, commitment.title, "kept"))


def _told(session: Session, taken: Taken) -> Taken:
    journal.summarize(session, f"In the calendar, {taken.words}")
    return taken
