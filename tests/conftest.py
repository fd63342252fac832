"""What the tests share: an empty home, and the command line run in this process against a frozen clock."""

import gc
import json
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import database_support
import postgres_support
import pytest
import typer
from hypothesis import HealthCheck, settings
from put_together_once import put_together_once

from crm import boundary, cli
from crm.store import migrate
from crm.store.engine import make_engine

EXAMPLES = 8 if database_support.ON_POSTGRES else 12
"""How many a property is tried with; on PostgreSQL each takes longer, and SQLite has its turn besides."""

settings.register_profile(
    "crm",
    deadline=None,
    max_examples=300 if os.environ.get("CRM_SOAK") else EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("crm")

put_together_once()

NOW = "2026-01-05T17:00:00Z"
VARIABLES = ("CRM_HOME", "CRM_DATABASE_URL", "CRM_TIMEZONE", "CRM_NOW", "CRM_DEBUG", "CRM_WARM", "NO_COLOR", "TZ")
DESKTOP = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "CREDENTIALS_DIRECTORY")
"""What would let a test show a notification on the desktop of whoever runs it, or find a secret of theirs."""


PREPARED: dict[tuple[str, ...], tuple[str, str]] = {}
"""The URL of a database in which some commands were run, and config.toml behind them, by their lines."""

DATABASES = {"empty_database", "bare_home", "postgres"}
"""Fixtures that no test does without that has to do with a database."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, what uses no database need not run a second time."""
    if database_support.ON_POSTGRES:
        uses = [bool(DATABASES & set(getattr(each, "fixturenames", ()))) for each in items]
        config.hook.pytest_deselected(items=[each for each, used in zip(items, uses, strict=True) if not used])
        items[:] = [each for each, used in zip(items, uses, strict=True) if used]


def pytest_collection_finish() -> None:
    """Leave what is there by now, all modules and tests, out of every later garbage collection."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


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
def empty_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The URL of a database with all tables and no rows, made once; see `database_support.copy`."""
    if database_support.ON_POSTGRES:
        return str(request.getfixturevalue("postgres").copy(postgres_support.TEMPLATE))
    url = f"sqlite:///{tmp_path_factory.mktemp('template')}/crm.db"
    migrate.upgrade(make_engine(url), now=datetime(2026, 1, 5, tzinfo=UTC))
    return url


@pytest.fixture(autouse=True)
def _databases_go() -> Iterator[None]:
    """What a test made on the server goes with it."""
    yield
    database_support.give_back_made()


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that is not there yet, in Los Angeles, on Monday 5 January 2026 at 9:00."""
    for name in (*VARIABLES, *DESKTOP):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    monkeypatch.setenv("CRM_HOME", str(home))
    monkeypatch.setenv("CRM_TIMEZONE", "America/Los_Angeles")
    monkeypatch.setenv("CRM_NOW", NOW)
    monkeypatch.setenv("COLUMNS", "100")
    return home


@pytest.fixture
def bare_home(surroundings: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home before `crm init`; on PostgreSQL there is a database already, with nothing in it."""
    if database_support.ON_POSTGRES:
        blank = request.getfixturevalue("postgres").url(postgres_support.BLANK)
        monkeypatch.setenv("CRM_DATABASE_URL", database_support.copy(blank, surroundings))
    return surroundings


@pytest.fixture
def home(surroundings: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with an empty database: SQLite's, or PostgreSQL's with CRM_TEST_DATABASE=postgresql."""
    surroundings.mkdir(mode=0o700)
    url = database_support.copy(empty_database, surroundings)
    if database_support.ON_POSTGRES:
        monkeypatch.setenv("CRM_DATABASE_URL", url)
    return surroundings


@pytest.fixture
def move(home: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let the commands use another home, by its name; a new one has no database yet or, on PostgreSQL, a blank one."""
    urls = {home.name: os.environ.get("CRM_DATABASE_URL", "")}

    def to(name: str) -> None:
        there = home.with_name(name)
        monkeypatch.setenv("CRM_HOME", str(there))
        if database_support.ON_POSTGRES:
            blank = request.getfixturevalue("postgres").url(postgres_support.BLANK)
            urls[name] = urls.get(name) or database_support.copy(blank, there)
            monkeypatch.setenv("CRM_DATABASE_URL", urls[name])

    return to


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres_support.Server]:
    """A PostgreSQL server of the tests' own, one for all that run at the same time; skips where there is none."""
    folder = tmp_path_factory.getbasetemp()
    with postgres_support.shared(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgres_support.Server, tmp_path: Path) -> str:
    """The URL of a PostgreSQL database with all tables and no rows."""
    return database_support.copy(postgres.url(postgres_support.TEMPLATE), tmp_path)


@pytest.fixture
def blank_postgres_url(postgres: postgres_support.Server, tmp_path: Path) -> str:
    """The URL of a PostgreSQL database with nothing in it."""
    return database_support.copy(postgres.url(postgres_support.BLANK), tmp_path)


@pytest.fixture
def crm(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command in `home`: `crm("today", code=0, now="2026-01-06T17:00:00Z")`."""
    return runner(capsys, monkeypatch)


@pytest.fixture
def prepared(
    crm: Callable[..., Result], home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Callable[..., Result]]:
    """Let some commands have been run in `home`: `prepared("contact add 'Jane Roe'", ...)` gives `crm`.

    They are run for the first test that asks for them; others get a copy of the database as it was then.
    """

    def ran(*lines: str) -> Callable[..., Result]:
        config = home / "config.toml"
        if lines in PREPARED:
            url, written = PREPARED[lines]
            database_support.begin_anew(url, home)
            if written:
                config.write_text(written, encoding="utf-8")
        else:
            for line in lines:
                crm(*shlex.split(line))
            url = database_support.kept_copy(home, tmp_path_factory.mktemp("prepared"))
            PREPARED[lines] = url, config.read_text(encoding="utf-8") if config.exists() else ""
        return crm

    return ran


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
