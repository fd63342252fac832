"""What every command gets: the clock read once, settings, the database, and a way to show what it did."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from typer.core import TyperGroup

from crm import clock, settings
from crm.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy as sa
    from rich.console import Console
    from sqlmodel import Session

FALLBACK_COLUMNS = 80
_WHOLE_SENTENCE = 1000

Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Yes = Annotated[bool, typer.Option("--yes", "--no-input", "-y", help="Ask nothing and confirm nothing.")]


@dataclass
class App:
    """One run of one command. `now` was read once; `asks` says whether a person can be asked."""

    json: bool
    asks: bool
    now: datetime
    settings: Settings

    @classmethod
    def start(cls, *, json: bool = False, yes: bool = False, lenient: bool = False) -> "App":
        """Read clock and settings for one command; a `lenient` one runs with a wrong config.toml too."""
        asks = sys.stdin is not None and sys.stdin.isatty() and not yes and not json
        return cls(json, asks, clock.now(), settings.load(lenient=lenient))

    @property
    def tz(self) -> ZoneInfo:
        """The person's zone."""
        return self.settings.tz

    @cached_property
    def engine(self) -> "sa.Engine":
        """The database's engine; nothing is opened before the first transaction."""
        from crm.store.engine import make_engine  # noqa: PLC0415 - only commands that use the database load it

        return make_engine(self.settings.database_url.value)

    def reading(self) -> AbstractContextManager["Session"]:
        """A session that writes nothing."""
        from crm.store.engine import reading  # noqa: PLC0415 - as above

        return reading(self.engine)

    def writing(self, name: str) -> AbstractContextManager["Session"]:
        """A session whose writes are one undoable command called `name`."""
        from crm.store.engine import writing  # noqa: PLC0415 - as above

        return writing(self.engine, now=self.now, name=name)

    def daemon_runs(self) -> bool:
        """Whether a daemon holds this home's lock."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - few commands ask

        lock = self.settings.paths.daemon_lock
        if not lock.exists():
            return False
        try:
            with FileLock(lock, timeout=0):
                return False
        except Timeout:
            return True

    @cached_property
    def console(self) -> "Console":
        """Standard output: markup off, since people's text is shown as it is."""
        from rich.console import Console  # noqa: PLC0415 - JSON output needs none

        said = os.environ.get("COLUMNS", "")
        width = None if not said.isdigit() or int(said) else FALLBACK_COLUMNS
        return Console(markup=False, highlight=False, emoji=False, width=width)

    def show(self, value: object, draw: Callable[["Console"], None]) -> None:
        """Print `value` as JSON, or let `draw` put it on the console."""
        if self.json:
            from crm.render.json_ import dumps  # noqa: PLC0415 - only for --json

            typer.echo(dumps(value))
        else:
            draw(self.console)

    def note(self, text: str) -> None:
        """A remark beside the result, on standard error, so that scripts are not disturbed."""
        from crm.escaping import for_terminal  # noqa: PLC0415 - few commands have remarks

        typer.echo(for_terminal(text, multiline=True), err=True)


class Noun(TyperGroup):
    """A group whose help tells what each command does in a whole sentence, wrapped where others cut it off."""

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - typer's own click
        """The commands, each with the first sentence of its help."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, each.get_short_help_str(_WHOLE_SENTENCE))
                    for name, each in commands.items()
                    if each and not each.hidden
                ]
            )


def group(help_text: str) -> typer.Typer:
    """A noun: a group of commands."""
    app = typer.Typer(
        cls=Noun,
        help=help_text,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=False,
        no_args_is_help=True,
    )

    @app.callback()
    def only_group() -> None:
        """Keep the group a group, however few commands it has."""

    only_group.__doc__ = help_text
    return app


def verb() -> typer.Typer:
    """An everyday verb: a command of its own."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


def command(
    app: typer.Typer, *, example: str, name: str | None = None, lenient: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function that takes an App first; --json and --yes are added to every command alike."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(**arguments: Any) -> None:  # noqa: ANN401 - a command's own arguments
            started = App.start(json=arguments.pop("json"), yes=arguments.pop("yes"), lenient=lenient)
            function(started, **arguments)

        run.__signature__ = _signature(function)  # type: ignore[attr-defined]
        del run.__wrapped__
        app.command(name, epilog=f"Example: {example}")(run)
        return function

    return register


def _signature(function: Callable[..., None]) -> inspect.Signature:
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    return inspect.Signature([_by_keyword(each) for each in own] + list(_common()))


def _by_keyword(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _common() -> Iterator[inspect.Parameter]:
    for name, annotation in (("json", Json), ("yes", Yes)):
        yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
