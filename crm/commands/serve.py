"""`crm serve`: the calendars over HTTP, for programs that subscribe to them."""

from typing import TYPE_CHECKING, Annotated

import typer

from crm import settings
from crm.commands.base import App, command, verb
from crm.errors import ConfigurationError, RefusedError
from crm.escaping import for_terminal
from reminders.sd_notify import notify

if TYPE_CHECKING:
    import socket

app = verb()

LOOPBACK = "127.0.0.1"

Host = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="The address to listen at; 127.0.0.1 is this machine alone. A socket of systemd's decides this.",
    ),
]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="The port; 0: any free one. A socket of systemd's decides this.")
]


@command(app, example="crm serve", lenient=True)
def serve(crm: App, context: typer.Context, host: Host = LOOPBACK, port: Port = None) -> None:
    """Serve your calendars to programs that subscribe to them, until Ctrl-C. For their addresses: crm calendar url."""
    from calendars.server import activation, run  # noqa: PLC0415 - the help needs no server

    handed = activation.inherited()
    if handed is not None:
        _serve(crm, handed, idle_seconds=run.IDLE_SECONDS)
        return
    run.open_socket(host)[0].close()  # whether there is such an address at all
    if not run.is_loopback(host):
        _ask(crm, host, sure=bool(context.params["yes"]))
    _look(crm)
    listening = run.listen(host, crm.settings["serve.port"] if port is None else port)
    _say(crm, run.address_of(listening))
    _serve(crm, listening)


def _serve(crm: App, listening: "socket.socket", *, idle_seconds: float | None = None) -> None:
    from calendars.server import run  # noqa: PLC0415 - as above
    from calendars.server.app import make_app  # noqa: PLC0415 - as above
    from calendars.server.cache import Cache  # noqa: PLC0415 - as above

    cache = Cache(crm.engine, settings.load, leaves=not run.is_loopback(listening.getsockname()[0]))
    told = f"STATUS=serving at {run.address_of(listening)}"
    run.run(
        make_app(cache, crm.settings.paths.data),
        listening,
        ready=lambda: notify("READY=1", told),
        idle_seconds=idle_seconds,
    )
    notify("STOPPING=1")


def _look(crm: App) -> None:
    """What is wrong is said now, not to the first who asks; systemd would only start it again and again.

    Raises:
        CrmError: settings, database or secret are not fit.
    """
    from calendars.server import tokens  # noqa: PLC0415 - as above

    if crm.settings.fault:
        raise ConfigurationError(crm.settings.fault)
    with crm.reading():
        tokens.load(crm.settings.paths.data)


def _ask(crm: App, host: str, *, sure: bool) -> None:
    """Let the person say that others may reach it.

    Raises:
        RefusedError: nobody can be asked, and nobody said yes beforehand.
        typer.Abort: they said no.
    """
    told = (
        f"At {for_terminal(host)}, others than this machine can ask for your calendars; they get those whose secret "
        "address they have. It is not encrypted: in a network you do not trust, others can read along."
    )
    if sure:
        return
    if not crm.asks:
        raise RefusedError(f"{told} To go ahead, say --yes; to be reached by other ways: docs/calendar.md")
    typer.confirm(f"{told}\nListen there?", abort=True, err=True)


def _say(crm: App, address: str) -> None:
    """Where it listens, before the first request can come."""
    crm.show(
        {"addresses": [address]},
        lambda console: console.print(f"Serving your calendars at {address}", soft_wrap=True),
    )
    if not crm.json:
        crm.note("For the addresses to subscribe to: crm calendar url. Ctrl-C ends it.")
