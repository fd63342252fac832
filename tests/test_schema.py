"""The migrations and the models describe the same tables."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from database_support import ON_POSTGRES
from sqlmodel import SQLModel

from crm.migrations import HEAD, KNOWN
from crm.store.engine import make_engine

BEHIND = () if ON_POSTGRES else ("config", "content", "data", "docsize", "idx")
SEARCH_TABLES = {"search", "search_stale", *(f"search_{part}" for part in BEHIND)}
"""The search index and what FTS5 keeps behind it: made by crm.store.search and no models."""

LONG = {
    "ix_worksheet_baseline_key",
    "uq_worksheet_baseline_kind_key_field",
    *(f"uq_{name}" for name in ("activity_name", "organization_name_key", "review_name", "setting_name", "tag_name")),
}
"""What holds values of any length on PostgreSQL, by a digest (revision 0004)."""


def outside(_item, name, kind, _reflected, _compared):
    """Whether alembic is to look at it: the search index is not of the models, nor is LONG."""
    return name not in (SEARCH_TABLES if kind == "table" else LONG if ON_POSTGRES else ())


def test_migrations_make_exactly_the_models_tables(empty_database):
    """A database made by the migrations differs in nothing from the models, the search index aside."""
    options = {"compare_type": True, "compare_server_default": True, "include_object": outside}
    with make_engine(empty_database).connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
        assert set(sa.inspect(connection).get_table_names()) >= SEARCH_TABLES


def test_head_is_the_last_known_revision(empty_database):
    """The constant that start-up compares with is what the migrations end at."""
    with make_engine(empty_database).connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD == KNOWN[-1]
