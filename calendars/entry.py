"""What a feed yields: one thing that stands in a calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Status = Literal["confirmed", "tentative", "cancelled"]


def in_utc(at: datetime) -> datetime:
    """The instant in UTC, whole seconds.

    Raises:
        ValueError: it is naive, so nobody knows which instant is meant.
        OverflowError: it lies outside the years 1 to 9999.
    """
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone")
    return at.astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event (a VEVENT, RFC 5545 3.6.1).

    Attributes:
        uid: stable for the life of the record it tells of, e.g. `<record's uuid>@networking-crm`.
        sequence: the record's revision; never falls.
        stamped_at: when the record last changed (DTSTAMP and LAST-MODIFIED), never the time of writing.
        summary: its one line.
        starts: a date for a whole day, an aware datetime for a timed entry.
        minutes: length of a timed entry; None or 0 for a mere moment.
        alarms: DISPLAY alarms, in minutes before the start; negative is after it (9:00 on a whole day is -540).
        transparent: whether the time stays free; None means that a whole day does and a timed entry does not.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    summary: str
    starts: date | datetime
    minutes: int | None = None
    created_at: datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    status: Status = "confirmed"
    transparent: bool | None = None
    alarms: tuple[int, ...] = ()

    @property
    def free(self) -> bool:
        """Whether the time it takes is still free for other things."""
        return not isinstance(self.starts, datetime) if self.transparent is None else self.transparent

    def span(self) -> tuple[date | datetime, date | datetime | None]:
        """Start and exclusive end: two dates, or two instants in UTC (the end None for a mere moment).

        Raises:
            ValueError: the start is naive.
            OverflowError: start or end lies outside the years 1 to 9999.
        """
        if not isinstance(self.starts, datetime):
            return self.starts, self.starts + timedelta(days=1)
        start = in_utc(self.starts)
        return start, start + timedelta(minutes=self.minutes) if self.minutes and self.minutes > 0 else None
