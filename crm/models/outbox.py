"""Reminders, their deliveries, and what the daemon says of itself. The daemon's writes are their own history."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field

from crm.models.base import Numbered, Part, Record, instant, link, word
from crm.models.words import DeliveryState, ReminderState


class Reminder(Record, table=True):
    """What to say, once: `key` names the occurrence by rule, subject and local date, never by an instant."""

    LETTER: ClassVar[str] = "r"

    key: str = Field(unique=True)
    rule: str
    title: str
    body: str = ""
    subject_table: str | None = None
    subject_uid: str | None = Field(default=None, index=True)
    local_on: date
    due_at: datetime = instant(required=True, index=True)
    expires_at: datetime | None = instant()
    snoozed_until_at: datetime | None = instant()
    state: str = word(ReminderState, ReminderState.OPEN)
    urgent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Delivery(Record, table=True):
    """One reminder on one channel, with its whole story."""

    __table_args__ = (
        UniqueConstraint("reminder_id", "channel"),
        Index("ix_delivery_state_not_before_at", "state", "not_before_at"),
        {"sqlite_autoincrement": True},
    )

    reminder_id: int = link("reminder", index=False, cascade=True)
    channel: str
    state: str = word(DeliveryState, DeliveryState.SCHEDULED)
    not_before_at: datetime = instant(required=True)
    attempt: int = 0
    max_attempts: int = 30
    lease_owner: str | None = None
    lease_until_at: datetime | None = instant()
    sent_at: datetime | None = instant()
    message_id: str
    error_class: str | None = None
    error: str | None = None
    coalesced_into: str | None = None
    payload_version: int = 1
    in_place_of: str | None = None


class Attempt(Part, table=True):
    """One try of one delivery; only ever appended."""

    OWNER: ClassVar[str] = "delivery_id"

    delivery_id: int = link("delivery", cascade=True)
    number: int
    owner: str
    started_at: datetime = instant(required=True)
    ended_at: datetime | None = instant()
    outcome: str | None = None
    detail: str | None = None


class DaemonStatus(Numbered, table=True):
    """What each daemon last said of itself."""

    __tablename__ = "daemon_status"

    host: str
    pid: int
    started_at: datetime = instant(required=True)
    last_tick_at: datetime | None = instant()
    last_sent_at: datetime | None = instant()
    next_wake_at: datetime | None = instant()
    last_error: str | None = None
    stopped_at: datetime | None = instant()
