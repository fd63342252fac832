"""`crm calendar doctor`: whether the calendars are valid, fresh and within reach, and what each program shows."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from crm.commands.base import App, command
from crm.render import text

if TYPE_CHECKING:
    from calendars.doctor.clients import Verdict
    from calendars.doctor.examine import Examined
    from calendars.doctor.programs import Program


def register(app: typer.Typer) -> None:
    """Add the command to `crm calendar`."""
    command(app, example="crm calendar doctor google", lenient=True)(doctor)


def doctor(
    crm: App,
    client: Annotated[
        str | None, typer.Argument(metavar="CLIENT", help="All about one program: google, apple ...")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no address.")] = False,
) -> None:
    """Check the calendars, and say what each calendar program shows of them; exit 1 when something is not sound.

    It looks whether they are valid, up to date and within reach, and writes nothing. Only addresses that you
    configured are asked: that of crm serve, serve.address, calendar.publish and calendar.sync.
    """
    from calendars.doctor.clients import verdict  # noqa: PLC0415 - everyday commands must not wait for it
    from calendars.doctor.examine import examine  # noqa: PLC0415 - as above
    from calendars.doctor.programs import PROGRAMS, named  # noqa: PLC0415 - as above

    wanted = PROGRAMS if client is None else (named(client),)
    found = examine(crm.settings, crm.reading, now=crm.now, daemon_runs=crm.daemon_runs(), offline=offline)
    told = [(each, verdict(each, found.setup)) for each in wanted]
    crm.show(_json(found, told), lambda console: _draw(console, found, told, one=client is not None))
    if not all(each.ok for part in found.parts.values() for each in part):
        raise typer.Exit(1)


def _json(found: "Examined", told: Sequence[tuple["Program", "Verdict"]]) -> dict[str, Any]:
    return {
        "items": [{"part": part, **asdict(each)} for part, checks in found.parts.items() for each in checks],
        "clients": [
            {
                "name": program.name,
                "title": program.title,
                "verdict": verdict.outcome,
                "works": verdict.works,
                "why": verdict.why,
                "remedy": verdict.remedy,
                "expect": [asdict(each) for each in program.facts],
            }
            for program, verdict in told
        ],
    }


def _draw(console: Console, found: "Examined", told: Sequence[tuple["Program", "Verdict"]], *, one: bool) -> None:
    from crm.render import calendar_doctor as screen  # noqa: PLC0415 - JSON needs none

    if one:
        text.lines(console, *screen.program(*told[0]), *screen.failed(found.parts))
    else:
        text.lines(console, *screen.checks(found.parts), *screen.programs(told))
