"""`crm log-contact`: record a chat, call or message, with everything that follows from it."""

from dataclasses import replace
from typing import Annotated

import typer
from sqlmodel import Session

from crm.actions import phrases
from crm.actions.manners import Limits
from crm.actions.outreach import Outcome, Reply, Said, log_contact, refuse_ahead
from crm.commands.asking import ask, one_of, unless_blank, word_of
from crm.commands.base import App, command, verb
from crm.commands.choose import choose_people, writing_about
from crm.commands.common import describer
from crm.commands.log_line import as_line, settle
from crm.dates import When, parse_when
from crm.durations import parse_duration
from crm.errors import BadValueError
from crm.models.words import Direction, InteractionKind, Stage
from crm.render import outreach as screen
from crm.render import text

app = verb()

EXAMPLE = 'crm log-contact "yesterday 45m coffee w/ casey and kenny; q2: learn system design; next: send repo fri"'


@command(app, name="log-contact", example=EXAMPLE)
def log(
    crm: App,
    who: Annotated[
        list[str] | None, typer.Argument(metavar="WHO...", help="Names, ids such as c3, @TAG; or one quoted line.")
    ] = None,
    kind: Annotated[InteractionKind | None, one_of(InteractionKind, "What it was; other if you don't say.")] = None,
    at: Annotated[str | None, typer.Option(metavar="WHEN", help="When it was; now if you don't say.")] = None,
    duration: Annotated[str | None, typer.Option(metavar="D", help="How long: 45m, 1h30, 90.")] = None,
    direction: Annotated[Direction | None, one_of(Direction, "Who reached out: out is you.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What was said.")] = None,
    private: Annotated[bool, typer.Option("--private", help="The note stays private.")] = False,
    answer: Annotated[list[str] | None, typer.Option(metavar="Q=TEXT", help="An answer to question Q.")] = None,
    follow_up: Annotated[str | None, typer.Option(metavar="WHEN", help="The day to get in touch again.")] = None,
    promise: Annotated[
        list[str] | None, typer.Option(metavar='"TEXT by WHEN"', help="What you promised, and by when.")
    ] = None,
    stage: Annotated[Stage | None, one_of(Stage, "Where this leaves the outreach, if not as usual.")] = None,
    place: Annotated[str | None, typer.Option(metavar="TEXT", help="Where it was.")] = None,
) -> None:
    """Record contact with one or several people, said in options or in one quoted line.

    A line: when, how long and what, "w/" (or "to", "from") and names; then after semicolons answers ("q2: ..."), what
    you promised ("next: send repo fri"), a follow-up ("next: fri"), notes. With no WHO or no option on a terminal, it
    asks step by step.
    """
    if private and not note:
        raise BadValueError("--private keeps a note private; add the note: --note TEXT")
    said = Said(
        kind=kind,
        when=_when(crm, at) if at is not None else None,
        minutes=parse_duration(duration) if duration is not None else None,
        direction=direction,
        note=note,
        private=private,
        place=place,
        stage=stage,
        follow_up_on=phrases.due_day(follow_up, now=crm.now, tz=crm.tz) if follow_up is not None else None,
        promises=tuple(phrases.promise(each, now=crm.now, tz=crm.tz) for each in promise or ()),
        answers=tuple(Reply(*phrases.answer(each)) for each in answer or ()),
    )
    line = as_line(crm, who or [])
    if line is not None:
        who, said = settle(crm, line, said)
    elif not who or (crm.asks and said == Said()):
        who, said = _ask_all(crm, who or [], said)
    with writing_about(crm, "log-contact", who) as (session, contacts):
        outcome = log_contact(session, contacts, said, now=crm.now, tz=crm.tz, limits=Limits.of(crm.settings))
        told = _told(crm, session, outcome)
    crm.show(told, lambda console: text.lines(console, *screen.logged(outcome, tz=crm.tz)))


def _told(crm: App, session: Session, outcome: Outcome) -> dict[str, object]:
    session.flush()
    telling = describer(crm, session)
    return {
        "interaction": telling.numbered(outcome.chat.interaction),
        "contacts": telling.many(outcome.chat.contacts),
        "fulfilled": outcome.fulfilled,
        "tasks": telling.many(outcome.tasks),
        "answers": telling.many([answer for _question, answer in outcome.answers]),
        "closed": telling.many(outcome.closed),
        "warnings": outcome.warnings,
    }


def _when(crm: App, at: str) -> When:
    return parse_when(at, now=crm.now, tz=crm.tz, past=True)


def _ask_all(crm: App, named: list[str], said: Said) -> tuple[list[str], Said]:
    """Ask for what was not said; only whom is a must."""
    if not crm.asks:
        raise BadValueError("say with whom, for example: crm log-contact jane --kind coffee --duration 45m")
    if named:
        who = _who(crm, named)
    else:
        who = ask(crm, "With whom? (names, or @tag)", lambda typed: _who(crm, typed.replace(",", " ").split()))
    kind = said.kind or ask(
        crm,
        f"What was it? ({', '.join(InteractionKind)}; Enter to skip)",
        unless_blank(lambda typed: word_of(InteractionKind, typed)),
    )
    when = said.when or ask(crm, "When? (fri 15:00; Enter for now)", unless_blank(lambda typed: _past(crm, typed)))
    minutes = said.minutes or ask(crm, "How long? (45m; Enter to skip)", unless_blank(parse_duration))
    note = said.note or ask(crm, "What was said? (Enter to skip)", unless_blank(str))
    follow_up_on = said.follow_up_on or ask(
        crm,
        "Follow up when? (fri, in 2 weeks; Enter to skip)",
        unless_blank(lambda typed: phrases.due_day(typed, now=crm.now, tz=crm.tz)),
    )
    return who, replace(said, kind=kind, when=when, minutes=minutes, note=note, follow_up_on=follow_up_on)


def _who(crm: App, words: list[str]) -> list[str]:
    """The short ids of the people named; whoever is ambiguous has been asked about by then."""
    with crm.reading() as session:
        chosen = choose_people(crm, session, words)
    if not chosen:
        raise BadValueError("name somebody, such as jane")
    return [each.ref for each in chosen]


def _past(crm: App, typed: str) -> When:
    return refuse_ahead(_when(crm, typed), now=crm.now, tz=crm.tz)
