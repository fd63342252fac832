"""The table of commands. It imports nothing heavy: a command's module is loaded when it is called."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from crm import __version__

COMMANDS = {
    "init": "create your database and fill it from your worksheet or the built-in lists",
    "today": "one screen: what is due, chats, reviews, hours, whom to write to",
    "next": "whom to reach out to now, why, and how",
    "schedule": "put a chat to come in the calendar",
    "log-contact": "record a chat, call or message",
    "prep": "what to know before a chat",
    "log-hours": "record time spent on an activity",
    "timer": "time an activity as you do it",
    "week": "the week's hours against their targets",
    "check-in": "once more of a commitment",
    "done": "finish a task or reminder",
    "snooze": "put a task or reminder off",
    "gaps": "what is still blank and blocks something",
    "find": "full text over everything, accents and case ignored",
    "undo": "take back your last command",
    "history": "what your commands changed",
    "contact": "people you know or want to know",
    "interaction": "chats and messages, past and to come",
    "organization": "companies, and which of them are targets",
    "tag": "tags and groups such as @experts",
    "relate": "note who knows whom",
    "path": "who could bring you to a person or into a company",
    "who": "whom you know at a company",
    "cadence": "how often to stay in touch with somebody, or with a tag",
    "intro": "introductions, from the plan to the thanks",
    "referral": "referrals: whom to ask, and where each stands",
    "question": "questions to ask, and the answers",
    "task": "follow-ups, promises and the checklist",
    "plan": "the plan that everything dated counts from",
    "review": "the milestones at which the plan is reviewed",
    "hours": "targets, room, the log of your time, and imports from Toggl or Watson",
    "commitment": "promises to yourself, such as twice a week",
    "worksheet": "check your worksheet, list its blanks, write it back",
    "reminder": "what is due, sent and to come",
    "daemon": "the background program that reminds you",
    "service": "have the machine keep the daemon running",
    "calendar": "your plan and chats for calendar programs",
    "serve": "your calendars for programs that subscribe to them",
    "export": "everything, as a file other programs read",
    "import": "read people from LinkedIn, Google, Outlook, vCards ... or a whole export",
    "backup": "a checked copy of the database",
    "restore": "put a backup back",
    "db": "upgrade or check the database",
    "config": "settings, and where each came from",
    "doctor": "is everything sound, and what to do if not",
}


class Table(TyperGroup):
    """A group that loads a command's module only when the command is called."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 - the base's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002 - typer's own click
        """The command, from its module; None if the table has no such name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"crm.commands.{module_name(cmd_name)}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]  # noqa: ANN401 - typer's own click
        """As typer does, with the table's names as suggestions for a misspelt one."""
        if ctx.resilient_parsing:  # a shell asks what may come next: `shell_complete` tells, and no command is loaded
            ctx.obj = args
            return None, None, []
        if args and args[0] not in COMMANDS:
            self.commands: Any = dict.fromkeys(COMMANDS)  # only the names are looked at
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override]
        """What may come next, from the table and the names in the database."""
        from crm.completion import offered  # noqa: PLC0415 - only shells ask

        return list(offered(ctx.obj or [], incomplete))

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401, ARG002 - typer's own click
        """The table itself, so that help loads no command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def module_name(command: str) -> str:
    """The module of a command: dashes become underscores, and Python's own words get one behind."""
    name = command.replace("-", "_")
    return f"{name}_" if name == "import" else name


root = typer.Typer(
    name="crm",
    cls=Table,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="New here? Type: crm init",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"networking-crm {__version__}")
        raise typer.Exit


@root.callback()
def crm(
    _version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Tend your network and keep your plan: people, questions and referrals, hours, commitments and reviews."""


def main() -> None:
    """Run one command; `crm` alone is `crm today`."""
    from crm.boundary import run  # noqa: PLC0415 - loaded after the table, so that the table stays light

    sys.exit(run(typer.main.get_command(root), with_default(sys.argv[1:])))


def with_default(arguments: list[str]) -> list[str]:
    """The arguments, with `today` in front where no command is named."""
    if all(argument in {"--json", "--yes", "--no-input"} for argument in arguments):
        return ["today", *arguments]
    return arguments
