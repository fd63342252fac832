"""A year of hours on a screen: weeks by weekdays, each day as dense as it had hours."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from rich.console import Console
from rich.text import Text

from crm.date_words import MONTHS, WEEKDAYS
from crm.dates import say_day
from crm.durations import say_duration
from crm.escaping import shorten
from crm.heatmap import TOP_LEVEL, DayMinutes, YearHours, level, weeks
from crm.render import text
from crm.render.week import short

SHADES = "·░▒▓█"
LONGEST_NAME = 60
LABEL_WIDTH = 4
LEAST_WEEKS = 8

Week = Sequence[DayMinutes | None]


def draw(
    console: Console, year: YearHours, *, today: date, first_weekday: int, activity: str | None, latest: int | None
) -> None:
    """The screen of `crm hours heatmap`; `latest` is the year of the newest entry, for where this year has none."""
    of = text.join(f"Hours of {year.year}", activity and shorten(f"on {activity}", LONGEST_NAME))
    if not year.minutes:
        console.print(text.hint(empty(year.year, latest, of=of.plain)))
        return
    text.lines(console, Text(of.plain, style=text.HEADING))
    columns, wide = fit(list(weeks(year.days, first_weekday=first_weekday)), console.width)
    for part in columns:
        drawn = list(rows(part, wide, year.step(), today, first_weekday))
        if any(len(each) > LABEL_WIDTH for each in drawn):  # a part that is still to come shows nothing
            text.lines(console, months(part, wide), *drawn, "")
    text.lines(console, legend(year.step()), "", *totals(year))


def empty(year: int, latest: int | None, *, of: str) -> str:
    """What to type where a year has nothing."""
    if latest is not None and latest != year:
        return f"{of}: nothing logged. The newest time is of {latest}: crm hours heatmap --year {latest}"
    return f"{of}: nothing logged. Log time: crm log-hours 1h30 ACTIVITY"


def fit(year: Sequence[Week], columns: int) -> tuple[list[Sequence[Week]], int]:
    """The weeks in as many equal parts as the terminal needs, and how many characters a day takes."""
    room = columns - LABEL_WIDTH
    if room >= 2 * len(year):
        return [year], 2
    parts = -(-len(year) // max(LEAST_WEEKS, room))
    size = -(-len(year) // parts)
    return [year[at : at + size] for at in range(0, len(year), size)], 1


def months(part: Sequence[Week], wide: int) -> Text:
    """The months' names, each above the week that holds its first day."""
    line = [" "] * (wide * len(part))
    for at, week in enumerate(part):
        first = next((each for each in week if each and each.date.day == 1), None)
        name = MONTHS[first.date.month - 1][:3].capitalize() if first else ""
        if len(line) - wide * at >= len(name):
            line[wide * at : wide * at + len(name)] = name
    return text.hint(" " * LABEL_WIDTH + "".join(line).rstrip())


def rows(part: Sequence[Week], wide: int, step: int, today: date, first_weekday: int) -> Iterator[Text]:
    """A line for each weekday."""
    for place in range(7):
        name = WEEKDAYS[(first_weekday + place) % 7][:3].capitalize()
        drawn = "".join(shade(week[place], step, today) * wide for week in part)
        yield Text.assemble((name.ljust(LABEL_WIDTH), text.QUIET), (drawn.rstrip(), text.GOOD))


def shade(day: DayMinutes | None, step: int, today: date) -> str:
    """A day's character: blank outside of the year and, unless it has time, after today."""
    if day is None or (day.date > today and not day.minutes):
        return " "
    return SHADES[level(day.minutes, step)]


def legend(step: int) -> Text:
    """What each character means."""
    steps = [short(at * step) for at in range(TOP_LEVEL)]
    between = [f"{low} to {high}" for low, high in pairwise(steps[1:])]
    said = ["none", f"under {steps[1]}", *between, f"{steps[-1]} and more"]
    return text.hint("   ".join(f"{each} {words}" for each, words in zip(SHADES, said, strict=True)))


def totals(year: YearHours) -> Iterator[Text]:
    """All hours and the longest streak."""
    active = "1 day" if year.active_days == 1 else f"{year.active_days} days"
    yield Text(f"{say_duration(year.minutes)} on {active}.")
    longest = year.longest_streak()
    if longest and longest.days > 1:
        span = f"{say_day(longest.from_on)} to {say_day(longest.to_on)}"
        yield Text(f"Longest streak: {longest.days} days in a row, {span}.")
    elif longest:
        yield Text("Longest streak: 1 day.")
