"""The whole lossless document: people, outreach, plan, outbox and journal."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT, NUMBER, DECIMAL, FLAG, DAY, JSON = sa.String, sa.Integer, sa.Float, sa.Boolean, sa.Date, sa.JSON
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables, those referred to first."""
    _people()
    _interactions()
    _asking()
    _plan()
    _hours_and_commitments()
    _outbox()
    _journal()


def _column(name: str, kind: Any, *, null: bool = False, **options: Any) -> sa.Column[Any]:  # noqa: ANN401 - any column type
    return sa.Column(name, kind, nullable=null, **options)


def _link(
    name: str, table: str, *, null: bool = False, index: bool = True, ondelete: str | None = None
) -> sa.Column[int]:
    return sa.Column(name, NUMBER, sa.ForeignKey(f"{table}.id", ondelete=ondelete), nullable=null, index=index)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, sa.Column("id", NUMBER, primary_key=True), *parts, sqlite_autoincrement=True)


def _record(name: str, *parts: sa.schema.SchemaItem) -> None:
    identity = (
        _column("uid", sa.String(36), unique=True),
        _column("revision", NUMBER),
        _column("added_at", INSTANT),
        _column("updated_at", INSTANT),
    )
    _table(name, *identity, *parts)


def _sourced(name: str, *parts: sa.schema.SchemaItem) -> None:
    source = (
        _column("source_file", TEXT, null=True),
        _column("source_line", NUMBER, null=True),
        _column("source_inferred", FLAG),
    )
    _record(name, *source, *parts)


def _people() -> None:
    _sourced(
        "contact",
        _column("name", TEXT),
        _column("name_key", TEXT, index=True),
        _column("first_key", TEXT, index=True),
        _column("kind", TEXT),
        _column("aliases", JSON),
        _column("tier", TEXT),
        _column("stage", TEXT),
        _column("context", TEXT, null=True),
        _column("place", TEXT, null=True),
        _column("how_to_reach", TEXT, null=True),
        _column("status_text", TEXT, null=True),
        _column("birthday", TEXT, null=True),
        _column("cadence_min_days", NUMBER, null=True),
        _column("cadence_max_days", NUMBER, null=True),
        _column("last_contact_at", INSTANT, null=True),
        _column("archived_at", INSTANT, null=True),
        _column("notes", TEXT, null=True),
        _column("private_notes", TEXT, null=True),
        _column("external_ids", JSON),
    )
    _sourced(
        "organization",
        _column("name", TEXT),
        _column("name_key", TEXT, unique=True),
        _column("aliases", JSON),
        _column("target", FLAG),
        _column("notes", TEXT, null=True),
    )
    _record("setting", _column("name", TEXT, unique=True), _column("value", TEXT))
    _sourced("tag", _column("name", TEXT, unique=True), _column("description", TEXT, null=True))
    _table(
        "tombstone",
        _column("table_name", TEXT),
        _column("ref", TEXT, null=True),
        _column("uid", TEXT, index=True),
        _column("revision", NUMBER),
        _column("removed_at", INSTANT),
    )
    _table(
        "contact_method",
        _link("contact_id", "contact"),
        _column("kind", TEXT),
        _column("value", TEXT),
        _column("label", TEXT, null=True),
        _column("primary", FLAG),
    )
    _table("contact_tag", _link("contact_id", "contact"), _link("tag_id", "tag"))
    _table(
        "position",
        _link("contact_id", "contact"),
        _link("organization_id", "organization", null=True),
        _column("title", TEXT, null=True),
        _column("current", FLAG),
    )
    _sourced(
        "relationship",
        _link("from_contact_id", "contact"),
        _link("to_contact_id", "contact"),
        _column("type", TEXT),
        _column("note", TEXT, null=True),
    )
    _record("tag_cadence", _link("tag_id", "tag"), _column("min_days", NUMBER), _column("max_days", NUMBER))


def _interactions() -> None:
    _sourced(
        "interaction",
        _column("kind", TEXT),
        _column("state", TEXT),
        _column("direction", TEXT),
        _column("starts_at", INSTANT, index=True),
        _column("minutes", NUMBER, null=True),
        _column("place", TEXT, null=True),
        _column("note", TEXT, null=True),
        _column("private_note", TEXT, null=True),
    )
    _table("interaction_contact", _link("interaction_id", "interaction"), _link("contact_id", "contact"))
    _sourced(
        "task",
        _column("title", TEXT),
        _column("kind", TEXT),
        _column("horizon", TEXT, null=True),
        _column("owner", TEXT),
        _link("contact_id", "contact", null=True),
        _link("interaction_id", "interaction", null=True),
        _column("due_on", DAY, null=True, index=True),
        _column("snoozed_until_on", DAY, null=True),
        _column("done_at", INSTANT, null=True),
        _link("evidence_id", "interaction", null=True),
        _column("note", TEXT, null=True),
    )


def _asking() -> None:
    _sourced("question", _column("text", TEXT), _column("state", TEXT))
    _record(
        "answer",
        _link("question_id", "question"),
        _link("contact_id", "contact"),
        _link("interaction_id", "interaction", null=True),
        _column("text", TEXT),
        _column("asked_at", INSTANT),
    )
    _sourced(
        "introduction",
        _link("connector_id", "contact"),
        _link("contact_id", "contact", null=True),
        _link("organization_id", "organization", null=True),
        _column("placeholder", TEXT, null=True),
        _column("want", TEXT),
        _column("state", TEXT),
        _column("asked_at", INSTANT, null=True),
        _column("due_on", DAY, null=True),
        _column("note", TEXT, null=True),
    )
    _table(
        "question_audience",
        _link("question_id", "question"),
        _link("contact_id", "contact", null=True),
        _link("tag_id", "tag", null=True),
    )
    _sourced(
        "referral",
        _link("contact_id", "contact", null=True),
        _link("tag_id", "tag", null=True),
        _link("organization_id", "organization", null=True),
        _column("role", TEXT, null=True),
        _column("state", TEXT),
        _column("asked_at", INSTANT, null=True),
        _column("note", TEXT, null=True),
    )


def _plan() -> None:
    _sourced(
        "plan",
        _column("start_on", DAY, null=True),
        _column("begun_on", DAY, null=True),
        _column("total_hours", DECIMAL, null=True),
        _column("weekly_hours", DECIMAL, null=True),
        _column("months", NUMBER, null=True),
        _column("deadline_on", DAY, null=True),
        _column("goal", TEXT, null=True),
        _column("partner", TEXT, null=True),
        _column("timezone", TEXT, null=True),
    )
    _sourced(
        "review",
        _column("name", TEXT, unique=True),
        _column("text", TEXT),
        _column("offset_weeks", NUMBER),
        _column("offset_months", NUMBER),
        _column("due_on", DAY, null=True),
        _column("scheduled_on", DAY, null=True),
        _column("started_at", INSTANT, null=True),
        _column("completed_at", INSTANT, null=True),
        _column("note", TEXT, null=True),
    )
    _record(
        "worksheet_baseline",
        _column("file", TEXT),
        _column("line", NUMBER, null=True),
        _column("kind", TEXT),
        _column("key", TEXT),
        _column("field", TEXT),
        _column("value", TEXT),
        _column("record_uid", TEXT, null=True),
        sa.UniqueConstraint("kind", "key", "field"),
    )
    _table("review_answer", _link("review_id", "review"), _column("question", TEXT), _column("text", TEXT))
    _record(
        "review_link",
        _link("review_id", "review"),
        _link("contact_id", "contact", null=True),
        _link("question_id", "question", null=True),
        _link("task_id", "task", null=True),
    )


def _hours_and_commitments() -> None:
    _sourced("activity", _column("name", TEXT, unique=True), _column("role", TEXT))
    _sourced(
        "availability",
        _column("weekday", NUMBER, unique=True),
        _column("minutes", NUMBER, null=True),
        _column("best_time", TEXT, null=True),
        _column("notes", TEXT, null=True),
    )
    _sourced("commitment", _column("title", TEXT), _column("state", TEXT))
    _table(
        "activity_target",
        _link("activity_id", "activity"),
        _column("from_on", DAY),
        _column("weekly_minutes", NUMBER, null=True),
        _column("share_percent", DECIMAL, null=True),
    )
    _record(
        "check_in",
        _link("commitment_id", "commitment"),
        _column("done_at", INSTANT, index=True),
        _column("url", TEXT, null=True),
        _column("note", TEXT, null=True),
        _column("skip_reason", TEXT, null=True),
    )
    _table(
        "commitment_version",
        _link("commitment_id", "commitment"),
        _column("from_on", DAY),
        _column("times", NUMBER),
        _column("per", TEXT),
    )
    _record(
        "time_entry",
        _link("activity_id", "activity"),
        _column("started_at", INSTANT, index=True),
        _column("minutes", NUMBER, null=True),
        _column("note", TEXT, null=True),
        _link("interaction_id", "interaction", null=True),
    )


def _outbox() -> None:
    _table(
        "daemon_status",
        _column("host", TEXT),
        _column("pid", NUMBER),
        _column("started_at", INSTANT),
        _column("last_tick_at", INSTANT, null=True),
        _column("last_sent_at", INSTANT, null=True),
        _column("next_wake_at", INSTANT, null=True),
        _column("last_error", TEXT, null=True),
        _column("stopped_at", INSTANT, null=True),
    )
    _record(
        "reminder",
        _column("key", TEXT, unique=True),
        _column("rule", TEXT),
        _column("title", TEXT),
        _column("body", TEXT),
        _column("subject_table", TEXT, null=True),
        _column("subject_uid", TEXT, null=True, index=True),
        _column("local_on", DAY),
        _column("due_at", INSTANT, index=True),
        _column("expires_at", INSTANT, null=True),
        _column("snoozed_until_at", INSTANT, null=True),
        _column("state", TEXT),
    )
    _record(
        "delivery",
        _link("reminder_id", "reminder", index=False, ondelete="CASCADE"),
        _column("channel", TEXT),
        _column("state", TEXT),
        _column("not_before_at", INSTANT),
        _column("attempt", NUMBER),
        _column("max_attempts", NUMBER),
        _column("lease_owner", TEXT, null=True),
        _column("lease_until_at", INSTANT, null=True),
        _column("sent_at", INSTANT, null=True),
        _column("message_id", TEXT),
        _column("error_class", TEXT, null=True),
        _column("error", TEXT, null=True),
        _column("coalesced_into", TEXT, null=True),
        _column("payload_version", NUMBER),
        sa.UniqueConstraint("reminder_id", "channel"),
    )
    op.create_index("ix_delivery_state_not_before_at", "delivery", ["state", "not_before_at"])
    _table(
        "attempt",
        _link("delivery_id", "delivery", ondelete="CASCADE"),
        _column("number", NUMBER),
        _column("owner", TEXT),
        _column("started_at", INSTANT),
        _column("ended_at", INSTANT, null=True),
        _column("outcome", TEXT, null=True),
        _column("detail", TEXT, null=True),
    )


def _journal() -> None:
    _table(
        "journal_command",
        _column("name", TEXT),
        _column("summary", TEXT),
        _column("actor", TEXT),
        _column("at", INSTANT),
        _column("schema_revision", TEXT),
        _column("undone_at", INSTANT, null=True),
    )
    _table(
        "journal_change",
        _link("command_id", "journal_command"),
        _column("table_name", TEXT),
        _column("row_id", NUMBER),
        _column("row_uid", TEXT, null=True, index=True),
        _column("before", JSON, null=True),
        _column("after", JSON, null=True),
    )
    op.create_index("ix_journal_change_row", "journal_change", ["table_name", "row_id"])
