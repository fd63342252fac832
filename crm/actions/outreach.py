"""Logging contact with people: the interaction, and all that follows from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette, stages
from crm.actions.checked import brief
from crm.actions.manners import Limits
from crm.actions.phrases import say_kind
from crm.actions.questions import record_answer
from crm.actions.replies import asked_of
from crm.actions.stages import WRITTEN, Move
from crm.actions.tasks import add_task
from crm.cadence import day_of, local_instant
from crm.dates import When, say_day, say_instant
from crm.errors import BadValueError
from crm.escaping import refuse_unstorable
from crm.models import Answer, Contact, Interaction, Question, Task, TimeEntry
from crm.models.words import ContactKind, Direction, InteractionKind, InteractionState, Owner, Stage, TaskKind
from crm.store import courtesy, interactions, journal, reaching, records
from crm.store.interactions import Chat, Counted

"""So long before its time a planned chat may have taken place after all."""

NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said to a question, and the ids of those who said it; none where nobody said whose answer it is."""

    question: str
    text: str
    by: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the person says of one interaction; None where they said nothing."""

    kind: InteractionKind | None = None
    when: When | None = None
    minutes: int | None = None
    direction: Direction | None = None
    note: str | None = None
    private: bool = False
    place: str | None = None
    stage: Stage | None = None
    follow_up_on: date | None = None
    promises: Sequence[tuple[str, date]] = ()
    answers: Sequence[Reply] = ()

    def facts(self) -> dict[str, object]:
        """The columns of an interaction that were said."""
        values = {
            "kind": self.kind and self.kind.value,
            "minutes": self.minutes,
            "direction": self.direction and self.direction.value,
            "place": self.place and refuse_unstorable(self.place, what="The place"),
            "private_note" if self.private else "note": self.note and refuse_unstorable(self.note, what="The note"),
        }
        return {name: value for name, value in values.items() if value}


@dataclass(slots=True)
class Outcome:
    """What was written: the interaction and everything that followed from it.

    Attributes:
        chat: the interaction with its participants.
        fulfilled: whether it was planned before.
        counted: the time entry it brought and its activity; None where nothing counts.
        closed: follow-ups that it settled.
        warnings: what the person should know; nothing was refused for them.
    """

    chat: Chat
    fulfilled: bool = False
    moves: list[Move] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    answers: list[tuple[Question, Answer]] = field(default_factory=list)
    closed: list[Task] = field(default_factory=list)
    counted: Counted | None = None
    warnings: list[str] = field(default_factory=list)


def log_contact(
    session: Session,
    contacts: Sequence[Contact],
    said: Said,
    *,
    now: datetime,
    tz: ZoneInfo,
    limits: Limits,
) -> Outcome:
    """Record one interaction that happened with these contacts, and do all that follows from it.

    Etiquette only warns (`limits` are what the person set of it): what happened is always recorded.

    Raises:
        BadValueError: a time to come.
        NotFoundError: a question that does not exist.
    """
    if said.when is not None:
        refuse_ahead(said.when, now=now, tz=tz)
    planned = _fulfilled(session, contacts, said, now=now, tz=tz)
    at = _moment(contacts, said, planned, now=now, tz=tz)
    unanswered = courtesy.unanswered(session, [each.id for each in contacts])
    interaction = _recorded(session, contacts, said.facts() | {"starts_at": at}, planned)
    outcome = Outcome(interactions.chat(session, interaction), fulfilled=planned is not None)
    outcome.warnings = [
        *sources(session, contacts),
        *_doubled(session, outcome.chat),
        *_older(contacts, interaction, said.stage),
    ]
    outcome.closed = _close_follow_ups(session, interaction, contacts, now=now, tz=tz)
    outcome.moves = [move for each in contacts if (move := _meet(each, interaction, said.stage))]
    outcome.counted = count_hours(session, interaction)
    outcome.warnings += uncounted(interaction, outcome.counted)
    outcome.answers = [pair for each in said.answers for pair in _answered(session, contacts, each, interaction, now)]
    outcome.warnings += _told_by_all(contacts, said, outcome.answers)
    outcome.tasks = _plan(session, contacts, said, interaction, now=now)
    if _one_wrote(interaction, said):
        outcome.warnings += etiquette.on_writing(
            session, contacts, interaction, unanswered, follow_up_on=said.follow_up_on, tz=tz, limits=limits
        )
    journal.summarize(
        session, f"Logged {say_kind(interaction.kind, other='contact')} with {brief(outcome.chat.names())}"
    )
    return outcome


def _one_wrote(interaction: Interaction, said: Said) -> bool:
    """Whether it was a message that one sent oneself; of an `other`, a direction that was said tells so."""
    wrote = interaction.kind in WRITTEN or (interaction.kind == InteractionKind.OTHER and said.direction is not None)
    return wrote and interaction.direction == Direction.OUT


def sources(session: Session, contacts: Sequence[Contact]) -> list[str]:
    """What to say of those who are no people to meet: a source has no outreach, so its stage stays."""
    return [
        f"{each.name} is noted as a source; to make them a person: "
        f"crm contact edit {reaching.handle(session, each)} --kind person"
        for each in contacts
        if each.kind == ContactKind.SOURCE
    ]


def moved(contact: Contact, interaction: Interaction, by_hand: Stage | None = None) -> Move | None:
    """Move a person's stage; a source's only by hand."""
    if contact.kind == ContactKind.SOURCE and by_hand is None:
        return None
    return stages.move(contact, interaction, by_hand)


def refuse_ahead(when: When, *, now: datetime, tz: ZoneInfo) -> When:
    """The time of something that happened.

    Raises:
        BadValueError: it is still to come.
    """
    ahead = when.at > now if when.at else when.day > day_of(now, tz)
    if not ahead:
        return when
    said = say_instant(when.at, tz=tz) if when.at else say_day(when.day)
    raise BadValueError(f"{said} is still to come; to plan a chat: crm schedule WHO WHEN")


def count_hours(session: Session, interaction: Interaction) -> Counted | None:
    """Keep the time entry of an interaction in step with it: one while it happened and has minutes, else none."""
    counts = interaction.state == InteractionState.HAPPENED and interaction.minutes
    found = interactions.hours_of(session, interaction)
    if not counts:
        if found is not None:
            session.delete(found.entry)
            session.flush()
        return None
    activity = found.activity if found else interactions.networking(session)
    if activity is None:
        return None
    entry = found.entry if found else TimeEntry(activity_id=activity.id, interaction_id=interaction.id)
    entry.started_at, entry.minutes = interaction.starts_at, interaction.minutes
    return Counted(records.add(session, entry), activity)


def uncounted(interaction: Interaction, counted: Counted | None) -> list[str]:
    """What to say when an interaction that happened has minutes and no activity takes them."""
    if interaction.state != InteractionState.HAPPENED or not interaction.minutes or counted is not None:
        return []
    return [
        "its time counts nowhere yet, for no activity is for networking; crm hours add Networking --role networking"
    ]


def _moment(
    contacts: Sequence[Contact], said: Said, planned: Interaction | None, *, now: datetime, tz: ZoneInfo
) -> datetime:
    """When it was: as said, else as planned, else now; of a day without a time noon, or after what came before."""
    if said.when is None:
        return min(planned.starts_at, now) if planned else now
    if said.when.at is not None:
        return said.when.at
    day = said.when.day
    if planned is not None and day_of(planned.starts_at, tz) == day:
        return min(planned.starts_at, now)
    if day == day_of(now, tz):
        return now
    earlier = [each.last_contact_at for each in contacts if each.last_contact_at]
    return max([local_instant(day, NOON, tz), *(each for each in earlier if day_of(each, tz) == day)])


def _fulfilled(
    session: Session, contacts: Sequence[Contact], said: Said, *, now: datetime, tz: ZoneInfo
) -> Interaction | None:
    """The planned chat that this was: with no others, nearest in time, and not planned for a later day."""
    at, there = _moment((), said, None, now=now, tz=tz), {each.id for each in contacts}
    candidates = [
        each.interaction
        for each in interactions.planned_with_any(session, contacts)
        if {every.id for every in each.contacts} <= there
        and day_of(each.interaction.starts_at, tz) <= day_of(at, tz)
        and _is_such(each.interaction, said, early=each.interaction.starts_at > at)
    ]
    return min(candidates, key=lambda each: abs(each.starts_at - at), default=None)


def _is_such(planned: Interaction, said: Said, *, early: bool) -> bool:
    """Writing does not fulfil a planned talk, nor the other way round; a bare direction says that somebody wrote.

    Before its time, a planned chat is fulfilled by one of its own kind only: a word in the hallway is not the coffee.
    """
    if early and said.kind is not None and said.kind != planned.kind:
        return False
    if said.kind is None and said.direction is None:
        return True
    wrote = said.kind in WRITTEN or said.kind is None
    return wrote == (planned.kind in WRITTEN)


def _recorded(
    session: Session, contacts: Sequence[Contact], facts: dict[str, object], planned: Interaction | None
) -> Interaction:
    if planned is None:
        return interactions.add(session, contacts, **facts)
    for name, value in (facts | {"state": InteractionState.HAPPENED.value}).items():
        setattr(planned, name, value)
    interactions.take_part(session, planned, contacts)
    return planned


def _doubled(session: Session, chat: Chat) -> list[str]:
    """What else happened with the same people, of the same kind and direction, in the same minute."""
    return [
        f"{each.interaction.ref} is the same by people, kind and time; if this is a double: crm undo"
        for each in interactions.alike(session, chat)
        if (each.interaction.kind, each.interaction.direction) == (chat.interaction.kind, chat.interaction.direction)
    ]


def _older(contacts: Sequence[Contact], interaction: Interaction, by_hand: Stage | None) -> list[str]:
    newer = [each.name for each in contacts if not stages.is_latest(each, interaction)]
    stays = "which stays the last" if by_hand else "which stays the last; the stage does not move"
    return [f"older than your last contact with {', '.join(newer)}, {stays}"] if newer else []


def _close_follow_ups(
    session: Session, interaction: Interaction, contacts: Sequence[Contact], *, now: datetime, tz: ZoneInfo
) -> list[Task]:
    """Close the follow-ups that this contact was: due by its day, of people not spoken with since."""
    latest = [each for each in contacts if stages.is_latest(each, interaction)]
    found = interactions.open_follow_ups(session, latest, due_by=day_of(interaction.starts_at, tz))
    for task in found:
        task.done_at, task.evidence_id = now, interaction.id
    return found


def _meet(contact: Contact, interaction: Interaction, by_hand: Stage | None) -> Move | None:
    """Reset the contact's cadence and move their stage; an entry older than the last contact does neither."""
    if stages.is_latest(contact, interaction):
        contact.last_contact_at = interaction.starts_at
    elif by_hand is None:
        return None
    return moved(contact, interaction, by_hand)


def _answered(
    session: Session, contacts: Sequence[Contact], reply: Reply, interaction: Interaction, now: datetime
) -> list[tuple[Question, Answer]]:
    """The answer of those who gave it; of several people, those whom the question is for."""
    question = records.by_ref(session, Question, reply.question)
    by = [each for each in contacts if each.id in reply.by] or asked_of(session, question, contacts)
    return [
        (question, record_answer(session, question, each, reply.text, interaction=interaction, now=now)) for each in by
    ]


def _told_by_all(contacts: Sequence[Contact], said: Said, answers: Sequence[tuple[Question, Answer]]) -> Iterator[str]:
    """What to say of an answer that was written down for several people, since nobody said whose it was."""
    for reply in said.answers:
        ids = {answer.contact_id for question, answer in answers if reply.question in {question.ref, question.uid}}
        if len(ids) > 1 and not reply.by:
            names = brief(" and ".join(each.name for each in contacts if each.id in ids))
            yield f"the answer to {reply.question} stands for {names} alike; if only one of them said it: crm undo"


def _plan(
    session: Session, contacts: Sequence[Contact], said: Said, interaction: Interaction, *, now: datetime
) -> list[Task]:
    """The tasks to come: a follow-up with each contact, and each promise once, whoever it was made to."""
    alone = contacts[0] if len(contacts) == 1 else None
    wanted: list[tuple[str, TaskKind, date, Contact | None]] = []
    if said.follow_up_on is not None:
        wanted += [(f"Follow up with {each.name}", TaskKind.FOLLOW_UP, said.follow_up_on, each) for each in contacts]
    wanted += [(what, TaskKind.PROMISE, due_on, alone) for what, due_on in said.promises]
    return [
        add_task(
            session,
            title=title,
            kind=kind,
            due_on=due_on,
            contact=contact,
            interaction=interaction,
            owner=Owner.ME,
            now=now,
        )
        for title, kind, due_on, contact in wanted
    ]
