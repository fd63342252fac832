"""Full text search came in. Its index is not made here: crm.store.search makes it anew after every upgrade."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change nothing; that there is a revision has the upgrade run, and with it the index made."""
