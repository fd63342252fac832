"""Databases for the tests: copies of one that was made once, on SQLite or (CRM_TEST_DATABASE=postgresql) PostgreSQL."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres_support import Server

from crm.settings import load
from crm.store.engine import make_engine

ON_POSTGRES = os.environ.get("CRM_TEST_DATABASE") == "postgresql"
WAL_OF_MANY = 200_000  # bytes
MADE: list[str] = []
"""The databases on the server that this test made; they go when it ends."""

of_sqlite = pytest.mark.skipif(ON_POSTGRES, reason="SQLite's own: this is about its file")


def copy(url: str, folder: Path, *, kept: bool = False) -> str:
    """The URL of a copy of a database; SQLite's lies in the folder. What is `kept` outlives the test."""
    of = sa.make_url(url)
    if of.drivername == "sqlite":
        for beside in folder.glob("crm.db*"):
            beside.unlink()
        shutil.copy(str(of.database), folder / "crm.db").chmod(0o600)
        return f"sqlite:///{folder}/crm.db"
    made = Server(Path(str(of.query["host"]))).copy(str(of.database))
    if not kept:
        MADE.append(made)
    return made


def give_back_made() -> None:
    """Do away with the databases on the server that the test made."""
    while MADE:
        give_back(MADE.pop())


def give_back(url: str) -> None:
    """Do away with one."""
    of = sa.make_url(url)
    Server(Path(str(of.query["host"]))).give_back(str(of.database))


def url_of(home: Path) -> str:
    """The URL of the database that the commands use in this home."""
    return str(load({**os.environ, "CRM_HOME": str(home)}).database_url.value)


def engine_of(home: Path) -> sa.Engine:
    """The engine of the database that the commands use in this home."""
    return make_engine(url_of(home))


def begin_anew(url: str, home: Path) -> None:
    """Let the commands in this home use a new copy of a database, instead of the one that they used."""
    used = url_of(home)
    if used in MADE:
        give_back(MADE.pop(MADE.index(used)))
    made = copy(url, home)
    if ON_POSTGRES:
        os.environ["CRM_DATABASE_URL"] = made


def kept_copy(home: Path, folder: Path) -> str:
    """The URL of a copy, which outlives the test, of the database that the commands use in this home."""
    of = sa.make_url(url_of(home))
    if of.drivername != "sqlite":
        return copy(url_of(home), folder, kept=True)
    with closing(sqlite3.connect(str(of.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(folder / "crm.db"),))
    return f"sqlite:///{folder}/crm.db"


def text_on_server(home: Path) -> str:
    """The home's database as text, all tables of it; nothing where the database is a file in the home."""
    engine = engine_of(home)
    if engine.dialect.name == "sqlite":
        return ""
    with engine.connect() as connection:
        every = (
            sa.select(sa.text("*")).select_from(sa.table(name)) for name in sa.inspect(connection).get_table_names()
        )
        return "\n".join(str(value) for query in every for row in connection.execute(query) for value in row)


def is_written_to(home: Path) -> bool:
    """Whether another program is in the middle of writing many rows into the home's database."""
    of = sa.make_url(url_of(home))
    if of.drivername != "sqlite":
        inserting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO journal_change%'"
        return bool(Server(Path(str(of.query["host"]))).run(inserting, str(of.database)))
    try:
        return (home / "crm.db-wal").stat().st_size > WAL_OF_MANY
    except FileNotFoundError:  # it comes and goes with whoever writes
        return False
