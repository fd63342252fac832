"""`crm calendar url` and `rotate`: the secret addresses at which `crm serve` serves the calendars."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from calendars import feeds
from crm.commands.base import App, command
from crm.render import text

Feed = Annotated[str, typer.Argument(metavar="CALENDAR", help="Which one; crm calendar list shows them.")]
Which = Annotated[str | None, typer.Argument(metavar="CALENDAR", help="Which one; left out: every one.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `crm calendar`."""
    command(app, example="crm calendar url")(url)
    command(app, example="crm calendar rotate chats")(rotate)


def url(crm: App, calendar: Feed = "all") -> None:
    """Show the address to subscribe to, and on a terminal a QR code of it. Whoever has it can read the calendar."""
    from calendars.server import tokens  # noqa: PLC0415 - crm calendar export needs none

    feed = feeds.load(calendar)
    told = _told(crm, feed.name, tokens.load(crm.settings.paths.data).token(feed.name))
    crm.show(told, lambda console: _draw(crm, console, told))


def rotate(crm: App, calendar: Which = None) -> None:
    """Change the secret address of one calendar, or of all: who subscribed to the old one sees nothing more."""
    from calendars.server import tokens  # noqa: PLC0415 - as above

    names = feeds.names() if calendar is None else [feeds.load(calendar).name]
    if crm.asks:
        what = "every calendar" if calendar is None else f"the calendar {calendar}"
        typer.confirm(f"Whoever subscribed to {what} must subscribe anew, you too. Go on?", abort=True, err=True)
    made = tokens.rotate(crm.settings.paths.data, calendar)
    items = [_told(crm, name, made.token(name)) for name in names]
    crm.show({"items": items}, lambda console: text.lines(console, *_changed(names)))


def _told(crm: App, name: str, token: str) -> dict[str, str]:
    base = crm.settings["serve.address"].rstrip("/") or f"http://127.0.0.1:{crm.settings['serve.port']}"
    address = f"{base}/calendars/{token}/{name}.ics"
    return {"name": name, "url": address, "webcal": f"webcal://{address.partition('://')[2]}"}


def _draw(crm: App, console: Console, told: dict[str, str]) -> None:
    console.print(text.safe("Subscribe to one of these; some programs want the one, some the other:"))
    for each in ("url", "webcal"):
        console.print(text.safe(f"  {told[each]}", text.NAME), soft_wrap=True)
    if console.is_terminal:
        console.print(Text(_qr(told["webcal"]), style="white on black"), soft_wrap=True)
    here = "a phone needs another way: crm calendar doctor"
    reach = "It answers while crm serve runs" + ("." if crm.settings["serve.address"] else f"; {here}.")
    secret = f"Whoever has it can read this calendar. To change it: crm calendar rotate {told['name']}"
    text.lines(console, text.hint(reach), text.hint(secret))


def _qr(address: str) -> str:
    """The address as a QR code of half blocks, with the blank border that readers need."""
    import io  # noqa: PLC0415 - only a terminal shows one

    import segno  # noqa: PLC0415 - as above

    drawn = io.StringIO()
    segno.make(address, micro=False, error="l").terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def _changed(names: list[str]) -> Iterator[RenderableType]:
    which = f"of {names[0]}" if len(names) == 1 else "of every calendar"
    yield text.safe(f"Changed the address {which}; the old one leads nowhere.")
    yield text.hint(f"To see the new one: crm calendar url {names[0] if len(names) == 1 else ''}".rstrip())
