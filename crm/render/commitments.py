"""Commitments on a screen: the present period, the streak, and which are only proposed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from crm.actions import commitment_words as words
from crm.actions.commitment_periods import Period
from crm.actions.commitments import Story
from crm.dates import say_day, say_instant
from crm.escaping import shorten
from crm.models import CheckIn
from crm.models.words import CommitmentState
from crm.render import text
from crm.store.commitments import CommitmentStanding

MOST_MARKS = 7
LONGEST_TITLE = 60
LONGEST_NOTE = 200
LAST: Final = 12
"""So many periods are drawn."""
MOST: Final = 20
"""So many commitments, and so many check-ins of one, are listed unless all are asked for."""
KEPT, MISSED, SKIPPED, RUNNING = "●", "○", "-", "·"
LEGEND: Final = f"{KEPT} kept  {MISSED} not kept  {SKIPPED} skipped  {RUNNING} not decided yet; the last {LAST} periods"


def says(standing: CommitmentStanding, *, today: date) -> str:
    """The count in words: `1 of 2 this week`."""
    return words.count(standing, today=today)


def marks(standing: CommitmentStanding | Period) -> Text:
    """One mark for each time: done, skipped, or left to do; a bar where they would be too many."""
    if max(standing.times, standing.done + standing.skipped) > MOST_MARKS:
        return text.bar(standing.done, standing.times, MOST_MARKS)
    skipped, left = SKIPPED * standing.skipped, MISSED * standing.left
    return Text.assemble((KEPT * standing.done, text.GOOD), (skipped + left, text.QUIET))


def remark(standing: CommitmentStanding, *, today: date) -> Text:
    """Kept, or until when there is time."""
    style = ""
    if standing.act_by_on is None:
        style = text.GOOD if standing.done >= standing.times else text.QUIET
    elif standing.act_by_on <= today:
        style = text.WARN
    return Text(words.remark(standing, today=today), style=style)


def table(standings: Iterable[CommitmentStanding], *, today: date) -> Table:
    """The accepted commitments, one a line."""
    rows = [
        (
            each.ref,
            text.safe(shorten(each.title, LONGEST_TITLE)),
            marks(each),
            says(each, today=today),
            remark(each, today=today),
        )
        for each in standings
    ]
    made = text.table(["", "commitment", "", "", ""], rows)
    made.show_header = False
    for column in (0, 2, 3):
        made.columns[column].no_wrap = True
    return made


def parts(
    stories: Sequence[Story],
    others: Mapping[CommitmentState, Sequence[tuple[str, str, str]]],
    *,
    today: date,
    every: bool = False,
) -> Iterator[RenderableType]:
    """The screen of `crm commitment list`; `others` are the (ref, title, how often) of what is not accepted."""
    proposed, ended = others[CommitmentState.PROPOSED], others[CommitmentState.ENDED] if every else ()
    if not stories and not proposed:
        yield text.hint('No commitments yet. Make one: crm commitment add "Post on LinkedIn" 2/week')
    if stories:
        yield text.section("Commitments", _list(stories if every else stories[:MOST], today), count=len(stories))
        yield text.hint(LEGEND)
        yield text.hint(f"Once more: crm check-in {stories[0].standing.ref}")
    for title, rows in (("Proposed, not accepted", proposed), ("Ended", ended)):
        if rows:
            yield ""
            yield text.section(title, _others(rows if every else rows[:MOST]), count=len(rows))
    if proposed:
        yield text.hint(f"Take one on: crm commitment accept {proposed[0][0]}")
    more = sum(max(0, len(each) - MOST) for each in (stories, proposed)) + len(others[CommitmentState.ENDED])
    if more and not every:
        yield text.hint(f"{more:,} more: crm commitment list --all")


def _others(rows: Sequence[tuple[str, str, str]]) -> Table:
    """What is not accepted, one a line."""
    cells = [(ref, text.safe(shorten(title, LONGEST_TITLE)), often) for ref, title, often in rows]
    made = text.table(["", "commitment", "how often"], cells)
    made.show_header = False
    return made


def _list(stories: Sequence[Story], today: date) -> RenderableType:
    """Two lines each: the title and the streak, and below them this period and the last ones."""
    rows: list[tuple[text.Cell, ...]] = []
    for each in stories:
        it = each.standing
        stands = text.join(says(it, today=today) + ",", remark(it, today=today))
        rows.append((it.ref, text.safe(shorten(it.title, LONGEST_TITLE)), strip(each.periods, today)))
        rows.append(("", text.join(marks(it), stands, gap="  "), Text(words.streak(it), style=text.QUIET)))
    return text.rows(rows, wide=1)


def strip(periods: Sequence[Period], today: date) -> Text:
    """One mark for each of the last periods, the present one last: kept, not kept, skipped, or not kept yet."""
    return Text("").join([_mark(each, today) for each in periods[-LAST:]])


def _mark(period: Period, today: date) -> Text:
    if period.kept:
        return Text(KEPT, style=text.GOOD) if period.done else Text(SKIPPED, style=text.QUIET)
    return Text(RUNNING if period.to_on >= today or not period.whole else MISSED, style=text.QUIET)


def story(
    ref: str,
    stands: CommitmentStanding | None,
    periods: Sequence[Period],
    made: Sequence[CheckIn],
    *,
    today: date,
    tz: ZoneInfo,
) -> Iterator[RenderableType]:
    """The screen of `crm commitment show` below its head: this period, the last ones, and the newest check-ins."""
    if stands is not None:
        now = text.join(marks(stands), says(stands, today=today) + ",", remark(stands, today=today))
        yield text.section("Now", text.facts([("so far", now), ("streak", words.streak(stands) or "none yet")]))
    if periods:
        yield text.section("Last periods", _periods(periods[-LAST:], today))
    if made or stands is not None:
        yield from check_ins(ref, made, tz=tz)


def _periods(periods: Sequence[Period], today: date) -> RenderableType:
    rows = [
        (_span(each), marks(each), f"{each.done} of {each.times}", _judged(each, today)) for each in reversed(periods)
    ]
    return text.rows(rows, wide=3)


def _span(period: Period) -> str:
    first, last = say_day(period.from_on), say_day(period.to_on)
    return first if first == last else f"{first} to {last}"


def _judged(period: Period, today: date) -> Text:
    if period.kept:
        skipped = f"{period.skipped} skipped" if period.skipped else ""
        return Text(", ".join(filter(None, ["kept", skipped])), style=text.GOOD if period.done else text.QUIET)
    if period.to_on >= today:
        return Text("under way")
    return Text("not kept" if period.whole else "not counted, cut short by a new rhythm", style=text.QUIET)


def check_ins(ref: str, made: Sequence[CheckIn], *, tz: ZoneInfo, every: bool = False) -> Iterator[RenderableType]:
    """When it was done or skipped, with what proves it."""
    if not made:
        yield text.hint(f"No check-ins yet. Each time you have done it: crm check-in {ref}")
        return
    shown = made if every else made[:MOST]
    rows = [(each.ref, say_instant(each.done_at, tz=tz), _what(each)) for each in shown]
    yield text.section("Check-ins", text.rows(rows, wide=2), count=len(made))
    if len(shown) < len(made):
        yield text.hint(f"{len(made) - len(shown):,} more: crm commitment check-ins {ref} --all")


def _what(each: CheckIn) -> Text:
    skipped = text.join("skipped:", shorten(each.skip_reason, LONGEST_NOTE)) if each.skip_reason else None
    return text.join(skipped, each.url, shorten(each.note, LONGEST_NOTE) if each.note else None, gap="  ")
