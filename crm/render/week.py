"""The week on a screen: hours against targets, the pace in words, commitments, and a timer that runs."""

from collections.abc import Iterator, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from crm.date_words import WEEKDAYS
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import TimeEntry
from crm.render import commitments, text
from crm.store.commitments import CommitmentStanding
from crm.week_hours import ActivityWeek, Timed, WeekSummary, counted_minutes

BAR_WIDTH = 20
BAR_WIDTHS = (8, 40)
LEAST_NAME, WRAPPED_NAME = 16, 26
INDENT, GAP = 2, 3
HEADS = ("activity", "done", "target", "")
MINUTES_OF_HOUR = 60
LONGEST_NAME = 60


def against_target(week: WeekSummary) -> str:
    """The week's hours in words: what counts of its target and, where that is not all, what was done in all."""
    if not week.target_minutes:
        return say_duration(week.minutes)
    counts = counted_minutes(week.activities)
    in_all = f", {say_duration(week.minutes)} in all" if week.minutes > counts else ""
    return f"{say_duration(counts)} of {say_duration(week.target_minutes)}{in_all}"


def of_target(minutes: int, target_minutes: int) -> str:
    """What was done in words and, where there is a target (not 0), of how much."""
    return say_duration(minutes) + (f" of {say_duration(target_minutes)}" if target_minutes else "")


def short(minutes: int) -> str:
    """Minutes as one types them, for narrow columns: `1h30`, `6h`, `45m`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m" if rest else "0"
    return f"{hours}h{rest:02}" if rest else f"{hours}h"


def parts(
    week: WeekSummary,
    standings: Sequence[CommitmentStanding],
    timed: Timed | None,
    *,
    today: date,
    tz: ZoneInfo,
    columns: int,
) -> Iterator[RenderableType]:
    """The screen of `crm week` on so many columns."""
    title = f"{say_day(week.from_on)} to {say_day(week.to_on)}"
    if week.activities:
        yield text.section(title, hours(week, columns))
    if week.target_minutes and week.minutes > counted_minutes(week.activities):
        yield text.hint(f"{against_target(week)}: what is over one target does not make up for another.")
    yield from (*pace(week, today), *hints(week, is_over=week.to_on < today))
    if timed is not None:
        yield timing(timed, tz=tz)
    if standings:
        yield ""
        yield text.section("Commitments", commitments.table(standings, today=today))


def hours(week: WeekSummary, columns: int) -> Table:
    """Each activity's hours against its target, and all together, on so many columns."""
    rows = [row(each) for each in week.activities]
    if len(rows) > 1 or week.target_minutes != week.activities[0].target_minutes:
        counted = counted_minutes(week.activities) if week.target_minutes else week.minutes
        rows.append(row(ActivityWeek("All", counted, week.target_minutes), text.HEADING))
    width = bar_width([HEADS, *(row[:3] + row[4:] for row in rows)], columns)
    drawn = [(*row[:3], *((text.bar(*row[3], width) if row[3] else "",) if width else ()), row[4]) for row in rows]
    made = text.table([*HEADS, *([""] if width else [])], drawn)
    for column in made.columns[1:]:
        column.no_wrap = True
    for column in made.columns[1:3]:
        column.justify = "right"
    return made


def bar_width(rows: Sequence[Sequence[Text | str]], columns: int) -> int:
    """How wide bars are beside these words; 0 where the names would have too little room left."""
    name, *others = (max(len(row[place]) for row in rows) for place in range(len(rows[0])))
    beside = INDENT + sum(others) + GAP * (len(others) + 1)
    room = columns - beside
    least, most = BAR_WIDTHS
    if room >= LEAST_NAME + least:
        return max(least, min(most, room - min(name, WRAPPED_NAME)))
    return 0


def row(each: ActivityWeek, style: str = "") -> tuple[Text, str, str, tuple[int, int] | None, Text]:
    """One line: name, done, target, what its bar shows, and what is left."""
    name, target = text.safe(shorten(each.name, LONGEST_NAME), style), each.target_minutes
    if not target:
        return name, short(each.minutes), "", None, Text("")
    return name, short(each.minutes), short(target), (each.minutes, target), rest(each.minutes, target)


def rest(done: int, target: int) -> Text:
    """What is left to the target, or by how much it is passed."""
    if done < target:
        return Text(f"{short(target - done)} left")
    return Text("reached" if done == target else f"{short(done - target)} over", style=text.GOOD)


def pace(week: WeekSummary, today: date) -> list[Text]:
    """The pace in words; nothing where there is no target."""
    if not week.target_minutes:
        return []
    to_go = week.to_go_minutes
    if to_go <= 0:
        return [Text("The week's targets are reached.", style=text.GOOD)]
    if week.to_on < today:
        return [Text(f"The week ended {say_duration(to_go)} short of its targets.", style=text.WARN)]
    stands = [Text("On pace")] if week.from_on <= today else []
    if week.behind_minutes:
        stands = [Text(f"{in_hours(week.behind_minutes)} behind", style=text.WARN)]
    room = [f"{in_hours(week.available_minutes)} of room {_by(week.to_on, today)}"] if week.has_room else []
    lacks = ", more than there is room for" if week.has_room and to_go > week.available_minutes else ""
    said = text.join(*stands, *room, gap=", ")
    return [text.join(said, f"{in_hours(to_go)} to go{lacks}", gap="; ") + Text(".")]


def in_hours(minutes: int) -> str:
    """Minutes for reading rather than reckoning, in hours to one decimal: `2.5 h`, `4 h`; under an hour `45 min`."""
    return f"{minutes / 60:.1f}".removesuffix(".0") + " h" if minutes >= MINUTES_OF_HOUR else f"{minutes} min"


def _by(day: date, today: date) -> str:
    """The last day of a week: by its name within a week from today, else with the date."""
    if day == today:
        return "today"
    return f"by {WEEKDAYS[day.weekday()].capitalize()}" if (day - today).days < len(WEEKDAYS) else f"by {say_day(day)}"


def hints(week: WeekSummary, *, is_over: bool) -> list[Text]:
    """What to type where something is not known yet."""
    if not week.activities:
        return [text.hint('No activities yet. Add one: crm hours add "Building projects" --role projects')]
    if not week.target_minutes:
        said = "That week had no targets." if is_over else "No targets yet. Set one: crm hours target ACTIVITY 5h"
        return [text.hint(said)]
    if not week.has_room and not is_over:
        return [text.hint("To see what room is left, say what each day has: crm hours available monday 2h")]
    return []


def timing(timed: Timed, *, tz: ZoneInfo) -> Text:
    """What is being timed, and a doubt where that can't be right."""
    since = f"since {say_instant(timed.started_at, tz=tz)}, {say_duration(timed.minutes)} so far."
    said = text.join("Timing", shorten(timed.name, LONGEST_NAME), since)
    doubt = Text("Can that be? To say how long it was: crm timer stop --duration 2h", style=text.WARN)
    return text.join(said, doubt if timed.is_doubtful else None, gap="\n")


def logged(entry: TimeEntry, name: str, week: WeekSummary, *, today: date, tz: ZoneInfo) -> list[Text]:
    """What was logged, said back, and how the activity stands in that week."""
    said = f"from {say_instant(entry.started_at, tz=tz)}."
    line = text.join(f"Logged {say_duration(entry.minutes or 0)} of", shorten(name, LONGEST_NAME), said)
    return [line, *progress(week, name, this_week=week.from_on <= today <= week.to_on)]


def progress(week: WeekSummary, name: str, *, this_week: bool) -> list[Text]:
    """One activity's week in a line, for after something was logged; nothing where it has no target."""
    each = next(each for each in week.activities if each.name == name)
    if not each.target_minutes:
        return []
    when = "this week" if this_week else f"in the week from {say_day(week.from_on)}"
    said = f"{say_duration(each.minutes)} of {say_duration(each.target_minutes)} {when}"
    return [text.join(text.bar(each.minutes, each.target_minutes, BAR_WIDTH), said, gap="  ")]
