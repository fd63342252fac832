"""The words a column may hold: the field's standard terms, as CONTRACT-stable text."""

from enum import StrEnum
from typing import Final


class ContactKind(StrEnum):
    """A person one can meet, or a source studied from afar."""

    PERSON = "person"
    SOURCE = "source"


class Tier(StrEnum):
    """How closely a contact is tended; `none` is found but never nagged about."""

    INNER = "inner"
    ACTIVE = "active"
    OCCASIONAL = "occasional"
    NONE = "none"


class Stage(StrEnum):
    """Where the outreach to a contact stands. Only the first five move by themselves."""

    TO_CONTACT = "to-contact"
    CONTACTED = "contacted"
    REPLIED = "replied"
    SCHEDULED = "scheduled"
    MET = "met"
    KEEPING_IN_TOUCH = "keeping-in-touch"
    DORMANT = "dormant"
    DECLINED = "declined"


class InteractionKind(StrEnum):
    """What kind of contact it was."""

    COFFEE = "coffee"
    CALL = "call"
    VIDEO = "video"
    MESSAGE = "message"
    EMAIL = "email"
    LINKEDIN = "linkedin"
    EVENT = "event"
    MOCK_INTERVIEW = "mock-interview"
    OTHER = "other"


TALKS: Final = frozenset(
    {
        InteractionKind.COFFEE,
        InteractionKind.CALL,
        InteractionKind.VIDEO,
        InteractionKind.EVENT,
        InteractionKind.MOCK_INTERVIEW,
    }
)
"""Kinds in which both sides spoke."""


class InteractionState(StrEnum):
    """Whether the contact is to come or has been."""

    PLANNED = "planned"
    HAPPENED = "happened"
    CANCELLED = "cancelled"
    MISSED = "missed"


class Direction(StrEnum):
    """Who reached out."""

    OUT = "out"
    IN = "in"


class QuestionState(StrEnum):
    """Whether a question is still worth asking."""

    OPEN = "open"
    CLOSED = "closed"


class TaskKind(StrEnum):
    """Where a task comes from."""

    FOLLOW_UP = "follow-up"
    PROMISE = "promise"
    CHECKLIST = "checklist"
    OTHER = "other"


class Horizon(StrEnum):
    """When a checklist item is due, counted from the plan's start; `before-start` is a gate without a date."""

    THIS_WEEK = "this-week"
    NEXT_TWO_WEEKS = "next-two-weeks"
    BEFORE_START = "before-start"


class Owner(StrEnum):
    """Who owes a promise."""

    ME = "me"
    THEM = "them"


class IntroductionState(StrEnum):
    """How far an introduction has come."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    ASKED = "asked"
    AGREED = "agreed"
    MADE = "made"
    MET = "met"
    THANKED = "thanked"
    DECLINED = "declined"


class ReferralState(StrEnum):
    """How far a referral has come; `proposed` is a candidate nobody decided on."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    ASKED = "asked"
    AGREED = "agreed"
    SUBMITTED = "submitted"
    INTERVIEWING = "interviewing"
    OFFER = "offer"
    DECLINED = "declined"
    THANKED = "thanked"


class ActivityRole(StrEnum):
    """What an activity is for; logged chats count under `networking`."""

    PROJECTS = "projects"
    DRILLS = "drills"
    READING = "reading"
    RETRIEVAL = "retrieval"
    NETWORKING = "networking"
    METALEARNING = "metalearning"
    OTHER = "other"


class CommitmentState(StrEnum):
    """Proposed is not accepted; only accepted ones are reminded of."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    ENDED = "ended"


class Per(StrEnum):
    """The period a commitment counts in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ReminderState(StrEnum):
    """Whether a reminder still asks for something."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    """One reminder on one channel; `unknown` means the channel may or may not have accepted it."""

    SCHEDULED = "scheduled"
    EXECUTING = "executing"
    RETRYABLE = "retryable"
    COMPLETED = "completed"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    COALESCED = "coalesced"
