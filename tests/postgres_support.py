"""A throwaway PostgreSQL server for the tests: its own data folder, a unix socket and no network, gone at the end."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm.store import migrate
from crm.store.engine import make_engine

TEMPLATE = "crm_template"
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=20"


@dataclass
class Server:
    """A running server, and the databases made on it so far."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str) -> str:
        """How to reach one of its databases."""
        return f"postgresql+psycopg://crm@/{name}?host={self.folder}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database with all tables and no rows."""
        name = f"crm_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        """Run one statement that no transaction may hold."""
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)  # noqa: TID251 - databases are made outside the program
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def fill_template(self) -> None:
        """Make the database that the others are copies of."""
        self.run(f"CREATE DATABASE {TEMPLATE}")
        migrate.upgrade(make_engine(self.url(TEMPLATE)), now=datetime(2026, 1, 5, tzinfo=UTC))


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A server that has started; skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not installed (Debian and Ubuntu: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
    user = _unprivileged()
    if user is not None:
        shutil.chown(folder, user)

    def run(name: str, *arguments: str) -> None:
        command = [str(programs / name), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder, timeout=60)

    try:
        run("initdb", "-U", "crm", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' {FAST}"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            started = Server(folder)
            started.fill_template()
            yield started
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    """Where the server's programs are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    places = [Path(found).resolve()] if found else debian[-1:]
    return next((place.parent for place in places if (place.parent / "pg_ctl").exists()), None)


def _unprivileged() -> str | None:
    """Whom the server runs as, which refuses to be root; None where this is not root."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
