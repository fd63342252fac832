"""The screens of `crm service`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.text import Text

from crm.dates import say_instant
from crm.render import text

LINGERS = "yes: it runs from the machine's start on, whoever is logged in"
DOES_NOT_LINGER = "no: it runs while you are logged in; for always: crm service install --linger"


def units(console: Console, texts: Mapping[Path, str]) -> None:
    """The files that would be written, line by line as they are."""
    for path, content in texts.items():
        console.print(text.safe(f"# {path}", text.QUIET), soft_wrap=True)
        console.print(text.safe(content, multiline=True), soft_wrap=True)


def installed(told: Mapping[str, Any], *, log: str, lingers: bool | None) -> Iterator[RenderableType]:
    """What `crm service install` did; `told` is what --json prints."""
    if told["written"]:
        yield text.safe("Reminders are a service of this machine now.", text.GOOD)
    else:
        yield text.safe("Nothing had changed; the service is as it was.")
    yield text.facts(
        [
            *(("wrote", path) for path in told["written"]),
            *(("removed", path) for path in told["removed"]),
            ("started", "yes" if told["started"] else "no: it starts when you next log in"),
            ("runs always", _lingering(lingers)),
            ("what it says", log),
            ("calendars at", told["server"]),
        ]
    )
    if told["server"]:
        yield text.hint("The addresses to subscribe to: crm calendar url")
    yield text.hint("How it is: crm service status, crm daemon status")


def uninstalled(removed: Sequence[Path], *, lingering: str) -> Iterator[RenderableType]:
    """What `crm service uninstall` did."""
    if not removed:
        yield text.hint("There was no service to remove. Install one: crm service install")
        return
    yield text.safe("The service is stopped and removed; your data stays.", text.GOOD)
    yield text.facts([*(("removed", str(path)) for path in removed), ("lingering", lingering)])


def status(told: Mapping[str, Any], *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm service status`; `told` is what --json prints."""
    yield _verdict(told)
    yield ""
    since: datetime | None = told["since_at"]
    yield text.facts(
        [
            ("unit", f"{told['unit']} ({told['manager']})"),
            ("state", told["state"]),
            ("since", say_instant(since, tz=tz) if since else None),
            ("says", told["says"]),
            ("last exit", told["last_exit"]),
            ("started again", f"{told['restarts']:,} times" if told["restarts"] else None),
            ("starts by itself", "yes" if told["enabled"] else "no"),
            ("runs always", _lingering(told["lingering"])),
            ("what it said", told["log"]),
            *_server(told["server"]),
        ]
    )
    yield ""
    ways = ("Turns, deliveries and what is next: crm daemon status",) if told["running"] else _ways_out(told)
    yield from map(text.hint, ways)
    if told["server"] and not told["server"]["listening"]:
        yield text.hint(f"Why no calendars are served: {told['server']['log']}; again: crm service install")


def _server(told: Mapping[str, Any] | None) -> Iterator[tuple[str, str | None]]:
    """How the calendar server is; nothing where there is none."""
    if told is None:
        return
    now = "runs" if told["running"] else "starts when somebody asks"
    yield ("calendars at", f"{told['address']}, {now if told['listening'] else 'which does not listen'}")
    if not told["listening"]:
        yield ("", told["state"])
    yield ("its last exit", told["last_exit"] if told["last_exit"] != "0" else None)


def _verdict(told: Mapping[str, Any]) -> Text:
    if told["running"]:
        return text.safe("The service is running.", text.GOOD)
    if told["installed"]:
        return text.safe("The service is installed, but not running.", text.BAD)
    return text.safe("The service is not installed.", text.BAD)


def _ways_out(told: Mapping[str, Any]) -> Sequence[str]:
    if told["last_exit"] == "78":
        return ("What is wrong, and the remedy: crm doctor", "Then start it: crm service install")
    if told["restarts"]:
        return (f"It is started again by itself; why it ended: {told['log']}",)
    return ("Start it: crm service install",)


def _lingering(lingers: bool | None) -> str | None:
    return None if lingers is None else (LINGERS if lingers else DOES_NOT_LINGER)
