"""What passes between the person and their contacts."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field

from crm.models.base import Part, Record, Sourced, instant, link, word
from crm.models.words import (
    Direction,
    Horizon,
    InteractionKind,
    InteractionState,
    IntroductionState,
    Owner,
    QuestionState,
    ReferralState,
    TaskKind,
)


class Interaction(Sourced, table=True):
    """A talk, message or meeting, to come or past, with one or several contacts."""

    LETTER: ClassVar[str] = "i"

    kind: str = word(InteractionKind, InteractionKind.OTHER)
    state: str = word(InteractionState, InteractionState.HAPPENED)
    direction: str = word(Direction, Direction.OUT)
    starts_at: datetime = instant(required=True, index=True)
    minutes: int | None = None
    place: str | None = None
    note: str | None = None
    private_note: str | None = None


class InteractionContact(Part, table=True):
    """A contact took part in an interaction."""

    __tablename__ = "interaction_contact"
    OWNER: ClassVar[str] = "interaction_id"

    interaction_id: int = link("interaction")
    contact_id: int = link("contact")


class Question(Sourced, table=True):
    """Something to ask; without an audience it is for anybody."""

    LETTER: ClassVar[str] = "q"

    text: str
    state: str = word(QuestionState, QuestionState.OPEN)


class QuestionAudience(Part, table=True):
    """Whom a question is for: one contact, or everybody in a tag."""

    __tablename__ = "question_audience"
    OWNER: ClassVar[str] = "question_id"

    question_id: int = link("question")
    contact_id: int | None = link("contact", required=False)
    tag_id: int | None = link("tag", required=False)


class Answer(Record, table=True):
    """What one contact said to one question."""

    LETTER: ClassVar[str] = "a"

    question_id: int = link("question")
    contact_id: int = link("contact")
    interaction_id: int | None = link("interaction", required=False)
    text: str
    asked_at: datetime = instant(required=True)


class Introduction(Sourced, table=True):
    """A connector could bring one to a contact, or to somebody unnamed (`placeholder`) at an organization.

    `want` says what is asked for: an introduction, a number, a handle. `moved_at` is when it came into its state;
    thanks are owed once it is made, and word of how it went once one has met, until `thanked_at` is the later one.
    """

    LETTER: ClassVar[str] = "n"

    connector_id: int = link("contact")
    contact_id: int | None = link("contact", required=False)
    organization_id: int | None = link("organization", required=False)
    placeholder: str | None = None
    want: str = "introduction"
    state: str = word(IntroductionState, IntroductionState.PROPOSED)
    asked_at: datetime | None = instant()
    moved_at: datetime | None = instant()
    thanked_at: datetime | None = instant()
    due_on: date | None = None
    note: str | None = None


class Referral(Sourced, table=True):
    """A referral asked, or to be asked, of a contact, or of each contact in a tag (a live group of candidates).

    `moved_at` is when it came into its state. `outcome` keeps how it ended (offer or declined) once thanks were said.
    """

    LETTER: ClassVar[str] = "f"

    contact_id: int | None = link("contact", required=False)
    tag_id: int | None = link("tag", required=False)
    organization_id: int | None = link("organization", required=False)
    role: str | None = None
    state: str = word(ReferralState, ReferralState.PROPOSED)
    asked_at: datetime | None = instant()
    moved_at: datetime | None = instant()
    thanked_at: datetime | None = instant()
    outcome: str | None = None
    note: str | None = None


class Waiver(Record, table=True):
    """A rule of etiquette that the person set aside for one contact, and why."""

    contact_id: int = link("contact")
    rule: str
    reason: str


class Task(Sourced, table=True):
    """Something to do: a follow-up, a promise, a checklist item."""

    LETTER: ClassVar[str] = "t"

    title: str
    kind: str = word(TaskKind, TaskKind.OTHER)
    horizon: str | None = word(Horizon, None)
    owner: str = word(Owner, Owner.ME)
    contact_id: int | None = link("contact", required=False)
    interaction_id: int | None = link("interaction", required=False)
    due_on: date | None = Field(default=None, index=True)
    snoozed_until_on: date | None = None
    done_at: datetime | None = instant()
    evidence_id: int | None = link("interaction", required=False)
    note: str | None = None
