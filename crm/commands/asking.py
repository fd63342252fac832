"""Asking a person one thing after the other; what cannot be read is said, and asked again."""

from collections.abc import Callable
from typing import TypeVar

import typer

from crm.commands.base import App
from crm.errors import CrmError

T = TypeVar("T")


def ask(crm: App, question: str, read: Callable[[str], T]) -> T:
    """Ask until `read` takes the answer; Enter alone is an empty one."""
    while True:
        typed = str(typer.prompt(question, default="", show_default=False, err=True)).strip()
        try:
            return read(typed)
        except CrmError as error:
            crm.note("; ".join([error.message, *error.candidates]))


def unless_blank(read: Callable[[str], T]) -> Callable[[str], T | None]:
    """Nothing for an empty answer, else what `read` makes of it."""
    return lambda typed: read(typed) if typed else None
