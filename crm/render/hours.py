"""Targets and room on a screen: what each activity is to get, and what each weekday has."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.escaping import shorten
from crm.render import text

LONGEST_NAME = 60
BAR_WIDTH = 12
_NO_TARGET: Mapping[str, Any] = {"weekly_hours": None, "share_percent": None}
_UNSAID: Mapping[str, Any] = {"hours": None, "best_time": None, "notes": None}


def draw(
    console: Console,
    activities: Sequence[Mapping[str, Any]],
    room: Mapping[str, Mapping[str, Any]],
    remarks: Sequence[str],
    *,
    today: date,
) -> None:
    """The screen of `crm hours list`, from activities and weekdays as the document tells them."""
    if activities:
        console.print(text.section("Hours a week", _activities(activities, today), count=len(activities)))
    else:
        console.print(text.hint('No activities yet. Add one: crm hours add "Building projects" --role projects'))
    if room:
        console.print(text.section("Room", _room(room)))
    else:
        console.print(text.hint("What room has each day? crm hours available monday 2h"))
    if activities and all(not each["targets"] for each in activities):
        console.print(text.hint(f"No targets yet. Set one: crm hours target {activities[0]['ref']} 5h"))
    for remark in remarks:
        console.print(text.safe(remark, text.WARN))


def _activities(activities: Sequence[Mapping[str, Any]], today: date) -> Table:
    rows = [
        (
            each["ref"],
            text.safe(shorten(each["name"], LONGEST_NAME)),
            each["role"],
            said(target["weekly_hours"], " h"),
            said(target["share_percent"], " %"),
            _change(each["targets"], today),
        )
        for each, target in _in_force(activities, today)
    ]
    total = sum(target["weekly_hours"] or 0 for _each, target in _in_force(activities, today))
    rows.append(("", text.safe("All", text.HEADING), "", said(total, " h"), "", ""))
    made = text.table(["", "activity", "role", "hours", "share", ""], rows)
    for column in (3, 4):
        made.columns[column].justify = "right"
        made.columns[column].no_wrap = True
    return made


def _in_force(activities: Sequence[Mapping[str, Any]], today: date) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Each activity with the target in force today; one whose first target is still to come has none yet."""
    for each in activities:
        begun = [target for target in each["targets"] if target["from_on"] <= today]
        yield each, max(begun, key=lambda target: target["from_on"], default=_NO_TARGET)


def _change(targets: Sequence[Mapping[str, Any]], today: date) -> str:
    """The next change of a target that is already known."""
    coming = min((each for each in targets if each["from_on"] > today), key=lambda each: each["from_on"], default=None)
    return f"{said(coming['weekly_hours'], ' h')} from {say_day(coming['from_on'])}" if coming else ""


def _room(room: Mapping[str, Mapping[str, Any]]) -> Table:
    most = max((each["hours"] or 0 for each in room.values()), default=0)
    rows = list(_days(room, most))
    rows.append(
        (text.safe("all", text.HEADING), said(sum(each["hours"] or 0 for each in room.values()), " h"), "", "", "")
    )
    made = text.table(["day", "room", "", "best time", "notes"], rows)
    made.columns[1].justify = "right"
    return made


def _days(room: Mapping[str, Mapping[str, Any]], most: float) -> Iterator[tuple[text.Cell, ...]]:
    for day in WEEKDAYS:
        each = room.get(day, _UNSAID)
        if each["hours"] is None:
            yield day, "not said", "", each["best_time"], each["notes"]
        else:
            yield (
                day,
                said(each["hours"], " h"),
                text.bar(each["hours"], most, BAR_WIDTH),
                each["best_time"],
                each["notes"],
            )


def said(amount: float | None, unit: str) -> str:
    """An amount without needless decimals; nothing where there is none."""
    return "" if amount is None else f"{round(amount, 2):g}{unit}"
