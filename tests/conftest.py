"""What the tests share: an empty home, and the command line run in this process against a frozen clock."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import postgres_support
import pytest
import typer
from hypothesis import HealthCheck, settings

from crm import boundary, cli
from crm.store import migrate
from crm.store.engine import make_engine

settings.register_profile(
    "crm", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("crm")

NOW = "2026-01-05T17:00:00Z"
VARIABLES = ("CRM_HOME", "CRM_DATABASE_URL", "CRM_TIMEZONE", "CRM_NOW", "CRM_DEBUG", "CRM_WARM", "NO_COLOR", "TZ")


@dataclass(frozen=True)
class Result:
    """What a command printed and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error that --json printed on standard error."""
        return json.loads(self.err.splitlines()[-1])["error"]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, made once."""
    path = tmp_path_factory.mktemp("template") / "crm.db"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, now=datetime(2026, 1, 5, tzinfo=UTC))
    return path


@pytest.fixture
def bare_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home before `crm init`, in Los Angeles, on Monday 5 January 2026 at 9:00."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("CRM_HOME", str(home))
    monkeypatch.setenv("CRM_TIMEZONE", "America/Los_Angeles")
    monkeypatch.setenv("CRM_NOW", NOW)
    monkeypatch.setenv("COLUMNS", "100")
    return home


@pytest.fixture
def home(
    bare_home: Path, empty_database: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home with an empty database: SQLite's, or PostgreSQL's with CRM_TEST_DATABASE=postgresql."""
    bare_home.mkdir(mode=0o700)
    shutil.copy(empty_database, bare_home / "crm.db")
    (bare_home / "crm.db").chmod(0o600)
    if os.environ.get("CRM_TEST_DATABASE") == "postgresql":
        monkeypatch.setenv("CRM_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return bare_home


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_support.Server]:
    """A PostgreSQL server of the tests' own, started once; skips where there is none."""
    with postgres_support.server() as started:
        yield started


@pytest.fixture
def postgres_url(postgres: postgres_support.Server) -> Iterator[str]:
    """The URL of a PostgreSQL database with all tables and no rows."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def crm(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in `home`: `crm("today", code=0, now="2026-01-06T17:00:00Z")`."""
    return runner(capsys, monkeypatch)


@pytest.fixture
def bare_crm(
    bare_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Run a command before `crm init`."""
    return runner(capsys, monkeypatch)


def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """A function that runs one command line and asserts its exit code."""

    def run(*arguments: str, code: int = 0, now: str | None = None) -> Result:
        if now is not None:
            monkeypatch.setenv("CRM_NOW", now)
        capsys.readouterr()
        found = boundary.run(typer.main.get_command(cli.root), cli.with_default(list(arguments)))
        printed = capsys.readouterr()
        assert found == code, f"crm {arguments} ended with {found}\n{printed.out}\n{printed.err}"
        return Result(found, printed.out, printed.err)

    return run
