"""`crm question`: what to ask, whom, and what they answered."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import questions as actions
from crm.commands.asks import At, happened_at
from crm.commands.base import App, command, group
from crm.commands.choose import choose_contact
from crm.commands.common import confirm, describer, distinct, joined, remark, told
from crm.errors import BadValueError
from crm.exporters.json_ import Describer
from crm.models import Contact, Question, Tag
from crm.models.words import QuestionState
from crm.render import questions as screen
from crm.render import text
from crm.store import names, questions, records
from crm.store.questions import Asked

app = group("Questions to ask, and the answers.")

Id = Annotated[str, typer.Argument(metavar="ID", help="Such as q2.")]
For = Annotated[
    list[str] | None, typer.Option("--for", metavar="WHO|@TAG", help="Whom it is for; again for more; else anybody.")
]


@command(app, name="list", example="crm question list --for jane")
def list_(
    crm: App,
    whom: Annotated[str | None, typer.Option("--for", metavar="WHO|@TAG", help="Only what they can be asked.")] = None,
    every: Annotated[bool, typer.Option("--all", help="The closed ones too.")] = False,
) -> None:
    """List the open questions, and whom they are for."""
    with crm.reading() as session:
        contacts, tags = _audience(crm, session, [whom] if whom is not None else [])
        found = questions.listed(session, contact=next(iter(contacts), None), tag=next(iter(tags), None), closed=every)
        items = _progress(describer(crm, session), found) if crm.json else []
        parts = list(screen.listing(found, narrowed=whom is not None))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


def _progress(telling: Describer, found: Sequence[Asked]) -> list[dict[str, object]]:
    told = telling.many([each.question for each in found])
    return [
        item | {"answers_count": each.answers, "answered_count": each.answered, "people_count": each.people}
        for item, each in zip(told, found, strict=True)
    ]


def _audience(crm: App, session: Session, given: Sequence[str]) -> tuple[list[Contact], list[Tag]]:
    """The people and the tags that `--for` names, each once."""
    people = [choose_contact(crm, session, [each]) for each in given if not each.startswith("@")]
    tags = [names.tag(session, each) for each in given if each.startswith("@")]
    return distinct(people), distinct(tags)


@command(app, example="crm question show q2")
def show(crm: App, question: Id) -> None:
    """Show a question in full, with the answers."""
    answers(crm, question)


@command(app, example="crm question answers q2")
def answers(crm: App, question: Id) -> None:
    """Show what people answered, side by side."""
    with crm.reading() as session:
        found = records.by_ref(session, Question, question)
        (asked,) = questions.asked(session, [found])
        answered, waiting = questions.answers(session, found), questions.waiting(session, found)
        telling = describer(crm, session)
        (item,) = _progress(telling, [asked])
        item |= {"answers": telling.many([answer for answer, _contact in answered]), "waiting": telling.many(waiting)}
        parts = list(screen.card(asked, answered, waiting, tz=crm.tz))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example='crm question answer q2 jane "Start with system design."')
def answer(
    crm: App,
    question: Id,
    words: Annotated[list[str], typer.Argument(metavar="WHO TEXT", help="Who answered, then what they said.")],
    at: At = None,
    replace: Annotated[bool, typer.Option("--replace", help="Correct what they answered last.")] = False,
) -> None:
    """Note what somebody answered, outside of a logged talk (then: crm log-contact --answer)."""
    at_ = happened_at(crm, at)
    with crm.reading() as session:
        who, said = _who_said(session, words)
        chosen = choose_contact(crm, session, who).ref
    with crm.writing("question answer") as session:
        asked, contact = records.by_ref(session, Question, question), records.by_ref(session, Contact, chosen)
        made, before = actions.answer(session, asked, contact, said, replace=replace, at=at_)
        item, parts = told(crm, session, made), list(screen.answered(made, asked, contact, tz=crm.tz))
    if before and not replace:
        remark(
            crm,
            [f"{contact.name} had answered before; both stand. To correct it instead: crm undo, then with --replace"],
        )
    crm.show(item, lambda console: text.lines(console, *parts))


def _who_said(session: Session, words: Sequence[str]) -> tuple[list[str], str]:
    """Who, in as many words as are somebody's name (one otherwise), and what they said.

    Raises:
        BadValueError: only one of the two was given.
    """
    if len(words) < 2:
        raise BadValueError('say who answered, and what: crm question answer q2 jane "Start with system design."')
    longest = min(len(words) - 1, names.LONGEST_NAME_WORDS)
    lengths = (count for count in range(longest, 1, -1) if names.called(session, joined(words[:count])))
    count = next(lengths, 1)
    return [joined(words[:count])], joined(words[count:])


@command(app, example='crm question add "How did you get your first job?" --for @experts')
def add(crm: App, words: Annotated[list[str], typer.Argument(metavar="TEXT")], whom: For = None) -> None:
    """Add a question for somebody, for a tag, or for anybody."""
    chosen = _choose(crm, whom or ())
    with crm.writing("question add") as session:
        made = actions.add(session, joined(words), **_again(session, chosen))
        _show_written(crm, session, "Added", made)


@command(app, example='crm question edit q2 --text "How did you learn system design?" --for jane')
def edit(
    crm: App,
    question: Id,
    wording: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Another text.")] = None,
    whom: For = None,
) -> None:
    """Change a question's text, or whom it is for (--for "" for anybody)."""
    if wording is None and not whom:
        raise BadValueError("nothing to change; give --text TEXT or --for WHO")
    chosen = _choose(crm, [each for each in whom or () if each])
    with crm.writing("question edit") as session:
        found = records.by_ref(session, Question, question)
        if wording is not None:
            actions.reword(session, found, wording)
        if whom:
            actions.direct(session, found, **_again(session, chosen))
        _show_written(crm, session, "Changed", found)


def _choose(crm: App, given: Sequence[str]) -> tuple[list[str], list[str]]:
    """The ids of the people and tags meant, chosen before anything is written."""
    if not given:
        return [], []
    with crm.reading() as session:
        contacts, tags = _audience(crm, session, given)
        return [each.ref for each in contacts], [each.ref for each in tags]


def _again(session: Session, chosen: tuple[list[str], list[str]]) -> actions.Audience:
    contacts, tags = chosen
    return {
        "contacts": [records.by_ref(session, Contact, each) for each in contacts],
        "tags": [records.by_ref(session, Tag, each) for each in tags],
    }


@command(app, example="crm question close q2")
def close(crm: App, question: Id) -> None:
    """Put a question away: it is asked no more, and its answers stay."""
    _set_state(crm, question, QuestionState.CLOSED)


@command(app, name="open", example="crm question open q2")
def open_(crm: App, question: Id) -> None:
    """Ask a closed question again."""
    _set_state(crm, question, QuestionState.OPEN)


def _set_state(crm: App, question: str, state: QuestionState) -> None:
    with crm.writing(f"question {'close' if state is QuestionState.CLOSED else 'open'}") as session:
        found = actions.set_state(session, records.by_ref(session, Question, question), state)
        _show_written(crm, session, "Closed" if state is QuestionState.CLOSED else "Opened", found)


@command(app, example="crm question remove q2")
def remove(
    crm: App,
    question: Id,
    with_answers: Annotated[bool, typer.Option("--with-answers", help="Its answers too.")] = False,
) -> None:
    """Remove a question. crm undo takes it back."""
    with crm.reading() as session:
        name = screen.name(records.by_ref(session, Question, question))
    confirm(crm, f"Remove {name}?")
    with crm.writing("question remove") as session:
        found = records.by_ref(session, Question, question)
        item = told(crm, session, found)
        actions.remove(session, found, with_answers=with_answers)
    crm.show(
        item, lambda console: console.print(text.join("Removed", name, text.hint("; back again: crm undo"), gap=""))
    )


def _show_written(crm: App, session: Session, verb: str, question: Question) -> None:
    session.flush()
    (asked,) = questions.asked(session, [question])
    item, line = told(crm, session, question), screen.written(verb, asked)
    crm.show(item, lambda console: console.print(line))
