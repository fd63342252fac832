"""`crm serve`: the calendars over HTTP, for programs that subscribe to them."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crm import settings
from crm.commands.base import App, command, verb
from crm.errors import RefusedError
from crm.escaping import for_terminal

if TYPE_CHECKING:
    import socket

app = verb()

LOOPBACK = "127.0.0.1"


@command(app, example="crm serve")
def serve(
    crm: App,
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen: only this machine.")] = LOOPBACK,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = None,
) -> None:
    """Serve your calendars to programs that subscribe to them, until Ctrl-C. For their addresses: crm calendar url."""
    from calendars.server import run, tokens  # noqa: PLC0415 - the help needs no server
    from calendars.server.app import make_app  # noqa: PLC0415 - as above
    from calendars.server.cache import Cache  # noqa: PLC0415 - as above

    leaves = not run.is_loopback(host)
    if leaves:
        _ask(crm, host, sure=bool(context.params["yes"]))
    with crm.reading():  # a home without a database is said now, not to the first who asks
        tokens.load(crm.settings.paths.data)
    listening = run.inherited() or [run.listen(host, crm.settings["serve.port"] if port is None else port)]
    _say(crm, listening)
    cache = Cache(
        crm.engine, partial(settings.load, lenient=True), leaves=leaves or bool(crm.settings["serve.address"])
    )
    run.run(make_app(cache, crm.settings.paths.data), listening)


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


def _say(crm: App, listening: "list[socket.socket]") -> None:
    """Where it listens, before the first request can come."""
    from calendars.server.run import address_of  # noqa: PLC0415 - as above

    addresses = [address_of(each) for each in listening]
    crm.show(
        {"addresses": addresses},
        lambda console: console.print(f"Serving your calendars at {', '.join(addresses)}", soft_wrap=True),
    )
    if not crm.json:
        crm.note("For the addresses to subscribe to: crm calendar url. Ctrl-C ends it.")
