"""Questions to ask, and what people answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from sqlmodel import Session

from crm.actions.checked import brief, required
from crm.errors import RefusedError
from crm.models import Answer, Contact, Interaction, Question, Tag
from crm.models.words import QuestionState
from crm.store import journal, questions, records


class Audience(TypedDict):
    """Whom a question is for: these people, and everybody in these tags."""

    contacts: Sequence[Contact]
    tags: Sequence[Tag]


def add(session: Session, text: str, *, contacts: Sequence[Contact], tags: Sequence[Tag]) -> Question:
    """A new question for these people and tags; for anybody where none are given.

    Raises:
        BadValueError: the text is blank.
    """
    made = records.add(session, Question(text=required(text, what="The question")))
    questions.ask_only(session, made, contacts, tags)
    journal.summarize(session, f"Added question {made.ref}: {brief(text)}")
    return made


def reword(session: Session, question: Question, text: str) -> Question:
    """Give a question another text.

    Raises:
        BadValueError: the text is blank.
    """
    question.text = required(text, what="The question")
    journal.summarize(session, f"Changed question {question.ref}: {brief(text)}")
    return question


def direct(session: Session, question: Question, contacts: Sequence[Contact], tags: Sequence[Tag]) -> Question:
    """Let a question be for these people and tags and no others; for anybody where none are given."""
    questions.ask_only(session, question, contacts, tags)
    journal.summarize(session, f"Changed whom question {question.ref} is for: {brief(question.text)}")
    return question


def set_state(session: Session, question: Question, state: QuestionState) -> Question:
    """Close a question, or open it again."""
    question.state = state.value
    verb = "Closed" if state is QuestionState.CLOSED else "Opened"
    journal.summarize(session, f"{verb} question {question.ref}: {brief(question.text)}")
    return question


def remove(session: Session, question: Question, *, with_answers: bool = False) -> None:
    """Remove a question.

    Raises:
        RefusedError: it was answered, and the answers are not to go with it.
    """
    answered = len(questions.answers(session, question))
    if answered and not with_answers:
        answers = "one answer" if answered == 1 else f"{answered} answers"
        raise RefusedError(
            f"{question.ref} has {answers}; put it away with: crm question close {question.ref}, "
            "or remove it with them: --with-answers"
        )
    journal.summarize(session, f"Removed question {question.ref}: {brief(question.text)}")
    questions.remove(session, question)


def record_answer(
    session: Session, question: Question, contact: Contact, text: str, *, interaction: Interaction | None, now: datetime
) -> Answer:
    """Keep what a contact said to a question, asked when the interaction was, else `now`; each talk has its own answer.

    Raises:
        BadValueError: the text is blank.
    """
    return records.add(
        session,
        Answer(
            question_id=question.id,
            contact_id=contact.id,
            interaction_id=interaction.id if interaction else None,
            text=required(text, what="The answer"),
            asked_at=interaction.starts_at if interaction else now,
        ),
    )


def answer(
    session: Session, question: Question, contact: Contact, text: str, *, replace: bool, at: datetime
) -> tuple[Answer, bool]:
    """What a contact said to a question at that time, outside of a logged contact; with it, whether they had answered.

    With `replace` their newest answer gets this text, and keeps its day and the talk it was given in.

    Raises:
        BadValueError: the text is blank.
    """
    before = questions.newest_answer(session, question, contact)
    if replace and before is not None:
        before.text, made = required(text, what="The answer"), before
    else:
        made = record_answer(session, question, contact, text, interaction=None, now=at)
    verb = "Corrected" if made is before else "Noted"
    journal.summarize(session, f"{verb} the answer of {brief(contact.name)} to {question.ref}: {brief(text)}")
    return made, before is not None
