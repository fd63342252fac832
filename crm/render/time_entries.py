"""Time entries on a screen: the list, and one that was changed or removed."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.dates import say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.render import text
from crm.store.time_entries import Listing, Logged
from crm.week_hours import Timed

MOST: Final = 30
LONGEST_NAME: Final = 40
LONGEST_NOTE: Final = 200


def listing(found: Listing, timed: Timed | None, *, narrowed: bool, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The entries one a line, the newest last; `narrowed` tells that not all there are were asked for."""
    if not found.count:
        yield text.safe("No time is logged there." if narrowed else "No time is logged yet.")
        yield text.hint("Log some: crm log-hours 1h30 ACTIVITY. Time it as you go: crm timer start ACTIVITY")
        return
    if len(found.shown) < found.count:
        yield text.hint(f"The last {len(found.shown)} of {found.count:,}; all of them: --all")
    made = text.rows([_row(each, timed, tz) for each in found.shown], wide=4)
    made.columns[2].justify = "right"
    made.columns[3].no_wrap = False
    yield made
    count = "1 entry" if found.count == 1 else f"{found.count:,} entries"
    yield text.join(text.safe(f"{count}, {say_duration(found.minutes)} in all.", text.HEADING))
    mine = next((each.entry.ref for each in reversed(found.shown) if each.entry.minutes and not each.chat), None)
    if mine:
        yield text.hint(f"To mend one: crm hours edit {mine} --duration 1h30. To drop it: crm hours remove {mine}")


def _row(each: Logged, timed: Timed | None, tz: ZoneInfo) -> tuple[text.Cell, ...]:
    it = each.entry
    return (
        text.safe(it.ref, text.QUIET),
        say_instant(it.started_at, tz=tz),
        _runs(timed) if it.minutes is None else say_duration(it.minutes),
        text.safe(shorten(each.activity.name, LONGEST_NAME), text.NAME),
        _about(each),
    )


def _runs(timed: Timed | None) -> Text:
    if timed is None:
        return Text("running")
    doubt = ", really?" if timed.is_doubtful else ""
    return Text(f"runs, {say_duration(timed.minutes)}{doubt}", style=text.WARN)


def _about(each: Logged) -> Text:
    note = shorten(each.entry.note, LONGEST_NOTE) if each.entry.note else None
    return text.join(text.safe(f"chat {each.chat}", text.QUIET) if each.chat else None, note)


def says(each: Logged, *, tz: ZoneInfo) -> Text:
    """An entry in words: `2 h of Reading from Mon 5 Jan 2026 09:00`."""
    name, since = shorten(each.activity.name, LONGEST_NAME), say_instant(each.entry.started_at, tz=tz)
    return text.join(f"{say_duration(each.entry.minutes or 0)} of", name, f"from {since}")


def changed(each: Logged, *, tz: ZoneInfo) -> Text:
    """That an entry was changed, and what it is now."""
    return text.join(f"{each.entry.ref} is now", text.join(says(each, tz=tz), ".", gap=""))


def overlaps(there: Logged, *, tz: ZoneInfo) -> str:
    """The remark that an entry shares time with another one."""
    return f"It overlaps {there.entry.ref}, {says(there, tz=tz).plain}: crm hours entries"


def removed(said: Text, ref: str) -> Text:
    """That an entry is gone; `said` are its words from before."""
    return text.join("Removed", f"{ref}:", text.join(said, ".", gap=""), text.hint("(crm undo takes it back)"))
