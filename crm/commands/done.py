"""`crm done`: finish tasks and reminders."""

from typing import Annotated

import typer

from crm.actions import evidence, settle
from crm.actions.evidence import Proven
from crm.commands.base import App, command, verb
from crm.commands.common import describer, distinct, remark
from crm.escaping import for_terminal
from crm.models import Task
from crm.render import evidence as proofs
from crm.render import tasks as screen
from crm.render import text

app = verb()


@command(app, example="crm done t5 r2")
def done(
    crm: App,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tasks (t5) and reminders (r2).")],
    no_proof: Annotated[
        bool, typer.Option("--no-proof", help="Keep nothing of what in the log seems to have done it.")
    ] = False,
) -> None:
    """Finish tasks and reminders; one that was done already stays so."""
    kept = {} if no_proof else _confirmed(crm, ids)
    with crm.writing("done") as session:
        found = distinct(settle.find(session, each) for each in ids)
        for each in found:
            if each.uid in kept and isinstance(each, Task):
                evidence.keep(session, each, kept[each.uid], tz=crm.tz)
        fresh = settle.finish(session, found, now=crm.now)
        session.flush()
        remarks = settle.still_open(session, found)
        telling = describer(crm, session)
        items = [telling.numbered(each) for each in found]
    lines = []
    for each, new in zip(found, fresh, strict=True):
        lines += [screen.finished(each, fresh=new), *proofs.said_back(kept.get(each.uid))]
    crm.show({"items": items}, lambda console: text.lines(console, *lines))
    remark(crm, remarks)


def _confirmed(crm: App, ids: list[str]) -> dict[str, Proven]:
    """By uid of a checklist item, what did it: what the person says yes to, where they can be asked."""
    with crm.reading() as session:
        found = [each for each in (settle.find(session, each) for each in ids) if isinstance(each, Task)]
        by_task = evidence.by_task(session, found, now=crm.now, tz=crm.tz)
    if not crm.asks:
        return by_task
    said = ((uid, each, for_terminal(proofs.question(each), multiline=True)) for uid, each in by_task.items())
    return {uid: each for uid, each, words in said if typer.confirm(words, default=True, err=True)}
