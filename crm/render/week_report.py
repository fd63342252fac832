"""A week's account in words: the lines of a reminder, and Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crm.actions.checked import brief
from crm.actions.phrases import say_kind
from crm.actions.week_report import Coming, Promise, WeekReport, first_names, kept
from crm.dates import say_day
from crm.escaping import for_markdown, for_terminal, on_one_line
from crm.models import Task
from crm.render.week import against_target, of_target
from crm.store.interactions import Chat
from crm.store.reviews import day_due
from crm.week_hours import WeekSummary

MOST: Final = 8
MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the account: a title that is enough by itself, and the lines below it."""

    title: str
    lines: Sequence[str] = ()


def sections(report: WeekReport) -> list[Section]:
    """The parts that there are, in their order."""
    found = [
        hours(report.week),
        _people(report),
        _answers(report),
        _promises(report),
        _checklist(report),
        _coming(report.coming) if report.coming else None,
    ]
    return [each for each in found if each is not None]


def headline(report: WeekReport) -> str:
    """The account in one line: hours, people, commitments."""
    week, people = report.week, len(report.reached)
    said = [against_target(week)] if week.minutes or week.target_minutes else []
    said += [f"{people} {'person' if people == 1 else 'people'} reached"] if people else []
    said += [commitments(*kept(report.promises), is_over=report.is_over)]
    return ", ".join(filter(None, said)) or "nothing was logged"


def commitments(done: int, every: int, *, is_over: bool, what: str = " commitments") -> str:
    """How many of the week's commitments it kept; empty where it has none."""
    so_far = "" if is_over or done == every else " so far"
    return f"{done} of {every}{what} kept{so_far}" if every else ""


def hours(week: WeekSummary) -> Section | None:
    """The hours of each activity against its target."""
    if not (week.minutes or week.target_minutes):
        return None
    named = [each for each in week.activities if each.minutes or each.target_minutes]
    lines = [f"{brief(each.name)}: {of_target(each.minutes, each.target_minutes)}" for each in named]
    return Section(f"Hours: {against_target(week)}", _cut(lines))


def _people(report: WeekReport) -> Section:
    if not report.reached:
        return Section("People reached: nobody")
    names = first_names([each.contact for each in report.reached])
    talked = [name for name, each in zip(names, report.reached, strict=True) if each.talked]
    wrote = [name for name, each in zip(names, report.reached, strict=True) if not each.talked]
    lines = [f"{what}: {_named(who)}" for what, who in (("Talked with", talked), ("Wrote to", wrote)) if who]
    return Section(f"People reached: {len(names)}", lines)


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(map(brief, names[:MOST_NAMED])) + (f" and {more:,} more" if more > 0 else "")


def _answers(report: WeekReport) -> Section | None:
    names = first_names([each.contact for each in report.answers])
    said = [f"{brief(each.question.text)}: {brief(name)}" for name, each in zip(names, report.answers, strict=True)]
    return Section(f"Answers gathered: {len(said)}", _cut(said)) if said else None


def _promises(report: WeekReport) -> Section | None:
    if not report.promises:
        return None
    told = commitments(*kept(report.promises), is_over=report.is_over, what="")
    return Section(
        f"Commitments: {told}" if told else "Commitments", _cut([_promise(each) for each in report.promises])
    )


def _promise(each: Promise) -> str:
    streak = f", {each.streak} in a row" if each.streak > 1 else ""
    best = f", best {each.best_streak}" if each.best_streak > max(1, each.streak) else ""
    return f"{brief(each.title)}: {_standing(each)}{streak}{best}"


def _standing(each: Promise) -> str:
    """How the week's only period went, how many of several were kept, or how far the one that runs on has come."""
    if len(each.ended) > 1:
        return f"{each.kept} of {len(each.ended)} {each.ended[0].per}s kept"
    if each.ended:
        (it,) = each.ended
        skipped = f", {it.skipped} skipped" if it.skipped else ""
        return f"{'kept' if it.kept else 'not kept'}, {it.done} of {it.times}{skipped}"
    if each.begun is not None:
        return f"{each.begun.done} of {each.begun.times} in its first {each.begun.per}, which was not a whole one"
    if each.running is None:
        return "taken on since"
    return f"{each.running.done} of {each.running.times} so far, till {say_day(each.running.to_on)}"


def _checklist(report: WeekReport) -> Section | None:
    done, every = report.checklist
    if not every:
        return None
    lines = [f"Done: {brief(each.title)}" for each in report.ticked]
    return Section(f"Checklist: {done} of {every} done", _cut(lines))


def _coming(coming: Coming) -> Section:
    lines = [f"Review {brief(each.name)}: {say_day(day)}" for each in coming.reviews if (day := day_due(each))]
    lines += [f"{_chat(each)}: {say_day(day)}" for day, each in coming.chats]
    lines += [f"{_task(each.task)}: {say_day(each.day)}" for each in coming.tasks]
    late = [f"{coming.late:,} still open from before: crm today"] if coming.late else []
    title = f"From {say_day(coming.from_on)} to {say_day(coming.to_on)}"
    return Section(f"{title}: nothing is due" if not (lines or late) else title, [*late, *_cut(lines)])


def _chat(chat: Chat) -> str:
    kind = say_kind(chat.interaction.kind)
    return f"{chat.interaction.ref} {kind[:1].upper()}{kind[1:]} with {brief(_named(first_names(chat.contacts)))}"


def _task(task: Task) -> str:
    return f"{task.ref} {brief(task.title)}"


def _cut(said: Sequence[str]) -> list[str]:
    return [*said[:MOST], *([f"and {len(said) - MOST:,} more"] if len(said) > MOST else [])]


def lines(report: WeekReport) -> list[str]:
    """The account as plain lines."""
    found = []
    for each in sections(report):
        found += [on_one_line(each.title), *(f"- {on_one_line(line)}" for line in each.lines)]
    return found


def markdown(report: WeekReport) -> str:
    """The account as a Markdown document; people by their first names, and nothing a terminal would obey."""
    week = report.week
    so_far = "" if report.is_over else ", so far" if report.has_begun else ", still to come"
    said = [f"# {say_day(week.from_on)} to {say_day(week.to_on)}{so_far}", "", for_markdown(f"{headline(report)}.")]
    for each in sections(report):
        said += ["", f"## {for_markdown(each.title)}", *([""] if each.lines else [])]
        said += [f"- {for_markdown(line)}" for line in each.lines]
    return for_terminal("\n".join(said), multiline=True) + "\n"
