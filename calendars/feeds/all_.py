"""Everything that stands in the other calendars, in one."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from calendars import feeds
from calendars.entry import Entry

TITLE = "Networking"
FILLED_BY = "crm init"


def entries(session: Session, *, now: datetime, tz: ZoneInfo) -> Iterator[Entry]:
    """The entries of every other feed."""
    for name in feeds.names():
        if name != "all":
            yield from feeds.load(name).entries(session, now=now, tz=tz)
