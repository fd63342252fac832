"""What a feed yields: one thing that stands in a calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from crm.privacy import Mentioned

Status = Literal["confirmed", "tentative", "cancelled", "done"]


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
    """One event (a VEVENT, RFC 5545 3.6.1) or thing to do (a VTODO, 3.6.2).

    Attributes:
        uid: stable for the life of the record it tells of, e.g. `<record's uuid>@networking-crm`.
        sequence: the record's revision; never falls.
        stamped_at: when the record last changed (DTSTAMP and LAST-MODIFIED), never the time of writing.
        summary: its one line.
        brief: what is told instead of it where first names only are told, if that is less; it names nobody in full
            but in what was typed.
        typed: the words with which that line begins, if a person typed them: where first names only are told, surnames
            go from them, and the program's own words stay.
        about: whom those words are about; of them a surname goes that stands alone, too.
        unnamed: what is told instead where no word of those is left.
        starts: a date for a whole day, an aware datetime for a timed entry; when a thing to do is due, None if it has
            no day.
        minutes: length of a timed event; None or 0 for a mere moment.
        status: `done` is of a thing to do; an event that is done is `confirmed`.
        done_at: when a thing to do was done.
        to_do: whether it is a thing to do instead of an event.
        alarms: DISPLAY alarms, in minutes before the start; negative is after it (9:00 on a whole day is -540).
        transparent: whether the time stays free; None means that a whole day does and a timed entry does not.
    """

    uid: str
    sequence: int
    stamped_at: datetime
    summary: str
    starts: date | datetime | None
    brief: str = ""
    typed: str = ""
    about: Mentioned | None = None
    unnamed: str = ""
    minutes: int | None = None
    created_at: datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    status: Status = "confirmed"
    done_at: datetime | None = None
    to_do: bool = False
    transparent: bool | None = None
    alarms: tuple[int, ...] = ()

    @property
    def free(self) -> bool:
        """Whether the time it takes is still free for other things."""
        return not isinstance(self.starts, datetime) if self.transparent is None else self.transparent

    @property
    def rings(self) -> bool:
        """Whether its alarms are of use: not where it is cancelled, done or without a day."""
        return self.starts is not None and self.status not in {"cancelled", "done"}

    def span(self) -> tuple[date | datetime | None, date | datetime | None]:
        """Start and exclusive end: two dates, or two instants in UTC (the end None for a mere moment).

        Of a thing to do the start is when it is due, if it is, and there is no end.

        Raises:
            ValueError: the start is naive, or an event has none.
            OverflowError: start or end lies outside the years 1 to 9999.
        """
        if self.starts is None:
            if not self.to_do:
                raise ValueError("an event needs a day")
            return None, None
        if not isinstance(self.starts, datetime):
            return self.starts, None if self.to_do else self.starts + timedelta(days=1)
        start = in_utc(self.starts)
        lasts = self.minutes if self.minutes and self.minutes > 0 and not self.to_do else 0
        return start, start + timedelta(minutes=lasts) if lasts else None
