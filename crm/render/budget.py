"""The plan's hours as a budget on a screen: the burn-up and the line, the pace in words, metalearning's band."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from crm.budget import BAND_PERCENT, Band, Budget, BurnWeek
from crm.dates import say_day
from crm.durations import say_duration
from crm.render import text
from crm.render.week import in_hours, short

MOST_ROWS = 16
BAR_WIDTHS = (8, 40)
COLUMNS_BESIDE_BAR = 58
WEEKLY = " a week needed"
DEADLINE_FROM = {
    "deadline_on": "the plan's deadline",
    "months": "the plan's months from its start",
    "weekly_hours": "the plan's hours a week from its start",
}


def draw(console: Console, budget: Budget, *, has_metalearning: bool) -> None:
    """The screen of `crm hours budget`."""
    width = bar_width(console.width)
    text.lines(console, text.section("Budget", head(budget, width)), *words(budget))
    if budget.before_minutes:
        before = say_duration(budget.before_minutes)
        text.lines(console, text.safe(f"{before} before the plan's start are not among the hours done."))
    if budget.metalearning:
        text.lines(console, *metalearning(budget.metalearning, has_activity=has_metalearning))
    text.lines(console, *map(text.hint, hints(budget)))
    if budget.minutes:
        text.lines(console, "", text.section("Burn-up", burn_up(budget, width)), *legend(budget))


def bar_width(columns: int) -> int:
    """How wide bars are on a terminal of so many columns."""
    return min(BAR_WIDTHS[1], max(BAR_WIDTHS[0], columns - COLUMNS_BESIDE_BAR))


def head(budget: Budget, width: int) -> Table:
    """What the plan aims at, and how much of it is done."""
    goal = budget.goal
    last = goal.deadline_on and goal.deadline_from
    by = f"{say_day(goal.deadline_on)} ({DEADLINE_FROM[last]})" if goal.deadline_on and last else None
    return text.facts(
        [
            ("total", say_duration(goal.total_minutes) if goal.total_minutes else None),
            ("from", say_day(goal.start_on) if goal.start_on else None),
            ("to", by),
            ("done", done(budget, width)),
        ]
    )


def done(budget: Budget, width: int) -> Text:
    """What is done, as a bar and in words."""
    total = budget.goal.total_minutes
    if not total:
        return Text(say_duration(budget.minutes))
    said = f"{say_duration(budget.minutes)}, {percent(budget.minutes, total)}"
    return text.join(bar(budget.minutes, budget.line_minutes, total, width), said, gap="  ")


def percent(part: int, whole: int) -> str:
    """A part in whole percent, rounded down, so that 100 % means that it is done."""
    return f"{100 * part // whole} %"


def words(budget: Budget) -> Iterator[Text]:
    """How the budget stands, in sentences; nothing without a total."""
    if budget.rest_minutes is None:
        yield from pace_alone(budget)
    elif budget.reached_on:
        more = budget.minutes - (budget.goal.total_minutes or 0)
        since = f"; {say_duration(more)} more since then" if more else ""
        yield Text(f"The total was reached on {say_day(budget.reached_on)}{since}.", style=text.GOOD)
    elif budget.goal.start_on and budget.goal.start_on > budget.today:
        yield text.join("The plan is still to start", needed(budget), gap="; ").append(".")
    else:
        yield text.join(standing(budget), needed_and_done(budget), gap="; ").append(".")
        yield from outlook(budget)


def standing(budget: Budget) -> Text | None:
    """Ahead or behind, or what is to go where there is no line or its last day has passed."""
    last_on = budget.goal.deadline_on
    to_go = say_duration(budget.rest_minutes or 0)
    if last_on and last_on < budget.today:
        return Text(f"The last day has passed with {to_go} to go", style=text.WARN)
    if budget.behind_minutes:
        return Text(f"{say_duration(budget.behind_minutes)} behind the line", style=text.WARN)
    if budget.ahead_minutes:
        return Text(f"{say_duration(budget.ahead_minutes)} ahead of the line", style=text.GOOD)
    return Text(f"{to_go} to go" if budget.line_minutes is None else "On the line")


def needed_and_done(budget: Budget) -> str:
    """What a week needs, and what it gets; empty where neither is known."""
    needs, pace = needed(budget), budget.pace_weekly_minutes
    if pace is None:
        return needs
    unit = "" if needs.endswith(WEEKLY) else " a week"
    weeks = f"the last {budget.pace_weeks} full weeks" if budget.pace_weeks > 1 else "the last full week"
    return ", ".join(filter(None, [needs, f"you do {in_hours(pace)}{unit} ({weeks})"]))


def needed(budget: Budget) -> str:
    """What is needed a week, or till the last day where that is less than a week away; empty where that is unknown."""
    last_on, minutes = budget.goal.deadline_on, budget.needed_weekly_minutes
    if last_on is None or minutes is None:
        return ""
    if last_on < budget.today + timedelta(days=6):
        return f"{say_duration(minutes)} needed till {say_day(last_on)}"
    return f"{in_hours(minutes)}{WEEKLY}"


def outlook(budget: Budget) -> Iterator[Text]:
    """When the total is reached by the present pace."""
    last_on = budget.goal.deadline_on
    if budget.pace_weekly_minutes is None:
        yield text.hint("Your pace and the forecast show after the first full week.")
    elif budget.forecast_on is None:
        yield Text("By that pace the total is never reached.", style=text.WARN)
    else:
        late = (budget.forecast_on - last_on).days if last_on else 0
        beside = f", {days(abs(late))} {'after' if late > 0 else 'before'} the last day" if late else ""
        style = text.WARN if late > 0 else ""
        yield Text(f"By that pace the total is reached on {say_day(budget.forecast_on)}{beside}.", style=style)


def days(count: int) -> str:
    """A number of days."""
    return "1 day" if count == 1 else f"{count} days"


def pace_alone(budget: Budget) -> Iterator[Text]:
    """The pace where there is no total to hold it against."""
    if budget.pace_weekly_minutes is not None:
        said = needed_and_done(budget)
        yield Text(f"{said[0].upper()}{said[1:]}.")


def metalearning(band: Band, *, has_activity: bool) -> Iterator[Text]:
    """Metalearning and its band, and the warning at the band's top."""
    least, most = BAND_PERCENT
    reach = f"{say_duration(band.from_minutes)} to {say_duration(band.to_minutes)}"
    said = f"Metalearning has had {say_duration(band.minutes)}; its band is {reach} ({least} to {most} % of the total)."
    yield Text(said)
    if band.state == "top":
        over = band.minutes - band.to_minutes
        stands = f"{say_duration(over)} over" if over else "the top of"
        yield Text(f"That is {stands} its band: the rest of the hours is for the learning itself.", style=text.WARN)
    if not has_activity:
        yield text.hint("To log time on it: crm hours add Metalearning --role metalearning")


def hints(budget: Budget) -> Iterator[str]:
    """What to type where something is not known, or can't be right."""
    goal, today = budget.goal, budget.today
    if not goal.total_minutes:
        yield total_hint(budget)
    if not goal.start_on:
        yield "No start yet, so everything logged counts and there is no line. Say it: crm plan start DATE"
    if not goal.deadline_on:
        yield "No deadline yet. Say it: crm plan set --deadline DATE, or --months 9"
    elif goal.start_on and goal.deadline_on < goal.start_on:
        yield "The deadline lies before the start. Set another: crm plan set --deadline DATE"
    elif goal.deadline_on < today and budget.rest_minutes:
        yield "Set another deadline: crm plan set --deadline DATE"
    if not budget.minutes and not (goal.start_on and goal.start_on > today):
        yield "Nothing logged yet. Log time: crm log-hours 1h30 ACTIVITY"


def total_hint(budget: Budget) -> str:
    """How to set the total; where hours a week and both days are known, what they come to."""
    goal = budget.goal
    if goal.weekly_minutes and goal.days:
        hours = round(goal.weekly_minutes * goal.days / 7 / 60)
        weekly = say_duration(goal.weekly_minutes)
        return f"No total yet. The plan's {weekly} a week come to {hours} h: crm plan set --total-hours {hours}"
    return "No total yet. Say it: crm plan set --total-hours 400"


def burn_up(budget: Budget, width: int) -> Table:
    """Hours week by week, all hours up to then as a bar, and the line; of many weeks several in a row."""
    together = -(-len(budget.weeks) // MOST_ROWS)
    whole = max(budget.goal.total_minutes or 0, budget.minutes)
    rows = [_row(budget.weeks[at : at + together], whole, width) for at in range(0, len(budget.weeks), together)]
    titles = ["week from" if together == 1 else f"{together} weeks from", "hours", "all", "line", ""]
    if width == BAR_WIDTHS[0]:  # too narrow for every column
        titles, rows = [titles[0], *titles[2::2]], [(row[0], *row[2::2]) for row in rows]
    made = text.table(titles, rows)
    for column in made.columns:
        column.no_wrap = True
    for column in made.columns[1:-1]:
        column.justify = "right"
    return made


def _row(weeks: Sequence[BurnWeek], whole: int, width: int) -> tuple[text.Cell, ...]:
    last = weeks[-1]
    line = None if last.line_minutes is None else short(last.line_minutes)
    drawn = bar(last.total_minutes, last.line_minutes, whole, width)
    hours = short(sum(each.minutes for each in weeks))
    return say_day(weeks[0].from_on)[4:], hours, short(last.total_minutes), line, drawn


def bar(part: int, line: int | None, whole: int, width: int) -> Text:
    """What is done of `whole` (above 0), with a stroke where the line stands; it reads without colour."""
    drawn = text.bar(part, whole, width)
    if line is None:
        return drawn
    at = min(width - 1, width * line // whole)
    return Text.assemble(drawn[:at], ("│", text.WARN), drawn[at + 1 :])


def legend(budget: Budget) -> Iterator[RenderableType]:
    """What the characters of the burn-up mean."""
    stroke = "" if budget.line_minutes is None else "   │ the line, which days that are over should have reached"
    yield text.hint(f"█ done{stroke}")
