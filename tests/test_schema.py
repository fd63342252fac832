"""The migrations and the models describe the same tables."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from crm.migrations import HEAD, KNOWN
from crm.store.engine import make_engine


def test_migrations_make_exactly_the_models_tables(empty_database):
    """A database made by the migrations differs in nothing from the models."""
    with make_engine(f"sqlite:///{empty_database}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_head_is_the_last_known_revision(empty_database):
    """The constant that start-up compares with is what the migrations end at."""
    with make_engine(f"sqlite:///{empty_database}").connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD == KNOWN[-1]
