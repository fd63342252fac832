"""`crm path`: who could bring one to a person or into a company."""

from collections.abc import Sequence
from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import path_words as actions
from crm.actions.path_words import Chain, Company, Moment
from crm.actions.paths import CANDIDATES
from crm.actions.who import quoted
from crm.commands.base import App, command, verb
from crm.commands.choose import choose_contact
from crm.commands.common import describer, joined
from crm.errors import AmbiguousError, BadValueError, NotFoundError
from crm.escaping import quote, shorten
from crm.models import Contact, Organization
from crm.render import paths as screen
from crm.render import text
from crm.store import organizations, records

app = verb()


@command(app, example="crm path --to jane")
def path(
    crm: App,
    to: Annotated[str, typer.Option("--to", metavar="PERSON|COMPANY", help="A name, an alias, or an id such as c3.")],
    more: Annotated[list[str] | None, typer.Argument(metavar="WORD", help="Further words of the name.")] = None,
    role: Annotated[str | None, typer.Option(metavar="ROLE", help="In a company: as what, or whom to talk to.")] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=CANDIDATES, help="How many ways.")] = actions.MOST,
) -> None:
    """Show who could bring you to a person or into a company: the shortest and warmest ways, and what to do first."""
    with crm.reading() as session:
        aim = _aim(crm, session, joined([to, *(more or ())]), role)
        moment = Moment(crm.now, crm.tz, crm.settings)
        if isinstance(aim, Contact):
            found = actions.to_person(session, aim, moment, most=count)
            hints = actions.person_hints(session, aim, found)
        else:
            found = actions.to_company(session, aim, moment, most=count)
            hints = actions.company_hints(session, aim, found, now=crm.now)
        it = aim if isinstance(aim, Contact) else aim.organizations[0]
        told = _told(crm, session, it, found) if crm.json else {}
        parts = list(screen.parts(found, to=aim.name, ref=it.ref, hints=hints, most=count))
    crm.show(told, lambda console: text.lines(console, *parts))


def _aim(crm: App, session: Session, name: str, role: str | None) -> Contact | Company:
    """Who or what is meant.

    Raises:
        NotFoundError: nobody and no company is called so.
        AmbiguousError: a person and a company are.
        BadValueError: a role for a person.
    """
    found = [records.by_ref(session, Organization, f"o{each}") for each in organizations.matching(session, name).strong]
    try:
        contact = choose_contact(crm, session, [name])
    except NotFoundError as error:
        if not found:
            raise _unknown(name, error) from error
        return Company(found, role)
    if found:
        raise AmbiguousError(
            f"{quote(name)} could be a person or a company; say which by id, such as {contact.ref}",
            candidates=[
                f"{contact.ref} {shorten(contact.name, 60)}",
                *(f"{each.ref} {each.name:.60}" for each in found),
            ],
        )
    if role is not None:
        raise BadValueError("--role goes with a company, and this is a person")
    return contact


def _unknown(name: str, error: NotFoundError) -> NotFoundError:
    return NotFoundError(
        f"neither a person nor a company here is called {quote(name)}; who may have to do with it: "
        f"crm who --at {quoted(name)} --weak",
        candidates=error.candidates,
    )


def _told(crm: App, session: Session, it: Contact | Organization, found: Sequence[Chain]) -> dict[str, object]:
    telling = describer(crm, session)
    people = {stop.contact.id: stop.contact for chain in found for stop in chain.stops if stop.contact}
    contacts = dict(zip(people, telling.many(list(people.values())), strict=True))
    key = "contact" if isinstance(it, Contact) else "organization"
    return {"to": {key: telling.numbered(it)}, "items": [screen.told(each, contacts) for each in found]}
