"""Which rows are about a person, live or only in the journal, and what names them: all that forgetting takes out."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from crm import models as m
from crm.models import Contact, Record
from crm.store import duplicates, traces
from crm.store.journal import METADATA
from crm.store.shape import SHAPES, table_of
from crm.store.traces import Naming, Rows, pieces

MODELS: Final[dict[str, type[SQLModel]]] = {
    table_of(model).name: model for shape in SHAPES for model in (shape.model, *(part.model for part in shape.nested))
}
"""The model of each table that the document holds."""

_CONTACT: Final = table_of(Contact).name
LOOSE: Final = frozenset(
    {
        ("task", "interaction_id"),
        ("task", "evidence_id"),
        ("answer", "interaction_id"),
        ("time_entry", "interaction_id"),
    }
)
"""Links that a row can do without: what it says stands without them."""

_PROSE: Final = frozenset(
    {"contact", "interaction", "task", "question", "answer", "introduction", "referral", "relationship", "waiver"}
)
"""Tables whose texts a person writes of somebody."""

_UNCOUNTED: Final = frozenset({"contact", "setting", "worksheet_baseline", "review_link", "delivery", "waiver"})


@dataclass
class Found:
    """Everything that is about a person.

    Attributes:
        contacts: their id, and those of contacts that were merged into them.
        rows: the ids of all rows that go, by table; of rows that are gone already, those that the journal remembers.
        counts: how many live records go, by kind.
        shared: talks with others, which stay without them.
        closed: questions that were for them alone and that others have answered.
        uids: of everything that goes.
        sources: the files they were read from, with their lines.
        said: lines of reminders about what goes or is shared, and what to say instead.
        naming: what names them.
    """

    contacts: set[int]
    rows: Rows = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    shared: list[str] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)
    uids: set[str] = field(default_factory=set)
    sources: list[tuple[str, int | None]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    naming: Naming = field(default_factory=lambda: Naming(frozenset(), frozenset(), frozenset()))

    def add(self, table: str, ids: Iterable[int]) -> None:
        """These rows go, too."""
        self.rows.setdefault(table, set()).update(ids)


# What is about them


def gather(session: Session, contact: Contact) -> Found:
    """Find everything that is about a contact; reads only."""
    found = Found(_persons(session, contact.id))
    found.add(_CONTACT, found.contacts)
    _gather_linked(session, found)
    _gather_talks(session, found)
    _gather_questions(session, found)
    _gather_hanging(session, found)
    found.uids = _uids(session, found.rows)
    _gather_settings(session, found)
    found.naming = _naming(session, found)
    _gather_reminders(session, found)
    _gather_readings(session, found)
    found.counts = _counts(session, found)
    return found


def _persons(session: Session, number: int) -> set[int]:
    """The contact, and those that a merge which still stands made one with it."""
    found, new = {number}, [number]
    merging = sa.select(traces.COMMANDS.c.id).where(
        traces.COMMANDS.c.name == "contact merge", traces.COMMANDS.c.undone_at.is_(None)
    )
    commands = set(session.connection().scalars(merging))
    while new:
        kept = new.pop()
        changes = [each for each in traces.of_rows(session, _CONTACT, {kept}) if each.before and each.after]
        for command in {each.command_id for each in changes} & commands:
            new += _removed_by(session, command) - found
            found.update(new)
    return found


def _removed_by(session: Session, command: int) -> set[int]:
    here = (traces.CHANGES.c.command_id == command, traces.CHANGES.c.table_name == _CONTACT)
    changes = session.connection().execute(sa.select(traces.CHANGES).where(*here))
    return {each.row_id for each in changes if not each.after}


def _links(target: str) -> Iterator[tuple[sa.Table, sa.Column[Any]]]:
    """Every column by which the document's tables link to that one."""
    for name in MODELS:
        table = METADATA.tables[name]
        for column in table.columns:
            if any(key.column.table.name == target for key in column.foreign_keys):
                yield table, column


def ids_where(session: Session, table: sa.Table, column: sa.Column[Any], values: Collection[Any]) -> set[int]:
    """The ids of the rows whose column has one of the values."""
    found: set[int] = set()
    for some in pieces(values):
        found |= set(session.connection().scalars(sa.select(table.c.id).where(column.in_(some))))
    return found


def _gather_linked(session: Session, found: Found) -> None:
    """Rows that name the contact, and rows that did and are gone but for the journal."""
    for table, column in _links(_CONTACT):
        found.add(table.name, ids_where(session, table, column, found.contacts))
        once = {each.row_id for each in traces.linking(session, table.name, column.name, found.contacts)}
        found.add(table.name, once - _live(session, table.name, once))


def _live(session: Session, table: str, ids: Collection[int]) -> set[int]:
    it = METADATA.tables[table]
    return ids_where(session, it, it.c.id, ids)


def _gather_talks(session: Session, found: Found) -> None:
    """Talks with the person alone go; the others are named, for they stay."""
    of, taking_part = "interaction_id", table_of(m.InteractionContact)
    for number, others in _groups(session, found, taking_part, of):
        if not others:
            found.add("interaction", {number})
        elif number in _live(session, "interaction", {number}):
            found.shared.append(f"{m.Interaction.LETTER}{number}")


def _gather_questions(session: Session, found: Found) -> None:
    """Questions for the person alone go, unless somebody else has answered them."""
    answers = table_of(m.Answer)
    for number, others in _groups(session, found, table_of(m.QuestionAudience), "question_id"):
        if others:
            continue
        theirs = found.rows.get("answer", set())
        if ids_where(session, answers, answers.c.question_id, {number}) - theirs:
            found.closed.add(number)
        else:
            found.add("question", {number})


def _groups(session: Session, found: Found, part: sa.Table, of: str) -> Iterator[tuple[int, set[int]]]:
    """What the person has a part in, with the parts of others: those there are; where it is gone, those there were."""
    parts = found.rows.get(part.name, set())
    here = session.connection().execute(sa.select(part.c.id, part.c[of]).where(part.c.id.in_(parts)))
    owners = {row[1] for row in here}
    for change in traces.of_rows(session, part.name, parts):
        owners |= {each[of] for each in traces.snapshots(change)}
    owner_table = next(iter(part.c[of].foreign_keys)).column.table.name
    live = _live(session, owner_table, owners)
    for number in sorted(owners):
        others = ids_where(session, part, part.c[of], {number})
        if number not in live:
            others |= {each.row_id for each in traces.linking(session, part.name, of, {number})}
        yield number, others - parts


def _gather_hanging(session: Session, found: Found) -> None:
    """What hangs on a row that goes, goes; a promise that names nobody was made to who took part in the talk."""
    for target in ("interaction", "question", "task"):
        ids = found.rows.get(target, set())
        for table, column in _links(target) if ids else ():
            if (table.name, column.name) in LOOSE:
                continue
            found.add(table.name, ids_where(session, table, column, ids))
            once = {each.row_id for each in traces.linking(session, table.name, column.name, ids)}
            found.add(table.name, once - _live(session, table.name, once))
        if target == "interaction" and ids:
            found.add("task", _unnamed_tasks(session, ids))


def _unnamed_tasks(session: Session, talks: Collection[int]) -> set[int]:
    tasks = table_of(m.Task)
    here = ids_where(session, tasks, tasks.c.interaction_id, talks)
    named = set(session.connection().scalars(sa.select(tasks.c.id).where(tasks.c.contact_id.is_not(None))))
    once = {
        each.row_id
        for each in traces.linking(session, "task", "interaction_id", talks)
        if all(side.get("contact_id") is None for side in traces.snapshots(each))
    }
    return (here - named) | (once - _live(session, "task", once))


def _uids(session: Session, rows: Rows) -> set[str]:
    """The uids of rows that go, here and in the journal."""
    found: set[str] = set()
    for name, ids in rows.items():
        table = METADATA.tables[name]
        for some in pieces(ids) if "uid" in table.c else ():
            found |= set(session.connection().scalars(sa.select(table.c.uid).where(table.c.id.in_(some))))
            changed = (traces.CHANGES.c.table_name == name, traces.CHANGES.c.row_id.in_(some))
            found |= set(session.connection().scalars(sa.select(traces.CHANGES.c.row_uid).where(*changed)))
    return found - {None}


def _gather_settings(session: Session, found: Found) -> None:
    """That the person is not somebody else."""
    about = {each.id for each in duplicates.every(session) if set(duplicates.uids(each)) & found.uids}
    once = {each.row_id for each in traces.holding(session, "setting", found.uids)}
    found.add("setting", about | once)


def _gather_reminders(session: Session, found: Found) -> None:
    """What was or is to be said of what goes, and the messages in which it was."""
    reminders, deliveries, attempts = table_of(m.Reminder), table_of(m.Delivery), table_of(m.Attempt)
    found.add("reminder", ids_where(session, reminders, reminders.c.subject_uid, found.uids))
    found.add("delivery", ids_where(session, deliveries, deliveries.c.reminder_id, found.rows["reminder"]))
    found.add("attempt", ids_where(session, attempts, attempts.c.delivery_id, found.rows["delivery"]))
    for row in _versions(session, "reminder", found.rows):
        found.said |= dict.fromkeys(_lines(row), traces.NOBODY)
    for row in of_shared(session, found):
        title, *body = _lines(row)
        found.said |= {title: found.naming.scrubbed(title)} | {
            each: traces.NOBODY for each in body if found.naming.tells(each)
        }


def of_shared(session: Session, found: Found) -> list[dict[str, Any]]:
    """The reminders of talks that the person had a part in with others."""
    reminders, talks = table_of(m.Reminder), table_of(m.Interaction)
    uids = sa.select(talks.c.uid).where(talks.c.id.in_(int(each[1:]) for each in found.shared))
    query = sa.select(reminders).where(reminders.c.subject_uid.in_(uids))
    return [row._asdict() for row in session.connection().execute(query)]


def _lines(reminder: dict[str, Any]) -> list[str]:
    return [bare for line in f"{reminder['title']}\n{reminder['body']}".splitlines() if (bare := line.strip())]


# What names them


def _naming(session: Session, found: Found) -> Naming:
    people, ways = set(), set()
    for row in _versions(session, _CONTACT, found.rows):
        people |= {row["name"], *row["aliases"]}
    for row in _versions(session, "contact_method", found.rows):
        ways.add(row["value"])
    texts = {
        row[column.name]
        for name in _PROSE & found.rows.keys()
        for row in _versions(session, name, found.rows)
        for column in traces.free_texts(METADATA.tables[name])
        if row.get(column.name) and column.name != "source_file"  # a list of others, too, has that name
    }
    others = select(Contact.name, Contact.aliases).where(col(Contact.id).not_in(found.contacts))
    elsewhere = (each for name, aliases in session.exec(others) for each in (name, *aliases))
    return traces.naming(people, ways, texts, elsewhere)


def _versions(session: Session, name: str, rows: Rows) -> Iterator[dict[str, Any]]:
    """Rows of a table that go, as they are and as the journal has them."""
    table, ids = METADATA.tables[name], rows.get(name, set())
    for some in pieces(ids):
        for row in session.connection().execute(sa.select(table).where(table.c.id.in_(some))):
            yield row._asdict()
        for change in traces.of_rows(session, name, some):
            yield from traces.snapshots(change)


def _gather_readings(session: Session, found: Found) -> None:
    """What files said of them; with it, which files."""
    table = table_of(m.WorksheetBaseline)
    about = ids_where(session, table, table.c.record_uid, found.uids)
    unbound = session.exec(select(m.WorksheetBaseline).where(col(m.WorksheetBaseline.record_uid).is_(None)))
    about |= {each.id for each in unbound if found.naming.is_in(f"{each.key}\n{each.value}")}
    once = {each.row_id for each in traces.holding(session, table.name, found.uids)}
    found.add(table.name, about | (once - _live(session, table.name, once)))
    contacts = select(Contact.source_file, Contact.source_line).where(col(Contact.id).in_(found.contacts))
    rows = select(m.WorksheetBaseline.file, m.WorksheetBaseline.line).where(col(m.WorksheetBaseline.id).in_(about))
    read = {(file, line) for file, line in [*session.exec(contacts), *session.exec(rows)] if file}
    found.sources = sorted(read, key=lambda each: (each[0], each[1] or 0))


def _counts(session: Session, found: Found) -> Counter[str]:
    """How many live records of each kind go, the person's own parts and what files said aside."""
    counted = {
        name: len(_live(session, name, ids))
        for name, ids in sorted(found.rows.items())
        if issubclass(MODELS[name], Record) and name not in _UNCOUNTED
    }
    return Counter({name.replace("_", " "): count for name, count in counted.items() if count})
