"""Writes crm/completion_table.py: what each command takes, so that completion in the shell need not load it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import typer

from calendars.doctor.programs import PROGRAMS
from crm import cli, setting_specs

TARGET = Path(__file__).parent.parent / "crm" / "completion_table.py"

KINDS = {
    **dict.fromkeys(("WHO", "PERSON", "CONNECTOR", "A knows B", "KEEP", "OTHER..."), "people"),
    **dict.fromkeys(("TAG", "@TAG"), "tags"),
    **dict.fromkeys(("COMPANY", "ORGANIZATION", "KEPT"), "organizations"),
    **dict.fromkeys(("ACTIVITY",), "activities"),
    **dict.fromkeys(("COMMITMENT",), "commitments"),
    "CLIENT": "|".join(each.name for each in PROGRAMS),
}
"""What a placeholder in a command's help stands for."""

IDS = {
    "question": "questions",
    "task": "tasks",
    "interaction": "interactions",
    "intro": "introductions",
    "referral": "referrals",
    "done": "tasks|reminders",
    "snooze": "tasks|reminders",
}
"""What `ID` stands for, by noun."""


OPTIONS = {"--company": "organizations", "--organization": "organizations", "--answer": "questions"}
"""What the value of an option is, whatever its placeholder says."""


def lines() -> Iterator[str]:
    """The module, line by line."""
    yield '"""What each command takes, for completion in the shell. Written by `make docs`; do not edit.'
    yield ""
    yield "First what its arguments are, then its options, each with its value's kind; of several kinds, a bar between."
    yield '"""'
    yield ""
    yield "TABLE = {"
    for name in cli.COMMANDS:
        command = typer.main.get_command(cli.root).get_command(None, name)  # type: ignore[attr-defined, arg-type]
        for below, each in (getattr(command, "commands", None) or {"": command}).items():
            yield f'    "{name} {below}'.rstrip() + f'": "{_entry(name, each)}",'
    yield "}"


def _entry(noun: str, command: Any) -> str:  # noqa: ANN401 - typer's own click
    own = [each for each in command.params if each.name not in {"json", "yes", "help"} and not each.hidden]
    takes = [_kind(noun, each) for each in own if each.param_type_name == "argument"]
    options = [_option(noun, each) for each in own if each.param_type_name == "option"]
    return " ".join(["|".join(dict.fromkeys("|".join(filter(None, takes)).split("|"))), *options])


def _option(noun: str, option: Any) -> str:  # noqa: ANN401 - as above
    name = next((each for each in option.opts if each.startswith("--")), option.opts[0])
    return name if option.is_flag else f"{name}={_kind(noun, option)}"


def _kind(noun: str, parameter: Any) -> str:  # noqa: ANN401 - as above
    """What a value is: a kind of name, or the words it may be."""
    said = parameter.metavar or ""
    option = next((OPTIONS[each] for each in parameter.opts if each in OPTIONS), "")
    words = said.strip("<>") if said.startswith("<") else _choices(parameter)
    return option or words or _of_noun(noun, said, parameter) or "|".join(_named(said))


def _of_noun(noun: str, said: str, parameter: Any) -> str:  # noqa: ANN401 - as above
    """What a placeholder stands for below one noun only."""
    if noun == "organization" and said == "OTHER":
        return "organizations"
    if noun == "config" and parameter.name == "name":
        return "|".join(each.name for each in setting_specs.SPECS)
    if noun == "review" and said.startswith("NAME") and parameter.help:
        return "reviews"
    if "ID" in said.replace("...", "").replace("|", " ").split() and noun in IDS:
        return "|".join([IDS[noun], *_named(said)])
    return ""


def _choices(parameter: Any) -> str:  # noqa: ANN401 - as above
    annotation = parameter.type_descriptor.annotation
    for each in (annotation, *get_args(annotation)):
        if hasattr(each, "__members__"):
            return "|".join(word.value for word in each)
    return ""


def _named(said: str) -> Iterator[str]:
    parts = [said, *said.replace("[", " ").replace("]", " ").replace("|", " ").replace("...", " ").split()]
    found = dict.fromkeys(KINDS[part] for part in parts if part in KINDS)
    yield from found
    if "people" in found and ("WHO..." in said or "@" in said) and "tags" not in found:
        yield "tags"


if __name__ == "__main__":
    TARGET.write_text("\n".join(lines()) + "\n", encoding="utf-8")
