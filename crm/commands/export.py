"""`crm export`: everything, as a file that this and other programs read."""

from pathlib import Path
from typing import Annotated

import typer

from crm.cadence import day_of
from crm.commands.base import App, command, group
from crm.errors import NotFoundError
from crm.exporters.json_ import document
from crm.files import write_if_changed
from crm.render import text
from crm.render.json_ import dumps

app = group("Everything, as a file other programs read.")

Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here, not to the screen.")]
Private = Annotated[bool, typer.Option("--include-private", help="Take private notes along.")]


@command(app, name="json", example="crm export json -o everything.json")
def export_json(crm: App, output: Output = None, include_private: Private = False) -> None:
    """Write the lossless document; crm import gives it all back."""
    with crm.reading() as session:
        told, left_out = document(session, now=crm.now, today=day_of(crm.now, crm.tz), include_private=include_private)
    if left_out:
        crm.note(f"{left_out} private notes were left out; --include-private takes them along")
    if output is None:
        typer.echo(dumps(told))
        return
    if not output.absolute().parent.is_dir():
        raise NotFoundError(f"there is no folder {output.absolute().parent}; make it first, or choose another")
    write_if_changed(output.absolute(), f"{dumps(told)}\n".encode())
    crm.show({"file": str(output)}, lambda console: console.print(text.safe(f"Wrote {output}")))
