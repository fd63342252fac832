"""Looking whether everything is sound; each failure comes with its remedy."""

import socket
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from crm import clock
from crm.dates import say_instant
from crm.errors import CrmError
from crm.settings import Settings
from crm.store import backups, daemons, erase, health, outbox_report, search
from crm.store.backup_names import Named
from crm.store.engine import exists, reading, sqlite_path
from crm.store.outbox_report import Spoken

OLD_BACKUP: Final = timedelta(days=3)
LATE: Final = timedelta(minutes=5)
LATE_TURNS: Final = 4
"""A daemon that took none of so many turns, and none for so long, hangs."""

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


def examine(
    settings: Settings, engine: sa.Engine, *, now: datetime, daemon_runs: bool, channels: Mapping[str, Check]
) -> Iterator[Check]:
    """Look at database, files, clock, zone, backups, daemon and reminders, one after the other.

    Args:
        settings: what the person configured.
        engine: the database.
        now: the present instant, aware UTC.
        daemon_runs: whether a daemon runs in this home.
        channels: what the channels that are used say of themselves, by name.
    """
    yield from _database(engine)
    yield Check("config.toml", ok=not settings.fault, remedy=settings.fault)
    yield from _permissions(settings)
    yield _zone(settings)
    yield _clock()
    yield from _backups(settings, engine, now=now, daemon_runs=daemon_runs)
    yield from _reminding(settings, engine, now=now, daemon_runs=daemon_runs, channels=channels)


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


def _backups(settings: Settings, engine: sa.Engine, *, now: datetime, daemon_runs: bool) -> Iterator[Check]:
    """Those that are damaged, from the newest to the first that is good, and how old that one is.

    What is dated in the future was made by a wrong clock: it says nothing of how old the newest backup is.
    """
    there = backups.listed(settings.paths.backups)
    ahead = [path for path in there if (named := Named.of(path.name)) and named.made_at > now + LATE]
    if ahead:
        others = f", and so are {len(ahead) - 1} more" if len(ahead) > 1 else ""
        told = f"it is dated in the future and does not count{others}; see whether the clock is right: date"
        yield Check(f"backups ({ahead[0].name})", ok=True, remedy=told)
    for path in there:
        if path in ahead:
            continue
        try:
            backups.check(path)
        except CrmError as error:
            yield Check("backups", ok=False, remedy=error.message)
        else:
            yield _age(path, now=now, daemon_runs=daemon_runs)
            return
    make = "crm backup" if sqlite_path(engine) else "pg_dump -Fc -f crm.dump; the daemon makes one each night"
    yield Check("backups", ok=True, remedy=f"there is no good one yet; make one: {make}")


def _age(path: Path, *, now: datetime, daemon_runs: bool) -> Check:
    named = Named.of(path.name)
    age = now - named.made_at if named else timedelta()
    told = f"backups (newest {path.name})"
    if age < OLD_BACKUP:
        return Check(told, ok=True)
    if daemon_runs:
        return Check(told, ok=False, remedy=f"it is {age.days} days old; its log says why: crm service status")
    return Check(told, ok=True, remedy=f"it is {age.days} days old; make one: crm backup")


def _reminding(
    settings: Settings, engine: sa.Engine, *, now: datetime, daemon_runs: bool, channels: Mapping[str, Check]
) -> list[Check]:
    try:
        with reading(engine) as session:
            daemon = _daemon(session, settings, now=now, runs=daemon_runs)
            return [daemon, *_channels(session, channels, settings.tz), _undelivered(session)]
    except CrmError:  # what is wrong with the database is told already
        return list(channels.values())


def _daemon(session: Session, settings: Settings, *, now: datetime, runs: bool) -> Check:
    if not runs:
        return Check("daemon", ok=True, remedy="it is not running; start it for good: crm service install")
    last = daemons.latest(session, socket.gethostname())
    last_at = last.last_tick_at if last else None
    patience = max(LATE, LATE_TURNS * timedelta(seconds=settings["reminders.tick_seconds"]))
    if last_at is None or now - last_at <= patience:
        return Check("daemon", ok=True)
    told = f"it runs, but its last turn was {say_instant(last_at, tz=settings.tz)}; start it anew"
    return Check("daemon", ok=False, remedy=told)


def _channels(session: Session, channels: Mapping[str, Check], tz: ZoneInfo) -> Iterator[Check]:
    """What they say of themselves; of those that have nothing to say, whether the last message went out."""
    spoken = outbox_report.by_channel(session)
    for name, check in channels.items():
        last = spoken.get(name, Spoken())
        failed_at = last.last_failed_at
        if check.remedy or failed_at is None or (last.last_sent_at and last.last_sent_at > failed_at):
            yield check
            continue
        why = last.last_error or "nobody knows why"
        told = f"it failed last, {say_instant(failed_at, tz=tz)}: {why}; try it: crm reminder test {name}"
        yield Check(check.check, ok=True, remedy=told)


def _undelivered(session: Session) -> Check:
    lost = len(outbox_report.undelivered(session))
    told = f"{lost} reached nobody; see them: crm today; why: crm reminder history" if lost else ""
    return Check("reminders", ok=not lost, remedy=told)
