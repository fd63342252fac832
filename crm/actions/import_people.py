"""Taking the people of another program's file: new ones are added, known ones told the news of, nobody is deleted.

The rows are taken some hundred at a time, so that a file of any length needs the same memory, and in one transaction.
Reading a file again changes nothing but what the file itself changed; what the person edited or removed stays so.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePath
from typing import Any, Final

from sqlmodel import Session

from crm.actions.merging import Moment
from crm.actions.people_adding import add_people, source
from crm.actions.people_events import Event, Events
from crm.actions.people_matching import Match, Matcher, emails
from crm.actions.people_merging import Merge, There, old_jobs, say_job
from crm.actions.people_report import TOLD, Change, Report, What
from crm.errors import BadValueError, CrmError
from crm.escaping import refuse_unstorable, shorten
from crm.models import Contact, ContactMethod, ContactTag, Organization, Position, WorksheetBaseline
from crm.person_rows import PersonRow, SkippedRow, TalkRow, TieRow, TodoRow
from crm.rows import NoticeRow, Row
from crm.store import bulk, contacts, journal, readings, records
from crm.store.people_index import Employers, Tags
from crm.store.shape import table_of

BATCH: Final = 500
"""So many rows are taken at a time."""

REMOVED: Final = "you removed them; they stay away"
TWICE: Final = "they stand in the file twice; the first row counts"
NAMELESS: Final = "there is no name"

Progress = Callable[[int], None]


def import_people(
    session: Session,
    rows: Iterable[Row],
    *,
    file: str,
    form: str,
    moment: Moment,
    dry_run: bool = False,
    most: int | None = TOLD,
    progress: Progress = lambda _done: None,
) -> Report:
    """Take every row of a file.

    Args:
        session: a writing one.
        rows: as `crm.importers` describes them.
        file: the name of the file, for the report.
        form: the name of the format.
        moment: when it is read.
        dry_run: find out what would become of the rows, and write nothing.
        most: so many of each outcome are told in detail; None is all of them.
        progress: told now and then how many rows are done.

    Raises:
        CrmError: there is nobody and nothing in the file that could be taken; nothing is written.
        BadValueError: the file is damaged; the message names the line.
    """
    work = _Import(session, Report(file, form, dry_run, most), moment)
    done = 0
    for batch in _batches(rows):
        work.take(batch)
        session.flush()
        session.expunge_all()
        done += len(batch)
        progress(done)
    report = work.report
    if not report.recognised:
        raise CrmError(_nothing(report))
    work.find_vanished()
    journal.summarize(session, f"{file}: {report.count(What.NEW)} new, {report.count(What.CHANGED)} changed")
    if dry_run:
        session.rollback()
    return report


def _nothing(report: Report) -> str:
    """Why a file brought nothing."""
    skipped = report.changes[What.SKIPPED]
    if not skipped:
        return f"{report.file} holds nobody; nothing was changed. Export it again, and import it as it is"
    first, count = skipped[0], report.count(What.SKIPPED)
    if first.kind != "row":
        return (
            f"{report.file} names nobody who is among your contacts ({count} rows); nothing was changed. "
            "Import the people first, for LinkedIn Connections.csv"
        )
    return (
        f"{report.file} holds nobody that could be read; nothing was changed. {count} rows were skipped, "
        f"the first in line {first.line}: {first.details[0]}"
    )


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Some hundred rows at a time, no two of which could be one person."""
    batch: list[Row] = []
    met: set[str] = set()
    for row in rows:
        marks = {row.key, *emails(row)} if isinstance(row, PersonRow) else set()
        if len(batch) >= BATCH or marks & met:
            yield batch
            batch, met = [], set()
        batch.append(row)
        met |= marks
    if batch:
        yield batch


class _Import:
    """One reading of one file."""

    def __init__(self, session: Session, report: Report, moment: Moment) -> None:
        self.session = session
        self.report = report
        self.now = moment.now
        self.matcher = Matcher(session, report.form)
        self.events = Events(session, self.matcher, report, moment)
        self.employers = Employers(session)
        self.tags = Tags(session)
        self.files: set[str] = set()

    def take(self, batch: Sequence[Row]) -> None:
        """Take some rows: people first, then what names them."""
        usable = [row for row in batch if self._is_usable(row)]
        self._take_people([row for row in usable if isinstance(row, PersonRow)])
        events: list[Event] = [row for row in usable if isinstance(row, TalkRow | TieRow | TodoRow)]
        if events:
            self.events.take(events)

    def _is_usable(self, row: Row) -> bool:
        """Whether there is something to store; what was skipped or is odd goes to the report."""
        if isinstance(row, SkippedRow):
            self._skip(row, row.name, row.reason)
        elif isinstance(row, NoticeRow):
            self.report.warn(row)
        elif (reason := _flaw(row)) is not None:
            self._skip(row, "", reason)
        else:
            return True
        return False

    def _skip(self, row: Row, name: str, reason: str) -> None:
        self.report.add(Change(What.SKIPPED, "row", name, None, row.source.file, row.source.line, (reason,)))

    def _tell(self, what: What, match: Match, *details: str, name: str | None = None, news: bool = False) -> None:
        """Tell what became of a row; who is here already goes by the name they have here."""
        row = match.row
        is_tried = what is What.NEW and self.report.dry_run  # the id is gone with the dry run
        ref = f"{Contact.LETTER}{match.contact_id}" if match.contact_id and not is_tried else None
        place = (row.source.file, row.source.line)
        self.report.add(Change(what, row.KIND, name or row.who.name, ref, *place, details, news=news))

    def _take_people(self, rows: Sequence[PersonRow]) -> None:
        if not rows:
            return
        self.files.update(row.source.file or "" for row in rows)
        new, known = [], []
        for match in self.matcher.match(rows):
            if match.is_double:
                self._skip(match.row, match.row.who.name, TWICE)
            elif match.contact_id is not None:
                known.append(match)
            elif match.is_removed:
                self._tell(What.REMOVED, match, REMOVED)
            else:
                new.append(match)
        self._add(new)
        self._leave([each for each in known if each.is_settled])
        self._merge([each for each in known if not each.is_settled])

    def _leave(self, matches: Sequence[Match]) -> None:
        """Rows that say what they said last time."""
        called = self._called([each.contact_id or 0 for each in matches])
        for match in matches:
            self._tell(What.SAME, match, name=called[match.contact_id or 0])

    def _called(self, ids: Sequence[int]) -> dict[int, str]:
        return records.values_of(self.session, table_of(Contact), "name", ids)

    def _add(self, matches: Sequence[Match]) -> None:
        uids = add_people(self.session, matches, employers=self.employers, tags=self.tags, now=self.now)
        self._remember(list(zip(matches, uids, strict=True)))
        for match in matches:
            jobs = [say_job(job) for job in match.row.jobs[:1]]
            self._tell(What.NEW, match, *jobs, *self._maybe(match))

    def _maybe(self, match: Match) -> Iterator[str]:
        for each in match.maybe:
            merge = "" if self.report.dry_run else f": crm contact merge {each.ref} {Contact.LETTER}{match.contact_id}"
            yield f"maybe the same as {shorten(each.name, 60)} {each.ref}{merge}"

    def _merge(self, matches: Sequence[Match]) -> None:
        there = self._load([each.contact_id for each in matches if each.contact_id is not None])
        before = [json.loads(each.reading.value) if each.reading else None for each in matches]
        wanted = {job.organization for each in matches for job in each.row.jobs if job.organization}
        wanted |= {name for each in before for name in old_jobs(each)}
        places = self.employers.there(wanted)
        for match, then in zip(matches, before, strict=True):
            make = partial(self._organization, match.row)
            tags = {name: self.tags.id(name, **source(match.row)) for name in match.row.tags}
            contact = there[match.contact_id or 0]
            merge = Merge(self.session, contact, match.row, then, places, tags, make, self.now)
            merge.run()
            details = [f"recognised by {match.why}", *merge.details] if match.why else merge.details
            what = What.CHANGED if merge.details else What.SAME
            self._tell(what, match, *details, name=contact.contact.name, news=merge.news)
        self._remember([(each, there[each.contact_id or 0].contact.uid) for each in matches])

    def _organization(self, row: PersonRow, name: str) -> int:
        """Make an organization that a row names, or find the one that was made for another row; gives its id."""
        return self.employers.ids({name: source(row)})[name]

    def _load(self, ids: Sequence[int]) -> dict[int, There]:
        """These contacts with what hangs on them, to be changed."""
        held = contacts.by_id(self.session, ids)
        positions = records.parts_of(self.session, Position, held)
        methods = records.parts_of(self.session, ContactMethod, held)
        tags = records.parts_of(self.session, ContactTag, held)
        places = {each.organization_id for some in positions.values() for each in some if each.organization_id}
        employers = records.values_of(self.session, table_of(Organization), "name", places)
        return {
            number: There(
                contact, positions[number], methods[number], {each.tag_id for each in tags[number]}, employers
            )
            for number, contact in held.items()
        }

    def _remember(self, taken: Sequence[tuple[Match, str]]) -> None:
        """Keep what each row said, and whom it meant."""
        fresh = [self._read(match, uid) for match, uid in taken if match.reading is None]
        self.matcher.seen.update(bulk.insert(self.session, WorksheetBaseline, fresh))
        ids = [match.reading.id for match, _uid in taken if match.reading]
        known = readings.stored(self.session, ids)
        for match, uid in taken:
            if match.reading is not None:
                for name, value in self._read(match, uid).items():
                    setattr(known[match.reading.id], name, value)

    def _read(self, match: Match, uid: str) -> dict[str, Any]:
        key, place = match.row.key, match.row.source
        told = {
            "value": match.value,
            "record_uid": uid,
            "file": place.file or self.report.file,
            "line": place.line or 0,
        }
        return {"kind": self.matcher.kind, "key": key, "field": match.place, **told}

    def find_vanished(self) -> None:
        """Tell of those whom an earlier file of this name held and this one does not; they stay as they are."""
        if not self.files:
            return
        stems = {_stem(each) for each in self.files}
        for some in readings.others(self.session, self.matcher.kind, self.matcher.seen):
            gone = [each for each in some if _stem(each.file) in stems and each.record_uid]
            uids = {each.record_uid for each in gone if each.record_uid}
            still = readings.of_records(self.session, self.matcher.kind, uids) if gone else {}
            live = readings.live(self.session, Contact, uids)
            gone = [
                each
                for each in gone
                if each.record_uid in live
                and not any(one.id in self.matcher.seen for one in still[each.record_uid or ""])
            ]
            self._tell_vanished(gone, live)

    def _tell_vanished(self, gone: Sequence[readings.Reading], live: dict[str, int]) -> None:
        known = readings.stored(self.session, [each.id for each in gone])
        numbers = [live[each.record_uid or ""] for each in gone]
        called = self._called(numbers)
        for each, number in zip(gone, numbers, strict=True):
            known[each.id].line = None
            ref = f"{Contact.LETTER}{number}"
            self.report.add(Change(What.VANISHED, PersonRow.KIND, called[number], ref, each.file))
        self.session.flush()
        self.session.expunge_all()


def _flaw(row: Row) -> str | None:
    """What keeps a row from being stored."""
    if isinstance(row, PersonRow) and not row.who.name.strip():
        return NAMELESS
    try:
        for _name, value in row.facts():
            _refuse_unstorable(value)
    except BadValueError as error:
        return error.message
    return None


def _refuse_unstorable(value: object) -> None:
    if isinstance(value, str):
        refuse_unstorable(value, what="It")
    elif isinstance(value, tuple):
        for each in value:
            _refuse_unstorable(each)
    elif hasattr(value, "__slots__") and hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            _refuse_unstorable(getattr(value, name))


def _stem(file: str) -> str:
    """What two exports of one kind have in their names, when browser or program has numbered or dated them."""
    return re.sub(r"[\W\d_]+", "", PurePath(file).name).casefold()
