"""Databases as an older version of the program left them: made by the migrations of then, and filled without models."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from crm.store import migrate
from crm.store.engine import make_engine

THEN = datetime(2026, 1, 1, 17, tzinfo=UTC)
SINCE_SEARCH = "0003"


def older(url: str, revision: str) -> sa.Engine:
    """A database with nothing in it gets the tables of an older revision, and its search index where that had one."""
    engine = make_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision >= SINCE_SEARCH:
            migrate.search.build(connection)
    return engine


def put(engine: sa.Engine, table: str, **values: Any) -> dict[str, Any]:
    """Insert a row and give it; what the table demands and is not said is blank."""
    with engine.begin() as connection:
        there = sa.Table(table, sa.MetaData(), autoload_with=connection)
        demanded = [each for each in there.c if not each.nullable and not each.primary_key]
        row = {each.name: _blank(each) for each in demanded} | values
        number = connection.execute(sa.insert(there).values(row).returning(there.c.id)).scalar_one()
        return row | {"id": number}


def _blank(column: sa.Column[Any]) -> Any:
    if column.name == "uid":
        return str(uuid4())
    blanks = {str: "", int: 0, bool: False, datetime: THEN, date: THEN.date(), object: []}  # object is JSON
    return blanks[column.type.python_type]
