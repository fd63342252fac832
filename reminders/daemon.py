"""The daemon: a scheduler that only wakes, and a main thread that sees to it that it does.

Nothing durable is in the scheduler: its jobs are made anew at each start and live in memory; what is due is in the
database. A wall clock that is set back silences a scheduler for as long, and one that jumps ahead, as after a suspend,
is not noticed by who sleeps; so the main thread watches, by a clock that does not jump, that turns keep coming, and
asks for one when they do not or when the two clocks part. The watchdog's ping comes from a finished turn, so that
systemd restarts a daemon that only seems to live.

Asked to end, it is gone in less than two seconds: a message that is being sent gets one of them to arrive, then its
connection is cut, and what came of it is recorded. What still hangs then, as on a locked database, ends with the
process; that loses nothing, for the database keeps whole transactions only.
"""

import gc
import logging
import os
import signal
import socket
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent  # type: ignore[import-untyped]  # it ships no types
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]  # as above
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]  # as above

from crm import children, clock
from crm.errors import BadValueError, ConfigurationError, CrmError
from crm.settings import Settings, load
from crm.store import daemons, health
from crm.store.engine import reading, writing
from crm.store.outbox import SAID
from reminders import log, telling, wire
from reminders.bell import Bell
from reminders.job import Job
from reminders.orders import Orders
from reminders.place import is_alive, only_one
from reminders.sd_notify import notify
from reminders.terms import Terms
from reminders.threads import Threads
from reminders.tick import Report, tick
from reminders.unit import watchdog_seconds

WATCH_SECONDS: Final = 5.0
JUMP_SECONDS: Final = 5.0  # apart from it the wall clock is corrected in small steps
TURNS_PATIENCE: Final = 2  # what a watchdog has to wait at least
GRACE_SECONDS: Final = 1.0  # for a message that is being sent when the daemon is asked to end
CUT_SECONDS: Final = 0.4  # to record what came of one that was cut
NOTE_SECONDS: Final = 0.2  # to note the end


def run(engine: sa.Engine, settings: Settings, *, jobs: Sequence[Job] = ()) -> None:
    """Remind until SIGTERM or SIGINT; SIGHUP reads the settings anew.

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
    with _leaving_at_once():
        log.use(settings["daemon.log"])
        orders = Orders.from_settings(settings)
        with reading(engine):
            pass  # a missing database, or one of another version, is told before anything is made beside it
        with only_one(settings.paths.daemon_lock):
            health.refuse_damaged(engine)
            Daemon(engine, orders, jobs=jobs).run()


@contextmanager
def _leaving_at_once() -> Iterator[None]:
    """Until the daemon takes the signals itself, one that asks for the end ends it, with exit code 0: nothing is begun.

    What was there before comes back only where no daemon came of it: while one winds up, it goes on taking them.
    """
    before = {each: signal.signal(each, _leave) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    except BaseException:
        for each, handler in before.items():
            signal.signal(each, handler)
        raise


def _leave(*_: object) -> None:
    raise SystemExit(0)


class Daemon:
    """One running daemon."""

    def __init__(self, engine: sa.Engine, orders: Orders, *, jobs: Sequence[Job] = ()) -> None:
        self.engine = engine
        self.orders = orders
        self.jobs = jobs
        self.terms: Terms | None = None
        self.stopping = False
        self.reload_asked = False
        self.fault = ""  # of a configuration that was read anew, while it is wrong
        self.last_error: str | None = None
        self.failure: ConfigurationError | None = None
        self.last_turn = clock.monotonic()
        self.threads = Threads()
        self.scheduler = _scheduler(self.threads)
        self.bell = Bell()
        self.number = 0

    def run(self) -> None:
        """Remind until stopped.

        Raises:
            ConfigurationError: the database became unusable.
        """
        self.bell.rung_by_signals()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: self.stop())
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # which nohup asks for
            signal.signal(signal.SIGHUP, lambda *_: self.hang_up())
        self._schedule()
        notify("READY=1", "STATUS=reminding", *_patience(self.orders))
        log.say("started", f"reminding every {self.orders.period:g} s", seconds=self.orders.period)
        self._remark()
        try:
            self.watch()
        finally:
            notify("STOPPING=1")
            self.stopping = True
            self._wind_up()
        if self.failure is not None:
            log.say("fault", self.failure.message, level="error")
            raise self.failure

    def stop(self) -> None:
        """Begin no other message, and end."""
        self.stopping = True
        self.bell.ring()

    def _wind_up(self) -> None:
        """Let what is being done come to an end, and cut it short if it does not."""
        self.scheduler.shutdown(wait=False)
        if not self.threads.wait(GRACE_SECONDS):
            wire.cut_all()
            children.end_all()
            self.threads.wait(CUT_SECONDS)
        self.threads.begin(self._say_stopped)
        self.threads.wait(NOTE_SECONDS)
        log.say("stopped", "stopped")
        gc.freeze()  # else the interpreter looks at every object once more, which takes as long as all of the above

    def hang_up(self) -> None:
        """Read the settings anew; or end, if it was the terminal that was closed."""
        if sys.stdin is not None and sys.stdin.isatty():
            self.stop()
        self.reload_asked = True
        self.bell.ring()

    def reload(self) -> None:
        """Read the settings anew, and take a turn by them; wrong ones are told, and the old ones stay."""
        try:
            orders = Orders.from_settings(load())
        except CrmError as error:
            self.fault = f"the configuration is wrong, and the old one stays: {error.message}"
            self._fail("configuration", self.fault)
            self._say("")
            return
        self.fault, self.orders = "", orders
        self._arrange()
        notify(*_patience(orders))
        log.use(orders.log)
        self._remark()
        log.say("configuration", "the configuration was read anew")
        self._say("reminding")

    def _remark(self) -> None:
        for remark in self.orders.remarks:
            log.say("remark", remark, level=log.WARNING)

    def watch(self) -> None:
        """Until stopped: see that turns keep coming, whatever the wall clock does."""
        apart = _apart()
        while not self.stopping:
            self.bell.wait(min(WATCH_SECONDS, self.orders.period))
            if self.reload_asked and not self.stopping:
                self.reload_asked = False
                self.threads.begin(self.reload)  # a hung desktop would keep it, and a stop must not wait for that
            late = clock.monotonic() - self.last_turn > 2 * self.orders.period
            jump = _apart() - apart
            if abs(jump) > JUMP_SECONDS:
                apart += jump
                told = f"the clock jumped by {jump:+.0f} s: it was set, or this machine slept; looking for what is due"
                log.say("clock", told, seconds=round(jump))
            if late or abs(jump) > JUMP_SECONDS:
                self._wake_all()

    def _wake_all(self) -> None:
        for job in self.scheduler.get_jobs():
            job.modify(next_run_time=clock.now())

    def turn(self) -> None:
        """One tick; its failure is logged, and the next one tries again."""
        began, now = clock.monotonic(), clock.now()
        try:
            terms = self._terms()
            self._say_started(now)
            self._note(now, tick(self.engine, terms, now=now, stop=partial(self._is_enough, began)))
        except ConfigurationError as error:
            self.failure = error
            self.stop()
        except CrmError as error:
            self._fail("turn", error.message)
        self.last_turn = clock.monotonic()
        notify("WATCHDOG=1")

    def _is_enough(self, began: float) -> bool:
        """Whether to begin no other message: when it ends, or so that the watchdog need not wait for a long queue."""
        return self.stopping or clock.monotonic() - began > max(self.orders.period, self.orders.sending_seconds)

    def _terms(self) -> Terms:
        """The terms of this turn; the last ones, where they cannot be told any more."""
        before = self.terms
        try:
            self.terms = self.orders.terms()
        except CrmError as error:
            if before is None:
                raise
            if error.message != self.last_error:
                self._fail("configuration", error.message)
            return before
        if before is None or before.outlets.absent != self.terms.outlets.absent:
            telling.outlets(self.terms)
        return self.terms

    def _schedule(self) -> None:
        self.scheduler.add_listener(self._fault, EVENT_JOB_ERROR)
        self._arrange()
        self.scheduler.start()

    def _arrange(self) -> None:
        """Have the scheduler take turns and do the jobs, from now on."""
        wanted = {"tick": (self.turn, self.orders.period)}
        wanted |= {each.name: (partial(self._do, each), each.every_seconds) for each in self.jobs}
        for name, (work, seconds) in wanted.items():
            self.scheduler.add_job(
                work, IntervalTrigger(seconds=seconds), id=name, next_run_time=clock.now(), replace_existing=True
            )

    def _do(self, job: Job) -> None:
        try:
            said = job.run(clock.now())
        except CrmError as error:
            self._fail("job", f"{job.name}: {error.message}", job=job.name)
        else:
            if said:
                log.say("job", f"{job.name}: {said}", job=job.name)

    def _fault(self, event: JobExecutionEvent) -> None:
        """A fault in this program: told by its kind and place, since its words may hold anything."""
        place = traceback.extract_tb(event.exception.__traceback__)[-1]
        error = f"{type(event.exception).__name__} at {Path(place.filename).name}:{place.lineno}"
        self._fail("fault", f"{event.job_id}: a fault: {error}", job=event.job_id)

    def _fail(self, event: str, error: str, **facts: str) -> None:
        """Log what went wrong, and have the next turn note it for `crm daemon status`."""
        self.last_error = error
        log.say(event, error, level=log.ERROR, error=error, **facts)

    def _note(self, now: datetime, report: Report) -> None:
        errors = telling.errors(report)
        if report.planned or report.deliveries:
            telling.turn(report)
            self._say(telling.counted(report))
        if errors:
            self.last_error = errors[-1][1]
        values: dict[str, Any] = {
            "last_tick_at": now,
            "next_wake_at": now + timedelta(seconds=self.orders.period),
            "last_error": self.last_error,
        }
        if report.count(*SAID):
            values["last_sent_at"] = now
        with writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            there = daemons.note(session, self.number, **values)
        if not there:  # another database was put in this one's place
            self.number = 0

    def _say(self, status: str) -> None:
        """Tell systemd in a line how it is; a wrong configuration is told until it is mended."""
        notify("STATUS=" + "; ".join(" ".join(each.split()) for each in (self.fault, status) if each))

    def _say_started(self, now: datetime) -> None:
        """Once: note that this daemon began, in the place of those of this machine that are no more."""
        if self.number:
            return
        host, pid = socket.gethostname(), os.getpid()
        with writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            there = daemons.of_host(session, host)
            gone = [each.id for each in there if each.pid == pid or not is_alive(each.pid)]
            self.number = daemons.started(session, host=host, pid=pid, now=now, gone=gone)

    def _say_stopped(self) -> None:
        now = clock.now()
        with suppress(CrmError), writing(self.engine, now=now, name="daemon", actor="daemon") as session:
            daemons.note(session, self.number, stopped_at=now, next_wake_at=None)


def _apart() -> float:
    """How far the wall clock is from the one that does not jump."""
    return clock.now().timestamp() - clock.monotonic()


def _patience(orders: Orders) -> list[str]:
    """A longer patience of the watchdog, where the unit's is too short for the turns of this configuration."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    least = TURNS_PATIENCE * orders.period + orders.sending_seconds
    if not microseconds.isdigit() or int(microseconds) >= least * 1_000_000:
        return []
    return [f"WATCHDOG_USEC={watchdog_seconds(orders.period, orders.sending_seconds) * 1_000_000}"]


def _scheduler(threads: Threads) -> BackgroundScheduler:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the daemon says in its own words what went wrong
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    return BackgroundScheduler(timezone=UTC, executors={"default": threads}, job_defaults=defaults)
