"""Looking whether everything is sound; each failure comes with its remedy."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crm import clock
from crm.errors import CrmError
from crm.settings import Settings
from crm.store import backups, erase, health, search
from crm.store.engine import exists, reading, sqlite_path

UNFINISHED = (
    "somebody is erased from the database, but backups or calendars beside it may still name them; "
    "finish it: crm contact forget {ref} --yes"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `remedy` says what to do; where `ok` holds, it is advice only."""

    check: str
    ok: bool
    remedy: str = ""


def examine(settings: Settings, engine: sa.Engine, *, daemon_runs: bool) -> Iterator[Check]:
    """Look at database, files, clock, zone and daemon, one after the other."""
    yield from _database(engine)
    yield Check("config.toml", ok=not settings.fault, remedy=settings.fault)
    yield from _permissions(settings)
    yield _zone(settings)
    yield _clock()
    yield _backups(settings, engine)
    start = "" if daemon_runs else "it is not running; start it for good: crm service install"
    yield Check("daemon", ok=True, remedy=start)


def _database(engine: sa.Engine) -> Iterator[Check]:
    if not exists(engine):
        yield Check("database", ok=False, remedy=f"there is none at {sqlite_path(engine)} yet; create it: crm init")
        return
    try:
        with reading(engine) as session:
            faults = health.faults(engine)
            unfound = search.faults(session.connection())
            forgotten = erase.unfinished(session)
    except CrmError as error:
        yield Check("database", ok=False, remedy=error.message)
        return
    yield Check("database", ok=not faults, remedy="; ".join(faults))
    yield Check("search", ok=not unfound, remedy="; ".join(unfound))
    yield Check("forget", ok=forgotten is None, remedy=UNFINISHED.format(ref=forgotten) if forgotten else "")


def _permissions(settings: Settings) -> Iterator[Check]:
    paths = settings.paths
    for path in (paths.config, paths.data, paths.database, paths.config_file, paths.backups):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Check("permissions", ok=False, remedy=f"others can read {path}; close it: chmod {mode} {path}")
            return
    yield Check("permissions", ok=True)


def _zone(settings: Settings) -> Check:
    found = settings.values["timezone"]
    if found.origin == "default":
        return Check(
            f"time zone {found.value}",
            ok=False,
            remedy="the system's zone is unknown; set yours: crm config set timezone Europe/Berlin",
        )
    return Check(f"time zone {found.value} ({found.origin})", ok=True)


def _clock() -> Check:
    frozen = clock.frozen()
    remedy = f"CRM_NOW freezes it at {frozen}; unset CRM_NOW to let it run" if frozen else ""
    return Check("clock", ok=True, remedy=remedy)


def _backups(settings: Settings, engine: sa.Engine) -> Check:
    if sqlite_path(engine) is None:
        return Check("backups", ok=True, remedy="PostgreSQL is backed up with pg_dump")
    newest: list[Path] = backups.listed(settings.paths.backups)[:1]
    if not newest:
        return Check("backups", ok=True, remedy="there is none yet; make one: crm backup")
    try:
        backups.check(newest[0])
    except CrmError as error:
        return Check("backups", ok=False, remedy=error.message)
    return Check(f"backups (newest {newest[0].name})", ok=True)
