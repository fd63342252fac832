"""Every write with its before and after: what `crm undo` and `crm history` work from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from crm.models.base import Numbered, instant, link


class JournalCommand(Numbered, table=True):
    """One command that wrote; `actor` is person or daemon, and only a person's is undone."""

    __tablename__ = "journal_command"

    name: str
    summary: str = ""
    actor: str = "person"
    at: datetime = instant(required=True)
    schema_revision: str
    undone_at: datetime | None = instant()


class JournalChange(Numbered, table=True):
    """One row that a command added, changed or removed: its columns before and after, as JSON."""

    __tablename__ = "journal_change"
    __table_args__ = (Index("ix_journal_change_row", "table_name", "row_id"), {"sqlite_autoincrement": True})

    command_id: int = link("journal_command")
    table_name: str
    row_id: int
    row_uid: str | None = Field(default=None, index=True)
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)
