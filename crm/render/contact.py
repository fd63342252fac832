"""Everything known of one contact on a screen, under the worksheet's own words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from crm.cadence import say_cadence
from crm.dates import say_day, say_instant
from crm.durations import say_duration
from crm.escaping import shorten
from crm.models import Answer, Contact, Organization, Position, Question, Referral
from crm.models.words import ContactKind
from crm.render import text
from crm.render.ago import ago
from crm.render.introductions import set_aside
from crm.store.dossier import Dossier, Route, Tie
from crm.store.interactions import Chat
from crm.store.tasks import Todo

MOST: Final = 10
LONGEST: Final = 200
LONGEST_NAME: Final = 40
"""The contact's own words are shown in full; of what hangs on them, so many characters."""


def card(known: Dossier, *, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    """The screen of `crm contact show`."""
    contact = known.contact
    yield text.join(text.safe(contact.name, text.NAME), text.hint(contact.ref))
    yield ""
    yield text.facts([*_worksheet(known), *_about(known, now, tz), *set_aside(known.waivers, tz)])
    yield ""
    yield from _sections(known, now, tz)
    yield text.hint(f"Change something: crm contact edit {contact.ref} --help")
    yield text.hint(f"After a talk: crm log-contact {contact.ref} --kind coffee --note ...")


def _worksheet(known: Dossier) -> Iterator[tuple[str, text.Cell]]:
    """The four lines that the worksheet has for a person; a blank one says how to fill it."""
    contact = known.contact
    ways = [contact.how_to_reach, *(_method(each.kind, each.value, each.label) for each in known.methods)]
    questions = [text.join(text.hint(each.ref), shorten(each.text, LONGEST)) for each in known.ask[:MOST]]
    if len(known.ask) > MOST:
        questions.append(text.hint(f"and {len(known.ask) - MOST} more: crm question list --for {contact.ref}"))
    yield "Name", contact.name
    yield "How to reach", _stack(ways) or text.hint(f'- (crm contact edit {contact.ref} --how-to-reach "...")')
    yield "What to ask", _stack(questions) or text.hint(f'- (crm question add "..." --for {contact.ref})')
    yield "Status", text.join(contact.stage, contact.status_text, gap="; ")


def _method(kind: str, value: str, label: str | None) -> Text:
    return text.join(text.hint(kind), text.safe(value), text.safe(f"({label})") if label else None)


def _stack(values: Sequence[text.Cell]) -> Text | None:
    """Values one under the other, empty ones left out; None where all are."""
    return Text("\n").join([text.cell(each) for each in values if each]) or None


def _about(known: Dossier, now: datetime, tz: ZoneInfo) -> Iterator[tuple[str, text.Cell]]:
    contact = known.contact
    yield "Also called", ", ".join(contact.aliases)
    yield "Kind", None if contact.kind == ContactKind.PERSON else contact.kind
    yield "Context", contact.context
    yield "Place", contact.place
    yield "Works", _stack([_position(each, there) for each, there in known.positions if each.current])
    yield "Before", _stack([_position(each, there) for each, there in known.positions if not each.current])
    yield "Tags", " ".join(f"@{each.name}" for each in known.tags)
    yield "Tier", contact.tier
    yield "Keep in touch", _cadence(contact)
    yield "Birthday", contact.birthday
    yield "Last contact", _last(contact, now, tz)
    yield "Archived", say_instant(contact.archived_at, tz=tz) if contact.archived_at else None
    yield "Read from", _source(contact)
    yield "Notes", _long(contact.notes)
    yield "Private", _long(contact.private_notes)


def _position(position: Position, organization: Organization | None) -> str:
    return " at ".join(filter(None, (position.title, organization.name if organization else None)))


def _cadence(contact: Contact) -> str | None:
    if contact.cadence_min_days is None or contact.cadence_max_days is None:
        return None
    return f"every {say_cadence(contact.cadence_min_days, contact.cadence_max_days)}"


def _last(contact: Contact, now: datetime, tz: ZoneInfo) -> str:
    if contact.last_contact_at is None:
        return "never"
    said = say_instant(contact.last_contact_at, tz=tz)
    return f"{said} ({ago(contact.last_contact_at, now=now, tz=tz)})"


def _source(contact: Contact) -> str | None:
    if contact.source_file is None:
        return None
    line = f":{contact.source_line}" if contact.source_line else ""
    return f"{contact.source_file}{line}" + (" (inferred)" if contact.source_inferred else "")


def _long(value: str | None) -> Text | None:
    return text.safe(value, multiline=True) if value else None


def _sections(known: Dossier, now: datetime, tz: ZoneInfo) -> Iterator[RenderableType]:
    passed = [each for each in known.planned if each.interaction.starts_at < now]
    for title, lines in (
        ("Passed: how did it go?", [_chat(each, tz) for each in passed]),
        ("Chats to come", [_chat(each, tz) for each in known.planned if each not in passed]),
        ("To do", [_todo(each) for each in known.tasks]),
        ("Who knows whom", [_tie(each, known.contact) for each in known.ties]),
        ("Introductions", [_route(each, known.contact) for each in known.routes]),
        ("Referrals", [_referral(each, there) for each, there in known.referrals]),
        ("Last talks", [_chat(each, tz) for each in known.last]),
        ("Answers", [_answer(answer, ask) for answer, ask in known.answers]),
    ):
        if lines:
            yield text.section(title, text.bullets(lines[:MOST]), count=len(lines))


def _answer(answer: Answer, question: Question) -> Text:
    asked = text.safe(shorten(question.text, LONGEST), text.QUIET)
    return text.join(text.hint(question.ref), asked, shorten(answer.text, LONGEST))


def _chat(chat: Chat, tz: ZoneInfo) -> Text:
    each = chat.interaction
    state = each.state if each.state not in {"planned", "happened"} else None
    facts = (
        say_instant(each.starts_at, tz=tz),
        each.kind,
        say_duration(each.minutes) if each.minutes else None,
        each.place,
        state,
    )
    others = shorten(chat.names(), LONGEST) if len(chat.contacts) > 1 else None
    return text.join(
        text.hint(each.ref), ", ".join(filter(None, facts)), f"with {others}" if others else None, _brief(each.note)
    )


def _todo(todo: Todo) -> Text:
    due = f"due {say_day(todo.day)}" if todo.day else None
    return text.join(text.hint(todo.task.ref), shorten(todo.task.title, LONGEST), text.hint(due or ""))


def _tie(tie: Tie, contact: Contact) -> Text:
    """The relationship as a sentence; the other person stands out."""
    verb = tie.relationship.type.replace("-", " ")
    other = text.join(text.safe(shorten(tie.other.name, LONGEST_NAME), text.NAME), text.hint(tie.other.ref))
    said: list[text.Cell] = [verb, other] if tie.outgoing else [other, verb, shorten(contact.name, LONGEST_NAME)]
    return text.join(*said, _brief(tie.relationship.note))


def _route(route: Route, contact: Contact) -> Text:
    """What one could ask for, from the side of the contact that is shown."""
    each = route.introduction
    to = shorten(route.contact.name if route.contact else each.placeholder or "somebody", LONGEST_NAME)
    what = f"{each.want} {'to' if each.want == 'introduction' else 'of'} {to}"
    connector = f"{shorten(route.connector.name, LONGEST_NAME)} ({route.connector.ref})"
    who = "ask for:" if route.connector is contact else f"ask {connector} for:"
    due = f"due {say_day(each.due_on)}" if each.due_on else None
    return _ask(each.ref, f"{who} {what}", route.organization, ", ".join(filter(None, (each.state, due))), each.note)


def _ask(ref: str, what: str, organization: Organization | None, state: str, note: str | None) -> Text:
    at = f"at {shorten(organization.name, LONGEST_NAME)}" if organization else None
    return text.join(text.hint(ref), what, at, text.hint(f"({state})"), _brief(note))


def _brief(note: str | None) -> Text | None:
    """A note's beginning, in one line, set off from what stands before it."""
    return text.safe(f"- {shorten(' '.join(note.split()), LONGEST)}") if note else None


def _referral(referral: Referral, organization: Organization | None) -> Text:
    what = f"a referral as {referral.role}" if referral.role else "a referral"
    return _ask(referral.ref, f"ask for: {what}", organization, referral.state, referral.note)
