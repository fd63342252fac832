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
MINUTES_OF_HOUR = 60
LONGEST_NAME = 60


def short(minutes: int) -> str:
    """Minutes as one types them, for narrow columns: `1h30`, `6h`, `45m`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}m" if rest else "0"
    return f"{hours}h{rest:02}" if rest else f"{hours}h"


def parts(
    week: WeekSummary, standings: Sequence[CommitmentStanding], timed: Timed | None, *, today: date, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """The screen of `crm week`."""
    title = f"{say_day(week.from_on)} to {say_day(week.to_on)}"
    if week.activities:
        yield text.section(title, hours(week))
    yield from (*pace(week, today), *hints(week, is_over=week.to_on < today))
    if timed is not None:
        yield timing(timed, tz=tz)
    if standings:
        yield ""
        yield text.section("Commitments", commitments.table(standings, today=today))


def hours(week: WeekSummary) -> Table:
    """Each activity's hours against its target, and all together."""
    rows = [row(each) for each in week.activities]
    if len(rows) > 1 or week.target_minutes != week.activities[0].target_minutes:
        together = ActivityWeek("All", week.minutes, week.target_minutes)
        rows.append(row(together, counted_minutes(week.activities), style=text.HEADING))
    made = text.table(["activity", "done", "target", "", ""], rows)
    for column in (1, 2):
        made.columns[column].justify = "right"
    for column in (1, 2, 3, 4):
        made.columns[column].no_wrap = True
    return made


def row(each: ActivityWeek, counted: int | None = None, style: str = "") -> tuple[Text, str, str, Text, Text]:
    """One line: name, done, target, bar, and what is left; `counted` is what counts where that is less than done."""
    name, target = text.safe(shorten(each.name, LONGEST_NAME), style), each.target_minutes
    if not target:
        return name, short(each.minutes), "", Text(""), Text("")
    counts = each.minutes if counted is None else counted
    return name, short(each.minutes), short(target), text.bar(counts, target, BAR_WIDTH), rest(counts, target)


def rest(done: int, target: int) -> Text:
    """What is left to the target, or by how much it is passed."""
    if done < target:
        return Text(f"{short(target - done)} left")
    return Text("reached" if done == target else f"{short(done - target)} over", style=text.GOOD)


def pace(week: WeekSummary, today: date) -> list[Text]:
    """The pace in words; nothing where there is no target."""
    if not week.target_minutes:
        return []
    to_go = week.target_minutes - counted_minutes(week.activities)
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
