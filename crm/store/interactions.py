"""Interactions: who took part, what hangs on them, and when a contact was last spoken with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from crm.models import Activity, Answer, Contact, Interaction, InteractionContact, Question, Task, TimeEntry
from crm.models.words import ActivityRole, InteractionState, TaskKind
from crm.store import records


@dataclass(frozen=True, slots=True)
class Chat:
    """An interaction and everybody who took part, in the order they were named."""

    interaction: Interaction
    contacts: tuple[Contact, ...]

    def names(self, most: int = 4) -> str:
        """`Jane Roe, Kim Lee and Ana Diaz`; of more than `most`, how many others there are."""
        names = [each.name for each in self.contacts]
        if len(names) > most:
            names[most - 1 :] = [f"{len(names) - most + 1} others"]
        return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


@dataclass(frozen=True, slots=True)
class Counted:
    """A time entry and the activity it counts under."""

    entry: TimeEntry
    activity: Activity


@dataclass(frozen=True, slots=True)
class Whole:
    """An interaction with what came of it: answers with their questions, tasks (done by it, too), counted time."""

    chat: Chat
    answers: tuple[tuple[Answer, Question], ...]
    tasks: tuple[Task, ...]
    counted: Counted | None


def add(session: Session, contacts: Iterable[Contact], **values: Any) -> Interaction:  # noqa: ANN401 - any of the table's columns
    """A new interaction with these contacts."""
    made = records.add(session, Interaction(**values))
    take_part(session, made, contacts)
    return made


def take_part(session: Session, interaction: Interaction, contacts: Iterable[Contact]) -> None:
    """See to it that each of the contacts takes part."""
    there = {each.contact_id for each in records.parts(session, InteractionContact, interaction)}
    session.add_all(
        InteractionContact(interaction_id=interaction.id, contact_id=each.id)
        for each in contacts
        if each.id not in there
    )
    session.flush()


def chat(session: Session, interaction: Interaction) -> Chat:
    """The interaction with its participants."""
    (only,) = _with_people(session, select(Interaction).where(Interaction.id == interaction.id))
    return only


def whole(session: Session, interaction: Interaction) -> Whole:
    """The interaction with everything that came of it."""
    answers = select(Answer, Question).join(Question, col(Question.id) == Answer.question_id)
    tasks = select(Task).where(or_(col(Task.interaction_id) == interaction.id, col(Task.evidence_id) == interaction.id))
    return Whole(
        chat(session, interaction),
        tuple(session.exec(answers.where(Answer.interaction_id == interaction.id).order_by(col(Answer.id)))),
        tuple(session.exec(tasks.order_by(col(Task.id)))),
        hours_of(session, interaction),
    )


def chats(
    session: Session,
    *,
    contact: Contact | None = None,
    states: Sequence[InteractionState] = (),
    since: datetime | None = None,
    before: datetime | None = None,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Chat]:
    """Interactions by when they start (`since` included, `before` not), each with its participants; two queries."""
    query = select(Interaction)
    if contact is not None:
        query = query.where(col(Interaction.id).in_(_ids_with([contact])))
    if states:
        query = query.where(col(Interaction.state).in_(states))
    if since is not None:
        query = query.where(col(Interaction.starts_at) >= since)
    if before is not None:
        query = query.where(col(Interaction.starts_at) < before)
    order = (col(Interaction.starts_at), col(Interaction.id))
    query = query.order_by(*(each.desc() for each in order) if newest_first else order)
    return _with_people(session, query if limit is None else query.limit(limit))


def alike(session: Session, chat: Chat) -> list[Chat]:
    """The others in the same state that began in the same minute with exactly the same people."""
    it = chat.interaction
    minute = it.starts_at.replace(second=0, microsecond=0)
    around = chats(session, states=[InteractionState(it.state)], since=minute, before=minute + timedelta(minutes=1))
    there = {each.id for each in chat.contacts}
    return [each for each in around if each.interaction.id != it.id and {one.id for one in each.contacts} == there]


def planned_with_any(session: Session, contacts: Sequence[Contact]) -> list[Chat]:
    """Every planned chat with at least one of the contacts, soonest first."""
    planned = select(Interaction).where(
        Interaction.state == InteractionState.PLANNED, col(Interaction.id).in_(_ids_with(contacts))
    )
    return _with_people(session, planned.order_by(col(Interaction.starts_at), col(Interaction.id)))


def _ids_with(contacts: Sequence[Contact]) -> SelectOfScalar[int]:
    ids = [each.id for each in contacts]
    return select(InteractionContact.interaction_id).where(col(InteractionContact.contact_id).in_(ids))


def _with_people(session: Session, query: SelectOfScalar[Interaction]) -> list[Chat]:
    found = list(session.exec(query))
    ids = query.with_only_columns(col(Interaction.id)).subquery()
    people: dict[int, list[Contact]] = {}
    links = (
        select(InteractionContact.interaction_id, Contact)
        .join(Contact, col(Contact.id) == InteractionContact.contact_id)
        .where(col(InteractionContact.interaction_id).in_(sa.select(ids.c.id)))
        .order_by(col(InteractionContact.id))
    )
    for number, contact in session.exec(links):
        people.setdefault(number, []).append(contact)
    return [Chat(each, tuple(people.get(each.id, ()))) for each in found]


def latest_at(session: Session, contact: Contact) -> datetime | None:
    """When the newest interaction with the contact happened, of those on record."""
    query = select(Interaction).where(
        Interaction.state == InteractionState.HAPPENED, col(Interaction.id).in_(_ids_with([contact]))
    )
    newest = session.exec(query.order_by(col(Interaction.starts_at).desc()).limit(1)).first()
    return newest.starts_at if newest else None


def hours_of(session: Session, interaction: Interaction) -> Counted | None:
    """The time entry that the interaction brought."""
    query = select(TimeEntry, Activity).join(Activity, col(Activity.id) == TimeEntry.activity_id)
    found = session.exec(query.where(TimeEntry.interaction_id == interaction.id)).first()
    return Counted(*found) if found else None


def networking(session: Session) -> Activity | None:
    """The activity under which logged chats count; the oldest if there are several."""
    query = select(Activity).where(Activity.role == ActivityRole.NETWORKING)
    return session.exec(query.order_by(col(Activity.id))).first()


def open_follow_ups(session: Session, contacts: Sequence[Contact], *, due_by: date) -> list[Task]:
    """The contacts' follow-ups that are due by that day and not done."""
    query = select(Task).where(
        Task.kind == TaskKind.FOLLOW_UP,
        col(Task.contact_id).in_([each.id for each in contacts]),
        col(Task.done_at).is_(None),
        col(Task.due_on) <= due_by,
    )
    return list(session.exec(query.order_by(col(Task.due_on), col(Task.id))))


def remove(session: Session, interaction: Interaction) -> None:
    """Remove an interaction with its time entry; answers and tasks that came of it stay, without the link."""
    counted = hours_of(session, interaction)
    if counted is not None:
        session.delete(counted.entry)
    for answer in session.exec(select(Answer).where(Answer.interaction_id == interaction.id)):
        answer.interaction_id = None
    for task in session.exec(select(Task).where(Task.interaction_id == interaction.id)):
        task.interaction_id = None
    for task in session.exec(select(Task).where(Task.evidence_id == interaction.id)):
        task.evidence_id = None
    session.flush()
    records.remove(session, interaction, [InteractionContact])
