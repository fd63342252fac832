"""Questions on a screen: whom they are for, and the answers side by side."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.dates import say_instant
from crm.escaping import shorten
from crm.models import Answer, Contact, Question
from crm.models.words import QuestionState
from crm.render import text
from crm.store.questions import Asked

LONGEST: Final = 200
LONGEST_NAME: Final = 30
MOST_NAMED: Final = 3


def listing(found: Sequence[Asked], *, narrowed: bool) -> Iterator[RenderableType]:
    """The screen of `crm question list`."""
    if not found:
        nothing = "No open questions for them." if narrowed else "No open questions."
        yield text.hint(f'{nothing} Add one: crm question add "How did you start?" --for @experts')
        return
    rows = [
        (
            text.safe(each.question.ref, text.QUIET),
            text.join(shorten(each.question.text, LONGEST), _closed(each.question)),
            audience(each),
            str(each.answers or ""),
        )
        for each in found
    ]
    made = text.table(["", "question", "for", "answers"], rows, wide="question")
    made.columns[0].no_wrap = True
    yield made
    yield ""
    yield text.hint(f"What people answered: crm question answers {found[0].question.ref}")


def _closed(question: Question) -> Text | None:
    return text.hint("(closed)") if question.state == QuestionState.CLOSED else None


def audience(asked: Asked) -> Text:
    """Whom a question is for, in few words."""
    names = [*(f"@{each.name}" for each in asked.tags), *(each.name for each in asked.contacts)]
    said = [text.safe(shorten(each, LONGEST_NAME)) for each in names[:MOST_NAMED]]
    more = [text.hint(f"and {len(names) - MOST_NAMED} more")] if len(names) > MOST_NAMED else []
    return Text(", ").join([*said, *more]) if names else text.hint("anybody")


def card(asked: Asked, answers: Sequence[tuple[Answer, Contact]], *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """A question in full, with its answers."""
    question = asked.question
    yield text.join(text.hint(question.ref), text.safe(question.text, text.HEADING, multiline=True), _closed(question))
    yield text.join("for", audience(asked))
    yield ""
    for answer, contact in answers:
        title = text.join(text.safe(shorten(contact.name, LONGEST_NAME), text.NAME), text.hint(contact.ref))
        when = text.hint(say_instant(answer.asked_at, tz=tz))
        yield text.join(title, when, gap="  ")
        yield Padding(text.safe(answer.text, multiline=True), (0, 0, 1, 2))
    if not answers:
        yield text.hint(f'Nobody has answered yet. After a talk: crm log-contact WHO --answer {question.ref}="..."')


def written(verb: str, asked: Asked) -> Text:
    """A question that was added or changed."""
    return text.join(verb, name(asked.question), "for", audience(asked))


def name(question: Question) -> str:
    """A question in one line."""
    return f"{question.ref} {shorten(question.text, LONGEST)}"


def removed(question: Question) -> Text:
    """A question that was removed."""
    return text.join("Removed", name(question), text.hint("(back again: crm undo)"))
