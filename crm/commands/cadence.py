"""`crm cadence`: how often to stay in touch with somebody, or with everybody in a tag."""

import re
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from sqlmodel import Session

from crm.actions import cadences as actions
from crm.actions.cadences import Cadence
from crm.commands.base import App, command, verb
from crm.commands.choose import choose_people
from crm.commands.common import describer, distinct, remark
from crm.errors import BadValueError
from crm.escaping import quote
from crm.models import Contact, Tag
from crm.render import cadences as screen
from crm.render import text
from crm.store import cadences, names, records

app = verb()

_MEANT_AS_TIME = re.compile(r"\d+ ?[a-z]*|.*\.\..*|off|none|(dai|week|month|quarter|year)ly", re.ASCII | re.IGNORECASE)


@command(app, example="crm cadence @experts 4w..6w")
def cadence(
    crm: App,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WHO|@TAG... 4w..6w|off", help="Whom; then how often, or off to clear it."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everybody, however many.")] = False,
) -> None:
    """Say how often to stay in touch with people or tags; without a time, show which cadence counts and why.

    A person's own cadence counts before that of their tags, and that before their tier's.
    """
    *whom, last = words or [""]
    if whom and _MEANT_AS_TIME.fullmatch(last):
        _set(crm, whom, actions.parse(last))
    elif ".." in last:
        raise BadValueError(f"say for whom: crm cadence WHO {quote(last)}, or @TAG for everybody in a tag")
    elif words:
        _show(crm, words, every=every)
    else:
        _list(crm, every=every)


def _set(crm: App, words: Sequence[str], days: Cadence | None) -> None:
    with crm.reading() as session:
        people, tags = _named(crm, session, words)
        refs = [each.ref for each in people], [each.ref for each in tags]
    with crm.writing("cadence") as session:
        people = [records.by_ref(session, Contact, each) for each in refs[0]]
        tags = [records.by_ref(session, Tag, each) for each in refs[1]]
        actions.keep(session, people, tags, days)
        session.flush()
        told, parts = _report(crm, session, people, tags)
    remark(crm, actions.remarks(people))
    crm.show(told, lambda console: text.lines(console, *parts, text.hint(screen.NEXT)))


def _named(crm: App, session: Session, words: Sequence[str]) -> tuple[list[Contact], list[Tag]]:
    """Whom the words name; `@tag` is the tag itself."""
    tags = distinct(names.tag(session, each.removesuffix(",")) for each in words if each.startswith("@"))
    whom = [each for each in words if not each.startswith("@")]
    return (choose_people(crm, session, whom) if whom else []), tags


def _show(crm: App, words: Sequence[str], *, every: bool) -> None:
    with crm.reading() as session:
        people, tags = _named(crm, session, words)
        members = [each for tag in tags for each in names.members(session, tag)]
        told, parts = _report(crm, session, distinct([*people, *members]), tags, every=every)
    crm.show(told, lambda console: text.lines(console, *parts, text.hint(screen.NEXT)))


def _list(crm: App, *, every: bool) -> None:
    with crm.reading() as session:
        people, tags = cadences.of_people(session), cadences.of_tags(session)
        told, parts = _report(crm, session, people, tags, every=every)
    tiers = actions.tier_cadences(crm.settings)
    crm.show(
        told | {"tiers": screen.tiers_told(tiers)}, lambda console: text.lines(console, *parts, *screen.tiers(tiers))
    )


def _report(
    crm: App, session: Session, people: Sequence[Contact], tags: Sequence[Tag], *, every: bool = False
) -> tuple[dict[str, object], list[RenderableType]]:
    """The cadences of tags and people, for --json and for the screen."""
    kept = cadences.standing(session, tags)
    found = actions.rhythms(session, people, now=crm.now, tz=crm.tz, settings=crm.settings)
    told: dict[str, object] = {}
    if crm.json:
        told["items"] = [*screen.tags_told(kept), *screen.told(found, describer(crm, session))]
    return told, list(screen.parts(kept, found, every=every))
