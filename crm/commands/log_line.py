"""The quoted line of `crm log-contact`: read, said back, confirmed where a person can be asked."""

from collections.abc import Sequence
from dataclasses import fields, replace

import typer
from sqlmodel import Session

from crm.actions.line import Answered, Line, looks_like_line, read_line
from crm.actions.outreach import Reply, Said
from crm.actions.replies import asked_of
from crm.commands.base import App
from crm.commands.choose import ask_which, choose_contact, choose_people
from crm.errors import BadValueError, NotFoundError
from crm.escaping import for_terminal
from crm.models import Contact, Question
from crm.render import line as screen
from crm.store import names, records


def as_line(crm: App, who: Sequence[str]) -> Line | None:
    """The line that one quoted argument is, if it is nobody's name.

    Raises:
        BadValueError: it is a line, and something in it cannot be read.
    """
    if len(who) != 1 or not looks_like_line(who[0]):
        return None
    with crm.reading() as session:
        try:
            names.contact(session, who[0], pick=lambda _text, candidates: candidates[0])
        except NotFoundError:
            return read_line(who[0], now=crm.now, tz=crm.tz)
    return None


def settle(crm: App, line: Line, options: Said) -> tuple[list[str], Said]:
    """The short ids of whom the line names, and what it and the options say; said back before anything is written.

    Raises:
        BadValueError: an option says again what the line says.
        NotFoundError, AmbiguousError: a name in the line is nobody's or several people's.
        typer.Abort: the person says that the line was not read as it was meant.
    """
    with crm.reading() as session:
        contacts = choose_people(crm, session, line.who)
        said = _joined(replace(line.said, answers=_replies(crm, session, line.answers, contacts)), options)
        asked = [records.by_ref(session, Question, each.question) for each in said.answers]
        read = screen.read(contacts, said, asked, now=crm.now, tz=crm.tz)
    if not crm.json:
        crm.note("\n".join(read))
    if crm.asks and not typer.confirm("Record this?", default=True, err=True):
        raise typer.Abort
    return [each.ref for each in contacts], said


def _joined(line: Said, options: Said) -> Said:
    """What line and options say together."""
    blank = Said()
    given = {
        each.name: value
        for each in fields(options)
        if (value := getattr(options, each.name)) != getattr(blank, each.name)
    }
    twice = [name for name in given if getattr(line, name) != getattr(blank, name)]
    if twice:
        names_of = ", ".join(for_terminal(each.replace("_", " ")) for each in twice)
        raise BadValueError(f"the line and the options both say: {names_of}; leave one of them out")
    return replace(line, **given)


def _replies(crm: App, session: Session, answers: Sequence[Answered], contacts: Sequence[Contact]) -> tuple[Reply, ...]:
    return tuple(Reply(each.question, each.text, _by(crm, session, each, contacts)) for each in answers)


def _by(crm: App, session: Session, answer: Answered, contacts: Sequence[Contact]) -> list[int]:
    """Who gave an answer: as the line names them, else whom the question is for, else as the person says."""
    if answer.who is not None:
        by = choose_contact(crm, session, [answer.who])
        if by.id not in {each.id for each in contacts}:
            raise BadValueError(f"{answer.question} is answered by {by.name}, who is not among those named before")
        return [by.id]
    asked = asked_of(session, records.by_ref(session, Question, answer.question), contacts)
    if len(asked) > 1 and crm.asks:
        return [ask_which(f"whoever answered {answer.question}", asked).id]
    return [asked[0].id] if len(asked) == 1 else []
