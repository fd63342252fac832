"""When an introduction or referral came into its state, thanks, and the etiquette that was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table; what stands there already has no such instant."""
    for table in ("introduction", "referral"):
        op.add_column(table, sa.Column("moved_at", INSTANT, nullable=True))
        op.add_column(table, sa.Column("thanked_at", INSTANT, nullable=True))
    op.add_column("referral", sa.Column("outcome", sa.String, nullable=True))
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(36), unique=True, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("contact_id", sa.Integer, sa.ForeignKey("contact.id"), nullable=False, index=True),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
