"""What is urgent, which channel another stands in for, and rules of their own for promises and the checklist."""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
TASK = sa.table("task", sa.column("uid", sa.String), sa.column("kind", sa.String))
REMINDER = sa.table(
    "reminder",
    sa.column("id", sa.Integer),
    sa.column("key", sa.String),
    sa.column("rule", sa.String),
    sa.column("subject_uid", sa.String),
    sa.column("snoozed_until_at", INSTANT),
)
DELIVERY = sa.table(
    "delivery",
    sa.column("id", sa.Integer),
    sa.column("reminder_id", sa.Integer),
    sa.column("channel", sa.String),
    sa.column("message_id", sa.String),
)


def upgrade() -> None:
    """Add the columns, and rename occurrences together with their messages, so that none is said a second time."""
    op.add_column("reminder", sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("delivery", sa.Column("in_place_of", sa.String, nullable=True))
    promises = sa.select(TASK.c.uid).where(TASK.c.kind == "promise")
    _rename("task", "checklist", sa.true())
    _rename("follow_up", "promise", REMINDER.c.subject_uid.in_(promises))


def _rename(old: str, new: str, where: sa.ColumnElement[bool]) -> None:
    connection = op.get_bind()
    for number, key, until in connection.execute(
        sa.select(REMINDER.c.id, REMINDER.c.key, REMINDER.c.snoozed_until_at).where(REMINDER.c.rule == old, where)
    ).all():
        renamed = new + key.removeprefix(old)
        connection.execute(sa.update(REMINDER).where(REMINDER.c.id == number).values(rule=new, key=renamed))
        _rename_messages(number, key, renamed, until)


def _rename_messages(number: int, key: str, renamed: str, until: datetime | None) -> None:
    connection = op.get_bind()
    deliveries = sa.select(DELIVERY.c.id, DELIVERY.c.channel, DELIVERY.c.message_id)
    for delivery, channel, message in connection.execute(deliveries.where(DELIVERY.c.reminder_id == number)).all():
        for put_off in (until, None):
            if message == _message_id(key, channel, put_off):
                values = {"message_id": _message_id(renamed, channel, put_off)}
                connection.execute(sa.update(DELIVERY).where(DELIVERY.c.id == delivery).values(values))
                break


def _message_id(key: str, channel: str, until: datetime | None) -> str:
    """As messages were named when this was written; SQLite gives instants without their zone, PostgreSQL in any."""
    utc = until and (until.astimezone(UTC) if until.tzinfo else until.replace(tzinfo=UTC))
    digest = hashlib.sha256("\n".join((key, channel, utc.isoformat() if utc else "")).encode()).hexdigest()
    return f"{digest[:32]}@networking-crm"
