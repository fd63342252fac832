"""`crm tag`: groups of people, such as @experts."""

from typing import Annotated

import typer

from crm.actions import tags as actions
from crm.actions.checked import brief
from crm.commands.base import App, command, group
from crm.commands.common import confirm, describer, joined, told
from crm.models import Tag
from crm.render import contacts as people
from crm.render import nouns as screen
from crm.render import text
from crm.store import contacts, names, records

app = group("Tags and groups such as @experts.")

Which = Annotated[list[str], typer.Argument(metavar="TAG", help="Its name, with or without @.")]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]


@command(app, name="list", example="crm tag list")
def list_(crm: App) -> None:
    """List tags with how many people are in each."""
    with crm.reading() as session:
        found = contacts.tags(session)
        items = describer(crm, session).many([each for each, _count, _cadence in found])
        counted = [item | {"people": count} for item, (_tag, count, _cadence) in zip(items, found, strict=True)]
        parts = list(screen.tags(found))
    crm.show({"items": counted}, lambda console: text.lines(console, *parts))


@command(app, example="crm tag show experts")
def show(crm: App, which: Which) -> None:
    """Show who is in a tag."""
    with crm.reading() as session:
        found = names.tag(session, joined(which))
        members = names.members(session, found)
        telling = describer(crm, session)
        item = telling.numbered(found) | {"contacts": telling.many(members)}
        methods = contacts.main_methods(session, members)
        parts = list(screen.tag(found, people.table(members, methods, now=crm.now, tz=crm.tz) if members else None))
    crm.show(item, lambda console: text.lines(console, *parts))


@command(app, example='crm tag add mentors --description "People who teach me"')
def add(crm: App, name: Annotated[list[str], typer.Argument(metavar="NAME")], description: Description = None) -> None:
    """Add a tag with nobody in it yet."""
    with crm.writing("tag add") as session:
        made = actions.add(session, joined(name), description=description)
        item = told(crm, session, made)
    crm.show(item, lambda console: console.print(screen.tag_written("Added", made)))


@command(app, example="crm tag edit mentors --name teachers")
def edit(
    crm: App,
    which: Which,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Another name.")] = None,
    description: Description = None,
) -> None:
    """Rename a tag, or say what it is for."""
    with crm.writing("tag edit") as session:
        found = actions.edit(session, names.tag(session, joined(which)), name=name, description=description)
        session.flush()
        item = told(crm, session, found)
    crm.show(item, lambda console: console.print(screen.tag_written("Changed", found)))


@command(app, example="crm tag remove mentors")
def remove(crm: App, which: Which) -> None:
    """Remove a tag; the people stay. crm undo takes it back."""
    with crm.reading() as session:
        found = names.tag(session, joined(which))
        chosen, count, name = found.ref, len(names.members(session, found)), brief(found.name)
    confirm(crm, f"Remove @{name}? {count} {'person is' if count == 1 else 'people are'} in it.")
    with crm.writing("tag remove") as session:
        found = records.by_ref(session, Tag, chosen)
        item = told(crm, session, found)
        actions.remove(session, found)
    crm.show(item, lambda console: console.print(screen.removed(f"@{found.name}", found.ref)))
