"""Which entry is which, and when it last changed: UID, SEQUENCE and stamps come from the records it tells of."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from crm.models import Record

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
    kind: str, record: Record, *, others: Iterable[Record] | None = None, also: datetime | None = None
) -> Identity:
    """What identifies the entry that tells of `record`.

    SEQUENCE (RFC 5545 3.8.7.4) never falls. Where the text of `others` is told too, one revision of the record counts
    for more than all of theirs: they can leave only by a change of the record, and then the number rises all the same.

    Args:
        kind: what the entry is, in one word; entries of several kinds may tell of one record.
        record: what the entry stands for; its uid is stable for life.
        others: the records whose text it tells besides, such as the contacts of a chat; None where there never are any.
        also: when something else that it tells of last changed.
    """
    changes = record.revision - 1
    told = list(others or ())
    if others is not None:
        changes = changes * _STEP + min(sum(each.revision - 1 for each in told), _STEP - 1)
    stamps = [record.updated_at, *(each.updated_at for each in told), *([also] if also else ())]
    return Identity(
        uid=f"{record.uid}-{kind}@{_DOMAIN}",
        sequence=max(0, min(changes, _MOST)),
        stamped_at=max(stamps),
        created_at=record.added_at,
    )
