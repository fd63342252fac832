"""What a rule asks to be said, and the key that names the occurrence."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One occurrence of something to say.

    Attributes:
        key: names the occurrence, see `occurrence_key`; it is planned and said once.
        rule: the name of the rule.
        title: one line that is enough by itself.
        body: further lines: what it is about, and what to type.
        subject_table: the table of what it is about.
        subject_uid: its uid.
        local_on: the person's day for which it is meant.
        due_at: when it is said, aware UTC: on that day, or on a working day before it, see `days_off`.
        expires_at: from then on it is no longer worth saying, aware UTC; None for what stays open until it is done.
        urgent: it is said at its instant, on any day; the rest waits for the morning of a working day.
    """

    key: str
    rule: str
    title: str
    body: str = ""
    subject_table: str | None = None
    subject_uid: str | None = None
    local_on: date
    due_at: datetime
    expires_at: datetime | None = None
    urgent: bool = False


def occurrence_key(rule: str, subject_uid: str, day: date, ordinal: str = "") -> str:
    """The key of an occurrence: its rule, its subject, the subject's day, and which of several on that day.

    No instant that is computed goes in, so that neither DST, nor another time zone, nor planning again makes a second
    occurrence of the first.
    """
    return ":".join(filter(None, (rule, subject_uid, day.isoformat(), ordinal)))
