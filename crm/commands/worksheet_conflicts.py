"""Asking, before a worksheet is read, what becomes of each field that changed both in it and here."""

from collections.abc import Sequence

import typer

from crm.actions.import_compare import Difference
from crm.actions.import_rows import FieldKey, Report
from crm.actions.worksheet_conflicts import conflicts, decided
from crm.commands.base import App
from crm.escaping import for_terminal, quote
from crm.rows import Row
from crm.store import migrate

_ANSWERS = {"k": False, "w": True, "": None}


def settled(crm: App, rows: Sequence[Row]) -> dict[FieldKey, bool]:
    """What the person decides of each conflict, asked on a terminal before anything is written; else nothing."""
    if not crm.asks or migrate.revision_of(crm.engine) is None:
        return {}
    with crm.reading() as session:
        found = conflicts(session, rows)
    return decided(found, _ask)


def _ask(each: Difference) -> bool | None:
    line = f"line {each.line}, " if each.line else ""
    here, there = quote(each.here or "", 200), quote(each.file or "", 200)
    typer.echo(for_terminal(f"{line}{each.name}: here {here}, the worksheet says {there}"), err=True)
    while True:
        answer = str(
            typer.prompt(
                "Keep yours (k), take the worksheet's (w), later (Enter)", default="", show_default=False, err=True
            )
        )
        if answer.strip().lower() in _ANSWERS:
            return _ANSWERS[answer.strip().lower()]


def remark(crm: App, report: Report) -> None:
    """Warn, beside the report that names them, of what was kept against the worksheet."""
    kept = [detail for change in report.changes for detail in change.details if detail.startswith("kept")]
    if kept:
        fields = "1 field was" if len(kept) == 1 else f"{len(kept)} fields were"
        crm.note(f"warning: {fields} changed both here and in the worksheet; yours was kept")
