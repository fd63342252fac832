"""Databases for the tests: copies of one that was made once, on SQLite or (CRM_TEST_DATABASE=postgresql) PostgreSQL."""

import os
import shutil
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
        url = sa.make_url(MADE.pop())
        Server(Path(str(url.query["host"]))).give_back(str(url.database))


def url_of(home: Path) -> str:
    """The URL of the database that the commands use in this home."""
    return str(load({**os.environ, "CRM_HOME": str(home)}).database_url.value)


def engine_of(home: Path) -> sa.Engine:
    """The engine of the database that the commands use in this home."""
    return make_engine(url_of(home))


def begin_anew(url: str, home: Path) -> None:
    """Let the commands in this home use a new copy of a database."""
    made = copy(url, home)
    if ON_POSTGRES:
        os.environ["CRM_DATABASE_URL"] = made


def is_written_to(home: Path) -> bool:
    """Whether another program is in the middle of writing many rows into the home's database."""
    of = sa.make_url(url_of(home))
    if of.drivername != "sqlite":
        inserting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO journal_change%'"
        return bool(Server(Path(str(of.query["host"]))).run(inserting, str(of.database)))
    log = home / "crm.db-wal"
    return log.exists() and log.stat().st_size > WAL_OF_MANY
