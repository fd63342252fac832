"""`crm import Shares.csv`: which commitment posts are credited to, and what became of them."""

from collections.abc import Sequence

import typer
from sqlmodel import Session

from crm.actions import import_posts as actions
from crm.actions.import_posts import NoPostError, PostReport
from crm.commands.asking import ask
from crm.commands.base import App
from crm.commands.import_files import Source
from crm.errors import AmbiguousError, BadValueError, NotFoundError
from crm.escaping import for_terminal
from crm.models import Commitment
from crm.store import commitments
from crm.store.engine import exists


def chosen(crm: App, named: str | None) -> str | None:
    """The short id of the commitment that is meant, asked about where several can be and a person can be asked.

    None is left to `credit`, which says what is missing; nothing is asked while the database is being written.
    """
    if named is not None or not crm.asks or not exists(crm.engine):
        return named
    with crm.reading() as session:
        there = actions.likely(session)
        if len(there) < 2:
            return None
        return _which(crm, there)


def _which(crm: App, there: Sequence[Commitment]) -> str:
    refs = [each.ref for each in there]
    for each in there:
        typer.echo(f"  {each.ref}  {for_terminal(each.title)}", err=True)

    def read(typed: str) -> str:
        if not typed:
            raise typer.Abort
        if typed.lower() not in refs:
            raise BadValueError(f"type one of {', '.join(refs)}, or Enter for none")
        return typed.lower()

    return ask(crm, "Which commitment are these posts for? Enter for none", read)


def credit(
    crm: App, session: Session, source: Source, encoding: str | None, named: str | None, *, every: bool
) -> PostReport:
    """Credit the posts of a file to the commitment that is named or the only one that can be meant."""
    found = commitments.commitment(session, named) if named is not None else actions.meant(session)
    rows = source.post_rows(encoding)
    return actions.credit(session, rows, found, file=source.name, earlier_too=every, now=crm.now, tz=crm.tz)


def of_archive(
    crm: App, session: Session, source: Source, encoding: str | None, named: str | None, *, every: bool
) -> PostReport | None:
    """Credit the posts that an archive holds beside its people; None if it has none or nothing can be meant."""
    if not source.posts:
        return None
    try:
        return credit(crm, session, source, encoding, named, every=every)
    except (NotFoundError, AmbiguousError, NoPostError) as error:
        if named is not None:
            raise
        crm.note(f"Shares.csv was left out: {error.message}")
        return None
