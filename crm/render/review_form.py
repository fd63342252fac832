"""A review's form on a screen: its questions with their answers, and what came of completing it."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from crm.actions.review_form import Item
from crm.actions.reviews import handle
from crm.dates import say_day
from crm.models import Review, Task
from crm.render import text
from crm.store.reviews import day_due

MOST_TASKS = 10


def told(items: Sequence[Item]) -> list[dict[str, object]]:
    """The form as `--json` tells it; an answer that is not given is null."""
    return [{"number": each.number, "question": each.question, "answer": each.answer or None} for each in items]


def parts(review: Review, items: Sequence[Item]) -> Iterator[RenderableType]:
    """The questions with what was answered so far, and how to go on."""
    answered = sum(bool(each.answer) for each in items)
    rows = [
        (f"{each.number}", text.join(text.safe(each.question, text.NAME), _answer(each), gap="\n")) for each in items
    ]
    yield text.section(f"Questions, {answered} of {len(items)} answered", text.rows(rows, wide=1))
    name = handle(review)
    yield text.hint(f'Answer one: crm review start {name} --answer "1=TEXT"')
    yield text.hint(f"All of them in your editor: crm review start {name} --editor")
    if answered:
        yield text.hint(f"When it is all there: crm review complete {name}")


def answers(items: Sequence[Item]) -> Iterator[RenderableType]:
    """What was answered, without what was not."""
    given = [each for each in items if each.answer]
    if given:
        rows = [text.join(text.safe(each.question, text.NAME), _answer(each), gap="\n") for each in given]
        yield text.section("Answers", text.bullets(rows))


def _answer(each: Item) -> text.Cell:
    return text.safe(each.answer, multiline=True) if each.answer else None


def left_out(review: Review, items: Sequence[Item]) -> str:
    """What a completed form leaves blank, and the way to write it after all; nothing where no form was used."""
    blank = [each for each in items if not each.answer]
    if not blank or len(blank) == len(items):
        return ""
    are = f"{len(blank)} of {len(items)} questions {'is' if len(blank) == 1 else 'are'} blank"
    first = ", and nothing was put first until the next review" if blank[-1].asks_for_priorities else ""
    return f"{are}{first}; to answer after all: crm undo, then crm review start {handle(review)}"


def _by(task: Task) -> text.Cell:
    return text.hint(f"by {say_day(task.due_on)}") if task.due_on else None


def completed(review: Review, made: Sequence[Task], coming: Review | None) -> Iterator[RenderableType]:
    """What came of completing a review: its priorities as tasks, and the review that comes next."""
    if made:
        yield text.section(
            "What comes first now",
            text.bullets(text.join(text.hint(each.ref), each.title, _by(each)) for each in made[:MOST_TASKS]),
        )
    if coming is not None:
        day = day_due(coming)
        yield text.hint(f"Next: {coming.name}" + (f", {say_day(day)}" if day else ""))
    elif made:
        yield text.hint("No review comes after it; add one: crm review add NAME --months 12")
    yield text.hint(f"As a text, for you or your partner: crm review report {handle(review)} --for-partner")
