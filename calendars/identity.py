"""Which entry is which, and when it last changed: UID, SEQUENCE and stamps come from the records it tells of."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict

from calendars.entry import Entry
from crm.models import Record
from crm.store.feed_history import Removed, Version

_DOMAIN = "networking-crm"
_STEP = 10_000
_MOST = 2**31 - 1


class Identity(TypedDict):
    """The fields of an Entry that say which one it is and which version of it."""

    uid: str
    sequence: int
    stamped_at: datetime
    created_at: datetime


def identity(
    kind: str,
    record: Record,
    *,
    others: Iterable[Record | Version] | None = None,
    changes: int | None = None,
    also: datetime | None = None,
) -> Identity:
    """What identifies the entry that tells of `record`.

    SEQUENCE (RFC 5545 3.8.7.4) never falls. Where the text of `others` is told too, one revision of the record counts
    for more than all of theirs: they can leave only by a change of the record, and then the number rises all the same.

    Args:
        kind: what the entry is, in one word; entries of several kinds may tell of one record.
        record: what the entry stands for; its uid is stable for life.
        others: the records whose text it tells besides, or their versions, such as
            those of a chat's contacts; None where there never are any.
        changes: how often anything else that it tells of was changed, if something is; it never falls.
        also: when that last happened.
    """
    told = list(others or ())
    sequence = record.revision - 1
    if others is not None or changes is not None:
        further = sum(each.revision - 1 for each in told) + (changes or 0)
        sequence = sequence * _STEP + min(further, _STEP - 1)
    stamps = [record.updated_at, *(each.updated_at for each in told), *([also] if also else ())]
    return Identity(
        uid=_uid(kind, record.uid),
        sequence=_within(sequence),
        stamped_at=max(stamps),
        created_at=record.added_at,
    )


def removed(kind: str, grave: Removed, *, summary: str, starts: date | datetime, tells_others: bool = False) -> Entry:
    """The cancelled entry of a record that is gone, with the UID it had and a higher SEQUENCE than it ever had.

    It says no more than `summary`: what is removed is not to be told on.

    Args:
        kind: as the record's entry had it.
        grave: what is left of the record.
        summary: one line without people's names.
        starts: when it was to be.
        tells_others: whether its entry told of other records too, see `identity`.
    """
    return Entry(
        uid=_uid(kind, grave.uid),
        sequence=_within((grave.revision - 1) * (_STEP if tells_others else 1)),
        stamped_at=grave.removed_at,
        summary=summary,
        starts=starts,
        status="cancelled",
        transparent=True,
    )


def _uid(kind: str, uid: str) -> str:
    return f"{uid}-{kind}@{_DOMAIN}"


def _within(sequence: int) -> int:
    return max(0, min(sequence, _MOST))
