"""The command line's outermost edge: an error becomes one or two lines, or JSON, and an exit code."""

import codecs
import io
import json
import os
import shutil
import sys
import textwrap
from typing import Any, Final

import typer

from crm.errors import CrmError
from crm.escaping import for_terminal

_PLAIN: Final = dict(zip("█▓▒░│·•●○…", "#%o-|.*@o.", strict=True))


def run(command: Any, arguments: list[str]) -> int:  # noqa: ANN401 - typer's own click
    """Run a command and give its exit code; nothing but CRM_DEBUG=1 shows a traceback."""
    os.umask(0o077)  # whatever is written is the person's alone
    as_json = "--json" in arguments
    _speak(as_json=as_json)
    try:
        return int(command.main(args=arguments, prog_name="crm", standalone_mode=False) or 0)
    except CrmError as error:
        _report(error.message, error.code, error.candidates, as_json=as_json)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("stopped", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - one of the two broad ones: the CLI boundary
        return _unexpected(error, as_json=as_json)


def _speak(*, as_json: bool) -> None:
    """JSON is UTF-8 everywhere; on a terminal that lacks a letter, the rest of the text is shown all the same.

    What is drawn keeps its width there: bars and marks are made of other characters.
    """
    codecs.register_error("crm_drawn", _drawn)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            errors = "crm_drawn" if stream.isatty() else "backslashreplace"  # a file keeps every character
            stream.reconfigure(encoding="utf-8" if as_json else None, errors=errors)


def _drawn(error: UnicodeError) -> tuple[str | bytes, int]:
    """One character as it is where the terminal can't show it."""
    if isinstance(error, UnicodeEncodeError):
        error.end = error.start + 1
        if plain := _PLAIN.get(error.object[error.start]):
            return plain, error.end
    return codecs.backslashreplace_errors(error)


def _unexpected(error: Exception, *, as_json: bool) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(_usage_message(error), err=True)
        return 2
    if _is_usage(error):
        code = "bad_value" if isinstance(error, typer.BadParameter) else "usage"
        _report(_usage_message(error), code, (), as_json=as_json)
        return 2
    if os.environ.get("CRM_DEBUG"):
        raise error
    if isinstance(error, OSError):
        what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        _report(what, "failed", (), as_json=as_json)
        return 1
    _report(
        f"a fault in this program ({type(error).__name__}: {error!s:.200}). crm history shows whether anything was "
        "written; CRM_DEBUG=1 shows where it is. Please report it",
        "fault",
        (),
        as_json=as_json,
    )
    return 1


def _is_usage(error: Exception) -> bool:
    return hasattr(error, "format_message") and getattr(error, "exit_code", 1) == 2


def _usage_message(error: Any) -> str:  # noqa: ANN401 - typer's own click
    message, context = str(error.format_message()).replace("Value error, ", ""), getattr(error, "ctx", None)
    hint = f"; see: {context.command_path} --help" if context else ""
    return message if "\n" in message else message.rstrip(".") + hint


def _report(message: str, code: str, candidates: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        body: dict[str, object] = {"code": code, "message": message}
        if candidates:
            body["candidates"] = list(candidates)
        typer.echo(json.dumps({"error": body}, ensure_ascii=False), err=True)
        return
    typer.echo(_folded(f"crm: {for_terminal(message)}"), err=True)
    if candidates:
        typer.echo(_folded("  " + "; ".join(for_terminal(each) for each in candidates)), err=True)


def _folded(line: str) -> str:
    """On a terminal, a line broken between words and not within them; elsewhere as it is."""
    if not sys.stderr.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return textwrap.fill(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
