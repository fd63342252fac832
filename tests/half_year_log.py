"""What a person did in a half year, as plain facts: the only thing that the figures are reckoned from."""

from dataclasses import dataclass, field
from datetime import date, datetime

TALKS = ("coffee", "call", "video", "event", "mock-interview")
WRITTEN = ("message", "email", "linkedin")


@dataclass
class Entry:
    """Time on an activity; without minutes its timer runs. A chat's own has no short id that is known here."""

    activity: str
    started_at: datetime
    minutes: int | None
    mine: bool = True


@dataclass
class Target:
    """So many minutes a week from a day on, and a share in percent."""

    minutes: int
    share: float | None


@dataclass
class Commitment:
    """A promise: how often from which day on, and when it was done or (True) skipped."""

    title: str
    accepted: bool
    versions: dict[date, tuple[int, str]]
    marks: list[tuple[datetime, bool]] = field(default_factory=list)


@dataclass
class Review:
    """A milestone so many weeks or months after the start."""

    weeks: int
    months: int
    moved_to: date | None = None
    completed_at: datetime | None = None


@dataclass
class Contact:
    """One talk or message with some people."""

    who: tuple[str, ...]
    kind: str
    direction: str
    at: datetime


@dataclass
class Log:
    """All of it. Without a plan there are no start, targets, room, commitments and reviews.

    `entries` are by short id (a chat's by that of the chat), as are `commitments` and `checklist`.
    """

    start_on: date | None = None
    total_hours: int | None = None
    weekly_hours: int | None = None
    months: int | None = None
    roles: dict[str, str] = field(default_factory=dict)
    targets: dict[str, dict[date, Target]] = field(default_factory=dict)
    room: dict[int, int] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    answers: list[tuple[datetime, str, str]] = field(default_factory=list)
    referrals: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    introductions: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    checklist: dict[str, datetime | None] = field(default_factory=dict)
