"""What is to have happened by a review, as calendars tell it, and how often that changed.

That is: items of the checklist still open by its day, and what is linked to it. A number that never falls counts
what was unlinked too. The number of queries does not depend on how much there is to tell.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.models import Contact, JournalChange, Question, Record, Review, ReviewLink, Task
from crm.models.words import TaskKind
from crm.store import records, reviews
from crm.store.review_links import Linkable
from crm.store.shape import table_of
from crm.store.told import (
    NAME_OF_A_CONTACT,
    OF_A_LINK,
    OF_A_TASK,
    TEXT_OF_A_QUESTION,
    Told,
    Version,
    Versions,
)

_AN_ERASED_LINK: Final = 100
"""It counts as so many changes, more than those of the erased person's name, which no longer count."""
_COLUMNS: Final = ("contact_id", "question_id", "task_id")


@dataclass(slots=True)
class ByThen:
    """What is to have happened by a review, and the versions of all that ever was.

    Attributes:
        items: of the checklist, open and due by the review's day; those without a day come first.
        links: the people, questions and tasks that are linked to it, in that order.
    """

    items: list[Task] = field(default_factory=list)
    links: list[Linkable] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)

    def things(self) -> list[Linkable]:
        """All of it, each once."""
        return list({(type(each), each.id): each for each in (*self.items, *self.links)}.values())


def by_then(session: Session) -> dict[int, ByThen]:
    """By the id of each review that is open and has a day, what is to have happened by then."""
    days = {each.id: day for each in records.every(session, Review) if (day := _day(each))}
    found = {each: ByThen() for each in days}
    tasks = records.every(session, Task)
    there: dict[int, list[Linkable]] = defaultdict(list)
    for model in (Contact, Question, Task):
        linked = sa.select(col(ReviewLink.review_id), model).join(model).order_by(col(ReviewLink.id))
        for number, thing in session.execute(linked):
            there[number].append(thing)
    links = _Links(session)
    named = [_of_linked(session, links, told, column) for column, told in _NAMED.items()]
    on_tasks = _Tasks(session, tasks, links.ever["task_id"].values())
    for number, day in days.items():
        each = found[number]
        each.items = sorted((task for task, values in on_tasks.items if _open_by(values, day)), key=_by_day)
        each.links = there[number]
        each.versions = [*links.of(number), *(version for some in named for version in some[number])]
        each.versions += on_tasks.by(day, links.ever["task_id"][number])
    return found


def _day(review: Review) -> date | None:
    return None if review.completed_at else reviews.day_due(review)


def _by_day(task: Task) -> tuple[date, int]:
    return task.snoozed_until_on or task.due_on or date.min, task.id


def _open_by(values: Mapping[str, Any], day: date) -> bool:
    """Whether a task with those columns, days as such or as text, is an item of the checklist open by that day."""
    due = values["snoozed_until_on"] or values["due_on"]
    return (
        values["kind"] == TaskKind.CHECKLIST and values["done_at"] is None and (not due or str(due) <= day.isoformat())
    )


class _Links:
    """The versions of all links there ever were, and the ids of what each review was ever linked to, by column."""

    def __init__(self, session: Session) -> None:
        there = records.every(session, ReviewLink)
        versions = Versions(session, OF_A_LINK)
        self._erased: list[Version] = []
        self._by_review: dict[int, list[Version]] = defaultdict(list)
        for values, version in versions.of_every(there):
            if values:
                self._by_review[values["review_id"]].append(version)
            else:
                self._erased.append(Version(version.revision * _AN_ERASED_LINK, version.updated_at))
        self.ever: dict[str, dict[int, set[int]]] = {each: defaultdict(set) for each in _COLUMNS}
        for values in [*(each.model_dump() for each in there), *(values for _, values in versions.ever())]:
            for column in _COLUMNS:
                if values.get(column) is not None:
                    self.ever[column][values["review_id"]].add(values[column])

    def of(self, review: int) -> list[Version]:
        return [*self._erased, *self._by_review[review]]


_NAMED: Final = {"contact_id": NAME_OF_A_CONTACT, "question_id": TEXT_OF_A_QUESTION}


def _of_linked(session: Session, links: _Links, told: Told, column: str) -> dict[int, list[Version]]:
    """By review, the versions of what it was ever linked to by that column."""
    ever = links.ever[column]
    present = sa.select(table_of(ReviewLink).c[column]).where(table_of(ReviewLink).c[column].is_not(None))
    change, model = table_of(JournalChange).c, told.model
    there = list(session.exec(select(model).where(col(model.id).in_(present))))
    once = sorted({number for some in ever.values() for number in some} - {each.id for each in there})[-records.BATCH :]
    either = sa.or_(change.row_id.in_(present), change.row_id.in_(once))
    ids = sa.select(change.row_id).where(change.table_name == table_of(model).name, either)
    by_id = {values["id"]: version for values, version in Versions(session, told, ids=ids).of_every(there)}
    found: dict[int, list[Version]] = defaultdict(list)
    for review, numbers in ever.items():
        found[review] = [by_id[each] for each in sorted(numbers & by_id.keys())]
    return found


class _Tasks:
    """The checklist's items, and how often what a review tells of tasks was changed."""

    def __init__(self, session: Session, tasks: list[Task], linked: Iterable[set[int]]) -> None:
        numbers = {number for some in linked for number in some}
        self._versions = Versions(session, OF_A_TASK)
        ever = [*((each.uid, each.model_dump()) for each in tasks), *self._versions.ever()]
        self._told = {uid for uid, values in ever if _may_be_told(values, numbers)}
        self._there: list[Record] = [each for each in tasks if each.uid in self._told]
        self.items = [(each, each.model_dump()) for each in tasks if each.kind == TaskKind.CHECKLIST]
        self._erased = [version for values, version in self._versions.of_every(tasks) if not values]

    def by(self, day: date, linked: Collection[int]) -> list[Version]:
        """The versions of those that a review on that day tells, or told once; `linked` are the ids of some."""
        counted = self._versions.counting(_said(day, linked), among=self._told)
        told = [version for _, version in counted.of_every(self._there) if version.revision > 0]
        return [*self._erased, *told]


def _may_be_told(values: Mapping[str, Any], linked: Collection[int]) -> bool:
    return values["kind"] == TaskKind.CHECKLIST or values["id"] in linked


def _said(day: date, linked: Collection[int]) -> Callable[[Mapping[str, Any]], object]:
    def said(values: Mapping[str, Any]) -> object:
        if _open_by(values, day):
            return values["title"], values["snoozed_until_on"] or values["due_on"]
        return values["title"] if values["id"] in linked else None

    return said
