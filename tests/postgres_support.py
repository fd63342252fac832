"""A throwaway PostgreSQL server for the tests: its own data folder, a unix socket and no network, gone at the end."""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock

from crm.store import migrate
from crm.store.engine import make_engine

BLANK = "crm_blank"
TEMPLATE = "crm_template"
NUMBERS = count(1)
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=60"
ELSEWHERE = "-c timezone=Asia/Kolkata"  # a server may live in any zone
SORTED_AS_PEOPLE_DO = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
"""Databases out there sort and compare by a language's rules, and SQLite by code points: neither may matter."""


CLEAN: list[str] = []
"""This process's databases with all tables and no rows that no test has at the moment."""

EMPTIED = """
CREATE SCHEMA tests;
CREATE FUNCTION tests.shape() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(t, ',' ORDER BY t)) FROM (
    SELECT format('%s %s', relname, relkind) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', tgrelid, tgname) FROM pg_trigger
    UNION ALL SELECT version_num FROM alembic_version) AS every (t)
$$;
CREATE TABLE tests.made AS SELECT tests.shape() AS shape;
CREATE FUNCTION tests.emptied() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE each text; filled boolean;
BEGIN
  IF tests.shape() <> (SELECT shape FROM tests.made) OR EXISTS (SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid())
  THEN RETURN false; END IF;
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', each) INTO filled;
    IF NOT filled THEN CONTINUE; END IF;
    IF pg_relation_size(each::regclass) > 100000 THEN RETURN false; END IF;
    EXECUTE format('DELETE FROM %I', each);
  END LOOP;
  PERFORM setval(seqrelid, 1, false) FROM pg_sequence;
  RETURN true;
END $$;
"""
"""A function that empties the test's tables, unless it changed the tables themselves, filled them much, or goes on."""


@dataclass(frozen=True)
class Server:
    """A running server, known by its folder."""

    folder: Path

    def url(self, name: str) -> str:
        """How to reach one of its databases."""
        return f"postgresql+psycopg://crm@/{name}?host={self.folder}"

    def copy(self, template: str) -> str:
        """The URL of a new database that is a copy of another."""
        if template == TEMPLATE and CLEAN:
            return self.url(CLEAN.pop())
        name = f"{BLANK if template == BLANK else TEMPLATE}_{os.getpid()}_{next(NUMBERS)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, which is several times as fast as making one; or remove it."""
        if name.startswith(TEMPLATE) and self.run("SELECT tests.emptied()", name):
            CLEAN.append(name)
        else:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str, name: str = "postgres") -> Any:
        """Run one statement that no transaction may hold, and give the first value it answers, if any."""
        with psycopg.connect(host=str(self.folder), user="crm", dbname=name, autocommit=True) as connection:
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def make_templates(self) -> None:
        """Make the databases that the others are copies of: one with nothing at all, one with all tables."""
        try:
            self.run(f"CREATE DATABASE {BLANK} {SORTED_AS_PEOPLE_DO}")
        except psycopg.Error:  # older than 15, or built without ICU
            self.run(f"CREATE DATABASE {BLANK}")
        self.run(f"CREATE DATABASE {TEMPLATE} TEMPLATE {BLANK}")
        migrate.upgrade(make_engine(self.url(TEMPLATE)), now=datetime(2026, 1, 5, tzinfo=UTC))
        self.run(EMPTIED, TEMPLATE)


@contextlib.contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The one server of a test run, found by its folder: who comes first starts it, and it ends with the last."""
    said, users = folder / "postgresql", folder / "postgresql.users"
    with users.open("w") as mine:
        with FileLock(folder / "postgresql.lock"):
            fcntl.flock(mine, fcntl.LOCK_SH)
            if not said.exists():
                said.write_text(str(start()))
                # The kernel gives the lock up for whoever is killed, and then this ends the server all the same.
                watcher = [sys.executable, __file__, str(users), said.read_text()]
                os.posix_spawn(sys.executable, watcher, os.environ, setsid=True)
        yield Server(Path(said.read_text()))


def end_with_the_last(users: Path, server: Path) -> None:
    """Wait until nobody uses the server any more, and end it."""
    with users.open("w") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        (users.parent / "postgresql").unlink(missing_ok=True)
        stop(server)


def start() -> Path:
    """Start a server and give its folder; skips the test where PostgreSQL is not installed."""
    if _programs() is None:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not installed (Debian and Ubuntu: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
    user = _unprivileged()
    if user is not None:
        shutil.chown(folder, user)
    try:
        run(folder, "initdb", "-U", "crm", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' {ELSEWHERE} {FAST}"
        run(folder, "pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
        Server(folder).make_templates()
    except BaseException:
        stop(folder)
        raise
    return folder


def stop(folder: Path) -> None:
    """Stop the server, if it runs, and remove what it kept."""
    with contextlib.suppress(subprocess.CalledProcessError):
        run(folder, "pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder)


def run(folder: Path, name: str, *arguments: str) -> None:
    """Run one of the server's programs on its data folder."""
    programs = _programs()
    assert programs is not None
    command = [str(programs / name), "-D", str(folder / "data"), *arguments]
    subprocess.run(command, check=True, capture_output=True, user=_unprivileged(), cwd=folder, timeout=60)


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


if __name__ == "__main__":
    end_with_the_last(*map(Path, sys.argv[1:]))
