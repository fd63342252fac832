"""`crm contact forget`: erase a person and their history for good."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crm.actions import forget as actions
from crm.actions.forget import Forgotten
from crm.commands.base import App, command
from crm.commands.choose import choose_contact
from crm.errors import BusyError, NotFoundError, RefusedError
from crm.escaping import for_terminal
from crm.folding import fold
from crm.models import Contact
from crm.render import forget as screen
from crm.render import text
from crm.store import backups, erase, records
from crm.store.engine import sqlite_path
from crm.store.traces import Naming

NAME = "contact forget"


def register(app: typer.Typer) -> None:
    """Add the command to `crm contact`."""
    command(app, example="crm contact forget jane")(forget)


def forget(
    crm: App,
    context: typer.Context,
    who: Annotated[list[str], typer.Argument(metavar="WHO", help="A name, or an id such as c3.")],
    keep_backups: Annotated[
        bool, typer.Option("--keep-backups", help="Keep the backups, though they still hold them.")
    ] = False,
) -> None:
    """Erase somebody and their history for good: no undo. Asks first; where nobody can be asked, say --yes."""
    chosen = _choose(crm, who)
    told, naming = Forgotten(), None
    if chosen is not None:
        _ask(crm, chosen, sure=bool(context.params["yes"]), keep_backups=keep_backups)
        told, naming = _erase(crm, chosen)
    _clean(crm, told, naming, keep_backups=keep_backups)
    crm.show(_told(told), lambda console: text.lines(console, *screen.done(told)))


def _choose(crm: App, who: Sequence[str]) -> str | None:
    """The short id of who is meant; None where nobody is, but a forget that was cut off has files left to clean.

    Raises:
        NotFoundError: nobody is called so.
    """
    with crm.reading() as session:
        try:
            return choose_contact(crm, session, who).ref
        except NotFoundError:
            if erase.unfinished(session):
                return None
            raise


def _ask(crm: App, chosen: str, *, sure: bool, keep_backups: bool) -> None:
    """Let the person say yes.

    Raises:
        RefusedError: nobody can be asked, and nobody said yes beforehand.
        typer.Abort: they said no.
    """
    if sure:
        return
    with crm.reading() as session:
        contact = records.by_ref(session, Contact, chosen)
        _found, told = actions.look(session, contact)
    if not crm.asks:
        raise RefusedError(f"{screen.in_short(contact.name, told)}. To go ahead: crm contact forget {chosen} --yes")
    ahead = screen.ahead(contact.name, told, backups=len(_copies(crm)), keep_backups=keep_backups)
    text.lines(crm.console, *ahead)
    typed = str(
        typer.prompt("Type the name (or yes) to go ahead, Enter to stop", default="", show_default=False, err=True)
    )
    if fold(typed) not in {"yes", contact.name_key}:
        raise typer.Abort


def _erase(crm: App, chosen: str) -> tuple[Forgotten, Naming]:
    """Take the person out of the database, in one transaction, and out of the reminders' log."""
    with crm.writing(NAME) as session:
        contact = records.by_ref(session, Contact, chosen)
        found, told = actions.look(session, contact)
        session.expunge_all()  # what follows goes past the session
        actions.clean_log(crm.settings.paths.reminders_file, found)
        erase.erase(session, found, now=crm.now)
        told.mentions = erase.mentions(session, found.naming)
        told.namesakes = erase.namesakes(session, found.naming)
    return told, found.naming


def _clean(crm: App, told: Forgotten, naming: Naming | None, *, keep_backups: bool) -> None:
    """Bring the files beside the database to what it holds now.

    Raises:
        BusyError: another program has the database open, so that its log cannot be cleaned yet.
    """
    if not erase.clean(crm.engine):
        raise BusyError(
            "they are erased, but another program has the database open and its log still holds them; "
            "stop it (systemctl --user stop crm) and run the same command again"
        )
    _renew_backups(crm, told, keep=keep_backups)
    _renew_calendars(crm, told)
    if naming is not None:
        renewed = [*_copies(crm), *crm.settings.paths.calendars.glob("*.ics")]
        told.files = [str(each) for each in actions.naming_files(crm.settings.paths, naming, passed=renewed)]
    if not told.calendars:
        with crm.writing(NAME) as session:
            erase.finish(session)


def _copies(crm: App) -> list[Path]:
    database = sqlite_path(crm.engine)
    return [] if database is None else backups.copies(database, crm.settings.paths.backups)


def _renew_backups(crm: App, told: Forgotten, *, keep: bool) -> None:
    """The backups of before still hold the person: a fresh one takes their place, unless they are to be kept."""
    there = _copies(crm)
    if keep:
        told.kept_backups = [str(each) for each in there]
    elif there:
        told.fresh_backup = str(
            backups.make(crm.engine, crm.settings.paths.backups, now=crm.now, label="after-forget").path
        )
        backups.remove(there)
        told.backups = [str(each) for each in there]


def _renew_calendars(crm: App, told: Forgotten) -> None:
    """Calendar files beside the database are written anew."""
    folder = crm.settings.paths.calendars
    if not any(folder.glob("*.ics")):
        return
    from calendars.publish import export_feeds  # noqa: PLC0415 - the rest of `crm contact` needs no calendars
    from calendars.terms import Terms  # noqa: PLC0415 - the same

    with crm.reading() as session:
        done = export_feeds(session, folder, now=crm.now, tz=crm.tz, terms=Terms.from_settings(crm.settings))
    told.calendars = [for_terminal(str(each.path)) for each in done if each.failed]


def _told(told: Forgotten) -> dict[str, object]:
    sources = [{"file": file, "line": line} for file, line in told.sources]
    return {
        "ref": told.ref or None,
        "uid": told.uid or None,
        "erased": dict(told.counts),
        "shared": told.shared,
        "sources": sources,
        "mentions": told.mentions,
        "namesakes": told.namesakes,
        "backups": {"removed": told.backups, "kept": told.kept_backups, "made": told.fresh_backup},
        "files": told.files,
        "calendars": told.calendars,
    }
