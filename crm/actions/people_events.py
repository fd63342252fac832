"""What a file says besides people: what passed with whom and when, who knows whom, what is to be done."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlmodel import Session

from crm.actions.merging import Moment, encoded
from crm.actions.people_adding import source
from crm.actions.people_matching import Matcher
from crm.actions.people_report import Change, Report, What
from crm.actions.stages import next_stage
from crm.dates import say_day
from crm.folding import fold
from crm.models import Contact, Interaction, InteractionContact, Record, Relationship, Task, WorksheetBaseline
from crm.models.words import ContactKind, Direction, InteractionKind, InteractionState
from crm.person_rows import TalkRow, TieRow, TodoRow, Who
from crm.rows import Row
from crm.store import bulk, contacts, people_index, readings, records, relationships

EVENTS: Final[dict[type[Row], type[Record]]] = {TalkRow: Interaction, TieRow: Relationship, TodoRow: Task}
Event = TalkRow | TieRow | TodoRow
NOBODY: Final = "nobody of that name is among your contacts"
SEVERAL: Final = "several people have that name"


def people_of(row: Event) -> tuple[Who, ...]:
    """Whom a row names."""
    return (row.one, row.other) if isinstance(row, TieRow) else (row.who,)


class Events:
    """Takes the rows of one file that name people; the people have come in before."""

    def __init__(self, session: Session, matcher: Matcher, report: Report, moment: Moment) -> None:
        self._session = session
        self._matcher = matcher
        self._report = report
        self._now = moment.now
        self._last: dict[int, datetime | None] = {}
        self._names: people_index.LooseNames | None = None

    def take(self, rows: Sequence[Event]) -> None:
        """Store what is new of these rows, each once."""
        whom = self._resolve({who for row in rows for who in people_of(row)})
        self._resolve_loosely(whom, {who for row in rows if isinstance(row, TieRow) for who in people_of(row)})
        for kind, model in EVENTS.items():
            some = [row for row in rows if type(row) is kind]
            if some:
                self._take_kind(model, some, whom)

    def _take_kind(self, model: type[Record], rows: Sequence[Any], whom: dict[Who, int | str]) -> None:
        kind = f"{rows[0].KIND}:{self._report.form}"
        read = readings.of_keys(self._session, kind, {row.key for row in rows})
        live = readings.live(self._session, model, {each[0].record_uid or "" for each in read.values()})
        fresh: dict[str, Any] = {}
        for row in rows:
            ids = [whom[who] for who in people_of(row)]
            if row.key in read:
                self._again(row, live.get(read[row.key][0].record_uid or ""), ids)
            elif (reason := self._hindrance(row, ids)) is not None:
                self._tell(What.SKIPPED, row, reason)
            elif row.key in fresh:
                self._tell(What.SAME, row)
            else:
                fresh[row.key] = row
        made = self._add(list(fresh.values()), whom)
        bulk.insert(self._session, WorksheetBaseline, [_baseline(kind, row, uid) for row, uid in made])

    def _hindrance(self, row: Event, ids: Sequence[int | str]) -> str | None:
        """Why a row cannot be stored."""
        reason = next((each for each in ids if isinstance(each, str)), None)
        if reason is not None:
            return reason
        if isinstance(row, TalkRow) and row.starts_at > self._now:
            return "it lies in the future"
        if isinstance(row, TieRow) and ids[0] == ids[1]:
            return "it names the same person twice"
        return None

    def _again(self, row: Event, number: int | None, ids: Sequence[int | str]) -> None:
        """A row that was read before: what the person removed stays away, and a task may be done by now."""
        if number is None:
            self._tell(What.REMOVED, row)
            return
        if isinstance(row, TodoRow) and row.done:
            task = self._session.get(Task, number)
            if task is not None and task.done_at is None:
                task.done_at = self._done_at(row)
                self._tell(What.CHANGED, row, "done")
                return
        self._tell(What.SAME, row, number=ids[0])

    def _add(self, rows: Sequence[Any], whom: dict[Who, int | str]) -> list[tuple[Row, str]]:
        talks = [row for row in rows if isinstance(row, TalkRow)]
        made = [(row, self._single(row, whom)) for row in rows if not isinstance(row, TalkRow)]
        return [*made, *self._talks(talks, whom)]

    def _single(self, row: TieRow | TodoRow, whom: dict[Who, int | str]) -> str:
        """Store a tie or a task, or find the tie that is there."""
        ids = [self._session.get_one(Contact, whom[who]) for who in people_of(row)]
        if isinstance(row, TieRow):
            there = relationships.find(self._session, ids[0], row.type, ids[1])
            self._tell(What.SAME if there else What.NEW, row, number=ids[0].id)
            ends: dict[str, Any] = {"from_contact_id": ids[0].id, "to_contact_id": ids[1].id, "type": row.type}
            return (there or records.add(self._session, Relationship(**ends, **source(row)))).uid
        self._tell(What.NEW, row, number=ids[0].id)
        columns: dict[str, Any] = {
            "title": row.title,
            "contact_id": ids[0].id,
            "due_on": row.due_on,
            "done_at": self._done_at(row) if row.done else None,
            "note": row.note,
        }
        return records.add(self._session, Task(**columns, **source(row))).uid

    def _done_at(self, row: TodoRow) -> datetime:
        """When it was done; now, where the file does not tell, or tells a day to come."""
        return min(row.done_at or self._now, self._now)

    def _talks(self, rows: Sequence[TalkRow], whom: dict[Who, int | str]) -> list[tuple[Row, str]]:
        made = [{"uid": str(uuid4()), **_interaction(row)} for row in rows]
        numbers = bulk.insert(self._session, Interaction, made)
        people = [int(whom[row.who]) for row in rows]
        links = [
            {"interaction_id": number, "contact_id": person} for number, person in zip(numbers, people, strict=True)
        ]
        bulk.insert(self._session, InteractionContact, links)
        there = contacts.by_id(self._session, people)
        for row, person in zip(rows, people, strict=True):
            self._meet(there[person], row)
            by = "from you" if row.direction == Direction.OUT else "from them"
            self._tell(What.NEW, row, f"{_kind(row)} {by}, {say_day(row.starts_at.date())}", number=person)
        return [(row, each["uid"]) for row, each in zip(rows, made, strict=True)]

    def _meet(self, contact: Contact, row: TalkRow) -> None:
        """Move the contact's stage and last contact as logging it would, whatever order the file has."""
        before = self._last.setdefault(contact.id, contact.last_contact_at)
        if before is not None and row.starts_at < before:
            return
        contact.last_contact_at = max(row.starts_at, contact.last_contact_at or row.starts_at)
        if contact.kind == ContactKind.PERSON:
            contact.stage = next_stage(contact.stage, _kind(row), row.direction, InteractionState.HAPPENED).value

    def _resolve(self, whom: Iterable[Who]) -> dict[Who, int | str]:
        """The id of each person's contact, or why there is none."""
        wanted = list(whom)
        found: dict[Who, int | str] = dict(self._matcher.by_id([who for who in wanted if who.id]))
        rest = [who for who in wanted if who not in found]
        by_name = people_index.named(self._session, {fold(who.name) for who in rest if who.name.strip()})
        known = people_index.known(self._session, {each for some in by_name.values() for each in some})
        for who in rest:
            some = [known[each] for each in by_name.get(fold(who.name), ())]
            fitting = [each for each in some if not self._matcher.is_other_id(who, each)]
            tended = [each for each in fitting if each.tended] or fitting
            if len(tended) == 1:
                found[who] = tended[0].id
            else:
                found[who] = SEVERAL if tended else NOBODY
        return found

    def _resolve_loosely(self, found: dict[Who, int | str], whom: Iterable[Who]) -> None:
        """Whom a file relates to others by name alone, it may name without middle name or title (Outlook: Referred By).

        One who fits is meant.
        """
        for who in whom:
            if found[who] == NOBODY and not who.id:
                self._names = self._names or people_index.LooseNames(self._session)
                meant = self._names.meant(who.name)
                if meant:
                    found[who] = SEVERAL if len(meant) > 1 else min(meant)

    def _tell(self, what: What, row: Event, *details: str, number: int | str | None = None) -> None:
        name = " and ".join(who.name or who.id or "" for who in people_of(row))
        ref = f"{Contact.LETTER}{number}" if isinstance(number, int) else None
        self._report.add(Change(what, row.KIND, name, ref, row.source.file, row.source.line, details))


def _kind(row: TalkRow) -> str:
    return row.kind if row.kind in list(InteractionKind) else InteractionKind.OTHER


def _interaction(row: TalkRow) -> dict[str, Any]:
    said = {"direction": row.direction, "starts_at": row.starts_at, "minutes": row.minutes, "note": row.note}
    return {"kind": str(_kind(row)), **said, **source(row)}


def _baseline(kind: str, row: Row, uid: str) -> dict[str, Any]:
    read = {"file": row.source.file or "", "line": row.source.line, "record_uid": uid}
    return {"kind": kind, "key": row.key, "field": "row", "value": encoded({}), **read}
