"""A review as a text: Markdown for oneself, and plain text for the partner one answers to."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from crm.actions.review_facts import ReviewFacts
from crm.actions.review_form import Item, priorities
from crm.cadence import day_of
from crm.dates import say_day
from crm.escaping import for_markdown, for_terminal, on_one_line
from crm.models import Review
from crm.render import review_facts
from crm.render.review_facts import Telling
from crm.store.reviews import day_due

LEFT_BLANK: Final = "Nothing was written yet."


def markdown(review: Review, items: Sequence[Item], facts: ReviewFacts, *, tz: ZoneInfo) -> str:
    """The report for oneself, note and all; what people wrote stands as it is, without what a terminal would obey."""
    return for_terminal("\n".join(_markdown(review, items, facts, tz)), multiline=True) + "\n"


def _markdown(review: Review, items: Sequence[Item], facts: ReviewFacts, tz: ZoneInfo) -> Iterator[str]:
    yield f"# {for_markdown(review.name)}{_when(review, tz)}"
    if review.text.strip():
        yield from ("", for_markdown(review.text))
    yield from ("", f"## {for_markdown(review_facts.since(facts.stretch))}")
    for each in review_facts.sections(facts, Telling(tz, is_written=True)):
        yield from ("", f"### {for_markdown(each.title)}", *([""] if each.lines else []))
        yield from (f"- {for_markdown(line)}" for line in each.lines)
    yield from ("", "## What I wrote")
    for item in _answered(items):
        yield from ("", f"### {for_markdown(item.question)}", "", _answer(item))
    if review.note:
        yield from ("", "### Note", "", review.note.strip())
    if not review.note and not any(_answered(items)):
        yield from ("", LEFT_BLANK)


def for_partner(review: Review, items: Sequence[Item], facts: ReviewFacts, *, partner: str | None, tz: ZoneInfo) -> str:
    """The text for the partner: facts and answers, but not the note, and what is blank is nobody else's business."""
    return for_terminal("\n".join(_for_partner(review, items, facts, partner, tz)), multiline=True) + "\n"


def _for_partner(
    review: Review, items: Sequence[Item], facts: ReviewFacts, partner: str | None, tz: ZoneInfo
) -> Iterator[str]:
    yield f"Hello {on_one_line(partner)}," if partner else "Hello,"
    yield from ("", f"here is my review {on_one_line(review.name)}{_when(review, tz)}.")
    yield from ("", f"{on_one_line(review_facts.since(facts.stretch))}:")
    for each in review_facts.sections(facts, Telling(tz, for_partner=True, is_written=True)):
        yield f"- {on_one_line(each.title)}"
        yield from (f"  - {on_one_line(line)}" for line in each.lines)
    for item in _answered(items):
        yield from ("", on_one_line(item.question), _answer(item))


def _when(review: Review, tz: ZoneInfo) -> str:
    if review.completed_at is not None:
        return f", completed {say_day(day_of(review.completed_at, tz))}"
    day = day_due(review)
    return f", due {say_day(day)}, not completed yet" if day else ", not completed yet"


def _answered(items: Sequence[Item]) -> Iterator[Item]:
    return (each for each in items if each.answer.strip())


def _answer(item: Item) -> str:
    if item.asks_for_priorities:
        return "\n".join(f"- {each}" for each in priorities(item.answer))
    return item.answer.strip()
