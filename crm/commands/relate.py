"""`crm relate`: who knows whom."""

from typing import Annotated

import typer

from crm.actions import relationships as actions
from crm.commands.base import App, command, verb
from crm.commands.choose import choose_contact
from crm.commands.common import told
from crm.models import Contact
from crm.render import text
from crm.store import records

app = verb()


@command(app, example="crm relate jane knows ben")
def relate(
    crm: App,
    words: Annotated[
        list[str], typer.Argument(metavar="A knows B", help=f"Two people with one of: {', '.join(actions.TYPES)}.")
    ],
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="How, or since when.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Take it away again.")] = False,
) -> None:
    """Note who knows whom; crm contact show tells it from both sides."""
    said = actions.take_apart(words)
    with crm.reading() as session:
        pair = [choose_contact(crm, session, each).ref for each in (said.subject, said.object)]
    with crm.writing("relate") as session:
        one, other = (records.by_ref(session, Contact, each) for each in pair)
        if off:
            found, new = actions.find(session, one, said.type, other), True
            item = told(crm, session, found)
            actions.unrelate(session, found, one, other)
        else:
            found, new = actions.relate(session, one, said.type, other, note=note)
            item = told(crm, session, found)
    state = "No more:" if off else "Noted:" if new else "Noted already:"
    crm.show(item, lambda console: console.print(text.join(state, actions.sentence(one, said.type, other))))
