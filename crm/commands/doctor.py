"""`crm doctor`: is everything sound, and what to do if not."""

import typer
from rich.console import Console

from crm.actions.doctor import Check, examine
from crm.commands.base import App, command, verb
from crm.errors import CrmError
from crm.render import text
from crm.settings import Settings
from reminders import channels
from reminders.outlets import silences

app = verb()


@command(app, example="crm doctor", lenient=True)
def doctor(crm: App) -> None:
    """Check database, permissions, time zone, clock, backups, daemon and channels; exit 1 when one is not sound."""
    seen = _channels(crm.settings)
    checks = list(examine(crm.settings, crm.engine, now=crm.now, daemon_runs=crm.daemon_runs(), channels=seen))
    checks += _calendars(crm.settings)
    crm.show({"items": checks}, lambda console: _draw(console, checks))
    if not all(each.ok for each in checks):
        raise typer.Exit(1)


def _calendars(settings: Settings) -> list[Check]:
    """Whether the calendar files, where there are any, can be read; all else about calendars has its own command."""
    folder = settings.paths.calendars
    if not folder.is_dir():
        return []
    from calendars.doctor.look import of_files  # noqa: PLC0415 - what reads calendars takes 0.2 s to load

    return [of_files(folder)]


def _channels(settings: Settings) -> dict[str, Check]:
    """What the channels that are used say of themselves, by name; nothing is sent."""
    lists = ("reminders.channels", "daemon.channels", "reminders.fallback")
    used = {name: _channel(name, settings) for each in lists for name in settings[each]}
    return used | {told: Check("channels", ok=True, remedy=told) for told in silences(settings)}


def _channel(name: str, settings: Settings) -> Check:
    told = f"channel {name}"
    try:
        absent = channels.absent([name]).get(name)
        if absent:
            return Check(told, ok=True, remedy=f"left out: {absent}")
        channels.configured(name, settings)
        return Check(told, ok=True, remedy="; ".join(channels.remarks([name], settings)))
    except CrmError as error:
        return Check(told, ok=False, remedy=error.message)


def _draw(console: Console, checks: list[Check]) -> None:
    for each in checks:
        mark = text.safe("ok  ", text.GOOD) if each.ok and not each.remedy else None
        mark = mark or (text.safe("note", text.WARN) if each.ok else text.safe("BAD ", text.BAD))
        console.print(text.join(mark, each.check, each.remedy and f"- {each.remedy}"))
