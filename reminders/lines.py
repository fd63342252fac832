"""The lines that a reminder's text is made of: each bounded, and the commands that can be copied at the end."""

from collections.abc import Sequence
from typing import Final

from crm.escaping import on_one_line, shorten

LONGEST_TITLE: Final = 200
LONGEST: Final = 140


def line(text: str, longest: int = LONGEST) -> str:
    """The text as one line of at most so many characters; a name that is cut ends in an ellipsis."""
    return shorten(on_one_line(text), longest)


def some(items: Sequence[str], most: int = 2) -> str:
    """The first few, and how many more there are: `a; b; and 3 more`."""
    rest = len(items) - most
    return "; ".join([*items[:most], *([f"and {rest:,} more"] if rest > 0 else [])])


def offers(**commands: str) -> str:
    """What to type, each command on a line of its own behind what it is for: `Done: crm done t1`."""
    return "\n".join(f"{what.replace('_', ' ')}: {command}" for what, command in commands.items())
