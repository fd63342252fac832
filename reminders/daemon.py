"""The daemon: a scheduler that only wakes, and a main thread that sees to it that it does.

Nothing durable is in the scheduler: its jobs are made anew at each start and live in memory; what is due is in the
database. A wall clock that is set back silences a scheduler for as long; so the main thread watches, by a clock that
does not jump, that turns keep coming, and asks for one when they do not. The watchdog's ping comes from a finished
turn, so that systemd restarts a daemon that only seems to live.
"""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_ERROR  # type: ignore[import-untyped]  # it ships no types
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # as above
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # as above
from filelock import FileLock, Timeout

from crm import clock
from crm.errors import BadValueError, BusyError, ConfigurationError, CrmError
from crm.escaping import for_terminal
from crm.models.words import DeliveryState
from crm.settings import Settings, load
from crm.store import daemons, health
from crm.store.engine import reading, writing
from crm.store.outbox import SAID
from reminders import channels, rules
from reminders.channels import Channel
from reminders.sd_notify import notify
from reminders.tick import Report, tick
from reminders.unit import watchdog_seconds

LOCK_SECONDS: Final = 2  # who only looks whether a daemon runs holds the lock for a moment
WAIT_SECONDS: Final = 5  # between two words to systemd of a daemon that waits for its place
WATCH_SECONDS: Final = 5.0
TURNS_PATIENCE: Final = 2  # what a watchdog has to wait at least


@dataclass(frozen=True, slots=True)
class Job:
    """Something else that the daemon does every so many seconds: `run` gets the present instant (aware UTC)."""

    name: str
    every_seconds: float
    run: Callable[[datetime], None]


def run(engine: sa.Engine, settings: Settings, *, jobs: Sequence[Job] = ()) -> None:
    """Remind until SIGTERM or SIGINT; a message that is being sent then is finished. SIGHUP reads the settings anew.

    Args:
        engine: the database.
        settings: what counts until the first SIGHUP.
        jobs: what else to do.

    Raises:
        BadValueError: CRM_NOW freezes the clock.
        BusyError: another daemon holds the place, and it was not systemd that started this one.
        ConfigurationError: the database is missing, damaged or of another version, or a channel is unknown.
    """
    if clock.frozen():
        raise BadValueError("CRM_NOW freezes the clock, and a daemon needs one that runs; unset CRM_NOW")
    ready = channels.ready(settings["daemon.channels"], settings)
    with reading(engine):
        pass  # a missing database, or one of another version, is told before anything is made beside it
    with _only_one(settings.paths.daemon_lock):
        health.refuse_damaged(engine)
        Daemon(
            engine=engine,
            channels=ready,
            tz=settings.tz,
            given=rules.from_settings(settings),
            period=settings["reminders.tick_seconds"],
            jobs=jobs,
        ).run()


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the daemon's place; the kernel frees it however the process ends."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path, mode=0o600)
    _take(lock)
    try:
        yield
    finally:
        lock.release()


def _take(lock: FileLock) -> None:
    """Take the place; where systemd would only start this program again, wait for it.

    A daemon that waits is ready, says so, and pings the watchdog: its pings tell that it looks at the lock, its status
    that it takes no turns.
    """
    with suppress(Timeout):
        lock.acquire(timeout=LOCK_SECONDS)
        return
    if not started_by_systemd():
        raise BusyError("another daemon runs already; see: crm daemon status")
    _log("another daemon runs already; waiting for it to end")
    while not lock.is_locked:
        notify("READY=1", "STATUS=waiting: another daemon runs already", "WATCHDOG=1")
        with suppress(Timeout):
            lock.acquire(timeout=WAIT_SECONDS, poll_interval=1)


def started_by_systemd() -> bool:
    """Whether systemd itself executed this process; a shell's children inherit the variable, but not the number."""
    return os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid())


def _log(text: str) -> None:
    """A line on standard error; it holds no titles, since logs are kept by others."""
    sys.stderr.write(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {for_terminal(text)}\n")
    sys.stderr.flush()


class Daemon:
    """One running daemon."""

    def __init__(
        self,
        *,
        engine: sa.Engine,
        channels: Mapping[str, Channel],
        tz: ZoneInfo,
        given: Mapping[str, Any],
        period: float,
        jobs: Sequence[Job] = (),
    ) -> None:
        self.engine = engine
        self.channels = channels
        self.tz = tz
        self.given = given
        self.period = period
        self.jobs = jobs
        self.stopping = False
        self.reload_asked = False
        self.fault = ""  # of a configuration that was read anew, while it is wrong
        self.failure: ConfigurationError | None = None
        self.last_turn = clock.monotonic()
        self.scheduler = _scheduler()
        # What a signal handler may do is little: putting into this queue is allowed, setting an Event is not.
        self.wake: SimpleQueue[None] = SimpleQueue()
        self.number = 0

    def run(self) -> None:
        """Remind until stopped.

        Raises:
            ConfigurationError: the database became unusable.
        """
        self._say_started()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: self.stop())
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asks for
            signal.signal(signal.SIGHUP, lambda *_: self.hang_up())
        self._schedule()
        notify("READY=1", "STATUS=reminding", *_patience(self.period))
        _log(f"reminding every {self.period:g} s on {', '.join(self.channels) or 'no channel'}")
        try:
            self.watch()
        finally:
            notify("STOPPING=1")
            self.stopping = True
            self.scheduler.shutdown(wait=True)
            self._say_stopped()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Begin no other message, and end."""
        self.stopping = True
        self.wake.put(None)

    def hang_up(self) -> None:
        """Read the settings anew; or end, if it was the terminal that was closed."""
        if sys.stdin is not None and sys.stdin.isatty():
            self.stop()
        self.reload_asked = True
        self.wake.put(None)

    def reload(self) -> None:
        """Read the settings anew, and take a turn by them; wrong ones are told, and the old ones stay."""
        self.reload_asked = False
        try:
            settings = load()
            ready = channels.ready(settings["daemon.channels"], settings)
        except CrmError as error:
            self.fault = f"the configuration is wrong, and the old one stays: {error.message}"
            _log(self.fault)
            self._say("")
            return
        self.fault, self.channels, self.tz = "", ready, settings.tz
        self.given, self.period = rules.from_settings(settings), settings["reminders.tick_seconds"]
        self.scheduler.reschedule_job("tick", trigger=IntervalTrigger(seconds=self.period))
        self.scheduler.modify_job("tick", next_run_time=clock.now())
        notify(*_patience(self.period))
        _log("the configuration was read anew")
        self._say("reminding")

    def watch(self) -> None:
        """Until stopped: see that turns keep coming, whatever the wall clock does."""
        while not self.stopping:
            with suppress(Empty):
                self.wake.get(timeout=min(WATCH_SECONDS, self.period))
            if self.reload_asked and not self.stopping:
                self.reload()
            if not self.stopping and clock.monotonic() - self.last_turn > 2 * self.period:
                for job in self.scheduler.get_jobs():
                    job.modify(next_run_time=clock.now())

    def turn(self) -> None:
        """One tick; its failure is logged, and the next one tries again."""
        now = clock.now()
        try:
            report = tick(
                self.engine,
                now=now,
                tz=self.tz,
                channels=self.channels,
                given=self.given,
                stop=lambda: self.stopping,
            )
            self._note(now, report)
        except ConfigurationError as error:
            self.failure = error
            self.stop()
        except CrmError as error:
            _log(error.message)
        self.last_turn = clock.monotonic()
        notify("WATCHDOG=1")

    def _schedule(self) -> None:
        add = self.scheduler.add_job
        add(self.turn, IntervalTrigger(seconds=self.period), id="tick", next_run_time=clock.now())
        for job in self.jobs:
            add(self._do, IntervalTrigger(seconds=job.every_seconds), args=[job], next_run_time=clock.now())
        self.scheduler.add_listener(lambda event: _log(f"a fault: {event.exception!r:.200}"), EVENT_JOB_ERROR)
        self.scheduler.start()

    def _do(self, job: Job) -> None:
        try:
            job.run(clock.now())
        except CrmError as error:
            _log(f"{job.name}: {error.message}")

    def _note(self, now: datetime, report: Report) -> None:
        values: dict[str, Any] = {"last_tick_at": now, "next_wake_at": now + timedelta(seconds=self.period)}
        errors = [each.error for each in report.deliveries if each.error]
        if report.count(*SAID):
            values["last_sent_at"] = now
        if errors:
            values["last_error"] = errors[-1]
        with writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            daemons.note(session, self.number, **values)
        if report.planned or report.deliveries:
            _log("; ".join([_told(report), *dict.fromkeys(errors)]))
            self._say(_told(report))

    def _say(self, status: str) -> None:
        """Tell systemd in a line how it is; a wrong configuration is told until it is mended."""
        notify("STATUS=" + "; ".join(" ".join(each.split()) for each in (self.fault, status) if each))

    def _say_started(self) -> None:
        now = clock.now()
        with writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            self.number = daemons.started(session, host=socket.gethostname(), pid=os.getpid(), now=now)

    def _say_stopped(self) -> None:
        now = clock.now()
        _log("stopped")
        with suppress(CrmError), writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            daemons.note(session, self.number, stopped_at=now, next_wake_at=None)


def _patience(period: float) -> list[str]:
    """A longer patience of the watchdog, where the unit's is too short for the turns of this configuration."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or int(microseconds) >= TURNS_PATIENCE * period * 1_000_000:
        return []
    return [f"WATCHDOG_USEC={watchdog_seconds(period) * 1_000_000}"]


def _scheduler() -> BackgroundScheduler:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the daemon says in its own words what went wrong
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return BackgroundScheduler(timezone=UTC, job_defaults=defaults)


def _told(report: Report) -> str:
    counts = {
        "planned": report.planned,
        "sent": report.count(*SAID),
        "to be tried again": report.count(DeliveryState.RETRYABLE),
        "failed": report.count(DeliveryState.DISCARDED),
        "expired": report.count(DeliveryState.EXPIRED),
        "unknown": report.count(DeliveryState.UNKNOWN),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
