"""On PostgreSQL, names of any length: its usual index takes 2,700 bytes. On SQLite nothing changes."""

from alembic import op

revision = "0004"
down_revision = "0003"

LOOKED_UP = (("contact", "name_key"), ("contact", "first_key"))
UNIQUE = (
    ("organization", "name_key"),
    ("tag", "name"),
    ("activity", "name"),
    ("review", "name"),
    ("setting", "name"),
)


def upgrade() -> None:
    """Keep a digest of each in the index, as hash indexes do; what is unique stays so."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column in LOOKED_UP:
        op.drop_index(f"ix_{table}_{column}", table)
        op.execute(f"CREATE INDEX ix_{table}_{column} ON {table} USING hash ({column})")
    for table, column in UNIQUE:
        name = f"uq_{table}_{column}"
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING hash ({column} WITH =)")
    op.execute("ALTER TABLE worksheet_baseline DROP CONSTRAINT uq_worksheet_baseline_kind_key_field")
    digests = "kind, md5(key), md5(field)"  # a hash index has one column only
    op.execute(f"CREATE UNIQUE INDEX uq_worksheet_baseline_kind_key_field ON worksheet_baseline ({digests})")
    op.execute("CREATE INDEX ix_worksheet_baseline_key ON worksheet_baseline USING hash (key)")
