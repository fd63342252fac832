"""What takes another form where the terminal is narrow: side by side if there is room, else one under the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table

NARROWEST: Final = 38
"""A column with fewer characters breaks a sentence too often to be read."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is drawn from `columns` columns on, and what with fewer."""

    wide: RenderableType
    narrow: RenderableType
    columns: int

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The form that fits."""
        yield self.wide if options.max_width >= self.columns else self.narrow


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Blocks in as many columns as have room, row by row; each block whole, however long."""

    blocks: Sequence[RenderableType]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The blocks, at most as many in a row as fit."""
        count = max(1, min(len(self.blocks), options.max_width // NARROWEST))
        made = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for _column in range(count):
            made.add_column(ratio=1, overflow="fold")
        for start in range(0, len(self.blocks), count):
            made.add_row(*self.blocks[start : start + count])
        yield made
