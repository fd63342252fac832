"""What refers to a record, so that nothing is removed from under something else."""

from collections.abc import Iterator
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

from crm import models
from crm.models import Part, Record

T = TypeVar("T", bound=SQLModel)

MODELS = tuple(each for name in models.__all__ if hasattr(each := getattr(models, name), "__table__"))


def to(session: Session, record: Record) -> list[SQLModel]:
    """Every row that refers to the record, its own parts aside, in the order of the tables and then of the rows."""
    return [row for model in MODELS for row in of_kind(session, record, model)]


def of_kind(session: Session, record: Record, model: type[T]) -> list[T]:
    """The rows of one table that refer to the record, its own parts aside."""
    columns = list(_links(model, record))
    if not columns:
        return []
    is_it = [column == record.id for column in columns]
    return list(session.exec(select(model).where(sa.or_(*is_it)).order_by(columns[0].table.c.id)))


def _links(model: type[SQLModel], record: Record) -> Iterator[sa.Column[int]]:
    table, target = sa.inspect(model).local_table, sa.inspect(type(record)).local_table
    owner = model.OWNER if issubclass(model, Part) else None
    for column in table.columns:
        if column.name != owner and any(key.column.table is target for key in column.foreign_keys):
            yield column
