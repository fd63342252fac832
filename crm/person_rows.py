"""What the exports of other programs say of people, as plain values.

Like those of `crm.rows`, these rows say what a file says and never touch the database. A file may hold a hundred
thousand of them, so they are taken one after the other, and each names the people it is about by `who`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final
from urllib.parse import unquote

from crm.rows import Method, Row

_PROFILE: Final = re.compile(r"(?:https?://)?(?:[\w-]+\.)?linkedin\.com/in/([^/?#\s]+)", re.IGNORECASE)
_SLUG: Final = re.compile(r"[\w%-]{3,200}")


def profile_slug(text: str) -> str | None:
    """What LinkedIn knows a person by, from the address of their profile in any of its forms, or as it stands alone.

    `https://www.linkedin.com/in/Jane-Roe/` is `jane-roe`; None is anything but a person's profile.
    """
    found = _PROFILE.match(text.strip())
    slug = found[1] if found else text.strip()
    if not found and not _SLUG.fullmatch(slug):
        return None
    return unicodedata.normalize("NFC", unquote(slug)).casefold() or None


@dataclass(frozen=True, slots=True)
class Who:
    """A person as a file names them.

    Attributes:
        name: as written there; may be blank where an id says enough.
        id: what the source knows them by, with the source in front: `linkedin:jane-roe`, `vcard:<UID>`.
    """

    name: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An organization, a title, or both."""

    organization: str | None = None
    title: str | None = None
    current: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow(Row):
    """One person of an address book or a list of connections.

    Attributes:
        who: their name, and what the source knows them by.
        jobs: what they do and did, the present one first.
        birthday: ISO day, or `--MM-DD` without a year (vCard 4.0, RFC 6350 4.3.4).
        added_on: since when the source has them (LinkedIn: Connected On); tells people of one name apart.
        last_contact_at: when the source says one was last in touch.
        cadence_days: how often the source reminds of them, in days; at the latest, where there is an earliest.
        cadence_min_days: at the earliest, where the source has a span.
        ours: what only this program's own export says, by the contact's column; it counts for people who are new.
    """

    KIND: ClassVar[str] = "person"
    who: Who
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    methods: tuple[Method, ...] = ()
    place: str | None = None
    birthday: str | None = None
    notes: str | None = None
    added_on: date | None = None
    last_contact_at: datetime | None = None
    cadence_days: int | None = None
    cadence_min_days: int | None = None
    ours: tuple[tuple[str, str | datetime], ...] = ()

    @property
    def key(self) -> str:
        """The id of the source, else the name."""
        return self.who.id or self.who.name


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRow(Row):
    """Something that passed between the person and one contact. The text of messages is left where it is.

    Attributes:
        kind: as an interaction's (`linkedin`, `call`, `coffee` ...).
        direction: `out` if the person reached out, `in` if the contact did.
        starts_at: aware UTC instant.
    """

    KIND: ClassVar[str] = "talk"
    who: Who
    kind: str
    direction: str
    starts_at: datetime
    minutes: int | None = None
    note: str | None = None

    @property
    def key(self) -> str:
        """With whom, when, how and which way: the same twice is one."""
        return f"{self.who.id or self.who.name} {self.starts_at.isoformat()} {self.kind} {self.direction}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow(Row):
    """`one` knows, introduced, works with ... `other` (the verbs of `crm relate`)."""

    KIND: ClassVar[str] = "tie"
    one: Who
    type: str
    other: Who

    @property
    def key(self) -> str:
        """Both people and the verb."""
        return f"{self.one.id or self.one.name} {self.type} {self.other.id or self.other.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TodoRow(Row):
    """Something to do about a person, from another program's tasks and reminders.

    Attributes:
        done_at: when it was done, if the source tells: aware UTC instant.
    """

    KIND: ClassVar[str] = "todo"
    who: Who
    title: str
    due_on: date | None = None
    done: bool = False
    done_at: datetime | None = None
    note: str | None = None

    @property
    def key(self) -> str:
        """About whom, and what."""
        return f"{self.who.id or self.who.name}: {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedRow(Row):
    """A row of the file that is no person or cannot be read; `reason` says why, `name` what can be said of it."""

    KIND: ClassVar[str] = "skipped"
    reason: str
    name: str = ""

    @property
    def key(self) -> str:
        """The line and the reason."""
        return f"{self.source.line}: {self.reason}"
