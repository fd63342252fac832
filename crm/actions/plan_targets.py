"""Where the rows of the plan go: checklist, reviews, activities, availability, plan, commitments."""

from datetime import date
from typing import Any

from sqlmodel import Session

from crm import models as m
from crm import rows as r
from crm.actions.merging import Access, Moment, Target, column
from crm.actions.plan import start_plan, the_plan
from crm.actions.targets import source
from crm.models.words import Per, TaskKind
from crm.store import matching, records

NO_TARGET = {"weekly_minutes": None, "share_percent": None}
ONCE = {"times": 1, "per": Per.WEEK.value}


def _make_task(session: Session, row: r.TaskRow) -> m.Task:
    return records.add(session, m.Task(title=row.title, kind=TaskKind.CHECKLIST, **source(row)))


def _put_task_done(_session: Session, task: m.Task, done: bool, moment: Moment) -> None:
    task.done_at = moment.now if done else None


def _put_review_done(_session: Session, review: m.Review, done: bool, moment: Moment) -> None:
    review.completed_at = moment.now if done else None


def _dated(model: type[m.ActivityTarget | m.CommitmentVersion], name: str, **first: Any) -> Access:  # noqa: ANN401 - column values
    """A field of a record's newest dated part; a changed one counts from today, so that the past keeps its own."""

    def newest(session: Session, record: m.Record) -> Any:  # noqa: ANN401 - one of the models
        return max(records.parts(session, model, record), key=lambda each: each.from_on, default=None)

    def get(session: Session, record: m.Record) -> object:
        return getattr(newest(session, record), name, None)

    def put(session: Session, record: m.Record, value: object, moment: Moment) -> None:
        part = newest(session, record)
        if part is None or part.from_on != moment.today:
            kept = {field: getattr(part, field) for field in first} if part else first
            values: dict[str, Any] = {**kept, model.OWNER: record.id, "from_on": moment.today}
            part = model(**values)
        setattr(part, name, value)
        records.add(session, part)

    return Access(get, put)


def _put_start(session: Session, _plan: m.Plan, start_on: date, moment: Moment) -> None:
    start_plan(session, start_on, today=moment.today)


TASK = Target(
    find=lambda session, row: matching.checklist_item(session, row.title),
    make=_make_task,
    fields={
        "horizon": column("horizon"),
        "done": Access(lambda _session, task: task.done_at is not None, _put_task_done),
    },
)
REVIEW = Target(
    find=lambda session, row: matching.one(session, m.Review, name=row.name),
    make=lambda session, row: records.add(session, m.Review(name=row.name, **source(row))),
    fields={
        "text": column("text"),
        "offset_weeks": column("offset_weeks"),
        "offset_months": column("offset_months"),
        "done": Access(lambda _session, review: review.completed_at is not None, _put_review_done),
    },
)
ACTIVITY = Target(
    find=lambda session, row: matching.one(session, m.Activity, name=row.name),
    make=lambda session, row: records.add(session, m.Activity(name=row.name, **source(row))),
    fields={
        "role": column("role"),
        "weekly_minutes": _dated(m.ActivityTarget, "weekly_minutes", **NO_TARGET),
        "share_percent": _dated(m.ActivityTarget, "share_percent", **NO_TARGET),
    },
)
AVAILABILITY = Target(
    find=lambda session, row: matching.one(session, m.Availability, weekday=row.weekday),
    make=lambda session, row: records.add(session, m.Availability(weekday=row.weekday, **source(row))),
    fields={"minutes": column("minutes"), "best_time": column("best_time"), "notes": column("notes")},
)
PLAN = Target(
    find=lambda session, _row: the_plan(session),
    make=lambda session, _row: the_plan(session),
    fields={
        **{name: column(name) for name in ("total_hours", "weekly_hours", "months", "deadline_on", "goal", "partner")},
        "start_on": Access(lambda _session, plan: plan.start_on, _put_start),
    },
)
COMMITMENT = Target(
    find=lambda session, row: matching.one(session, m.Commitment, title=row.title),
    make=lambda session, row: records.add(session, m.Commitment(title=row.title, **source(row))),
    fields={
        "state": column("state"),
        "times": _dated(m.CommitmentVersion, "times", **ONCE),
        "per": _dated(m.CommitmentVersion, "per", **ONCE),
    },
)
