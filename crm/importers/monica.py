"""The JSON export of Monica 4 ("1.0-preview.1"): people, what passed between one and them, and what is still to do.

The file is read whole: memory peaks at some six times its size. A day without a time of day is taken as noon UTC, so
that it is the same day wherever one lives. What Monica keeps and this program has no place for (gifts, debts, pets,
documents ...) is counted, a line for each kind.
"""

import contextlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from typing import Any, BinaryIO, Final

from crm import address_fields
from crm.address_fields import Entry, full_name, one_line, ways
from crm.errors import BadValueError
from crm.escaping import quote, refuse_unstorable
from crm.importers import base_name
from crm.person_rows import Job, PersonRow, SkippedRow, TalkRow, TieRow, TodoRow, Who
from crm.rows import Method, NoticeRow, Row, Source

MAX_BYTES: Final = 256_000_000
"""The largest export that is read."""

Json = dict[str, Any]

_HEAD: Final = re.compile(
    rb'\s*\{(?=.*"(?:account|export_date|exported_by)"\s*:)(?=.*"version"\s*:\s*"1\.0-)', re.DOTALL
)
_SYMMETRIC: Final = {"friend": "friend-of", "bestfriend": "friend-of", "colleague": "works-with"}
_THEY: Final = {"boss": "manages", "mentor": "mentors"}
_ONE: Final = {"subordinate": "manages", "protege": "mentors"}
_TALKS: Final = ("call", "conversation", "activity")
_TAKEN: Final = frozenset((*_TALKS, "contact", "contact_field", "note", "reminder", "task", "address", "relationship"))
_NOT_OF_PEOPLE: Final = frozenset({"user", "address_book", "addressbook", "address_book_subscription", "module"})
_CHANNELS: Final = {"email": "email", "phone": "call", "linkedin": "linkedin"}


@dataclass(slots=True)
class _Account:
    """What the whole export has in common.

    Attributes:
        names: each person's name by uuid.
        field_types: what each way to reach somebody is, by uuid: its name and type, in lower case.
        activities: by uuid.
        left: how many there are of each kind that has no place here.
    """

    file: str
    people: list[Json]
    relationships: list[Json]
    names: dict[str, str] = field(default_factory=dict)
    field_types: dict[str, tuple[str, str]] = field(default_factory=dict)
    activities: dict[str, Json] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)

    def who(self, uuid: object) -> Who | None:
        """The person of that uuid, if they are in the export."""
        return Who(self.names[uuid], f"monica:{uuid}") if isinstance(uuid, str) and uuid in self.names else None


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is an export of Monica."""
    return _HEAD.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def rows(file: BinaryIO, *, encoding: str | None = None) -> Iterator[Row]:
    """The people of an export; then who knows whom, what passed between one and them, and what is to do.

    Raises:
        BadValueError: the file is no JSON, cut off, too large or too deep, or no export of Monica.
    """
    account = _account(_read(file, encoding), base_name(file))
    known = [each for each in account.people if account.who(each.get("uuid"))]
    for each in account.people:
        yield from _taken(_person(each, account), account)
    yield from _relationships(account)
    for tell in (_introducer, _talks, _todos):
        for each in known:
            yield from _taken(tell(each, account), account, name=account.names[each["uuid"]])
    yield from _left(account)


def _taken(found: Iterator[Row], account: _Account, *, name: str = "") -> Iterator[Row]:
    """The rows of one record; what cannot be stored ends them, with the reason."""
    try:
        yield from found
    except BadValueError as error:
        yield SkippedRow(source=Source(account.file), reason=error.message, name=name)


# The file ----------------------------------------------------------------------------------------------------------


def _read(file: BinaryIO, encoding: str | None) -> Json:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadValueError(f"the file is larger than {MAX_BYTES:,} bytes; that is too large for an export of Monica")
    try:
        found = json.loads(data.decode(encoding or "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadValueError(f"line {line} is not {encoding or 'UTF-8'}; export the file again") from None
    except json.JSONDecodeError as error:
        cut = (
            "cut off" if error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated") else "no JSON"
        )
        raise BadValueError(f"the file is {cut} in line {error.lineno} ({error.msg}); export it again") from None
    except RecursionError:
        raise BadValueError("the file is nested too deeply to be an export of Monica") from None
    except (LookupError, ValueError) as error:
        raise BadValueError(f"the file cannot be read: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("account"), dict):
        raise BadValueError("the file is no export of Monica: it has no account; export as JSON in Monica's settings")
    return found


def _account(export: Json, file: str) -> _Account:
    account = export["account"]
    properties, instance = _dict(account.get("properties")), _dict(account.get("instance"))
    data = _collections(account)
    found = _Account(file, _dicts(data["contact"]), _dicts(data["relationship"]))
    for each in found.people:
        with contextlib.suppress(BadValueError):  # told when it is this person's turn
            if isinstance(each.get("uuid"), str) and _name(each):
                found.names[each["uuid"]] = _name(each)
    for each in _dicts(instance.get("contact_field_types")):
        told = _dict(each.get("properties"))
        kind = (str(told.get("name") or "").lower(), str(told.get("type") or "").lower())
        found.field_types[str(each.get("uuid"))] = kind
    found.activities = {str(each.get("uuid")): each for each in _dicts(data["activity"])}
    found.left.update({kind: len(some) for kind, some in data.items() if kind not in _TAKEN | _NOT_OF_PEOPLE})
    found.left["journal_entry"] += len(_dicts(properties.get("journal_entries")))
    for each in found.people:
        own = _collections(each)
        found.left.update({kind: len(some) for kind, some in own.items() if kind not in {*_TAKEN, "photo", "document"}})
    return found


def _collections(record: Json) -> defaultdict[str, list[Any]]:
    """The collections of a record by kind, in the singular; Monica writes `contact`, others `contacts`."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for each in _dicts(record.get("data")):
        values = each.get("values")
        if isinstance(values, list):
            kind = _singular(str(each.get("type") or "").lower())
            found[kind] += [one for one in values if isinstance(one, dict | str)]
    return found


def _singular(kind: str) -> str:
    if kind.endswith("ies"):
        return f"{kind[:-3]}y"
    return kind.removesuffix("es") if kind.endswith("sses") else kind if kind.endswith("ss") else kind.removesuffix("s")


def _left(account: _Account) -> Iterator[SkippedRow]:
    for kind, count in sorted(account.left.items()):
        if count:
            noun = kind.replace("_", " ")
            many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
            reason = f"{count} {noun if count == 1 else many}: no place for them here"
            yield SkippedRow(source=Source(account.file), reason=reason)


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _of(record: object) -> Json:
    """The properties of a record."""
    return _dict(_dict(record).get("properties"))


def _text(value: object) -> str:
    """A text or number as text; anything else is empty.

    Raises:
        BadValueError: it cannot be stored.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return refuse_unstorable(str(value), what="a text of it").strip()


# People ------------------------------------------------------------------------------------------------------------


def _name(person: Json) -> str:
    told = _of(person)
    parts = (_text(told.get(f"{part}_name")) for part in ("first", "middle", "last"))
    return full_name(*parts) or _text(told.get("nickname"))


def _person(person: Json, account: _Account) -> Iterator[Row]:
    source, who, told = Source(account.file), account.who(person.get("uuid")), _of(person)
    if who is None:
        yield SkippedRow(source=source, reason="it has no name, or no uuid", name=_name(person))
        return
    created, frequency = _instant(person.get("created_at")), told.get("stay_in_touch_frequency")
    for row in address_fields.people([_entry(person, account)], file=account.file):
        if isinstance(row, PersonRow):
            yield replace(
                row,
                source=source,
                who=who,
                added_on=created.date() if created else None,
                last_contact_at=_instant(told.get("last_talked_to")),
                cadence_days=frequency if isinstance(frequency, int) and 0 < frequency < 10_000 else None,
            )
        else:
            yield replace(row, source=source)


def _entry(person: Json, account: _Account) -> Entry:
    told, data = _of(person), _collections(person)
    tags = told.get("tags")
    job, company = _text(told.get("job")), _text(told.get("company"))
    return Entry(
        line=0,
        name=_name(person),
        aliases=[nickname] if (nickname := _text(told.get("nickname"))) else [],
        tags=[*map(_text, tags)] if isinstance(tags, list) else [],
        jobs=[Job(company or None, job or None)] if job or company else [],
        methods=[way for each in data["contact_field"] for way in _ways(each, account)],
        places=[_place(each) for each in data["address"]],
        birthday=_birthday(told.get("birthdate")),
        notes="\n\n".join(filter(None, (_text(told.get("description")), *(_body(each) for each in data["note"])))),
        extras=list(_extras(told)),
    )


def _body(note: Json | str) -> str:
    """A note, with the day it was written on in front."""
    body, at = _text(_of(note).get("body")), _instant(_dict(note).get("created_at"))
    return f"{at.date()}: {body}" if body and at else body


def _ways(found: Json | str, account: _Account) -> Iterator[Method]:
    told = _of(found)
    name, kind = account.field_types.get(_text(told.get("type")), ("", ""))
    value = _text(told.get("data"))
    if kind in {"email", "phone"} or name in {"linkedin", "instagram"}:
        return ways(kind if kind in {"email", "phone"} else name, [value])
    is_address = re.match(r"https?://", value, re.IGNORECASE)
    return ways("url" if is_address else "other", [value], name)


def _place(address: Json | str) -> tuple[str, str]:
    told = _of(address)
    label = _text(told.get("name"))
    city = " ".join(filter(None, (_text(told.get("province")), _text(told.get("postal_code")))))
    place = one_line(*(_text(told.get(part)) for part in ("street", "city")), city, _text(told.get("country")))
    return f"Address ({label})" if label else "Address", place


def _birthday(told: object) -> str:
    """A special date as a birthday; one reckoned from an age is none."""
    special = _of(told) or _dict(told)
    day = _text(special.get("date"))[:10]
    if special.get("is_age_based") or not day:
        return ""
    return f"--{day[5:]}" if special.get("is_year_unknown") else day


def _extras(told: Json) -> Iterator[tuple[str, str]]:
    met = _of(told.get("first_met_date")) or _dict(told.get("first_met_date"))
    yield "First met", _birthday(met)
    yield "Food preferences", _text(told.get("food_preferences"))
    if told.get("is_dead"):
        died = _of(told.get("deceased_date")) or _dict(told.get("deceased_date"))
        yield "Deceased", _birthday(died) or "yes"


# Who knows whom ----------------------------------------------------------------------------------------------------


def _relationships(account: _Account) -> Iterator[Row]:
    """Each relationship once: Monica keeps it from both sides. Its type says what `of_contact` is to `contact_is`."""
    seen: set[tuple[Who, str, Who]] = set()
    for each in account.relationships:
        told = _of(each)
        person, other = account.who(told.get("contact_is")), account.who(told.get("of_contact"))
        if person is None or other is None:
            reason = "a relationship with somebody who is not in the export"
            yield SkippedRow(source=Source(account.file), reason=reason, name=(person or other or Who("")).name)
            continue
        one, verb, two = _tie(person, _text(told.get("type")).lower(), other)
        mirrored = verb in {*_SYMMETRIC.values(), "knows"} and (two, verb, one) in seen
        if one != two and not mirrored and (one, verb, two) not in seen:
            seen.add((one, verb, two))
            yield TieRow(source=Source(account.file), one=one, type=verb, other=two)


def _tie(person: Who, kind: str, other: Who) -> tuple[Who, str, Who]:
    if kind in _THEY:
        return other, _THEY[kind], person
    return person, _ONE.get(kind) or _SYMMETRIC.get(kind, "knows"), other


def _introducer(person: Json, account: _Account) -> Iterator[Row]:
    who, other = account.who(person.get("uuid")), account.who(_of(person).get("first_met_through"))
    if who and other and who != other:
        yield TieRow(source=Source(account.file), one=other, type="introduced", other=who)


# What passed, and what is to do ------------------------------------------------------------------------------------


def _instant(value: object) -> datetime | None:
    """An instant in UTC; a day alone, which Monica writes as midnight too, is noon."""
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    at = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return datetime.combine(at.date(), time(12), UTC) if at.time() == time() else at


def _talks(person: Json, account: _Account) -> Iterator[Row]:
    who, data = account.who(person.get("uuid")), _collections(person)
    assert who is not None
    for each in data["call"]:
        told = _of(each)
        direction = "in" if told.get("contact_called") else "out"
        yield _talk(who, "call", direction, told.get("called_at"), account, note=_text(told.get("content")))
    for each in data["conversation"]:
        told = _of(each)
        first = _of(next(iter(_dicts(told.get("messages"))), None))
        name, kind = account.field_types.get(_text(told.get("contact_field_type")), ("", ""))
        direction = "in" if first.get("written_by_me") is False else "out"
        channel = _CHANNELS.get(name) or ("email" if kind == "email" else "message")
        yield _talk(who, channel, direction, told.get("happened_at"), account)
    for uuid in data["activity"]:
        told = _of(account.activities.get(uuid if isinstance(uuid, str) else _text(uuid.get("uuid"))))
        note = "\n\n".join(filter(None, (_text(told.get("summary")), _text(told.get("description")))))
        yield _talk(who, "other", "out", told.get("happened_at"), account, note=note)


def _talk(who: Who, kind: str, direction: str, at: object, account: _Account, *, note: str = "") -> Row:
    starts_at, source = _instant(at), Source(account.file)
    if starts_at is None:
        return SkippedRow(source=source, reason=f"a talk ({kind}) without a day: {quote(_text(at))}", name=who.name)
    return TalkRow(source=source, who=who, kind=kind, direction=direction, starts_at=starts_at, note=note or None)


def _todos(person: Json, account: _Account) -> Iterator[Row]:
    who, data = account.who(person.get("uuid")), _collections(person)
    assert who is not None
    for each in data["task"]:
        told = _of(each)
        title, description = _text(told.get("title")), _text(told.get("description"))
        if title or description:
            done = bool(told.get("completed"))
            yield TodoRow(
                source=Source(account.file),
                who=who,
                title=title or description,
                done=done,
                done_at=_instant(told.get("completed_at")) if done else None,
                note=(description or None) if title else None,
            )
    for each in data["reminder"]:
        yield from _reminder(_of(each), who, account)


def _reminder(told: Json, who: Who, account: _Account) -> Iterator[Row]:
    """A reminder as something to do; a repeating one has no day, and that of a birthday follows from the birthday."""
    title, every = _text(told.get("title")), _text(told.get("frequency_type"))
    if not title or told.get("delible") is False:
        return
    source = Source(account.file)
    if told.get("inactive"):
        yield SkippedRow(source=source, reason=f"a reminder that is switched off: {quote(title)}", name=who.name)
    elif every in {"", "one_time"}:
        day = _instant(told.get("initial_date"))
        yield TodoRow(source=source, who=who, title=title, due_on=day.date() if day else None)
    else:
        number = told.get("frequency_number")
        often = f"every {number} {every}s" if isinstance(number, int) and number > 1 else f"every {every}"
        yield TodoRow(source=source, who=who, title=f"{title} ({often})")
        yield NoticeRow(
            source=source,
            level="warning",
            subject=who.name,
            text=f"the reminder {quote(title)} comes {often} in Monica; here it is a task without a day",
        )
