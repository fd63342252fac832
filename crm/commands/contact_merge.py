"""`crm contact merge` and `crm contact duplicates`: entries that are one person, joined or kept apart."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from crm.actions import duplicates
from crm.actions import merge as actions
from crm.actions.merge import Merged
from crm.commands.base import App, command
from crm.commands.choose import choose_people
from crm.commands.common import confirm, describer, told
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote
from crm.models import Contact
from crm.render import duplicates as screen
from crm.render import text
from crm.store import records

Names = Annotated[
    list[str] | None, typer.Argument(metavar="KEEP OTHER", help="Who stays, then who goes; nobody: suggestions.")
]
Every = Annotated[bool, typer.Option("--all", help="Every suggestion, however many.")]


def register(app: typer.Typer) -> None:
    """Add the two commands to `crm contact`."""
    command(app, example="crm contact merge jane c17")(merge)
    command(app, name="duplicates", example="crm contact duplicates")(suggest)


def suggest(crm: App, every: Every = False) -> None:
    """List who is probably in here twice, the surest first, and why."""
    with crm.reading() as session:
        found = duplicates.find(session)
    items = [screen.told(each) for each in found] if crm.json else []
    crm.show({"items": items}, lambda console: text.lines(console, *screen.listing(found, every=every)))


def merge(
    crm: App,
    words: Names = None,
    apart: Annotated[
        bool, typer.Option("--not-the-same", help="They are different people: never suggest them again.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be joined.")] = False,
    every: Every = False,
) -> None:
    """Join entries of one person: everything goes to the first. Without names: suggestions. crm undo takes it back."""
    if not words:
        suggest(crm, every=every)
        return
    chosen = _chosen(crm, words)
    if apart:
        _keep_apart(crm, chosen)
        return
    if dry_run or crm.asks:
        rehearsed, item = _merge(crm, chosen, keep=False)
        crm.show(item, lambda console: text.lines(console, *screen.merged(rehearsed, rehearsed=True)))
        if dry_run:
            return
        confirm(crm, "Join them?")
    done, item = _merge(crm, chosen, keep=True)
    parts = [screen.joined_in_short(done)] if crm.asks else list(screen.merged(done))
    crm.show(item, lambda console: text.lines(console, *parts))


def _chosen(crm: App, words: Sequence[str]) -> list[str]:
    """The short ids of those who are meant, in their order.

    Raises:
        BadValueError: fewer than two names, or a whole group.
        RefusedError: the names mean one person.
    """
    group = next((each for each in words if each.startswith("@")), None)
    if group is not None:
        raise BadValueError(f"{quote(group)} is a group; name the people one by one: crm contact merge KEEP OTHER")
    with crm.reading() as session:
        found = choose_people(crm, session, words)
    if len(found) > 1:
        return [each.ref for each in found]
    if len(words) > 1:
        raise RefusedError(
            f"{quote(' '.join(words))} means one person, {found[0].ref}; nobody is merged with themselves. "
            "If there are two of that name, say their ids: crm contact list"
        )
    raise BadValueError("name who stays and who goes: crm contact merge KEEP OTHER; suggestions: crm contact merge")


class _RehearsedError(Exception):
    """Ends a writing session so that nothing of it stays."""


def _merge(crm: App, chosen: Sequence[str], *, keep: bool) -> tuple[Merged, dict[str, Any]]:
    """Merge for good, or take it all back at once, so that what is shown before is what would be done."""
    with suppress(_RehearsedError), crm.writing("contact merge") as session:
        people = [records.by_ref(session, Contact, each) for each in chosen]
        done = actions.merge(session, people)
        session.flush()
        item = told(crm, session, people[0]) | {"merged": _told(done), "dry_run": not keep}
        if not keep:
            raise _RehearsedError
    return done, item


def _told(done: Merged) -> dict[str, Any]:
    return {
        "gone": [{"ref": ref, "name": name} for ref, name in done.gone],
        "moved": done.moved,
        "once": done.once,
        "filled": [{"field": label, "value": value} for label, value in done.filled],
        "conflicts": done.conflicts,
        "remarks": done.remarks,
    }


def _keep_apart(crm: App, chosen: Sequence[str]) -> None:
    with crm.writing("contact merge --not-the-same") as session:
        people = [records.by_ref(session, Contact, each) for each in chosen]
        news = duplicates.keep_apart(session, people)
        items = describer(crm, session).many(people)
    crm.show({"items": items}, lambda console: console.print(screen.kept_apart(people, len(news))))
