"""`crm daemon`: the background program that reminds, and how it is."""

import socket
from datetime import datetime
from functools import partial
from typing import Any, Final

import typer

from calendars.publish import export_feeds
from calendars.terms import Terms as CalendarTerms
from crm import settings
from crm.commands.base import App, command, group
from crm.errors import CrmError
from crm.render import daemon as screen
from crm.render import text
from crm.render.daemon import Shown
from crm.store import daemons, outbox, outbox_report
from crm.store.outbox import Due
from crm.store.outbox_report import Spoken
from reminders.daemon import run as remind
from reminders.job import Job
from reminders.jobs import jobs as daily
from reminders.outlets import silences
from reminders.terms import Terms
from reminders.wakes import wakes

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
    """Remind until stopped (Ctrl-C), keep the calendars up to date and pushed, back up at night, prune old history."""
    remind(crm.engine, crm.settings, jobs=_jobs(crm))


def _jobs(crm: App) -> list[Job]:
    """What the daemon does besides reminding, by the settings as they are by then: SIGHUP changes them."""
    return [
        Job("calendars", CALENDAR_SECONDS, partial(_publish, crm)),
        *daily(crm.engine, partial(settings.load, lenient=True)),
    ]


def _publish(crm: App, now: datetime) -> None:
    """Write the calendars that changed.

    Raises:
        CrmError: one or several could not be written.
    """
    now_set = settings.load(lenient=True)
    folder, terms = now_set.paths.calendars, CalendarTerms.from_settings(now_set)
    with crm.reading() as session:
        done = export_feeds(session, folder, now=now, tz=now_set.tz, terms=terms)
    failed = [each.problems[0] for each in done if each.failed]
    if failed:
        raise CrmError("; ".join(failed))


@command(app, example="crm daemon status")
def status(crm: App) -> None:
    """Show whether the daemon runs, how its channels are, what is next and what is stuck. Exit 1 if it does not."""
    shown = _look(crm)
    crm.show(_told(shown), lambda console: text.lines(console, *screen.status(shown, now=crm.now, tz=crm.tz)))
    if not shown.running:
        raise typer.Exit(1)


def _look(crm: App) -> Shown:
    jobs, terms = _jobs(crm), Terms.from_settings(crm.settings, crm.settings["daemon.channels"])
    running = crm.daemon_runs()
    with crm.reading() as session:
        own = daemons.latest(session, socket.gethostname())
        spoken = outbox_report.by_channel(session)
        wanted = [*crm.settings["daemon.channels"], *terms.outlets.fallback]
        return Shown(
            running=running,
            own=own,
            others=daemons.others(session, own),
            says=_says(crm),
            queue=outbox.counts(session),
            jobs={each.name: each.every_seconds for each in jobs if not each.next_at},
            wakes=wakes(session, terms, jobs, now=crm.now),
            channels={name: spoken.get(name, Spoken()) for name in dict.fromkeys(wanted)},
            absent=terms.outlets.absent,
            undelivered=outbox_report.undelivered(session),
            remarks=silences(crm.settings),
        )


def _told(shown: Shown) -> dict[str, Any]:
    """The same for scripts."""
    own = {name: getattr(shown.own, name, None) for name in TOLD}
    return {
        "running": shown.running,
        **own,
        "queue": shown.queue,
        "wakes": shown.wakes,
        "channels": [_channel(name, spoken, shown.absent.get(name)) for name, spoken in shown.channels.items()],
        "undelivered": [_stuck(each) for each in shown.undelivered],
        "remarks": shown.remarks,
        "jobs": [{"job": name, "every_seconds": seconds} for name, seconds in shown.jobs.items()],
        "others": [{name: getattr(each, name) for name in ("pid", "host", "last_tick_at")} for each in shown.others],
    }


def _channel(name: str, spoken: Spoken, absent: str | None) -> dict[str, Any]:
    return {
        "channel": name,
        "absent": absent,
        "last_sent_at": spoken.last_sent_at,
        "last_failed_at": spoken.last_failed_at,
        "last_error": spoken.last_error,
    }


def _stuck(due: Due) -> dict[str, Any]:
    delivery = due.delivery
    return {
        "reminder": due.reminder.ref,
        "title": due.reminder.title,
        "channel": delivery.channel,
        "state": delivery.state,
        "error": delivery.error,
    }


def _says(crm: App) -> str:
    """The daemon's channels, and where the file channel writes."""
    file = str(crm.settings.paths.reminders_file)
    return ", ".join(f"file ({file})" if each == "file" else each for each in crm.settings["daemon.channels"])
