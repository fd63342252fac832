"""What is still blank and blocks something, the most useful first."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from crm.errors import NotFoundError
from crm.escaping import quote, shorten
from crm.models import Contact, Plan, Tag, WorksheetBaseline
from crm.store import gaps, journal, plan, records

WEEKDAYS = 7
NAMED = 3
COUNTED = {"plan", "hours", "experts"}


@dataclass(frozen=True, slots=True)
class Gap:
    """Something blank or unsure: its kind, in words, how many things it is about, and what to type.

    What a reading of a worksheet left open has a `ref` too, by which the person can settle it.
    """

    kind: str
    text: str
    count: int
    remedy: str
    ref: str | None = None


def find(session: Session) -> list[Gap]:
    """Every gap, those that block the most first: dates, people, hours, and last what a reading left open."""
    found = plan.current(session) or Plan()
    return [
        *_dates(session, found),
        *_people(session),
        *_hours(session, found),
        *_promises(session, found),
        *_readings(session),
    ]


def _dates(session: Session, found: Plan) -> Iterator[Gap]:
    if found.start_on is None:
        waiting = gaps.undated_reviews(session)
        text = "your plan has no start date" + (f", so {waiting} reviews have no day" if waiting else "")
        yield Gap("start", text, max(1, waiting), "crm plan start 2026-01-05   (any day)")


def _people(session: Session) -> Iterator[Gap]:
    unreachable = gaps.unreachable(session)
    if unreachable:
        first = unreachable[0].name
        text = f"nothing says how to reach {_named(unreachable)}"
        yield Gap("channel", text, len(unreachable), f'crm contact edit "{first}" --email ADDRESS')
    if not gaps.open_questions(session):
        tag = next((f" --for @{each.name}" for each in records.every(session, Tag)), "")
        yield Gap("questions", "no question is drafted yet", 1, f'crm question add "What would you learn first?"{tag}')


def _named(people: list[Contact]) -> str:
    names = [each.name for each in people[:NAMED]]
    more = len(people) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _hours(session: Session, found: Plan) -> Iterator[Gap]:
    if found.weekly_hours is None:
        yield Gap("weekly-hours", "your hours per week are not set", 1, "crm plan set --weekly-hours 10")
    without = gaps.activities_without_target(session)
    if without:
        count, name = len(without), without[0].name
        several = f"{count} activities have no weekly target, such as {name}"
        text = several if count > 1 else f"{name} has no weekly target"
        yield Gap("targets", text, len(without), f'crm hours target "{without[0].name}" 5h')
    blank = WEEKDAYS - gaps.known_weekdays(session)
    if blank:
        yield Gap(
            "availability", f"{blank} weekdays do not say what room they have", blank, "crm hours available monday 2h"
        )


def _promises(session: Session, found: Plan) -> Iterator[Gap]:
    proposed = gaps.proposed_commitments(session)
    if proposed:
        waiting = "1 commitment waits" if len(proposed) == 1 else f"{len(proposed)} commitments wait"
        text = f"{waiting} for your yes, such as {proposed[0].title}"
        yield Gap("commitments", text, len(proposed), f"crm commitment accept {proposed[0].ref}")
    if not found.partner:
        yield Gap("partner", "nobody is named who asks how it went", 1, 'crm plan set --partner "Jane Roe"')
    if not found.goal:
        yield Gap("goal", "your goal in one sentence is blank", 1, 'crm plan set --goal "..."')
    if found.months is None:
        yield Gap("months", "for how many months you plan is blank", 1, "crm plan set --months 6")


def _readings(session: Session) -> Iterator[Gap]:
    """What a reading left open; blanks of plan, hours and questions are counted above, from the database."""
    for each in gaps.notices(session):
        if not (each.blank and each.subject in COUNTED):
            where = f" ({each.file} line {each.line})" if each.line else ""
            yield Gap("odd" if each.level == "warning" else "unsure", f"{each.text}{where}", 1, each.remedy, each.ref)


def settle(session: Session, text: str) -> str:
    """Settle what a reading left open, by its short id such as w12; gives what it was.

    Raises:
        NotFoundError: nothing open has that id.
    """
    found = records.by_ref(session, WorksheetBaseline, text)
    if found.kind != "notice":
        raise NotFoundError(f"nothing that is unsure has the id {quote(text)}; see: crm gaps --all")
    gaps.settle(found)
    journal.summarize(session, f"Settled: {shorten(found.key, 60)}")
    return found.key
