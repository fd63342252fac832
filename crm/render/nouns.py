"""Organizations and tags on a screen."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from crm.cadence import say_cadence
from crm.escaping import shorten
from crm.models import Contact, Organization, Tag, TagCadence
from crm.render import text
from crm.store.organizations import Place, Summary

LONGEST = 60


def organizations(found: Sequence[Summary]) -> Iterator[RenderableType]:
    """The screen of `crm organization list`."""
    if not found:
        yield text.hint('No organizations here yet. Add one: crm organization add "Acme" --target')
        return
    rows = [
        (
            text.safe(each.organization.ref, text.QUIET),
            text.safe(shorten(each.organization.name, LONGEST), text.NAME if each.organization.target else ""),
            "target" if each.organization.target else "",
            str(each.people or ""),
            ", ".join(shorten(alias, LONGEST) for alias in each.organization.aliases),
        )
        for each in found
    ]
    yield text.table(["", "organization", "", "people", "also called"], rows, wide="also called")
    yield ""
    yield text.hint(f"Who is there: crm organization show {found[0].organization.ref}")


def organization(place: Place) -> Iterator[RenderableType]:
    """The screen of `crm organization show`."""
    it = place.organization
    yield text.join(text.safe(it.name, text.NAME), text.hint(it.ref))
    yield ""
    yield text.facts(
        [
            ("Target", "yes" if it.target else "no"),
            ("Also called", ", ".join(it.aliases)),
            ("Notes", text.safe(it.notes, multiline=True) if it.notes else None),
        ]
    )
    yield ""
    people = [
        text.join(_person(each), position.title, "" if position.current else "(before)")
        for position, each in place.people
    ]
    asks = [text.join("ask", _person(each), "for", what, text.hint(f"({state})")) for each, what, state in place.asks]
    for title, lines in (("People", people), ("Who could help", asks)):
        if lines:
            yield text.section(title, text.bullets(lines), count=len(lines))
    if not people:
        yield text.hint(
            f'Nobody known there yet. Somebody is: crm contact edit WHO --organization "{shorten(it.name, 40)}"'
        )


def _person(contact: Contact | None) -> Text:
    if contact is None:
        return Text("somebody")
    return text.join(text.safe(shorten(contact.name, LONGEST), text.NAME), text.hint(contact.ref))


def tags(found: Sequence[tuple[Tag, int, TagCadence | None]]) -> Iterator[RenderableType]:
    """The screen of `crm tag list`."""
    if not found:
        yield text.hint("No tags yet. Put somebody in one: crm contact tag WHO mentors")
        return
    rows = [
        (
            text.safe(f"@{shorten(tag.name, LONGEST)}", text.NAME),
            str(people),
            say_cadence(cadence.min_days, cadence.max_days) if cadence else "",
            tag.description,
        )
        for tag, people, cadence in found
    ]
    yield text.table(["tag", "people", "keep in touch", "for"], rows, wide="for")
    yield ""
    yield text.hint(f"Who is in one: crm tag show {found[0][0].ref}")


def tag(it: Tag, people: RenderableType | None) -> Iterator[RenderableType]:
    """The screen of `crm tag show`."""
    yield text.join(text.safe(f"@{it.name}", text.NAME), text.hint(it.ref), it.description, gap="  ")
    yield ""
    yield people or text.hint(f"Nobody is in it yet: crm contact tag WHO {it.ref}")


def written(verb: str, it: Organization) -> Text:
    """An organization that was added or changed."""
    facts = ("target" if it.target else None, f"also {', '.join(it.aliases)}" if it.aliases else None)
    said = "; ".join(filter(None, facts))
    return text.join(verb, text.safe(it.name, text.NAME), text.hint(it.ref), said)


def tag_written(verb: str, it: Tag) -> Text:
    """A tag that was added or changed."""
    return text.join(verb, text.safe(f"@{it.name}", text.NAME), text.hint(it.ref), it.description)


def removed(name: str, ref: str) -> Text:
    """What was removed."""
    return text.join("Removed", text.safe(shorten(name, LONGEST)), text.hint(f"{ref}; back again: crm undo"))
