"""Finding the record that a row of a file means, by what a person would call the same thing."""

from typing import Any

from sqlmodel import Session, SQLModel, col, select

from crm.models import (
    Activity,
    Availability,
    Commitment,
    Contact,
    Introduction,
    Organization,
    Plan,
    Question,
    QuestionAudience,
    Record,
    Referral,
    Relationship,
    Review,
    Tag,
    Task,
    Tombstone,
    WorksheetBaseline,
)
from crm.models.words import TaskKind
from crm.store.shape import table_of

BY_KIND: dict[str, type[Record]] = {
    "contact": Contact,
    "tag": Tag,
    "organization": Organization,
    "relationship": Relationship,
    "introduction": Introduction,
    "referral": Referral,
    "question": Question,
    "task": Task,
    "review": Review,
    "activity": Activity,
    "availability": Availability,
    "plan": Plan,
    "commitment": Commitment,
}


def baselines(session: Session) -> dict[tuple[str, str, str], WorksheetBaseline]:
    """What was last read, by kind, key and field."""
    return {(each.kind, each.key, each.field): each for each in session.exec(select(WorksheetBaseline))}


def by_uid(session: Session, kind: str, uid: str) -> Record | None:
    """The record of that kind and uid."""
    model = BY_KIND[kind]
    return session.exec(select(model).where(model.uid == uid)).first()


def was_removed(session: Session, uid: str) -> bool:
    """Whether a record of that uid was removed."""
    return session.exec(select(Tombstone).where(Tombstone.uid == uid)).first() is not None


def one(session: Session, model: type[SQLModel], **columns: Any) -> Any:  # noqa: ANN401 - the model decides
    """The first row whose columns have these values (None means NULL), or None."""
    table = table_of(model)
    wanted = [table.c[name].is_(None) if value is None else table.c[name] == value for name, value in columns.items()]
    return session.exec(select(model).where(*wanted).order_by(table.c.id)).first()


def checklist_item(session: Session, title: str) -> Task | None:
    """The checklist item of that title."""
    return session.exec(select(Task).where(Task.title == title, Task.kind == TaskKind.CHECKLIST)).first()


def question(session: Session, text: str, *, contact_id: int | None, tag_id: int | None) -> Question | None:
    """The question of that text for that audience; with neither, for anybody."""
    query = select(Question).where(Question.text == text)
    audience = select(QuestionAudience.question_id)
    if contact_id is None and tag_id is None:
        return session.exec(query.where(col(Question.id).not_in(audience))).first()
    audience = audience.where(QuestionAudience.contact_id == contact_id, QuestionAudience.tag_id == tag_id)
    return session.exec(query.where(col(Question.id).in_(audience))).first()
