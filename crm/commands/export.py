"""`crm export`: everything, as a file that this and other programs read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlmodel import Session

from calendars import feeds
from calendars.publish import render_feed
from calendars.terms import Terms
from crm.cadence import day_of
from crm.commands.base import App, command, group
from crm.errors import BadValueError
from crm.escaping import quote
from crm.exporters import csv_, vcard
from crm.exporters.json_ import document
from crm.files import write_output
from crm.render import text
from crm.render.json_ import dumps

app = group("Everything, as a file other programs read.")

Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here, not to the screen.")]
Private = Annotated[bool, typer.Option("--include-private", help="Take private notes along.")]
Version = Annotated[str, typer.Option("--version", metavar="V", help="3.0, which every phone reads, or 4.0.")]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file's bytes, how many private notes were left out of it, and what else is to be said of it."""

    data: bytes
    left_out: int = 0
    remarks: tuple[str, ...] = ()


def _json(crm: App, session: Session, include_private: bool) -> Exported:
    told, left_out = document(session, now=crm.now, today=day_of(crm.now, crm.tz), include_private=include_private)
    return Exported(f"{dumps(told)}\n".encode(), left_out)


def _csv(_crm: App, session: Session, include_private: bool) -> Exported:
    return Exported(*csv_.table(session, include_private=include_private))


def _vcard(version: str) -> Callable[[App, Session, bool], Exported]:
    def write(_crm: App, session: Session, include_private: bool) -> Exported:
        cards = "".join(vcard.cards(session, version=version, include_private=include_private))
        return Exported(cards.encode(), 0 if include_private else csv_.private_notes(session))

    return write


def _ics(crm: App, session: Session, _include_private: bool) -> Exported:
    terms = Terms.from_settings(crm.settings)
    rendered = render_feed(session, feeds.load("all"), now=crm.now, tz=crm.tz, terms=terms)
    return Exported(rendered.data, remarks=tuple(f"warning: {each}" for each in rendered.problems))


FORMATS: Final[dict[str, Callable[[App, Session, bool], Exported]]] = {
    "json": _json,
    "csv": _csv,
    "ics": _ics,
    **{f"vcard {version}": _vcard(version) for version in vcard.VERSIONS},
}


@command(app, name="json", example="crm export json -o everything.json")
def export_json(crm: App, output: Output = None, include_private: Private = False) -> None:
    """Write the lossless document; crm import gives it all back."""
    _export(crm, "json", output, include_private=include_private)


@command(app, name="csv", example="crm export csv -o people.csv")
def export_csv(crm: App, output: Output = None, include_private: Private = False) -> None:
    """Write your contacts as a table for spreadsheets.

    crm import takes it back, with what you changed in it.
    """
    _export(crm, "csv", output, include_private=include_private)


@command(app, name="vcard", example="crm export vcard -o people.vcf")
def export_vcard(crm: App, output: Output = None, include_private: Private = False, version: Version = "3.0") -> None:
    """Write your contacts as vCards for phones and other programs."""
    if version not in vcard.VERSIONS:
        raise BadValueError(f"there is no vCard version {quote(version)} here; write {' or '.join(vcard.VERSIONS)}")
    _export(crm, f"vcard {version}", output, include_private=include_private)


@command(app, name="ics", example="crm export ics -o everything.ics")
def export_ics(crm: App, output: Output = None) -> None:
    """Write all reviews, follow-ups and chats as one calendar.

    For each calendar in a file of its own: crm calendar export.
    """
    _export(crm, "ics", output)


def _export(crm: App, form: str, output: Path | None, *, include_private: bool = False) -> None:
    with crm.reading() as session:
        exported = FORMATS[form](crm, session, include_private)
    for remark in exported.remarks:
        crm.note(remark)
    if exported.left_out:
        notes = "1 private note was" if exported.left_out == 1 else f"{exported.left_out} private notes were"
        crm.note(f"{notes} left out; --include-private takes them along")
    if output is None:
        typer.echo(exported.data, nl=False)
        return
    write_output(output, exported.data)
    crm.show({"file": str(output)}, lambda console: console.print(text.safe(f"Wrote {output}")))
