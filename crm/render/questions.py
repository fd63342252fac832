"""Questions on a screen: whom they are for, and the answers side by side."""

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from crm.dates import say_instant
from crm.escaping import shorten
from crm.models import Answer, Contact, Question
from crm.models.words import QuestionState
from crm.render import text
from crm.render.fitting import SideBySide
from crm.store.questions import Asked

LONGEST: Final = 200
LONGEST_NAME: Final = 30
MOST_NAMED: Final = 3
MOST_WAITING: Final = 20


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
            progress(each),
        )
        for each in found
    ]
    made = text.table(["", "question", "for", "answered"], rows, wide="question")
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


def progress(asked: Asked) -> str:
    """How many of those it is for have answered; of a question for anybody, how many answers there are."""
    if not asked.people:
        return str(asked.answers or "")
    return f"{asked.answered} of {asked.people}"


def card(
    asked: Asked, answers: Sequence[tuple[Answer, Contact]], waiting: Sequence[Contact], *, tz: ZoneInfo
) -> Iterator[RenderableType]:
    """A question in full, with what each person answered, side by side, and who has not."""
    question = asked.question
    yield text.join(text.hint(question.ref), text.safe(question.text, text.HEADING, multiline=True), _closed(question))
    yield text.join("for", audience(asked), text.hint(f"answered {progress(asked)}") if asked.people else None)
    yield ""
    by_person: dict[int, list[tuple[Answer, Contact]]] = {}
    for answer, contact in answers:
        by_person.setdefault(contact.id, []).append((answer, contact))
    if by_person:
        yield SideBySide([Group(*_person(each, tz)) for each in by_person.values()])
    else:
        yield text.hint("Nobody has answered yet.")
        yield ""
    if waiting:
        yield from _waiting(waiting)
    yield text.hint(
        f'Somebody answered: crm question answer {question.ref} WHO "..."; after a talk: '
        f'crm log-contact WHO --answer {question.ref}="..."'
    )


def _person(given: Sequence[tuple[Answer, Contact]], tz: ZoneInfo) -> Iterator[RenderableType]:
    contact = given[0][1]
    yield _name(contact)
    for answer, _contact in given:
        yield text.hint(say_instant(answer.asked_at, tz=tz))
        yield Padding(text.safe(answer.text, multiline=True), (0, 0, 1, 2))


def _waiting(people: Sequence[Contact]) -> Iterator[RenderableType]:
    """Who has not answered: those spoken with, who could have been asked, then those one was not in touch with."""
    rows = [
        (_name(each), each.stage if each.last_contact_at else text.hint(f"{each.stage}, no contact yet"))
        for each in people[:MOST_WAITING]
    ]
    more = len(people) - len(rows)
    body: list[RenderableType] = [text.rows(rows, wide=0)]
    body += [text.hint(f"and {more:,} more")] if more else []
    yield text.section("No answer yet", Group(*body), count=len(people))


def _name(contact: Contact) -> Text:
    return text.join(text.safe(shorten(contact.name, LONGEST_NAME), text.NAME), text.hint(contact.ref))


def answered(answer: Answer, question: Question, contact: Contact, *, tz: ZoneInfo) -> Iterator[RenderableType]:
    """An answer that was written down or corrected."""
    yield text.join(_name(contact), "on", name(question))
    yield text.hint(say_instant(answer.asked_at, tz=tz))
    yield Padding(text.safe(answer.text, multiline=True), (0, 0, 0, 2))
    yield text.hint(f"Wrong? Type it again with --replace; all answers: crm question answers {question.ref}")


def written(verb: str, asked: Asked) -> Text:
    """A question that was added or changed."""
    return text.join(verb, name(asked.question), "for", audience(asked))


def name(question: Question) -> str:
    """A question in one line."""
    return f"{question.ref} {shorten(question.text, LONGEST)}"


def removed(question: Question) -> Text:
    """A question that was removed."""
    return text.join("Removed", name(question), text.hint("(back again: crm undo)"))
