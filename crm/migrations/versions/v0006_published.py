"""What was put into calendars elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "published",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("href", sa.String, nullable=False),
        sa.Column("etag", sa.String, nullable=True),
        sa.Column("fingerprint", sa.String, nullable=True),
        sa.Column("due_on", sa.Date, nullable=True),
        sa.Column("done", sa.Boolean, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_published"),
        sa.UniqueConstraint("target", "uid", name="uq_published_target_uid"),
        sqlite_autoincrement=True,
    )
