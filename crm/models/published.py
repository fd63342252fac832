"""What was put into calendars elsewhere. It says nothing of people, and what wrote it is its own history."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from crm.models.base import Numbered, instant


class Published(Numbered, table=True):
    """One entry of a calendar elsewhere that this program made, or began to make where `published_at` is missing.

    `etag` is what the server called it when it was put there, and `fingerprint` the digest of what was put. `due_on`
    and `done` are what both sides agreed on, where changes are taken over from there.
    """

    __table_args__ = (UniqueConstraint("target", "uid"), {"sqlite_autoincrement": True})

    target: str
    uid: str
    href: str
    etag: str | None = None
    fingerprint: str | None = None
    due_on: date | None = Field(default=None)
    done: bool | None = None
    published_at: datetime | None = instant()
