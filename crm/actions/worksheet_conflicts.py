"""Conflicts between a worksheet that was edited and what the person edited here since it was read last."""

from collections.abc import Callable, Iterable

from sqlmodel import Session

from crm.actions.import_compare import Comparison, Difference, Side
from crm.actions.import_rows import FieldKey
from crm.rows import Row

Choose = Callable[[Difference], bool | None]
"""Says of one conflict whether the file's is taken (True), the program's kept for good (False), or neither yet."""


def conflicts(session: Session, rows: Iterable[Row]) -> list[Difference]:
    """The fields that say one thing in the file and another here, and are the file's last word in neither."""
    return [each for each in Comparison(session).differences(rows) if each.side is Side.BOTH]


def decided(found: Iterable[Difference], choose: Choose) -> dict[FieldKey, bool]:
    """What `choose` decides of each conflict, as `import_rows` takes it."""
    chosen = ((each.at, choose(each)) for each in found)
    return {at: choice for at, choice in chosen if choice is not None}
