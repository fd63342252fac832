"""Lists of people on a screen, and what a command changed about some."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crm.escaping import shorten
from crm.models import Contact, ContactMethod
from crm.models.words import ContactKind, Tier
from crm.render import text
from crm.render.ago import ago

MOST = 30
REMARK = "about"
LONGEST_NAME = 40
LONGEST_REMARK = 80
"""Lists show so many characters of a name and of what is said of people; `show` shows all."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The people to show, how many there are in all, and whether less than everybody was asked for."""

    shown: Sequence[Contact]
    total: int
    methods: Mapping[int, ContactMethod]
    narrowed: bool


def listing(given: Listing, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm contact list`."""
    if not given.shown:
        nobody = "Nobody here." if given.narrowed else "Nobody yet."
        yield text.hint(f'{nobody} Add somebody with: crm contact add "Jane Roe" --how-to-reach "..."')
        return
    yield table(given.shown, given.methods, now=now, tz=tz)
    yield ""
    more = given.total - len(given.shown)
    if more:
        yield text.hint(
            f"and {more:,} more. Narrow it with --tag TAG or --stage STAGE; everybody: crm contact list --all"
        )
    else:
        yield text.hint(f"{given.total:,} in all. Everything about one of them: crm contact show {given.shown[0].ref}")


def table(people: Sequence[Contact], methods: Mapping[int, ContactMethod], *, now: datetime, tz: ZoneInfo) -> Table:
    """People one a line, with the main way to reach each; the last column takes the room that is left."""
    rows = (_row(each, methods.get(each.id), now, tz) for each in people)
    made = text.table(["", "name", "stage", "last contact", REMARK], rows, wide=REMARK)
    for column in (0, 2, 3):
        made.columns[column].no_wrap = True
    return made


def _row(contact: Contact, method: ContactMethod | None, now: datetime, tz: ZoneInfo) -> tuple[text.Cell, ...]:
    aside = _aside(contact)
    return (
        text.safe(contact.ref, text.QUIET),
        text.safe(shorten(contact.name, LONGEST_NAME), "" if aside else text.NAME),
        text.hint(f"({aside})") if aside else contact.stage,
        ago(contact.last_contact_at, now=now, tz=tz) if contact.last_contact_at else text.hint("never"),
        shorten(_about(contact, method), LONGEST_REMARK),
    )


def _aside(contact: Contact) -> str:
    """What those are whom nobody is nagged about; it stands where the others have their stage."""
    if contact.kind == ContactKind.SOURCE:
        return "source"
    return "tier none" if contact.tier == Tier.NONE else ""


def _about(contact: Contact, method: ContactMethod | None) -> str:
    way = contact.how_to_reach or (method.value if method else None)
    return "; ".join(filter(None, (way, contact.context)))


def written(verb: str, contact: Contact, said: Sequence[tuple[str, str | Sequence[str]]]) -> Iterator[RenderableType]:
    """What was added or changed, field by field, and what to type next."""
    yield text.join(verb, text.safe(shorten(contact.name, LONGEST_NAME), text.NAME), text.hint(contact.ref))
    resolved = [(name, contact.birthday or value if name == "birthday" else value) for name, value in said]
    if said:
        yield Padding(text.facts((name.replace("_", " "), _said(value)) for name, value in resolved), (0, 0, 0, 2))
    if verb == "Added":
        yield text.hint(
            f'Next: crm question add "..." --for {contact.ref}; after a talk: crm log-contact {contact.ref}'
        )


def _said(value: str | Sequence[str]) -> Text:
    values = [value] if isinstance(value, str) else value
    kept = [text.safe(each, multiline=True) for each in values if each]
    cleared = [text.hint("(cleared)")] if "" in values else []
    return Text(", ").join([*cleared, *kept])


def changed(verb: str, people: Sequence[Contact]) -> Iterator[RenderableType]:
    """Whom a command changed."""
    if not people:
        yield text.hint("That was so already; nothing was changed.")
    for each in people:
        yield text.join(verb, text.safe(shorten(each.name, LONGEST_NAME), text.NAME), text.hint(each.ref))


def removed(contact: Contact) -> Text:
    """Who was removed."""
    return text.join("Removed", shorten(contact.name, LONGEST_NAME), text.hint(f"{contact.ref}; back again: crm undo"))
