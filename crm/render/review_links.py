"""What is to have happened by a review, on a screen and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from crm.actions.review_links import say
from crm.actions.reviews import handle
from crm.cadence import day_of
from crm.dates import say_day
from crm.exporters.json_ import Describer
from crm.models import Contact, Question, Review
from crm.render import text
from crm.store.review_links import Linkable, Linked
from crm.store.reviews import day_due

MOST: Final = 40
MOST_WRITTEN: Final = 7


def told(found: Sequence[Linked], describer: Describer) -> list[dict[str, object]]:
    """The links as `--json` tells them; `done_at` is when it happened."""
    items = describer.many([each.link for each in found])
    return [item | {"done_at": each.done_at} for item, each in zip(items, found, strict=True)]


def parts(found: Sequence[Linked], review: Review, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """What is to have happened by the review, and whether it has."""
    if not found and review.completed_at is None:
        yield text.hint(f"To have something happen by then: crm review link {handle(review)} WHO|q2|t3")
    if not found:
        return
    rows = [(_about(each.about), _state(each, tz)) for each in found[:MOST]]
    done = sum(each.done_at is not None for each in found)
    yield text.section(f"To have happened by then, {done} of {len(found)} done", text.rows(rows, wide=0))
    if len(found) > MOST:
        yield text.hint(f"and {len(found) - MOST} more: crm review show {handle(review)} --json")


def _about(thing: Linkable) -> str:
    if isinstance(thing, Contact):
        return f"talk with {say(thing)}"
    return f"{'an answer to' if isinstance(thing, Question) else 'task'} {say(thing)}"


def _state(each: Linked, tz: ZoneInfo) -> text.Cell:
    return text.safe(f"done {say_day(day_of(each.done_at, tz))}", text.GOOD) if each.done_at else "open"


def written(review: Review, changed: Sequence[Linkable], *, off: bool) -> Iterator[RenderableType]:
    """What was linked or unlinked."""
    day = day_due(review)
    by = f"by {review.name}, {say_day(day)}" if day else f"by {review.name}"
    if not changed:
        yield text.hint("That was so already; nothing was changed.")
    for each in changed[:MOST_WRITTEN]:
        yield text.safe(f"{'Need not happen' if off else 'To happen'} {by}: {_about(each)}")
    more = f"and {len(changed) - MOST_WRITTEN} more; " if len(changed) > MOST_WRITTEN else ""
    yield text.hint(f"{more}all of it: crm review show {handle(review)}")
