"""Who is meant: names resolved, and an ambiguous one asked about where a person can be asked.

A person thinks for as long as they like, and nobody may wait for that: choose in a reading session, then write with
whom was chosen. `writing_about` does both.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from sqlmodel import Session

from crm.commands.base import App
from crm.errors import BadValueError
from crm.escaping import for_terminal, quote
from crm.models import Contact
from crm.store import names, records

MOST_OFFERED = 20


def choose_people(crm: App, session: Session, words: Sequence[str]) -> list[Contact]:
    """Everybody whom the words name; see `names.people`. `session` is a reading one.

    Raises:
        NotFoundError: nobody answers to a name, or to a tag.
        AmbiguousError: several do, and nobody can be asked.
    """
    return names.people(session, words, pick=_pick(crm))


def choose_contact(crm: App, session: Session, words: Sequence[str]) -> Contact:
    """The one contact whom the words name, as `choose_people`.

    Raises:
        BadValueError: they name several people, or none.
    """
    found = choose_people(crm, session, words)
    if len(found) != 1:
        named = f"{quote(' '.join(words))} names {len(found)} people"
        raise BadValueError(f"{named}; this takes one person at a time")
    return found[0]


@contextmanager
def writing_about(crm: App, name: str, words: Sequence[str]) -> Iterator[tuple[Session, list[Contact]]]:
    """A writing session called `name`, and the people whom the words name, chosen before it was opened.

    Raises:
        NotFoundError, AmbiguousError: as `choose_people`; also when one was removed while the person was thinking.
    """
    with crm.reading() as session:
        chosen = [each.ref for each in choose_people(crm, session, words)]
    with crm.writing(name) as session:
        yield session, [records.by_ref(session, Contact, each) for each in chosen]


@contextmanager
def writing_about_one(crm: App, name: str, words: Sequence[str]) -> Iterator[tuple[Session, Contact]]:
    """As `writing_about`, for one person.

    Raises:
        BadValueError: the words name several people, or none.
    """
    with crm.reading() as session:
        chosen = choose_contact(crm, session, words).ref
    with crm.writing(name) as session:
        yield session, records.by_ref(session, Contact, chosen)


def _pick(crm: App) -> names.Pick:
    return ask_which if crm.asks else names.refuse


def ask_which(text: str, candidates: Sequence[Contact]) -> Contact:
    """Let the person choose by number.

    Raises:
        typer.Abort: they chose nobody.
        AmbiguousError: there are too many to choose from.
    """
    if len(candidates) > MOST_OFFERED:
        return names.refuse(text, candidates)
    typer.echo(f"{quote(text)} could be:", err=True)
    for number, each in enumerate(candidates, start=1):
        typer.echo(f"  {number}  {for_terminal(names.label(each))}", err=True)
    answer = _ask(f"Which one? 1 to {len(candidates)}, Enter for none")
    while answer not in {str(number) for number in range(1, len(candidates) + 1)}:
        if not answer:
            raise typer.Abort
        answer = _ask(f"Type a number from 1 to {len(candidates)}, or Enter for none")
    return candidates[int(answer) - 1]


def _ask(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()
