"""Three-way merging of one field: what the file says now, what it said last time, and what stands in the database.

A file read again changes only what it changed itself; what the person edited meanwhile is kept and named.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlmodel import Session

from crm.escaping import shorten
from crm.models import Record
from crm.rows import Method, Row


class Verdict(Enum):
    """What becomes of one field."""

    SAME = "same"
    TAKE = "take"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Moment:
    """When the file is read: the instant, and the person's day."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Access:
    """How one field of a row is read from and written to its record; an `additive` one only ever adds.

    `label` is what the report calls it, where the field's own name would mislead. `implied` is the record's own
    word, where that or an earlier one is what the file says: nothing has to be stored then.
    """

    get: Callable[[Session, Any], object]
    put: Callable[[Session, Any, Any, Moment], None]
    additive: bool = False
    label: str = ""
    implied: Callable[[Session, Any, Any], str | None] = lambda _session, _record, _value: None


@dataclass(frozen=True, slots=True)
class Target:
    """How rows of one kind find their record, make it, and fill its fields."""

    find: Callable[[Session, Any], Record | None]
    make: Callable[[Session, Any], Record]
    fields: Mapping[str, Access]


def column(name: str) -> Access:
    """A field that is one column."""

    def put(_session: Session, record: Record, value: object, _moment: Moment) -> None:
        setattr(record, name, value)

    return Access(lambda _session, record: getattr(record, name), put)


def encoded(value: object) -> str:
    """A field's value as the baseline keeps it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_encodable)


def decoded(baseline: str) -> object:
    """What a baseline says; of methods, their values."""
    value = json.loads(baseline)
    if not isinstance(value, list):
        return value
    return tuple(each["value"] if isinstance(each, dict) else each for each in value)


def _encodable(value: Any) -> object:  # noqa: ANN401 - what json cannot tell by itself: days and methods
    return value.isoformat() if isinstance(value, date) else asdict(value)


def said(value: object) -> str:
    """A field's value in a few words, for the report."""
    if isinstance(value, tuple):
        return ", ".join(said(each) for each in value)
    return shorten(value.value if isinstance(value, Method) else str(value), 60)


def judge(read: object, baseline: str | None, stands: object, *, overwrite: bool = False) -> Verdict:
    """Decide a field: `read` from the file now, `baseline` last time (None: never), `stands` in the database.

    `overwrite` takes what is new without asking: a record just made has no words of the person's own yet, and a field
    that only ever adds loses none. A field that the person emptied was edited like any other.
    """
    said = encoded(read)
    if said == encoded(stands):
        return Verdict.SAME
    if said == baseline:
        return Verdict.SAME
    never_filled = baseline is None and stands in (None, "", (), [], False)
    if overwrite or never_filled or encoded(stands) == baseline:
        return Verdict.TAKE
    return Verdict.KEEP


def facts(row: Row, target: Target) -> dict[str, object]:
    """The row's filled fields that its record can hold."""
    return {name: value for name, value in row.facts() if name in target.fields}
