"""`crm who`: whom one knows at a company."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions.routes import how_to_reach
from crm.actions.who import Known, people_at
from crm.commands.base import App, command, verb
from crm.commands.common import describer, joined
from crm.exporters.json_ import Describer
from crm.render import text
from crm.render import who as screen
from crm.store import reaching

app = verb()


@command(app, example="crm who --at Meta")
def who(
    crm: App,
    at: Annotated[str, typer.Option("--at", metavar="COMPANY", help="Its name, an alias, or an id such as o3.")],
    more: Annotated[list[str] | None, typer.Argument(metavar="WORD", help="Further words of the name.")] = None,
    former: Annotated[bool, typer.Option("--former", help="Also those who were there before.")] = False,
    weak: Annotated[bool, typer.Option("--weak", help="Also those who only may have to do with it.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Everybody, however many.")] = False,
) -> None:
    """Show whom you know at a company, the closest first."""
    company = joined([at, *(more or ())])
    with crm.reading() as session:
        people = people_at(session, company, former=former, weak=weak, now=crm.now)
        shown = people.found if every else people.found[: screen.MOST]
        items = _told(describer(crm, session), people.found) if crm.json else []
        asked = screen.Asked(company, former=former, weak=weak)
        parts = list(screen.parts(people, asked, shown, _ways(session, shown), now=crm.now, tz=crm.tz))
    left_out = {"former_count": people.former, "weak_count": people.weak}
    crm.show({"items": items} | left_out, lambda console: text.lines(console, *parts))


def _ways(session: Session, shown: Sequence[Known]) -> Mapping[int, str]:
    reaches = reaching.reach(session, [each.contact.id for each in shown])
    return {each.contact.id: how_to_reach(each, each.contact.ref) for each in reaches}


def _told(telling: Describer, found: Sequence[Known]) -> list[dict[str, object]]:
    contacts = telling.many([each.contact for each in found])
    return [
        {
            "contact": contact,
            "title": each.hit.title,
            "organization": each.hit.where,
            "current": each.hit.current,
            "match": each.hit.match,
        }
        for each, contact in zip(found, contacts, strict=True)
    ]
