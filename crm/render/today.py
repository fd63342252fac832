"""The screen of `crm today`: what is late first, then the day, then the week, then whom to write to."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.actions.next_ import Suggestion
from crm.actions.phrases import say_kind
from crm.actions.reviews import handle
from crm.actions.today import Today
from crm.cadence import day_of
from crm.dates import say_day
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import Review
from crm.render import commitments, evidence, text
from crm.render import next as next_
from crm.store.due import DueTask
from crm.store.interactions import Chat
from crm.store.outbox import Due
from crm.store.reviews import day_due
from crm.week_hours import WeekSummary, counted_minutes

MOST = 7
COMING = 5
REASONS = 2
LONGEST = 160
SHORTEST = 40


def parts(day: Today, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen, section by section; what is empty is left out."""
    yield Text(say_day(day.date), style=text.HEADING)
    yield ""
    if day.overdue:
        yield _tasks("Overdue", day.overdue, day.date, style=text.BAD)
    if day.due:
        yield _tasks("Due today", day.due, day.date)
    if day.overdue or day.due:
        first = (*day.overdue, *day.due)[0].task.ref
        yield text.hint(f"Done with one: crm done {first}   Later: crm snooze {first} fri")
        yield ""
    yield from evidence.section(day.proofs)
    if day.undelivered:
        yield from _undelivered(day.undelivered)
    if day.coming:
        yield _tasks("This week", day.coming, day.date, most=COMING)
    if day.chats:
        rows = [_chat(each, now=now, tz=tz) for each in day.chats[:MOST]]
        yield text.section("Chats", _table(rows), count=len(day.chats))
    if day.reviews:
        yield text.section("Reviews", _table([_review(each, day.date) for each in day.reviews[:MOST]]))
    if day.week.target_minutes or day.week.minutes:
        yield text.section("Hours this week", _hours(day.week))
    if day.commitments:
        yield text.section("Commitments", commitments.table(day.commitments[:MOST], today=day.date))
    if day.next:
        yield text.section("Write to", text.bullets(map(_suggestion, day.next)))
    if day.advice.held_back:
        yield from next_.enough(day.advice)
        yield ""
    if not (day.overdue or day.due):
        yield text.safe("Nothing is due today.")
    yield from _endings(day)


def _tasks(title: str, tasks: Sequence[DueTask], today: date, *, style: str = "", most: int = MOST) -> RenderableType:
    rows = [_task(each, today, style) for each in tasks[:most]]
    if len(tasks) > most:
        rows.append(("", text.hint(f"and {len(tasks) - most} more: crm task list"), ""))
    return text.section(title, _table(rows), count=len(tasks))


def _task(each: DueTask, today: date, style: str) -> tuple[text.Cell, ...]:
    late = (today - each.day).days
    said = f"{late} day{'s' * (late > 1)} late" if late > 0 else f"by {say_day(each.day)}" if late else ""
    title = each.task.title
    if each.contact and each.contact.name not in title:
        title = f"{title} ({each.contact.name})"
    return text.safe(each.task.ref, text.QUIET), shorten(title, LONGEST), text.safe(said, style)


def _undelivered(found: Sequence[Due]) -> Iterator[RenderableType]:
    """Reminders that reached nobody, with the last reason, and the way out."""
    rows: list[tuple[text.Cell, ...]] = [
        (
            text.safe(each.reminder.ref, text.QUIET),
            shorten(each.reminder.title, LONGEST),
            text.safe(
                f"{each.delivery.channel}: {shorten(each.delivery.error or each.delivery.state, SHORTEST)}", text.WARN
            ),
        )
        for each in found[:MOST]
    ]
    if len(found) > MOST:
        rows.append(("", text.hint(f"and {len(found) - MOST} more: crm reminder history"), ""))
    yield text.section("Reminders that reached nobody", _table(rows), count=len(found))
    first = found[0].reminder.ref
    yield text.hint(f"Have it said again: crm snooze {first} tomorrow   Never mind: crm done {first}")
    yield ""


def _chat(each: Chat, *, now: datetime, tz: ZoneInfo) -> tuple[text.Cell, ...]:
    start = each.interaction.starts_at
    local = start.astimezone(tz)
    day = "today" if day_of(start, tz) == day_of(now, tz) else say_day(local.date())
    about = text.join(
        f"{day} {local:%H:%M}", say_kind(each.interaction.kind), "with", text.safe(each.names(), text.NAME)
    )
    if start < now:
        return (
            text.safe(each.interaction.ref, text.QUIET),
            about,
            text.safe("how did it go? crm log-contact", text.WARN),
        )
    return text.safe(each.interaction.ref, text.QUIET), about, each.interaction.place or ""


def _review(each: Review, today: date) -> tuple[text.Cell, ...]:
    day = day_due(each)
    assert day is not None
    days = (day - today).days
    said = "today" if days == 0 else f"in {days} day{'s' * (days > 1)}"
    when = text.safe(f"{-days} day{'s' * (days < -1)} late", text.BAD) if days < 0 else text.safe(said)
    about = text.join(say_day(day), shorten(each.text, LONGEST), gap=": ")
    if days <= 0:
        about.append("\n").append_text(text.hint(f"crm review start {handle(each)}"))
    return text.safe(shorten(each.name, SHORTEST), text.NAME), about, when


def _table(rows: Sequence[Sequence[text.Cell]]) -> RenderableType:
    """Short id, what, when: the middle one takes the room."""
    return text.rows(rows, wide=1)


def _hours(week: WeekSummary) -> RenderableType:
    done = counted_minutes(week.activities)
    said = f"{say_duration(done)} of {say_duration(week.target_minutes)}"
    if week.minutes > done:
        said += f", {say_duration(week.minutes)} in all"
    behind = f"{say_duration(week.behind_minutes)} behind" if week.behind_minutes else ""
    if not week.target_minutes:
        return text.join(
            say_duration(week.minutes), text.hint("no targets yet: crm hours target ACTIVITY 5h"), gap="  "
        )
    return text.join(text.bar(done, week.target_minutes), said, text.safe(behind, text.WARN), gap="  ")


def _suggestion(each: Suggestion) -> Text:
    name, why = shorten(each.contact.name, LONGEST), "; ".join(each.reasons[:REASONS])
    said = text.join(text.safe(name, text.NAME), "-", shorten(why, LONGEST))
    said.append("\nto reach them: ", style=text.QUIET).append_text(text.safe(shorten(each.how, LONGEST)))
    for command in each.commands[:REASONS]:
        said.append("\nthen: ", style=text.QUIET).append_text(text.safe(command))
    return said


def _endings(day: Today) -> Iterator[RenderableType]:
    if day.gaps_count:
        yield text.hint(f"{day.gaps_count} things are blank or unsure: crm gaps")
    if not day.has_start:
        yield text.hint("Your plan has no start date, so its reviews have no days: crm plan start 2026-01-05 (any day)")
    if day.next:
        yield text.hint("After a chat: crm log-contact NAME --kind coffee --note ...")
    else:
        yield text.hint('Add somebody to keep in touch with: crm contact add "Jane Roe"')
