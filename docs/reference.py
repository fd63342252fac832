"""Writes docs/reference.md: every command, setting, reminder rule, channel and feed, from the program itself."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer

import calendars.feeds
import reminders.channels
import reminders.rules
from crm import cli, setting_specs

TARGET = Path(__file__).with_name("reference.md")


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield "# Reference"
    yield ""
    yield "Written by `make docs` from the program itself. `--json` and `--yes` belong to every command."
    yield from ("", "## Commands", "")
    for name in cli.COMMANDS:
        yield from _command(name)
    yield from ("## Settings", "", "In config.toml, or with `crm config set NAME VALUE`.", "")
    yield from ("| name | default | meaning |", "|---|---|---|")
    for spec in setting_specs.SPECS:
        yield f"| `{spec.name}` | {_default(spec.default)} | {spec.meaning} |"
    for title, package in _FAMILIES.items():
        yield from ("", f"## {title}", "", "| name | what it does |", "|---|---|")
        for name in package.names():
            yield f"| `{name}` | {_first_line(package.__name__, name)} |"


_FAMILIES: dict[str, Any] = {
    "Reminder rules": reminders.rules,
    "Channels": reminders.channels,
    "Calendar feeds": calendars.feeds,
}


def _command(name: str) -> Iterator[str]:
    command = typer.main.get_command(cli.root).get_command(None, name)  # type: ignore[attr-defined, arg-type]
    yield from (f"### crm {name}", "")
    below = getattr(command, "commands", None)
    for sub, each in (below or {"": command}).items():
        typed = f"crm {name} {sub}".strip()
        said = (each.help or "").strip().splitlines()[0]
        yield f"- `{typed}`: {said} {each.epilog.replace('Example: ', 'For example `')}`"
        options = [_option(each_option) for each_option in each.params if _is_own(each_option)]
        yield from (f"  - {option}" for option in options)
    yield ""


def _is_own(parameter: Any) -> bool:  # noqa: ANN401 - typer's own click
    return parameter.name not in {"json", "yes", "help"} and not getattr(parameter, "hidden", False)


def _option(parameter: Any) -> str:  # noqa: ANN401 - typer's own click
    names = (
        ", ".join(parameter.opts)
        if parameter.param_type_name == "option"
        else parameter.metavar or parameter.name.upper()
    )
    return f"`{names}`: {parameter.help or ''}".rstrip(": ")


def _default(value: object) -> str:
    return f"`{', '.join(value) if isinstance(value, list) else value}`" if value is not None else "the system's"


def _first_line(package: str, name: str) -> str:
    """What a module says of itself; one whose name Python keeps for itself has a dash below behind it."""
    modules = {
        each.name.removesuffix("_").replace("_", "-"): each.name
        for each in iter_modules(import_module(package).__path__)
    }
    module = import_module(f"{package}.{modules[name.replace('_', '-')]}")
    return (module.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines()).rstrip() + "\n", encoding="utf-8")
