"""`crm config`: settings, and where each came from."""

from typing import Annotated, Any, Final

import typer
from rich.console import Console

from crm import settings
from crm.actions.configure import set_value
from crm.commands.base import App, command, group
from crm.errors import BadValueError
from crm.escaping import quote
from crm.render import text
from crm.setting_checks import words
from crm.setting_specs import BY_NAME
from crm.settings import Settings

app = group("Settings, and where each came from.")

CHANNEL_LISTS: Final = ("reminders.channels", "reminders.fallback", "daemon.channels")

Name = Annotated[str, typer.Argument(help="The setting's name; see crm config show.")]
NewValue = Annotated[str, typer.Argument(metavar="VALUE", help="Its value; a list has commas between.")]


@command(app, example="crm config show")
def show(crm: App) -> None:
    """Show every setting's value, where it came from, and what it means."""
    crm.show({"items": list(_items(crm.settings))}, lambda console: _draw(console, crm.settings))


@command(app, name="set", example="crm config set reminders.at 07:30", lenient=True)
def set_(crm: App, name: Name, value: NewValue) -> None:
    """Change one setting in config.toml; its comments stay."""
    file = crm.settings.paths.config_file
    _refuse_unknown_channels(name, value)
    stored = set_value(file, name, value)
    crm.show(
        {"name": name, "value": stored, "file": str(file)},
        lambda console: text.lines(console, text.safe(f"{name} is now {_said(stored)} ({file})")),
    )
    now_set = settings.load(lenient=True)
    origin = now_set.values[name].origin
    if origin not in {"config.toml", "default"}:
        crm.note(f"{origin} is set too, and counts before config.toml")
    for remark in _remarks(name, stored, now_set):
        crm.note(remark)


def _refuse_unknown_channels(name: str, value: str) -> None:
    """A list of channels holds only those that there are.

    Raises:
        BadValueError: one is unknown; the known ones are named.
    """
    if name in CHANNEL_LISTS:
        from reminders import channels  # noqa: PLC0415 - most settings have nothing to do with channels

        unknown = [each for each in words(value) if each not in channels.names()]
        if unknown:
            raise BadValueError(
                f"there is no channel {quote(unknown[0])}; the known ones are: {', '.join(channels.names())}"
            )


def _remarks(name: str, stored: object, now_set: Settings) -> list[str]:
    """What a person should know of the channels that the setting is about."""
    from reminders import channels  # noqa: PLC0415 - as above

    about = stored if name in CHANNEL_LISTS and isinstance(stored, list) else [name.partition(".")[0]]
    return channels.remarks([each for each in about if each in channels.names()], now_set)


def _items(found: Settings) -> list[dict[str, Any]]:
    places = {
        "config_file": found.paths.config_file,
        "database": _safe_url(found),
        "backups": found.paths.backups,
        "calendars": found.paths.calendars,
    }
    told = [
        {"name": name, "value": each.value, "origin": each.origin, "meaning": BY_NAME[name].meaning}
        for name, each in found.values.items()
    ]
    return told + [
        {"name": name, "value": str(each), "origin": "place", "meaning": ""} for name, each in places.items()
    ]


def _safe_url(found: Settings) -> str:
    """The database's URL without its password, or the path of the SQLite file."""
    from crm.store.engine import shown  # noqa: PLC0415 - only here is a URL taken apart

    url = found.database_url
    return str(found.paths.database) if url.origin == "default" else shown(url.value)


def _said(value: object) -> str:
    said = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return said or "empty"


def _draw(console: Console, found: Settings) -> None:
    items = _items(found)
    for each in items:
        if each["meaning"]:
            console.print(text.join(text.safe(each["name"], text.HEADING), _said(each["value"]), f"({each['origin']})"))
            console.print(text.hint(f"  {each['meaning']}"))
    console.print()
    console.print(text.facts((each["name"], each["value"]) for each in items if not each["meaning"]))
    console.print(text.hint("Change one with: crm config set NAME VALUE"))
