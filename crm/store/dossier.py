"""Everything that is known of one contact, gathered; and removing it all."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from crm.models import (
    Answer,
    Contact,
    ContactMethod,
    ContactTag,
    Interaction,
    InteractionContact,
    Introduction,
    Organization,
    Position,
    Question,
    QuestionAudience,
    Record,
    Referral,
    Relationship,
    ReviewLink,
    Tag,
    Task,
    Waiver,
)
from crm.models.words import InteractionState, QuestionState
from crm.store import contacts, courtesy, duplicates, interactions, questions, records, references, tasks, topics
from crm.store.interactions import Chat
from crm.store.tasks import Todo

PARTS = (ContactTag, Position, ContactMethod)
LAST_CHATS = 5


@dataclass(frozen=True, slots=True)
class Tie:
    """A relationship as one of its two people sees it; `outgoing` is theirs to the other."""

    relationship: Relationship
    other: Contact
    outgoing: bool


@dataclass(frozen=True, slots=True)
class Route:
    """An introduction with whom it goes through and whom or what it leads to."""

    introduction: Introduction
    connector: Contact
    contact: Contact | None
    organization: Organization | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A contact with everything that hangs on them.

    Attributes:
        ask: open questions they have not answered.
        planned: chats to come, soonest first.
        last: the newest past interactions, newest first, at most `LAST_CHATS`.
    """

    contact: Contact
    methods: Sequence[ContactMethod]
    positions: Sequence[tuple[Position, Organization | None]]
    tags: Sequence[Tag]
    ties: Sequence[Tie]
    ask: Sequence[Question]
    answers: Sequence[tuple[Answer, Question]]
    tasks: Sequence[Todo]
    routes: Sequence[Route]
    referrals: Sequence[tuple[Referral, Organization | None]]
    waivers: Sequence[Waiver]
    planned: Sequence[Chat]
    last: Sequence[Chat]


def of(session: Session, contact: Contact) -> Dossier:
    """Gather everything about a contact."""
    planned = [InteractionState.PLANNED]
    past = [each for each in InteractionState if each is not InteractionState.PLANNED]
    return Dossier(
        contact=contact,
        methods=records.parts(session, ContactMethod, contact),
        positions=_positions(session, contact),
        tags=contacts.tags_of(session, contact),
        ties=ties(session, contact),
        ask=questions.to_ask(session, contact),
        answers=questions.answers_of(session, contact),
        tasks=tasks.listed(session, contact=contact),
        routes=routes(session, contact),
        referrals=[(each, _organization(session, each.organization_id)) for each in topics.referrals(session, contact)],
        waivers=courtesy.waivers(session, contact),
        planned=interactions.chats(session, contact=contact, states=planned),
        last=interactions.chats(session, contact=contact, states=past, limit=LAST_CHATS, newest_first=True),
    )


def _positions(session: Session, contact: Contact) -> list[tuple[Position, Organization | None]]:
    query = select(Position, Organization).outerjoin(Organization).where(Position.contact_id == contact.id)
    return list(session.exec(query.order_by(col(Position.current).desc(), col(Position.id))))


def ties(session: Session, contact: Contact) -> list[Tie]:
    """A contact's relationships, their own first."""
    rows = references.of_kind(session, contact, Relationship)
    there = contacts.by_id(session, [each for row in rows for each in (row.from_contact_id, row.to_contact_id)])
    found = [
        Tie(row, there[row.to_contact_id if outgoing else row.from_contact_id], outgoing)
        for row in rows
        for outgoing in [row.from_contact_id == contact.id]
    ]
    return sorted(found, key=lambda each: not each.outgoing)


def routes(session: Session, contact: Contact) -> list[Route]:
    """The introductions that a contact could make, or that lead to them."""
    rows = references.of_kind(session, contact, Introduction)
    there = contacts.by_id(session, [each for row in rows for each in (row.connector_id, row.contact_id)])
    return [
        Route(
            row,
            there[row.connector_id],
            there[row.contact_id] if row.contact_id else None,
            _organization(session, row.organization_id),
        )
        for row in rows
    ]


def _organization(session: Session, number: int | None) -> Organization | None:
    return None if number is None else session.get(Organization, number)


def remove(session: Session, contact: Contact) -> None:
    """Remove a contact with everything that refers to them; what others take part in stays without them."""
    _remove_all(session, contact, ReviewLink, Answer)
    for task in references.of_kind(session, contact, Task):
        tasks.remove(session, task)
    for audience in references.of_kind(session, contact, QuestionAudience):
        _leave_question(session, audience)
    _remove_all(session, contact, Introduction, Referral, Relationship, Waiver)
    for part in references.of_kind(session, contact, InteractionContact):
        _leave_interaction(session, part)
    for setting in duplicates.of(session, contact):
        records.remove(session, setting)
    records.remove(session, contact, PARTS)


def _remove_all(session: Session, contact: Contact, *models: type[Record]) -> None:
    for model in models:
        for row in references.of_kind(session, contact, model):
            records.remove(session, row)


def _leave_question(session: Session, audience: QuestionAudience) -> None:
    """Take one contact out of a question's audience; a question for them alone would become one for anybody."""
    question = session.get_one(Question, audience.question_id)
    alone = len(records.parts(session, QuestionAudience, question)) == 1
    if alone and not questions.answers(session, question):
        questions.remove(session, question)
        return
    session.delete(audience)
    if alone:
        question.state = QuestionState.CLOSED.value
    session.flush()


def _leave_interaction(session: Session, part: InteractionContact) -> None:
    interaction = interactions.chat(session, session.get_one(Interaction, part.interaction_id))
    if len(interaction.contacts) == 1:
        interactions.remove(session, interaction.interaction)
        return
    session.delete(part)
    session.flush()
