"""`crm review report`: a review as a text, for oneself or for the partner one answers to."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import review_form as forms
from crm.actions.review_facts import ReviewFacts
from crm.commands.base import App, command
from crm.commands.review_start import looking_back
from crm.files import write_output
from crm.models import Contact, Reminder, Review
from crm.privacy import first_names, relevant
from crm.render import review_report as screen
from crm.render import text
from crm.store import mentions, plan, reviews


def register(app: typer.Typer) -> None:
    """Add the command to `crm review`."""
    command(app, example="crm review report week-2 --for-partner")(report)


def report(
    crm: App,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as week-2.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here, not to the screen.")
    ] = None,
    for_partner: Annotated[
        bool, typer.Option("--for-partner", help="Plain text for your partner: first names, and not your note.")
    ] = False,
) -> None:
    """Write a review down: in Markdown, or as a text for your partner, which you send yourself; nothing is sent."""
    with crm.reading() as session:
        found = reviews.review(session, name)
        written = _for_partner(crm, session, found) if for_partner else _own(crm, session, found)
    told = {"name": found.name, "for_partner": for_partner, "text": written}
    if output is None:
        crm.show(told, lambda _console: typer.echo(written, nl=False))
        return
    write_output(output, written.encode())
    crm.show(told | {"file": str(output)}, lambda console: console.print(text.safe(f"Wrote {output}")))


def _own(crm: App, session: Session, review: Review) -> str:
    facts, items = looking_back(crm, session, review), forms.form(session, review)
    return screen.markdown(review, items, facts, tz=crm.tz)


def _for_partner(crm: App, session: Session, review: Review) -> str:
    """The text for the partner, with people's first names only."""
    facts, items = looking_back(crm, session, review), forms.form(session, review)
    found = plan.current(session)
    partner = found.partner if found else None
    if not partner:
        crm.note('nobody is named whom you answer to; to name one: crm plan set --partner "Jane Roe"')
    if review.note:
        crm.note("Your note was left out; what stands in the answers goes along.")
    written = screen.for_partner(review, items, facts, partner=partner, tz=crm.tz)
    about = {each.name for each in _people(facts)}
    said = Reminder(key="", rule="review", title="", body=written, local_on=facts.stretch.to_on, due_at=crm.now)
    people = mentions.mentioned(session, [said])
    return first_names(written, relevant([replace(each, about=each.name in about) for each in people], written))


def _people(facts: ReviewFacts) -> Iterable[Contact]:
    """Whom the facts are about."""
    yield from (each.contact for each in facts.reached)
    yield from (each.contact for each in facts.answers)
    yield from (each.about for each in facts.links if isinstance(each.about, Contact))
