"""Which entry is which, and when it last changed: UID, SEQUENCE and stamps come from the records it tells of."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict

from calendars.entry import Entry
from crm.models import Record
from crm.store.feed_history import Removed
from crm.store.told import Version

_DOMAIN = "networking-crm"
_STEP = 100_000
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
    version: Version,
    *,
    others: Iterable[Version] = (),
) -> Identity:
    """What identifies the entry that tells of `record`.

    SEQUENCE (RFC 5545 3.8.7.4) never falls. Where the text of `others` is told too, one change of the record counts
    for more than all of theirs: they can leave only by a change of the record, and then the number rises all the same.

    Args:
        kind: what the entry is, in one word; entries of several kinds may tell of one record.
        record: what the entry stands for; its uid is stable for life.
        version: how often what is told of it was changed.
        others: the versions of what is told besides, such as those of a chat's contacts.
    """
    told = list(others)
    sequence = (version.revision - 1) * _STEP + min(sum(each.revision for each in told), _STEP - 1)
    return Identity(
        uid=_uid(kind, record.uid),
        sequence=_within(sequence),
        stamped_at=max(each.updated_at for each in (version, *told)),
        created_at=record.added_at,
    )


def removed(
    kind: str,
    grave: Removed,
    *,
    summary: str,
    starts: date | datetime | None,
    minutes: int | None = None,
) -> Entry:
    """The cancelled entry of a record that is gone, with the UID it had and a higher SEQUENCE than it ever had.

    It says no more than `summary`: what is removed is not to be told on.

    Args:
        kind: as the record's entry had it.
        grave: what is left of the record.
        summary: one line without people's names.
        starts: when it was to be; None if it had no day.
        minutes: how long, where it was timed.
    """
    return Entry(
        uid=_uid(kind, grave.uid),
        sequence=_within((grave.revision - 1) * _STEP),
        stamped_at=grave.removed_at,
        summary=summary,
        starts=starts,
        minutes=minutes,
        status="cancelled",
        transparent=True,
    )


def _uid(kind: str, uid: str) -> str:
    return f"{uid}-{kind}@{_DOMAIN}"


def _within(sequence: int) -> int:
    return max(0, min(sequence, _MOST))
