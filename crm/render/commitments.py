"""Commitments on a screen: how often they were kept in the present period, and which are only proposed."""

from collections.abc import Iterable, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crm.dates import say_day
from crm.escaping import shorten
from crm.render import text
from crm.store.commitments import CommitmentStanding

PERIODS = {"day": "today", "week": "this week", "month": "this month"}
MOST_MARKS = 7
LONGEST_TITLE = 60


def says(standing: CommitmentStanding, *, today: date) -> str:
    """The count in words: `1 of 2 this week`."""
    return f"{standing.done} of {standing.times} {period(standing, today)}"


def period(standing: CommitmentStanding, today: date) -> str:
    """The period as one says it today."""
    if standing.from_on <= today <= standing.to_on:
        return PERIODS[standing.per]
    first, last = say_day(standing.from_on), say_day(standing.to_on)
    return f"on {first}" if first == last else f"from {first} to {last}"


def marks(standing: CommitmentStanding) -> Text:
    """One mark for each time: done, skipped, or left to do; a bar where they would be too many."""
    if max(standing.times, standing.done + standing.skipped) > MOST_MARKS:
        return text.bar(standing.done, standing.times, MOST_MARKS)
    skipped, left = "-" * standing.skipped, "○" * standing.left
    return Text.assemble(("●" * standing.done, text.GOOD), (skipped + left, text.QUIET))


def remark(standing: CommitmentStanding) -> Text:
    """Kept, skipped, or until when the rest is to be done."""
    if standing.done >= standing.times:
        return Text("kept", style=text.GOOD)
    if standing.left == 0:
        return Text(f"{standing.skipped} skipped", style=text.QUIET)
    return Text("still to do" if standing.from_on == standing.to_on else till(standing.to_on))


def till(day: date) -> str:
    """The end of a period that is near, so without the year: `till Sun 11 Jan`."""
    return f"till {say_day(day).rpartition(' ')[0]}"


def table(standings: Iterable[CommitmentStanding], *, today: date) -> Table:
    """The accepted commitments, one a line."""
    rows = [
        (each.ref, text.safe(shorten(each.title, LONGEST_TITLE)), marks(each), says(each, today=today), remark(each))
        for each in standings
    ]
    made = text.table(["", "commitment", "", "", ""], rows)
    made.show_header = False
    for column in (0, 2, 3, 4):
        made.columns[column].no_wrap = True
    return made


def draw(
    console: Console,
    standings: Sequence[CommitmentStanding],
    proposed: Sequence[tuple[str, str, str]],
    *,
    today: date,
) -> None:
    """The screen of `crm commitment list`; `proposed` are (ref, title, how often)."""
    if not standings and not proposed:
        console.print(text.hint('No commitments yet. Make one: crm commitment add "Post on LinkedIn" 2/week'))
    if standings:
        console.print(text.section("Commitments", table(standings, today=today), count=len(standings)))
        console.print(text.hint(f"Once more: crm check-in {standings[0].ref}"))
    if standings and proposed:
        console.print()
    if proposed:
        rows = [(ref, text.safe(shorten(title, LONGEST_TITLE)), often) for ref, title, often in proposed]
        proposals = text.table(["", "commitment", "how often"], rows)
        proposals.show_header = False
        console.print(text.section("Proposed, not accepted", proposals, count=len(proposed)))
        console.print(text.hint(f"Take one on: crm commitment accept {proposed[0][0]}"))
