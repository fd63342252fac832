"""`crm daemon`: the background program that reminds, and how it is."""

from datetime import datetime
from functools import partial
from typing import Final

import typer

from calendars.publish import export_feeds
from crm import settings
from crm.commands.base import App, command, group
from crm.errors import CrmError
from crm.render import reminders as screen
from crm.render import text
from crm.store import daemons, outbox
from reminders.daemon import Job
from reminders.daemon import run as remind

app = group("The background program that reminds you.")

CALENDAR_SECONDS: Final = 60
TOLD: Final = (
    "pid",
    "host",
    "started_at",
    "stopped_at",
    "last_tick_at",
    "last_sent_at",
    "next_wake_at",
    "last_error",
)


@command(app, example="crm daemon run")
def run(crm: App) -> None:
    """Remind until stopped (Ctrl-C), and keep the calendar files up to date."""
    remind(crm.engine, crm.settings, jobs=[Job("calendars", CALENDAR_SECONDS, partial(_publish, crm))])


def _publish(crm: App, now: datetime) -> None:
    """Write the calendars that changed.

    Raises:
        CrmError: one or several could not be written.
    """
    now_set = settings.load(lenient=True)  # as it is by now: SIGHUP changes settings without a new start
    folder, alarms = now_set.paths.calendars, now_set["calendar.alarms"]
    with crm.reading() as session:
        done = export_feeds(session, folder, now=now, tz=now_set.tz, alarms=alarms)
    failed = [each.problems[0] for each in done if each.failed]
    if failed:
        raise CrmError("; ".join(failed))


@command(app, example="crm daemon status")
def status(crm: App) -> None:
    """Show whether the daemon runs, what it did last, and what waits. Exit 1 if it does not run."""
    running = crm.daemon_runs()
    with crm.reading() as session:
        found, queue = daemons.latest(session), outbox.counts(session)
        told = {"running": running} | {name: getattr(found, name, None) for name in TOLD} | {"queue": queue}
        says = _says(crm)
        crm.show(
            told,
            lambda console: text.lines(console, *screen.daemon(found, queue, running=running, says=says, tz=crm.tz)),
        )
    if not running:
        raise typer.Exit(1)


def _says(crm: App) -> str:
    """The daemon's channels, and where the file channel writes."""
    file = str(crm.settings.paths.reminders_file)
    return ", ".join(f"file ({file})" if each == "file" else each for each in crm.settings["daemon.channels"])
