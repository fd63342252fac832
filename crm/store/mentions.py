"""The people whom some text may name: whom it is about, and who are called by a first name that stands in it."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from crm.folding import fold
from crm.models import (
    Contact,
    ContactMethod,
    Interaction,
    InteractionContact,
    Introduction,
    Referral,
    Reminder,
    Task,
)
from crm.privacy import Mentioned

_CHUNK: Final = 500
_NAMED: Final = select(Contact.id, Contact.name, Contact.aliases)
_EDGES: Final = re.compile(r"^\W+|\W+$")


def mentioned(session: Session, reminders: Sequence[Reminder]) -> list[Mentioned]:
    """Everybody whom the reminders are about, or whom their titles and bodies may name."""
    about = _about(session, reminders)
    by_id = {each.id: each for each in _with(session, Contact.id, about)}
    words = _words(" ".join((each.title, each.body)) for each in reminders)
    by_id |= {each.id: each for each in _with(session, Contact.first_key, words)}
    by_id |= {each.id: each for each in _with_alias(session, words) if each.id not in by_id}
    ways: dict[int, list[str]] = {}
    for some in _chunks(about):
        query = select(ContactMethod.contact_id, ContactMethod.value).where(col(ContactMethod.contact_id).in_(some))
        for number, value in session.exec(query):
            ways.setdefault(number, []).append(value)
    return [
        Mentioned(each.name, tuple(each.aliases), tuple(ways.get(each.id, ())), each.id in about)
        for each in by_id.values()
    ]


def everybody(session: Session) -> list[Mentioned]:
    """Everybody there is, with all their names and ways to be reached."""
    ways: dict[int, list[str]] = {}
    for number, value in session.exec(select(ContactMethod.contact_id, ContactMethod.value)):
        ways.setdefault(number, []).append(value)
    return [
        Mentioned(name, tuple(aliases), tuple(ways.get(number, ()))) for number, name, aliases in session.exec(_NAMED)
    ]


def _about(session: Session, reminders: Iterable[Reminder]) -> set[int]:
    subjects: dict[str, list[str]] = {}
    for each in reminders:
        if each.subject_table and each.subject_uid:
            subjects.setdefault(each.subject_table, []).append(each.subject_uid)
    found: set[int] = set()
    for table, uids in subjects.items():
        for some in _chunks(uids):
            found |= {number for query in _queries(table, some) for number in session.exec(query) if number}
    return found


def _queries(table: str, uids: Sequence[str]) -> Iterator[Any]:
    """What gives the contacts that records of that table are about."""
    if table == "contact":
        yield select(Contact.id).where(col(Contact.uid).in_(uids))
    elif table == "task":
        yield select(Task.contact_id).where(col(Task.uid).in_(uids))
    elif table == "referral":
        yield select(Referral.contact_id).where(col(Referral.uid).in_(uids))
    elif table == "introduction":
        for column in (Introduction.connector_id, Introduction.contact_id):
            yield select(column).where(col(Introduction.uid).in_(uids))
    elif table == "interaction":
        joined = col(Interaction.id) == InteractionContact.interaction_id
        yield select(InteractionContact.contact_id).join(Interaction, joined).where(col(Interaction.uid).in_(uids))


def _words(texts: Iterable[str]) -> set[str]:
    """What may be the first word of a name: each word of the texts, also without its edges and its genitive."""
    chunks = {chunk for text in texts for chunk in fold(text).split()}
    bare = {_EDGES.sub("", chunk) for chunk in chunks}
    return (chunks | bare | {re.split(r"['\u2019]", each)[0] for each in bare}) - {""}


def _with(session: Session, column: Any, values: Collection[Any]) -> Iterator[Any]:  # noqa: ANN401 - a column
    for some in _chunks(values):
        yield from session.exec(_NAMED.where(col(column).in_(some)))


def _with_alias(session: Session, words: Collection[str]) -> Iterator[Any]:
    with_aliases = _NAMED.where(sa.cast(Contact.aliases, sa.String) != "[]")
    for row in session.exec(with_aliases):
        _, _, aliases = row
        if any(fold(alias).partition(" ")[0] in words for alias in aliases):
            yield row


def _chunks(values: Collection[Any]) -> Iterator[list[Any]]:
    listed = sorted(values)
    return (listed[start : start + _CHUNK] for start in range(0, len(listed), _CHUNK))
