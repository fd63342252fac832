"""What the commands about single records share: telling one as JSON, asking before removing, words joined."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import typer
from sqlmodel import Session

from crm.cadence import day_of
from crm.commands.base import App
from crm.escaping import for_terminal
from crm.exporters.json_ import Describer
from crm.models import Record

R = TypeVar("R", bound=Record)


def told(crm: App, session: Session, record: Record) -> dict[str, Any]:
    """A record as `--json` tells it."""
    return describer(crm, session).numbered(record)


def describer(crm: App, session: Session) -> Describer:
    """What tells records as of the person's day."""
    return Describer(session, day_of(crm.now, crm.tz))


def distinct(found: Iterable[R]) -> list[R]:
    """Each record once."""
    return list({each.uid: each for each in found}.values())


def joined(words: Sequence[str]) -> str:
    """What was typed with or without quotation marks; a quoted text stays exactly as it is."""
    return " ".join(words)


def confirm(crm: App, question: str) -> None:
    """Ask before something is removed, where a person can be asked; what is removed can be undone all the same.

    Raises:
        typer.Abort: they said no.
    """
    if crm.asks and not typer.confirm(for_terminal(question), err=True):
        raise typer.Abort


def remark(crm: App, remarks: Sequence[str]) -> None:
    """Say what a person may want to know beside the result, each remark in one line."""
    for each in remarks:
        crm.note(for_terminal(f"note: {each}"))
