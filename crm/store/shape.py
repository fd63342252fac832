"""The shape of the lossless document: which table stands under which key, and how its columns are told.

The exporter writes by it and the import reads by it, so that the two cannot drift apart. Integer ids never appear:
a link is told by the uid (or, for tags on a contact, the name) of what it points at.
"""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel

from crm import models as m

FORMAT = "networking-crm"
VERSION = 1

RENAMED = {"from_contact_id": "from", "to_contact_id": "to"}
HOURS = {("activity_target", "weekly_minutes"): "weekly_hours", ("availability", "minutes"): "hours"}
GROUPS = {"source_": "source", "cadence_": "cadence"}
LOOKUP_ONLY = {"name_key", "first_key"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its key in the document, the group it stands in, and the table it links to."""

    name: str
    key: str
    group: str | None
    target: sa.Table | None
    hours: bool


@dataclass(frozen=True, slots=True)
class Nested:
    """A record's parts, as a list under `key`; `flat` tells each by one link only, by that column of its target."""

    key: str
    model: type[m.Part]
    flat: str | None = None
    by: str = "uid"


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of the document."""

    key: str
    model: type[SQLModel]
    nested: tuple[Nested, ...] = ()
    private: frozenset[str] = field(default_factory=frozenset)

    @property
    def table(self) -> sa.Table:
        """The table."""
        return table_of(self.model)


SHAPES = (
    Shape("plan", m.Plan),
    Shape("organizations", m.Organization),
    Shape("tags", m.Tag),
    Shape("tag_cadences", m.TagCadence),
    Shape(
        "contacts",
        m.Contact,
        (
            Nested("tags", m.ContactTag, flat="tag_id", by="name"),
            Nested("positions", m.Position),
            Nested("methods", m.ContactMethod),
        ),
        frozenset({"private_notes"}),
    ),
    Shape("relationships", m.Relationship),
    Shape("introductions", m.Introduction),
    Shape(
        "interactions",
        m.Interaction,
        (Nested("contacts", m.InteractionContact, flat="contact_id"),),
        frozenset({"private_note"}),
    ),
    Shape("questions", m.Question, (Nested("audience", m.QuestionAudience),)),
    Shape("answers", m.Answer),
    Shape("referrals", m.Referral),
    Shape("waivers", m.Waiver),
    Shape("tasks", m.Task),
    Shape("reviews", m.Review, (Nested("answers", m.ReviewAnswer),)),
    Shape("review_links", m.ReviewLink),
    Shape("activities", m.Activity, (Nested("targets", m.ActivityTarget),)),
    Shape("availability", m.Availability),
    Shape("time_entries", m.TimeEntry),
    Shape("commitments", m.Commitment, (Nested("versions", m.CommitmentVersion),)),
    Shape("check_ins", m.CheckIn),
    Shape("reminders", m.Reminder),
    Shape("deliveries", m.Delivery, (Nested("attempts", m.Attempt),)),
    Shape("worksheet_baseline", m.WorksheetBaseline),
    Shape("settings", m.Setting),
    Shape("tombstones", m.Tombstone),
)
BY_MODEL = {shape.model: shape for shape in SHAPES}


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table of a model."""
    table = sa.inspect(model).local_table
    assert isinstance(table, sa.Table)
    return table


def kind_of(column: sa.Column[Any]) -> type:
    """The Python type of a column's values; a type that decorates another would only say `object`."""
    of = column.type
    return (of.impl_instance if isinstance(of, sa.TypeDecorator) else of).python_type


def columns(model: type[SQLModel]) -> list[Column]:
    """The columns the document tells, in the table's order."""
    hidden = LOOKUP_ONLY | {"id", getattr(model, "OWNER", "")}
    return [_column(column) for column in table_of(model).columns if column.name not in hidden]


def _column(column: sa.Column[object]) -> Column:
    link = next(iter(column.foreign_keys), None)
    hours = HOURS.get((column.table.name, column.name))
    prefix = next((prefix for prefix in GROUPS if column.name.startswith(prefix)), None)
    key = RENAMED.get(column.name) or hours or (column.name.removesuffix("_id") if link else column.name)
    return Column(
        name=column.name,
        key=key.removeprefix(prefix or ""),
        group=GROUPS[prefix] if prefix else None,
        target=link.column.table if link else None,
        hours=bool(hours),
    )
