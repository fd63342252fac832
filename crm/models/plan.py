"""The plan: reviews, hours, commitments, and what was last read from the worksheet."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from crm.models.base import Part, Record, Sourced, instant, link, word
from crm.models.words import ActivityRole, CommitmentState, Per


class Plan(Sourced, table=True):
    """The person's plan; there is one. Everything dated counts from `start_on`."""

    start_on: date | None = None
    begun_on: date | None = None
    total_hours: float | None = None
    weekly_hours: float | None = None
    months: int | None = None
    deadline_on: date | None = None
    goal: str | None = None
    partner: str | None = None
    timezone: str | None = None


class Review(Sourced, table=True):
    """A milestone so many weeks or calendar months after the plan's start; `scheduled_on` is where it was moved to."""

    LETTER: ClassVar[str] = "v"

    name: str = Field(unique=True)
    text: str = ""
    offset_weeks: int = 0
    offset_months: int = 0
    due_on: date | None = None
    scheduled_on: date | None = None
    started_at: datetime | None = instant()
    completed_at: datetime | None = instant()
    note: str | None = None


class ReviewAnswer(Part, table=True):
    """One question of a review's form and what the person wrote."""

    __tablename__ = "review_answer"
    OWNER: ClassVar[str] = "review_id"

    review_id: int = link("review")
    question: str
    text: str


class ReviewLink(Record, table=True):
    """A contact, question or task that is to have happened by a review."""

    __tablename__ = "review_link"

    review_id: int = link("review")
    contact_id: int | None = link("contact", required=False)
    question_id: int | None = link("question", required=False)
    task_id: int | None = link("task", required=False)


class Activity(Sourced, table=True):
    """What the week's hours go to."""

    LETTER: ClassVar[str] = "h"

    name: str = Field(unique=True)
    role: str = word(ActivityRole, ActivityRole.OTHER)


class ActivityTarget(Part, table=True):
    """From a day on, so many minutes a week, and a share of the whole in percent."""

    __tablename__ = "activity_target"
    OWNER: ClassVar[str] = "activity_id"

    activity_id: int = link("activity")
    from_on: date
    weekly_minutes: int | None = None
    share_percent: float | None = None


class Availability(Sourced, table=True):
    """What one weekday (0 = Monday) has room for."""

    weekday: int = Field(unique=True, ge=0, le=6)
    minutes: int | None = None
    best_time: str | None = None
    notes: str | None = None


class TimeEntry(Record, table=True):
    """Time spent on an activity; a running one has no minutes yet. A logged chat brings its own."""

    __tablename__ = "time_entry"
    LETTER: ClassVar[str] = "e"

    activity_id: int = link("activity")
    started_at: datetime = instant(required=True, index=True)
    minutes: int | None = None
    note: str | None = None
    interaction_id: int | None = link("interaction", required=False)


class Commitment(Sourced, table=True):
    """A promise to oneself, so many times per day, week or month; how often is in its versions."""

    LETTER: ClassVar[str] = "m"

    title: str
    state: str = word(CommitmentState, CommitmentState.PROPOSED)


class CommitmentVersion(Part, table=True):
    """From a day on, so many times per period."""

    __tablename__ = "commitment_version"
    OWNER: ClassVar[str] = "commitment_id"

    commitment_id: int = link("commitment")
    from_on: date
    times: int
    per: str = word(Per, Per.WEEK)


class CheckIn(Record, table=True):
    """Once more of a commitment, or a skip with its reason."""

    __tablename__ = "check_in"
    LETTER: ClassVar[str] = "k"

    commitment_id: int = link("commitment")
    done_at: datetime = instant(required=True, index=True)
    url: str | None = None
    note: str | None = None
    skip_reason: str | None = None


class WorksheetBaseline(Record, table=True):
    """The last value read of one field, or one notice (`field` is `notice`): what a later reading is compared with."""

    __tablename__ = "worksheet_baseline"
    LETTER: ClassVar[str] = "w"
    __table_args__ = (UniqueConstraint("kind", "key", "field"), {"sqlite_autoincrement": True})

    file: str
    line: int | None = None
    kind: str
    key: str
    field: str
    value: str
    record_uid: str | None = None
