"""The feeds, found by file name; each module is loaded when its feed is asked for.

A feed is one module. Its docstring's first line says what it holds; `TITLE` is the calendar's name, `FILLED_BY` the
command that puts something in, `COLOR` one of CSS's names (RFC 7986 5.9), and `entries(session, window)` yields what
stands in it. `follow_ups.py` is the feed `follow-ups`; an underscore at the end (`all_.py`) keeps Python's own words
free.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from sqlmodel import Session

from calendars.entry import Entry
from calendars.window import Window
from crm.errors import NotFoundError
from crm.escaping import quote


class Entries(Protocol):
    """What stands in a feed."""

    def __call__(self, session: Session, window: Window, /) -> Iterator[Entry]:
        """The entries, in any order; reads only."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One calendar: its name in paths and addresses, its title, what it holds, and the command that fills it."""

    name: str
    title: str
    about: str
    filled_by: str
    color: str
    entries: Entries

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.name}.ics"


def names() -> list[str]:
    """The names of all feeds, in alphabetical order."""
    return sorted(_modules())


def load(name: str) -> Feed:
    """The feed of that name.

    Raises:
        NotFoundError: there is none; all are listed.
    """
    modules = _modules()
    if name not in modules:
        raise NotFoundError(f"there is no calendar {quote(name)}; see: crm calendar list", candidates=names())
    module = import_module(f"{__name__}.{modules[name]}")
    about = (module.__doc__ or "").partition("\n")[0]
    return Feed(name, module.TITLE, about, module.FILLED_BY, module.COLOR, module.entries)


def _modules() -> dict[str, str]:
    found = [module.name for module in iter_modules(__path__)]
    return {each.rstrip("_").replace("_", "-"): each for each in found}
