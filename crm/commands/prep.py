"""`crm prep`: what to know before a chat."""

from typing import Annotated

import typer

from crm.actions.prep import Preparation, prepare
from crm.cadence import day_of
from crm.commands.base import App, command, verb
from crm.commands.choose import choose_contact
from crm.exporters.json_ import Describer
from crm.render import prep as screen
from crm.render import text

app = verb()


@command(app, example="crm prep jane")
def prep(crm: App, who: Annotated[list[str], typer.Argument(metavar="WHO", help="A name or short id.")]) -> None:
    """Show what to know before a chat: who, the last talks, what to ask, what is owed on both sides."""
    with crm.reading() as session:
        ready = prepare(session, choose_contact(crm, session, who), now=crm.now, tz=crm.tz, settings=crm.settings)
        told = _told(ready, Describer(session, day_of(crm.now, crm.tz))) if crm.json else {}
    crm.show(told, lambda console: text.lines(console, *screen.parts(ready, now=crm.now, tz=crm.tz)))


def _told(ready: Preparation, describer: Describer) -> dict[str, object]:
    known = ready.known
    return {
        "contact": describer.numbered(known.contact),
        "how": ready.how,
        "relationships": describer.many([each.relationship for each in known.ties]),
        "introductions": describer.many([each.introduction for each in known.routes]),
        "planned": describer.numbered(ready.planned.interaction) if ready.planned else None,
        "talks": describer.many([each.interaction for each in ready.talks]),
        "paths": [screen.way(each) for each in ready.ways],
        "questions": describer.many(ready.ask),
        "more_questions_count": ready.more,
        "promises": {"mine": describer.many(ready.mine), "theirs": describer.many(ready.theirs)},
        "referrals": describer.many([referral for referral, _organization in known.referrals]),
        "gaps": ready.blanks,
    }
