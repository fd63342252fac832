"""Moving a database: all of it into another, empty one, and a look whether all of it arrived."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from crm.errors import CrmError, RefusedError
from crm.store import copying


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows each table has, and the SHA-256 over all their values, which is the same in both databases."""

    tables: dict[str, int]
    rows: int
    sha256: str


def size(source: Session) -> int:
    """How many rows there are to copy."""
    return sum(copying.counts(source).values())


def refuse_filled(target: Session) -> None:
    """Only an empty database is written to.

    Raises:
        RefusedError: something is in it.
    """
    if size(target):
        raise RefusedError(
            "the other database holds something already; nothing was changed. Name an empty one, without crm init"
        )


def copy(source: Session, target: Session, *, progress: Callable[[int], None]) -> Copied:
    """Write everything into the target, which is undone if it does not arrive whole.

    Args:
        source: what is read.
        target: what is written to; its tables are there.
        progress: told how many rows are done.

    Raises:
        RefusedError: the target is not empty.
        CrmError: what arrived differs from what was read.
    """
    refuse_filled(target)
    expected = copying.counts(source)
    digest = copying.copy(source, target, progress=progress)
    if copying.counts(target) != expected or copying.digest_of(target) != digest:
        raise CrmError("what arrived differs from what was read; nothing was changed. Please report it")
    return Copied(expected, sum(expected.values()), digest)
