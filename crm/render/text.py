"""Text on a terminal: every screen is made of these few pieces, so that all look alike.

People's text always goes through `safe`: nothing in it can move the cursor, colour the screen or be read as markup.
Colour never carries meaning alone; rich drops it for NO_COLOR, pipes and dumb terminals.
"""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crm.escaping import for_terminal

HEADING = "bold"
QUIET = "dim"
GOOD = "green"
WARN = "yellow"
BAD = "red"
NAME = "bold cyan"

Cell = str | Text | None


def safe(text: object, style: str = "", *, multiline: bool = False) -> Text:
    """Anything a person wrote, made harmless and taken literally."""
    return Text(for_terminal(str(text), multiline=multiline), style=style)


def cell(value: Cell) -> Text:
    """A table's cell; None is left blank."""
    if isinstance(value, Text):
        return value
    return safe("" if value is None else value)


def join(*pieces: Cell, gap: str = " ") -> Text:
    """Pieces in a row, empty ones left out."""
    return Text(gap).join([cell(each) for each in pieces if each])


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, wide: str = "") -> Table:
    """A plain table without borders; the column named `wide` takes the room that is left and folds."""
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style=QUIET, padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, overflow="fold", ratio=1 if name == wide else None, no_wrap=False)
    for row in rows:
        made.add_row(*map(cell, row))
    return made


def section(title: str, body: RenderableType, *, count: int | None = None) -> Group:
    """A heading with what belongs to it, indented by two."""
    heading = safe(title, HEADING)
    if count is not None:
        heading.append(f"  {count}", style=QUIET)
    return Group(heading, Padding(body, (0, 0, 1, 2)))


def rows(given: Iterable[Sequence[Cell]], *, wide: int) -> Table:
    """Rows without a heading; column number `wide` takes the room that is left and folds."""
    kept = [list(map(cell, row)) for row in given]
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for place in range(max(map(len, kept), default=0)):
        made.add_column(overflow="fold", ratio=1 if place == wide else None, no_wrap=place != wide)
    for row in kept:
        made.add_row(*row)
    return made


def facts(pairs: Iterable[tuple[str, Cell]]) -> Table:
    """Label and value, one a line; empty values are left out."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style=QUIET, no_wrap=True)
    made.add_column(overflow="fold", ratio=1)
    for label, value in pairs:
        if value not in (None, ""):
            made.add_row(safe(label), cell(value))
    return made


def bullets(items: Iterable[Cell], mark: str = "•") -> Table:
    """Items with a mark before each, folded under themselves."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column(no_wrap=True, style=QUIET)
    made.add_column(overflow="fold", ratio=1)
    for item in items:
        made.add_row(mark, cell(item))
    return made


def hint(text: str) -> Text:
    """What to type next."""
    return safe(text, QUIET)


def bar(part: float, whole: float, width: int = 20) -> Text:
    """How much of `whole` is done, as a bar that reads without colour; `whole` may be 0."""
    filled = 0 if whole <= 0 else round(width * min(1.0, part / whole))
    return Text.assemble(("█" * filled, GOOD), ("░" * (width - filled), QUIET))


def lines(console: Console, *parts: RenderableType) -> None:
    """Print the parts one under the other."""
    for part in parts:
        console.print(part)
