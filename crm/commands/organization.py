"""`crm organization`: companies and others, and which of them are targets."""

from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import organizations as actions
from crm.commands.base import App, command, group
from crm.commands.common import confirm, describer, joined, remark, told
from crm.models import Organization
from crm.render import nouns as screen
from crm.render import text
from crm.store import names, organizations, records

app = group("Companies, and which of them are targets.")

Which = Annotated[list[str], typer.Argument(metavar="ORGANIZATION", help="Its name, an alias, or an id such as o3.")]
Aliases = Annotated[list[str] | None, typer.Option("--alias", metavar="NAME", help="Another name; again for more.")]
Target = Annotated[bool | None, typer.Option("--target/--no-target", help="Whether you want to work there.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Notes.")]


@command(app, name="list", example="crm organization list --targets")
def list_(crm: App, targets: Annotated[bool, typer.Option("--targets", help="Only the targets.")] = False) -> None:
    """List organizations, targets first."""
    with crm.reading() as session:
        found = organizations.listed(session, targets=targets)
        items = describer(crm, session).many([each.organization for each in found]) if crm.json else []
        parts = list(screen.organizations(found))
    crm.show({"items": items}, lambda console: text.lines(console, *parts))


@command(app, example="crm organization show acme")
def show(crm: App, which: Which) -> None:
    """Show an organization, who is there, and who could help."""
    with crm.reading() as session:
        found = names.the_organization(session, joined(which))
        place = organizations.place(session, found)
        telling = describer(crm, session)
        item = telling.numbered(found) | {"people": telling.many([contact for _position, contact in place.people])}
        parts = list(screen.organization(place))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example='crm organization add "Acme" --target')
def add(
    crm: App,
    name: Annotated[list[str], typer.Argument(metavar="NAME")],
    alias: Aliases = None,
    target: Target = None,
    note: Note = None,
) -> None:
    """Add an organization."""
    with crm.writing("organization add") as session:
        made, remarks = actions.add(session, joined(name), aliases=alias or (), target=bool(target), note=note)
        _show_written(crm, session, "Added", made)
    remark(crm, remarks)


@command(app, example="crm organization edit acme --target --alias ACM")
def edit(
    crm: App,
    which: Which,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name.")] = None,
    alias: Aliases = None,
    target: Target = None,
    note: Note = None,
) -> None:
    """Change an organization. An empty text ("") clears; aliases are added to those there."""
    with crm.writing("organization edit") as session:
        found = names.the_organization(session, joined(which))
        actions.edit(session, found, name=name, aliases=alias or (), target=target, note=note)
        _show_written(crm, session, "Changed", found)


@command(app, example="crm organization merge meta facebook")
def merge(
    crm: App,
    which: Annotated[str, typer.Argument(metavar="KEPT", help="The one that stays; quote a name of several words.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The one that becomes an alias of it.")],
) -> None:
    """Make two organizations one: the second's people and asks go to the first. crm undo takes it back."""
    with crm.writing("organization merge") as session:
        found = names.the_organization(session, which)
        actions.merge(session, found, names.the_organization(session, other))
        _show_written(crm, session, "Merged into", found)


@command(app, example="crm organization remove acme")
def remove(crm: App, which: Which) -> None:
    """Remove an organization that nothing names. crm undo takes it back."""
    with crm.reading() as session:
        found = names.the_organization(session, joined(which))
        chosen, name = found.ref, found.name
    confirm(crm, f"Remove {name:.60}?")
    with crm.writing("organization remove") as session:
        found = records.by_ref(session, Organization, chosen)
        item = told(crm, session, found)
        actions.remove(session, found)
    crm.show(item, lambda console: console.print(screen.removed(found.name, found.ref)))


def _show_written(crm: App, session: Session, verb: str, organization: Organization) -> None:
    session.flush()
    item = told(crm, session, organization)
    crm.show(item, lambda console: console.print(screen.written(verb, organization)))
