"""The edge of the command line: exit codes, one or two lines of help, JSON errors, and nothing heavy loaded."""

import json
import os
import pty
import subprocess
import sys

import pytest
import typer
from database_support import of_sqlite

from crm import boundary, cli


@of_sqlite
def test_before_init_three_lines_say_what_to_type(bare_crm):
    """`crm` alone, before there is a database, succeeds with three lines."""
    shown = bare_crm()
    assert "crm init" in shown.out
    assert len(shown.out.strip().splitlines()) == 3


def test_other_commands_before_init_name_it(bare_crm, bare_home):
    """A command that needs the database says how to make one, and makes nothing itself."""
    assert "crm init" in bare_crm("history", code=78).err
    assert not bare_home.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tody"], "Did you mean 'today'"),
        (["today", "--bogus"], "crm today --help"),
    ],
)
def test_wrong_usage_is_one_line_with_the_way_out(crm, arguments, said):
    """Wrong usage ends with 2 and at most two lines."""
    failed = crm(*arguments, code=2)
    assert said in failed.err
    assert len(failed.err.strip().splitlines()) <= 2
    assert json.loads(crm(*arguments, "--json", code=2).err)["error"]["code"] == "usage"


@pytest.mark.parametrize("value", ["many", "0"])
def test_a_bad_value_of_an_option_is_named(crm, value):
    """A value that an option cannot take ends with 2, says so and where help is, and is `bad_value` in JSON."""
    assert "history --help" in crm("history", "-n", value, code=2).err
    assert crm("history", "-n", value, "--json", code=2).error["code"] == "bad_value"


def test_an_error_as_json_has_a_code_and_a_message(crm):
    """With --json an error is an object on standard error."""
    error = crm("undo", "--json", code=3).error
    assert error["code"] == "not_found"
    assert error["message"]


def test_a_fault_of_the_program_is_said_without_a_traceback(crm, monkeypatch):
    """Even a bug shows one line; CRM_DEBUG=1 shows where it is."""
    command = typer.main.get_command(cli.root)
    monkeypatch.setattr(command, "main", lambda **_: 1 / 0)
    assert boundary.run(command, ["today"]) == 1
    monkeypatch.setenv("CRM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        boundary.run(command, ["today"])


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_with_an_example(name, capsys):
    """Each command of the table, and each command below a noun, explains itself and shows an example."""
    command = typer.main.get_command(cli.root).get_command(None, name)
    below = getattr(command, "commands", {})
    assert command.get_short_help_str()
    for each in below.values() if below else [command]:
        assert each.help, name
        assert each.epilog.startswith("Example: crm "), name
    assert boundary.run(typer.main.get_command(cli.root), [name, "--help"]) == 0
    told = capsys.readouterr().out
    assert "Usage: crm" in told
    for each in below.values():
        assert each.get_short_help_str(1000).split()[-1] in told.partition("Commands:")[2]
    assert not [line for line in told.partition("Commands:")[2].splitlines() if line.endswith("...")]


def loaded(*arguments):
    """The modules loaded by a command, run in a Python of its own."""
    code = (
        "import sys, typer\n"
        "from crm import boundary, cli\n"
        f"boundary.run(typer.main.get_command(cli.root), {list(arguments)!r})\n"
        "print('\\n' + ' '.join(sys.modules), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stderr.rpartition("\n\n")[2].split() or ran.stderr.split())


def test_a_terminal_without_the_letters_keeps_the_width_of_what_is_drawn():
    """Bars and strokes become plain characters, each one column wide; other letters are shown by their code."""
    code = f"from crm import boundary\nboundary._speak(as_json=False)\nprint({'█▓▒░│·…ü'!a})"
    mine, theirs = pty.openpty()
    plain = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    plain.pop("PYTHONIOENCODING", None)
    subprocess.run([sys.executable, "-c", code], stdout=theirs, env=plain, check=True)
    os.close(theirs)
    assert os.read(mine, 100).decode("ascii").strip() == "#%o-|..\\xfc"
    os.close(mine)


def test_help_loads_nothing_heavy():
    """`crm --help` loads neither the database's libraries nor rich, and no command."""
    modules = loaded("--help")
    assert not modules & {"sqlalchemy", "sqlmodel", "pydantic", "rich", "alembic", "icalendar", "apscheduler"}
    assert not [each for each in modules if each.startswith("crm.commands.")]


@pytest.mark.parametrize("command", ["today", "next", "log-contact", "week"])
def test_everyday_commands_load_only_what_they_use(command, home):
    """No everyday command loads migrations, calendars, the scheduler or the worksheet's reader."""
    modules = loaded(command, "--json")
    assert not modules & {"alembic", "icalendar", "apscheduler", "markdown_it", "tomlkit"}
    assert "sqlalchemy" in modules


def run(*arguments, **options):
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "crm", *arguments], capture_output=True, check=False, **options)


@pytest.mark.parametrize("encoding", ["ascii"])
def test_a_terminal_that_lacks_letters_still_shows_the_rest(crm, monkeypatch, encoding):
    """Where output cannot be UTF-8, unknown letters become escapes; JSON is UTF-8 all the same."""
    crm("contact", "add", "Ñusta Łódzka")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    for screen in (["today"], ["contact", "list"], ["week"]):
        assert run(*screen).returncode == 0
    told = json.loads(run("contact", "show", "c1", "--json").stdout.decode("utf-8"))
    assert told["name"] == "Ñusta Łódzka"


def test_a_closed_standard_input_asks_nothing(crm):
    """Started without a standard input, commands work and ask nothing."""
    crm("contact", "add", "Jane Roe")
    shell = 'exec "$0" -m crm "$@" <&-'
    ran = subprocess.run(["/bin/sh", "-c", shell, sys.executable, "today"], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_terminal_without_width_shows_the_screen(crm, monkeypatch):
    """COLUMNS=0 is no width; the screen is shown as on a usual terminal."""
    monkeypatch.setenv("COLUMNS", "0")
    assert "Mon 5 Jan 2026" in crm("today").out
