"""What the program knows for the blank places of a worksheet, as a worksheet says it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from crm.actions.import_compare import Comparison
from crm.actions.import_rows import FieldKey
from crm.escaping import on_one_line
from crm.importers.worksheet import amounts, places, write
from crm.importers.worksheet.hours import HOURS_A_WEEK, days_of
from crm.importers.worksheet.names import same
from crm.importers.worksheet.page import Page
from crm.importers.worksheet.places import PersonPlace
from crm.importers.worksheet.sheet import EXPERTS, Sheet
from crm.models import Contact, Question
from crm.models.words import ContactKind, QuestionState, Stage
from crm.rows import ActivityRow, ContactRow, ReviewRow, Row, TaskRow
from crm.store import contacts, hours, questions, records

_WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the worksheet, as it stood and as it is written."""

    line: int
    old: str
    new: str


Edits = tuple[Edit, ...]
Fill = Callable[[str, str], str | None]


def proposals(
    known: Comparison, page: Page, sheet: Sheet, rows: Sequence[Row], changed: Collection[FieldKey]
) -> Iterator[Edits]:
    """What could be written, in groups of lines that only make sense together; no line twice.

    Whether the importer reads it back as it is meant is for the caller to try.

    Args:
        known: the database.
        page: the worksheet.
        sheet: its parts.
        rows: what it says.
        changed: the fields of these that the person changed here since.
    """
    seen = set[int]()
    sources = (
        _ticks(page, known, rows),
        _facts(page, known, sheet, changed),
        _totals(page, known, sheet, rows),
        _people(known, page, sheet, rows, changed),
        _drafts(known.session, page, sheet),
    )
    for group in (each for source in sources for each in source):
        lines = {each.line for each in group}
        if group and not lines & seen:
            seen |= lines
            yield group


def _edit(page: Page, line: int, fill: Callable[[str], str | None]) -> Edits:
    old = page.line(line)
    new = fill(old)
    return () if new is None or new == old else (Edit(line, old, new),)


def _fill(page: Page, line: int, value: str | None, how: Fill = write.after_label) -> Edits:
    return _edit(page, line, lambda old: how(old, value)) if value else ()


def _ticks(page: Page, known: Comparison, rows: Sequence[Row]) -> Iterator[Edits]:
    """Checklist items that are done and reviews that were completed, if their box is open."""
    for row in rows:
        if isinstance(row, TaskRow | ReviewRow) and not row.done and row.source.line and known.value(row, "done"):
            yield _edit(page, row.source.line, write.ticked)


def _facts(page: Page, known: Comparison, sheet: Sheet, changed: Collection[FieldKey]) -> Iterator[Edits]:
    """What is blank; and what stands as it was read, where the program has come to say something else."""
    for place in places.places(sheet):
        value = _text(place.field, known.value(place.row, place.field))
        if place.old is None:
            yield _fill(page, place.line, value, _either)
        elif (place.row.KIND, place.row.key, place.field) in changed:
            yield _replace(page, place.line, place.old, value)


def _replace(page: Page, line: int, old: str, value: str | None) -> Edits:
    return _edit(page, line, lambda text: write.replaced(text, old, value)) if value else ()


def _either(line: str, value: str) -> str | None:
    return write.after_label(line, value) or write.after_marker(line, value)


def _text(name: str, value: object) -> str | None:
    """A field's value in the worksheet's words; None for one that has none."""
    match value:
        case None | "":
            return None
        case date():
            return value.isoformat()
        case int() if name in {"minutes", "weekly_minutes"}:
            return hours_text(value)
        case float() if name == "share_percent":
            return f"{value:g}%"
        case float():
            return hours_text(round(value * 60)) if name == "weekly_hours" else f"{value:g}"
        case _:
            return str(value)


def hours_text(minutes: int) -> str:
    """Minutes as a worksheet says them, read back as the same: `2.5`, `1h40`."""
    whole, rest = divmod(minutes, 60)
    return f"{minutes / 60:g}" if rest % 15 == 0 else f"{whole}h{rest:02}"


def _totals(page: Page, known: Comparison, sheet: Sheet, rows: Sequence[Row]) -> Iterator[Edits]:
    """The sums, where every part of them is known."""
    activities = [row for row in rows if isinstance(row, ActivityRow)]
    room = [hours.room(known.session).get(each) for each in _weekdays(sheet)]
    sums = {
        "available": _sum(room),
        "hours": _sum([known.value(each, "weekly_minutes") for each in activities]),
        "share": _sum([known.value(each, "share_percent") for each in activities]),
    }
    for total in places.totals(sheet):
        value = sums[total.what]
        if total.old is not None:
            if value is not None and amounts.minutes(total.old, at_most_hours=HOURS_A_WEEK) == _read_room(sheet):
                yield _replace(page, total.line, total.old, hours_text(round(value)))
        elif value is not None and total.what != "share":
            yield _fill(page, total.line, hours_text(round(value)))
        elif value == _WHOLE:
            yield _fill(page, total.line, "100%")


def _read_room(sheet: Sheet) -> float | None:
    """What the weekdays' hours come to as they are written, in minutes; None if one has none."""
    return _sum([day.minutes for section in sheet.sections for day in days_of(section)])


def _weekdays(sheet: Sheet) -> list[int]:
    return sorted({day.weekday for section in sheet.sections for day in days_of(section)})


def _sum(values: Sequence[object]) -> float | None:
    numbers = [each for each in values if isinstance(each, int | float)]
    return float(sum(numbers)) if numbers and len(numbers) == len(values) else None


def _people(
    known: Comparison, page: Page, sheet: Sheet, rows: Sequence[Row], changed: Collection[FieldKey]
) -> Iterator[Edits]:
    """What is blank or outdated of people who have a slot; free slots go to those one has turned to who have none."""
    session, listed = known.session, [row.name for row in rows if isinstance(row, ContactRow)]
    there = list(places.person_places(sheet))
    drafted = _drafted(session)
    named = [(place, person) for place in there if place.name and (person := _person(known, place.name, listed))]
    for place, person in named:
        said = _said(person, drafted, session)
        yield from _slot(page, place, said)
        yield from _newer(page, place, said, _outdated(place.name, rows, changed))
    taken = {person.id for _, person in named} | _with_slot(known, sheet, listed)
    waiting = [each for each in _turned_to(session) if each.id not in taken]
    free = [place for place in there if place.name is None]
    for place, person in zip(free, waiting, strict=False):
        said = _said(person, drafted, session) | {"name": person.name}
        yield tuple(edit for group in _slot(page, place, said) for edit in group)


def _slot(page: Page, place: PersonPlace, said: Mapping[str, str | None]) -> Iterator[Edits]:
    for name, line in place.lines.items():
        yield _fill(page, line, said.get(name))


def _newer(
    page: Page, place: PersonPlace, said: Mapping[str, str | None], outdated: Collection[tuple[str, object]]
) -> Iterator[Edits]:
    for name, line in place.filled.items():
        if (name, line.text) in outdated:
            yield _replace(page, line.number, line.text, said.get(name))


def _outdated(name: str | None, rows: Sequence[Row], changed: Collection[FieldKey]) -> set[tuple[str, object]]:
    """What the file says of a person as it was read, by field, and the program otherwise."""
    listed = [row for row in rows if isinstance(row, ContactRow)]
    full = _full_names(name or "", [row.name for row in listed])
    return {
        (field, getattr(row, field))
        for row in listed
        for field in ("how_to_reach", "status_text")
        if row.name in full and (row.KIND, row.key, field) in changed
    }


def _person(known: Comparison, name: str, listed: Iterable[str]) -> Contact | None:
    """Whom a slot names, as the importer takes it: exactly, or by the first name of one who is listed."""
    full = _full_names(name, listed)
    found = known.record(ContactRow(name=full[0])) if len(set(full)) == 1 else None
    return found if isinstance(found, Contact) else None


def _full_names(name: str, listed: Iterable[str]) -> list[str]:
    there, wanted = list(listed), same(name)
    return [each for each in there if same(each) == wanted] or [
        each for each in there if " " not in wanted and same(each).split()[:1] == [wanted]
    ]


def _with_slot(known: Comparison, sheet: Sheet, listed: Iterable[str]) -> set[int]:
    found = (_person(known, name, listed) for name in places.slot_names(sheet))
    return {person.id for person in found if person is not None}


def _turned_to(session: Session) -> list[Contact]:
    """People one has turned to, in the order they came in."""
    return [
        each
        for each in records.every(session, Contact)
        if each.kind == ContactKind.PERSON and each.stage != Stage.TO_CONTACT and each.archived_at is None
    ]


def _said(person: Contact, drafted: Mapping[int, str], session: Session) -> dict[str, str | None]:
    """What a slot asks, as far as it is known."""
    position = next((each for each in contacts.positions(session, person) if each.current), None)
    stage = None if person.stage == Stage.TO_CONTACT else str(person.stage)
    return {
        "how_to_reach": person.how_to_reach,
        "ask": drafted.get(person.id),
        "status_text": person.status_text or stage,
        "title": position.title if position and position.organization_id is None else None,
    }


def _drafted(session: Session) -> dict[int, str]:
    """The first open question for each one contact."""
    found: dict[int, str] = {}
    for each in questions.asked(session, _open(session)):
        if len(each.contacts) == 1 and not each.tags:
            found.setdefault(each.contacts[0].id, each.question.text)
    return found


def _open(session: Session) -> list[Question]:
    return [each for each in records.every(session, Question) if each.state == QuestionState.OPEN]


def _drafts(session: Session, page: Page, sheet: Sheet) -> Iterator[Edits]:
    """Questions for the experts into empty numbers, and what was answered into blank answers."""
    written = places.written_questions(sheet)
    asked = questions.asked(session, records.every(session, Question))
    ours = [each.question for each in asked if not each.contacts and [tag.name for tag in each.tags] == [EXPERTS]]
    fresh = iter([each.text for each in ours if each.text not in written and each.state == QuestionState.OPEN])
    for draft in places.drafts(sheet):
        if draft.text is None:
            yield _fill(page, draft.line, next(fresh, None), write.after_marker)
            continue
        yield _fill(page, draft.line, _answers(session, [each for each in ours if each.text == draft.text]))


def _answers(session: Session, asked: Sequence[Question]) -> str:
    given = [pair for each in asked for pair in questions.answers(session, each)]
    return "; ".join(f"{contact.name}: {on_one_line(answer.text)}" for answer, contact in given)
