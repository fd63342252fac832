"""`crm done`: finish tasks and reminders."""

from typing import Annotated

import typer

from crm.actions import settle
from crm.commands.base import App, command, verb
from crm.commands.common import describer, distinct, remark
from crm.render import tasks as screen
from crm.render import text

app = verb()


@command(app, example="crm done t5 r2")
def done(
    crm: App, ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tasks (t5) and reminders (r2).")]
) -> None:
    """Finish tasks and reminders; one that was done already stays so."""
    with crm.writing("done") as session:
        found = distinct(settle.find(session, each) for each in ids)
        fresh = settle.finish(session, found, now=crm.now)
        session.flush()
        remarks = settle.still_open(session, found)
        telling = describer(crm, session)
        items = [telling.numbered(each) for each in found]
    lines = [screen.finished(each, fresh=new) for each, new in zip(found, fresh, strict=True)]
    crm.show({"items": items}, lambda console: text.lines(console, *lines))
    remark(crm, remarks)
