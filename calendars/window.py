"""How much of the past and of what is to come stands in a calendar; a small feed is what keeps clients quick."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crm.cadence import day_of, local_instant, week_bounds
from crm.date_words import WEEKDAYS

DAYS_BACK: Final = 60
DAYS_AHEAD: Final = 400
WEEKS_AHEAD: Final = 8
MOST_ENTRIES: Final = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """What a feed is asked for. It moves with the person's midnight or week, and not with each run.

    Attributes:
        now: the present instant, aware UTC.
        tz: the person's zone.
        week_starts_on: monday ... sunday.
        to_dos: what is told are things to do, of which an old one that was never done would stand as overdue.
        silent: the feeds whose entries do not ring, in no calendar.
    """

    now: datetime
    tz: ZoneInfo
    week_starts_on: str = "monday"
    to_dos: bool = False
    silent: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The person's day."""
        return day_of(self.now, self.tz)

    def days(self) -> tuple[date, date]:
        """First and last day: `DAYS_BACK` before today, `DAYS_AHEAD` after it."""
        return self.today - timedelta(days=DAYS_BACK), self.today + timedelta(days=DAYS_AHEAD)

    def instants(self) -> tuple[datetime, datetime]:
        """The same days as instants: where the first begins and, exclusively, where the last ends."""
        first, last = self.days()
        return local_instant(first, time(), self.tz), local_instant(last + timedelta(days=1), time(), self.tz)

    def weeks(self, ahead: int = WEEKS_AHEAD) -> list[date]:
        """The first days of this week and of so many after it: how far what recurs without end is told."""
        first, _ = week_bounds(self.today, first_weekday=WEEKDAYS.index(self.week_starts_on))
        return [first + timedelta(weeks=number) for number in range(ahead + 1)]

    def end_of_weeks(self, ahead: int = WEEKS_AHEAD) -> date:
        """The last day of the last of those weeks."""
        return self.weeks(ahead)[-1] + timedelta(days=6)

    def remembered_since(self) -> datetime:
        """Since when what was removed is still told as cancelled: a midnight `DAYS_BACK` ago."""
        return self.instants()[0]
