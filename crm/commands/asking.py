"""Asking a person one thing after the other, and for one word of several; what cannot be read is said."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import typer

from crm.commands.base import App
from crm.errors import BadValueError, CrmError
from crm.escaping import quote
from crm.store import names

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)


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


def one_of(words: type[Word], meaning: str | None = None) -> Any:  # noqa: ANN401 - typer says so of its options
    """An option that takes one of these words."""
    return typer.Option(parser=lambda typed: word_of(words, typed), metavar=f"<{'|'.join(words)}>", help=meaning)


def word_of(words: type[Word], typed: str) -> Word:
    """The word that was typed, in capitals or not.

    Raises:
        BadValueError: it is none of them; a near one is offered.
    """
    wanted = typed.strip().casefold()
    found = next((each for each in words if each.value == wanted), None)
    if found is not None:
        return found
    near = names.nearest(wanted, list(words))
    meant = f"; did you mean {near[0]}?" if near else ""
    raise BadValueError(f"{quote(typed)} is not one of {', '.join(words)}{meant}")
