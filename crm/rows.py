"""The plain values that importers yield and actions take.

A row says what a file says, in the file's own words. It never touches the database. People, organizations and
tags are named by their text; the action that takes the rows finds or makes the records.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row was read: base name of the file, 1-based line, and whether it was inferred from prose."""

    file: str | None = None
    line: int | None = None
    inferred: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """A way to reach somebody (kind: phone, email, linkedin, instagram, url, other)."""

    kind: str
    value: str
    label: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row has. `key` identifies the thing among rows of its kind, whatever order the file has."""

    KIND: ClassVar[str] = "row"
    source: Source = field(default_factory=Source)

    @property
    def key(self) -> str:
        """The text by which two readings of the same thing are recognised."""
        raise NotImplementedError

    def facts(self) -> Iterator[tuple[str, object]]:
        """Each field that was filled in, with its value; the source and empty fields are left out."""
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name != "source" and value not in (None, "", ()):
                yield each.name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow(Row):
    """A person, or a source studied from afar (`kind="source"`). `context` holds the file's words verbatim."""

    KIND: ClassVar[str] = "contact"
    name: str
    kind: str = "person"
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    context: str | None = None
    place: str | None = None
    how_to_reach: str | None = None
    status_text: str | None = None
    organization: str | None = None
    title: str | None = None
    current: bool = True
    methods: tuple[Method, ...] = ()

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow(Row):
    """A tag or live group, with its purpose."""

    KIND: ClassVar[str] = "tag"
    name: str
    description: str | None = None

    @property
    def key(self) -> str:
        """The tag's name, without `@`."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationRow(Row):
    """A company or other organization; `target` marks one the person wants to work at."""

    KIND: ClassVar[str] = "organization"
    name: str
    aliases: tuple[str, ...] = ()
    target: bool = False

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationshipRow(Row):
    """`from_name` knows (or otherwise relates to) `to_name`."""

    KIND: ClassVar[str] = "relationship"
    from_name: str
    to_name: str
    type: str = "knows"
    note: str | None = None

    @property
    def key(self) -> str:
        """Both names and the type."""
        return f"{self.from_name} {self.type} {self.to_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroductionRow(Row):
    """What could be asked of `connector`: an introduction to a contact or to somebody unnamed (`placeholder`)."""

    KIND: ClassVar[str] = "introduction"
    connector: str
    contact: str | None = None
    placeholder: str | None = None
    organization: str | None = None
    want: str = "introduction"
    note: str | None = None

    @property
    def key(self) -> str:
        """Connector, wanted person and what is wanted."""
        return f"{self.connector} > {self.contact or self.placeholder}: {self.want}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow(Row):
    """A referral that could be asked of a contact or of everybody in a tag."""

    KIND: ClassVar[str] = "referral"
    contact: str | None = None
    tag: str | None = None
    organization: str | None = None
    note: str | None = None

    @property
    def key(self) -> str:
        """Whom to ask, and about which organization."""
        return f"{self.contact or '@' + str(self.tag)} at {self.organization}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow(Row):
    """A drafted question for a contact, a tag, or (neither given) anybody."""

    KIND: ClassVar[str] = "question"
    text: str
    contact: str | None = None
    tag: str | None = None

    @property
    def key(self) -> str:
        """The question and its audience."""
        return f"{self.contact or self.tag or ''}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow(Row):
    """A checklist item. `horizon` is this-week, next-two-weeks, before-start or None."""

    KIND: ClassVar[str] = "task"
    title: str
    horizon: str | None = None
    done: bool = False

    @property
    def key(self) -> str:
        """The title."""
        return self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow(Row):
    """A milestone, counted from the plan's start: so many weeks or calendar months after it."""

    KIND: ClassVar[str] = "review"
    name: str
    text: str = ""
    offset_weeks: int = 0
    offset_months: int = 0
    done: bool = False

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow(Row):
    """An activity of the week; `role`: projects, drills, reading, retrieval, networking, metalearning or other."""

    KIND: ClassVar[str] = "activity"
    name: str
    role: str = "other"
    weekly_minutes: int | None = None
    share_percent: float | None = None

    @property
    def key(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityRow(Row):
    """What one weekday (0 = Monday) has room for."""

    KIND: ClassVar[str] = "availability"
    weekday: int
    minutes: int | None = None
    best_time: str | None = None
    notes: str | None = None

    @property
    def key(self) -> str:
        """The weekday's number."""
        return str(self.weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow(Row):
    """One or more facts of the plan; several rows may each bring some."""

    KIND: ClassVar[str] = "plan"
    start_on: date | None = None
    total_hours: float | None = None
    weekly_hours: float | None = None
    months: int | None = None
    deadline_on: date | None = None
    goal: str | None = None
    partner: str | None = None

    @property
    def key(self) -> str:
        """There is one plan."""
        return "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow(Row):
    """A promise to oneself: so many times per day, week or month. `state` is proposed or accepted."""

    KIND: ClassVar[str] = "commitment"
    title: str
    times: int
    per: str
    state: str = "proposed"

    @property
    def key(self) -> str:
        """The title."""
        return self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow(Row):
    """What the reader could not settle. `level` is `gap` (blank or unsure, ask the person) or `warning` (odd value).

    `subject` names what it is about (a contact's name, a part of the file). `blank` marks a field that the file leaves
    open: the database tells by itself whether it still is.
    """

    KIND: ClassVar[str] = "notice"
    level: str
    text: str
    subject: str = ""
    remedy: str = ""
    blank: bool = False

    @property
    def key(self) -> str:
        """The text."""
        return self.text
