"""How far a long push has come, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crm.escaping import for_terminal

LONG: Final = 20
"""Fewer are done before anybody wonders."""


@contextmanager
def bar(place: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error where that is a terminal, from the first call on that tells of many.

    Args:
        place: where to; an address or path.
        quiet: no bar at all.
    """
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    if quiet or not console.is_terminal:
        yield lambda _done, _of: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(_short(place))
    begun = False

    def show(done: int, of: int) -> None:
        nonlocal begun
        if of >= LONG:
            begun = True
            progress.update(task, completed=done, total=of)
            progress.start()

    try:
        yield show
    finally:
        if begun:
            progress.stop()


def _short(place: str) -> str:
    """The server's name, or the folder's."""
    host = place.partition("://")[2].partition("/")[0]
    return for_terminal(host or place.rpartition("/")[2])[:30]
