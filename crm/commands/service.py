"""`crm service`: have systemd, or launchd, keep the daemon running."""

import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from crm.commands.base import App, command, group
from crm.errors import BadValueError, RefusedError
from crm.escaping import for_terminal
from crm.render import service as screen
from crm.render import text
from reminders import service
from reminders.supervisor import Supervisor, Wanted, edited
from reminders.unit import Form

app = group("Have the machine keep the daemon running.")

Now = Annotated[bool, typer.Option("--now/--no-start", help="Start it at once, or at the next login.")]
Linger = Annotated[
    bool | None, typer.Option("--linger/--no-linger", help="Run while you are not logged in, too; else you are asked.")
]
Print = Annotated[bool, typer.Option("--print", "--dry-run", help="Print what would be written, and do nothing.")]
AForm = Annotated[
    Form,
    typer.Option("--form", help="A daemon; or a timer, for a turn every 5 minutes; or, to print, a server's daemon."),
]
Server = Annotated[
    bool | None,
    typer.Option("--server/--no-server", help="Also serve your calendars to who asks; unsaid, that stays as it is."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that you edited.")]


@command(app, example="crm service install")
def install(
    crm: App,
    start: Now = True,
    linger: Linger = None,
    form: AForm = Form.DAEMON,
    server: Server = None,
    only_print: Print = False,
    force: Force = False,
) -> None:
    """Write the service's files for this program and home, enable it, and start it. Again: bring it up to date."""
    if only_print:
        _print(crm, service.wanted(crm.settings, crm.engine, os.environ, form, server=bool(server)))
        return
    if form == Form.SYSTEM:
        raise BadValueError("the form of the system is for an administrator to place; print it: add --print")
    with crm.reading():
        pass  # a missing database, or one that cannot be used, is told here and not by a service that fails
    manager = service.manager()
    server = service.serves(manager.present()) if server is None else server
    wanted = service.wanted(crm.settings, crm.engine, os.environ, form, server=server)
    _may_replace(crm, manager, wanted, force=force)
    wanted = replace(wanted, lingering_ours=_linger(crm, manager, linger))
    done, lingers = manager.install(wanted, start=start), manager.lingering()
    told = asdict(done) | {
        "written": _names(done.written),
        "removed": _names(done.removed),
        "lingering": lingers,
        "server": f"http://127.0.0.1:{wanted.place.server.port}" if wanted.place.server else None,
    }
    crm.show(
        told, lambda console: text.lines(console, *screen.installed(told, log=manager.log(wanted), lingers=lingers))
    )


def _print(crm: App, wanted: Wanted) -> None:
    """Everything but the secrets."""
    texts = service.renderer().files(wanted)
    texts = {path: content for path, content in texts.items() if path != wanted.place.secrets}
    items = [{"file": str(path), "text": content} for path, content in texts.items()]
    crm.show({"items": items}, lambda console: screen.units(console, texts))


def _may_replace(crm: App, manager: Supervisor, wanted: Wanted, *, force: bool) -> None:
    """Files that somebody edited are replaced only if they say so.

    Raises:
        RefusedError: nobody can be asked.
        typer.Abort: they said no.
    """
    ours = [] if force else sorted({*manager.present(), *manager.files(wanted)})
    for path in filter(edited, ours):
        if not crm.asks:
            raise RefusedError(f"{path} was edited by hand; to replace it: crm service install --force")
        if not typer.confirm(for_terminal(f"{path} was edited by hand. Replace it?"), err=True):
            raise typer.Abort


def _linger(crm: App, manager: Supervisor, linger: bool | None) -> bool:
    """Turn lingering on if the person wants it; give whether it is on for our sake."""
    ours, lingers = service.lingering_was_ours(manager.present()), manager.lingering()
    if lingers is not False or linger is False:
        return ours
    if linger is None and crm.asks:
        linger = typer.confirm("Remind also while you are not logged in (loginctl enable-linger)?", err=True)
    if not linger:
        return False
    manager.enable_lingering()
    return True


@command(app, example="crm service uninstall", lenient=True)
def uninstall(crm: App) -> None:
    """Stop the service and remove its files. Your data stays."""
    manager = service.manager()
    ours, lingers = service.lingering_was_ours(manager.present()), manager.lingering()
    removed = manager.uninstall()
    crm.show(
        {"removed": _names(removed), "lingering": lingers},
        lambda console: text.lines(console, *screen.uninstalled(removed, lingering=_left(lingers, ours=ours))),
    )


def _left(lingers: bool | None, *, ours: bool) -> str:
    """What is said of lingering, which stays as it is: other services may count on it by now."""
    if not lingers:
        return ""
    who = "this service had turned it on" if ours else "it was not this service that turned it on"
    return f"stays on ({who}); to turn it off: loginctl disable-linger"


@command(app, example="crm service status", lenient=True)
def status(crm: App) -> None:
    """Show how the service is, and since when. Exit 1 if it, or an installed calendar server, can't be counted on."""
    told = asdict(service.manager().status())
    crm.show(told, lambda console: text.lines(console, *screen.status(told, tz=crm.tz)))
    if not told["running"] or (told["server"] and not told["server"]["listening"]):
        raise typer.Exit(1)


@command(app, example="crm service alert", lenient=True)
def alert(crm: App) -> None:
    """Leave word that the reminders have stopped; systemd calls this when the daemon ends for good."""
    said = service.alert(crm.settings, os.environ, now=crm.now)
    crm.show(
        {"channels": said},
        lambda console: console.print(
            text.safe(f"Said on: {', '.join(said)}" if said else "There was nothing to say.")
        ),
    )


def _names(paths: Sequence[Path]) -> list[str]:
    return [str(path) for path in paths]
