"""How often what calendars tell of a record was changed, by the journal: a private note or a stage is no such change.

What the journal does not know of, such as what was before an import, counts as told: no number here ever falls.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session

from crm.models import (
    Activity,
    ActivityTarget,
    Answer,
    Availability,
    CheckIn,
    Commitment,
    CommitmentVersion,
    Contact,
    ContactMethod,
    ContactTag,
    Interaction,
    InteractionContact,
    JournalChange,
    JournalCommand,
    Part,
    Plan,
    Question,
    QuestionAudience,
    Record,
    Review,
    ReviewLink,
    Task,
    Tombstone,
)
from crm.store.shape import table_of


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a table's records.

    Attributes:
        model: the table.
        columns: some of its columns.
        parts: what hangs on a record.
        may_be_empty: whether there are records of which nothing is told, so that to add one need not be a change.
    """

    model: type[Record]
    columns: frozenset[str]
    parts: tuple[type[Part], ...] = ()
    may_be_empty: bool = False


OF_A_CONTACT: Final = Told(Contact, frozenset({"name", "context", "how_to_reach"}), (ContactMethod,))
OF_A_CHAT: Final = Told(
    Interaction, frozenset({"kind", "state", "starts_at", "minutes", "place", "note"}), (InteractionContact,)
)
OF_A_TASK: Final = Told(
    Task,
    frozenset({"title", "kind", "owner", "contact_id", "due_on", "snoozed_until_on", "done_at", "note"}),
)
OF_A_REVIEW: Final = Told(Review, frozenset({"name", "text", "due_on", "scheduled_on", "started_at", "completed_at"}))
OF_A_COMMITMENT: Final = Told(Commitment, frozenset({"title", "state"}), (CommitmentVersion,))
OF_A_QUESTION: Final = Told(Question, frozenset({"text", "state"}), (QuestionAudience,))
OF_AN_ANSWER: Final = Told(Answer, frozenset({"question_id", "contact_id"}))
TAGS_OF_A_CONTACT: Final = Told(Contact, frozenset(), (ContactTag,))
OF_A_CHECK_IN: Final = Told(CheckIn, frozenset({"commitment_id", "done_at", "skip_reason"}))
NAME_OF_AN_ACTIVITY: Final = Told(Activity, frozenset({"name"}))
TARGETS: Final = Told(Activity, frozenset(), (ActivityTarget,), may_be_empty=True)
ROOM_OF_A_DAY: Final = Told(Availability, frozenset({"minutes"}), may_be_empty=True)
TIME_OF_A_DAY: Final = Told(Availability, frozenset({"best_time"}), may_be_empty=True)
OF_A_LINK: Final = Told(ReviewLink, frozenset({"review_id", "contact_id", "question_id", "task_id"}))
NAME_OF_A_CONTACT: Final = Told(Contact, frozenset({"name"}))
TEXT_OF_A_QUESTION: Final = Told(Question, frozenset({"text"}))
OF_THE_PLAN: Final = Told(Plan, frozenset({"start_on", "deadline_on", "weekly_hours"}), may_be_empty=True)


@dataclass(frozen=True, slots=True)
class Version:
    """How often what is told of a record was changed, its adding included, and when that last happened."""

    revision: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class _Wrote:
    """What a command did to one row, and when; `raised` is by how much that raised its revision, undoing included."""

    number: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    raised: int
    last_at: datetime


@dataclass(slots=True)
class _Past:
    """What the journal knows of one record."""

    revision: int = 0
    silent: int = 0
    known_at: datetime | None = None
    told_at: datetime | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def take(self, rows: Sequence[_Wrote], *, told: bool) -> None:
        """Take in what one command did to the record."""
        raised, last_at = sum(each.raised for each in rows), max(each.last_at for each in rows)
        first = (rows[0].after or {}).get("revision", 1) if rows[0].before is None else 0
        self.revision += first + raised
        self.known_at = max(filter(None, (self.known_at, last_at)))
        self.values = rows[-1].after or rows[-1].before or self.values
        if told:
            self.told_at = max(filter(None, (self.told_at, last_at)))
        else:
            self.silent += raised + min(first, 1)


@dataclass(frozen=True, slots=True)
class _Act:
    """What a command did to one record; `with_parts` says that something told that hangs on it was changed as well."""

    uid: str
    rows: list[_Wrote]
    with_parts: bool


class Counts:
    """The versions of records, those that are gone included."""

    def __init__(
        self, acts: Iterable[_Act], tells: Callable[[_Wrote], bool], graves: Mapping[str, Version] | None = None
    ) -> None:
        """Of what was done to them, that counts which `tells` finds to be told."""
        self._graves = graves or {}
        self._past: dict[str, _Past] = defaultdict(_Past)
        for act in acts:
            self._past[act.uid].take(act.rows, told=act.with_parts or any(map(tells, act.rows)))

    def of(self, record: Record) -> Version:
        """The version of one that is there."""
        past = self._past.get(record.uid)
        if past is None or not past.silent:
            return Version(record.revision, record.updated_at)
        unknown = past.known_at is None or record.updated_at > past.known_at
        told_at = record.updated_at if unknown else past.told_at
        return Version(record.revision - past.silent, told_at or record.added_at)

    def silent(self, uid: str) -> int:
        """How often what is not told of a record was changed."""
        return self._past[uid].silent if uid in self._past else 0

    def of_every(self, there: Sequence[Record]) -> Iterator[tuple[dict[str, Any], Version]]:
        """The columns and versions of those that are there, and of those that are gone.

        Of one that went before an import nothing is known but its version; it has no columns.
        """
        found = {each.uid for each in there}
        for each in there:
            yield each.model_dump(), self.of(each)
        for uid, past in self._past.items():
            if uid not in found and past.known_at:
                yield past.values, self._of_gone(uid, past, past.known_at)
        for uid, grave in self._graves.items():
            if uid not in self._past:
                yield {}, grave

    def _of_gone(self, uid: str, past: _Past, known_at: datetime) -> Version:
        grave = self._graves.get(uid, Version(past.revision, known_at))
        return Version(max(grave.revision, past.revision) - past.silent, max(grave.updated_at, known_at))


class Versions(Counts):
    """The versions of a table's records by what calendars tell of them, those that are gone included."""

    def __init__(
        self,
        session: Session,
        told: Told,
        *,
        ids: sa.Select[Any] | None = None,
        uids: sa.Select[Any] | None = None,
    ) -> None:
        """Ask for all records, for those whose ids or uids a statement selects."""
        self._told = told
        change = table_of(JournalChange).c
        which = [change.table_name == table_of(told.model).name]
        if ids is not None:
            which.append(change.row_id.in_(ids))
        if uids is not None:
            which.append(change.row_uid.in_(uids))
        with_parts = self._with_parts(session, sa.and_(*which))
        grouped: dict[tuple[int, str], list[_Wrote]] = defaultdict(list)
        for command, uid, wrote in _wrote(session, sa.and_(*which)):
            grouped[command, uid].append(wrote)
        self._acts = [
            _Act(uid, rows, (command, rows[0].number) in with_parts) for (command, uid), rows in grouped.items()
        ]
        graves = _graves(session, told.model) if ids is None and uids is None else None
        super().__init__(self._acts, self._tells, graves)

    def counting(self, said: Callable[[Mapping[str, Any]], object], *, among: Iterable[str]) -> Counts:
        """The versions of those records alone, by what `said` makes of their columns instead.

        It gets these as the journal has them, days as text. What it gives None for is not told: to add such a record
        is no change.
        """
        chosen = set(among)
        acts = (each for each in self._acts if each.uid in chosen)
        return Counts(acts, lambda wrote: _made(said, wrote.before) != _made(said, wrote.after))

    def ever(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The uid of a record and what its columns were, each time that the journal knows of."""
        for act in self._acts:
            yield from ((act.uid, values) for each in act.rows for values in (each.before, each.after) if values)

    def _with_parts(self, session: Session, which: sa.ColumnElement[bool]) -> set[tuple[int, int]]:
        """The commands, and ids of records, by which something that is told and hangs on the record was changed."""
        owners = {table_of(each).name: each.OWNER for each in self._told.parts}
        change = table_of(JournalChange).c
        if not self._told.may_be_empty:  # spares a look at what hangs on every record that was imported
            which &= sa.cast(change.before, sa.String) != "null"
        query = sa.select(change.command_id, change.table_name, change.before, change.after).where(
            change.table_name.in_(owners), change.command_id.in_(sa.select(change.command_id).where(which))
        )
        rows = session.connection().execute(query) if owners else ()
        return {
            (command, values[owners[table]]) for command, table, *both in rows for values in both if values is not None
        }

    def _tells(self, wrote: _Wrote) -> bool:
        """Whether something that is told was added, removed or changed, apart from what hangs on the record."""
        if not self._told.may_be_empty and (wrote.before is None or wrote.after is None):
            return True
        before, after = wrote.before or {}, wrote.after or {}
        return any(before.get(each) != after.get(each) for each in self._told.columns)


def _made(said: Callable[[Mapping[str, Any]], object], values: dict[str, Any] | None) -> object:
    return None if values is None else said(values)


def _wrote(session: Session, which: sa.ColumnElement[bool]) -> Iterable[tuple[int, str, _Wrote]]:
    changes, commands = table_of(JournalChange), table_of(JournalCommand)
    change, command = changes.c, commands.c
    columns = (change.command_id, change.row_uid, change.row_id, change.before, change.after)
    query = (
        sa.select(*columns, command.at, command.undone_at)
        .join(commands, command.id == change.command_id)
        .where(which, change.row_uid.is_not(None))
        .order_by(change.id)
    )
    for number, uid, row, before, after, at, undone_at in session.connection().execute(query):
        raised = after["revision"] - before["revision"] if before and after else 0 if after else 1
        stamp = datetime.fromisoformat(after["updated_at"]) if after else at
        last_at = max(stamp, undone_at or stamp)
        yield number, uid, _Wrote(row, before, after, raised + (1 if undone_at else 0), last_at)


def _graves(session: Session, model: type[Record]) -> dict[str, Version]:
    grave = table_of(Tombstone).c
    query = sa.select(grave.uid, grave.revision, grave.removed_at).where(grave.table_name == table_of(model).name)
    return {uid: Version(revision, at) for uid, revision, at in session.connection().execute(query)}
