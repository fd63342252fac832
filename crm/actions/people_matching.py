"""Whom a row of another program's file means: somebody it brought before, somebody who is here already, or nobody yet.

Somebody is recognised by, in this order, the source's own id, a LinkedIn profile, an e-mail address, name and
organization, and the full name of exactly one person who is tended. Two people of one name whom anything tells apart
are never taken for one.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from crm.folding import fold
from crm.models import Contact
from crm.person_rows import Job, PersonRow, Who, profile_slug
from crm.rows import Method
from crm.store import people_index, readings
from crm.store.people_index import LINKEDIN, Known
from crm.store.readings import Reading

MOST_MAYBES = 3


@dataclass(slots=True)
class Match:
    """What is known of one row's person.

    Attributes:
        value: all that the row says, as it is remembered.
        reading: what the same row said last time.
        place: which of several rows of this key it is, as the reading's field.
        contact_id: whom it means, if they are here.
        why: how somebody was recognised whom no file of this kind brought.
        is_removed: whether the person took them away.
        is_double: whether the same row stood in this file before.
        maybe: people of the same name who may be the same.
    """

    row: PersonRow
    value: str
    place: str
    reading: Reading | None = None
    contact_id: int | None = None
    why: str = ""
    is_removed: bool = False
    is_double: bool = False
    maybe: list[Known] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether the row says what it said last time."""
        return self.reading is not None and self.reading.value == self.value and self.reading.line is not None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to do: it is known whom the row means, and it says what it said last time."""
        return self.is_same and not self.why


def said(row: PersonRow) -> str:
    """All that a row says, as it is remembered."""
    told = {name: _plain(value) for name, value in row.facts()}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON is of any type
    """The value as JSON has it; quicker than the general way, for it is done for every row of a file."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Who | Job | Method):
        return {name: getattr(value, name) for name in value.__slots__}
    return value.isoformat() if isinstance(value, date) else value


def emails(row: PersonRow) -> set[str]:
    """The addresses of a row, as they are compared."""
    return {each.value.casefold() for each in row.methods if each.kind == "email"}


def profiles(row: PersonRow) -> set[str]:
    """The LinkedIn profiles of a row, as they are compared."""
    return {slug for each in row.methods if each.kind == LINKEDIN and (slug := profile_slug(each.value))}


def employer(row: PersonRow) -> str | None:
    """Where the person works now, folded."""
    return next((fold(each.organization) for each in row.jobs if each.current and each.organization), None)


class Matcher:
    """Recognises the people of one file; `seen` collects the readings whose rows it has met."""

    def __init__(self, session: Session, form: str) -> None:
        self._session = session
        self._source = form
        self.kind = f"person:{form}"
        self.seen: set[int] = set()
        self._ids = people_index.identities(session, form, self.kind)
        self._profiles = self._ids if form == LINKEDIN else people_index.identities(session, LINKEDIN, self.kind)

    def by_id(self, whom: Collection[Who]) -> dict[Who, int]:
        """The contacts of those whose ids were read, or are known from elsewhere."""
        read = readings.of_keys(self._session, self.kind, {who.id for who in whom if who.id})
        uids = {each.record_uid for some in read.values() for each in some if each.record_uid}
        live = readings.live(self._session, Contact, uids)
        found = {who: self._ids.get(_number(who) or "") for who in whom}
        found |= {who: live.get(each.record_uid or "") for who in whom for each in read.get(who.id or "", ())}
        return {who: number for who, number in found.items() if number is not None}

    def match(self, rows: Sequence[PersonRow]) -> list[Match]:
        """Whom each of these rows means; no two of them have one key or one e-mail address."""
        found = self._by_reading(rows)
        unknown = [each for each in found if each.contact_id is None and not each.is_double]
        self._by_identity(unknown)
        self._by_email([each for each in unknown if each.contact_id is None])
        self._keep_away([each for each in unknown if each.contact_id is None])
        self._by_name([each for each in unknown if each.contact_id is None and not each.is_removed])
        return found

    def _by_reading(self, rows: Sequence[PersonRow]) -> list[Match]:
        by_key = readings.of_keys(self._session, self.kind, {row.key for row in rows})
        uids = {each.record_uid for some in by_key.values() for each in some if each.record_uid}
        live = readings.live(self._session, Contact, uids)
        found = []
        for row in rows:
            there, value = by_key.get(row.key, []), said(row)
            match = Match(row, value, _place(len(there)))
            match.is_double = any(each.id in self.seen and (row.who.id or each.value == value) for each in there)
            match.reading = None if match.is_double else self._own(row, value, there)
            if match.reading is not None:
                self.seen.add(match.reading.id)
                match.place = match.reading.field
                match.contact_id = live.get(match.reading.record_uid or "")
            found.append(match)
        return found

    def _own(self, row: PersonRow, value: str, there: Iterable[Reading]) -> Reading | None:
        """What this very row said last time; rows of one name without an id are told apart by what they say."""
        fresh = [each for each in there if each.id not in self.seen]
        same = next((each for each in fresh if each.value == value), None)
        if same is not None:
            return same
        return next((each for each in fresh if row.who.id or not _tells_apart(row, each)), None)

    def _by_identity(self, matches: Iterable[Match]) -> None:
        for match in matches:
            number = self._ids.get(_number(match.row.who) or "")
            found = number or next((n for each in profiles(match.row) if (n := self._profiles.get(each))), None)
            if found is not None:
                is_profile = number is None or self._source == LINKEDIN
                match.contact_id, match.why = found, "the same profile" if is_profile else "the same id"

    def _by_email(self, matches: Sequence[Match]) -> None:
        wanted = {each for match in matches for each in emails(match.row)}
        owners = people_index.with_emails(self._session, wanted)
        known = people_index.known(self._session, {each for some in owners.values() for each in some})
        for match in matches:
            numbers = dict.fromkeys(number for email in emails(match.row) for number in owners.get(email, ()))
            some = [known[number] for number in numbers]
            fitting = [each for each in some if not self._is_other(match.row, each)]
            named = [each for each in fitting if each.name_key == fold(match.row.who.name)]
            chosen = named or fitting
            if len(chosen) == 1:
                match.contact_id, match.why = chosen[0].id, "the same e-mail address"
            else:
                match.maybe += some

    def _keep_away(self, matches: Sequence[Match]) -> None:
        """Whom an earlier reading brought and who is gone: the person removed them, or had them forgotten."""
        uids = {each.reading.record_uid for each in matches if each.reading and each.reading.record_uid}
        removed = readings.removed(self._session, uids)
        for match in matches:
            if match.reading is not None:
                forgotten = match.reading.key != match.row.key
                match.is_removed = forgotten or match.reading.record_uid in removed

    def _by_name(self, matches: Sequence[Match]) -> None:
        by_key = people_index.named(self._session, {fold(each.row.who.name) for each in matches})
        known = people_index.known(self._session, {each for some in by_key.values() for each in some})
        read = readings.of_records(self._session, self.kind, {each.uid for each in known.values()}) if known else {}
        for match in matches:
            candidates = [known[number] for number in by_key.get(fold(match.row.who.name), ())]
            if candidates:
                self._choose(match, candidates, read)

    def _choose(self, match: Match, candidates: Sequence[Known], read: dict[str, list[Reading]]) -> None:
        row = match.row
        moved = [each for each in candidates if _is_moved(row, read.get(each.uid, ()))]
        fresh = [each for each in candidates if each.uid not in read and not self._is_other(row, each)]
        colleagues = [each for each in (*fresh, *moved) if employer(row) in each.employers]
        tended = [each for each in candidates if each.tended]
        if len(colleagues) == 1:
            match.contact_id, match.why = colleagues[0].id, "the same name and organization"
        elif len(tended) == 1 and tended[0] in fresh and len(row.who.name.split()) > 1:
            match.contact_id, match.why = tended[0].id, "the same full name"
        else:
            alike = fresh if row.who.id else [each for each in candidates if not self._is_other(row, each)]
            match.maybe = [*match.maybe, *alike][:MOST_MAYBES]

    def is_other_id(self, who: Who, known: Known) -> bool:
        """Whether the source knows the contact by another id."""
        own = _number(who)
        held = {known.external_ids.get(self._source)} - {None} or (known.slugs if self._source == LINKEDIN else set())
        return bool(own and held and own not in held)

    def _is_other(self, row: PersonRow, known: Known) -> bool:
        """Whether something tells the row's person from a contact, their names aside."""
        return bool(
            self.is_other_id(row.who, known)
            or (profiles(row) and known.slugs and not profiles(row) & known.slugs)
            or (row.birthday and known.birthday and row.birthday[-5:] != known.birthday[-5:])
        )


def _number(who: Who) -> str | None:
    """What the source knows the person by, without the source's name."""
    return who.id.partition(":")[2] if who.id else None


def _place(count: int) -> str:
    return "row" if not count else f"row {count + 1}"


def _tells_apart(row: PersonRow, reading: Reading) -> bool:
    """Whether what a row says and what one of its key said last time are of two people."""
    before = json.loads(reading.value)
    then = {each["value"].casefold() for each in before.get("methods", ()) if each["kind"] == "email"}
    now = emails(row)
    return bool(
        (now and then and not now & then)
        or _differ(row.added_on and row.added_on.isoformat(), before.get("added_on"))
        or _differ(row.birthday, before.get("birthday"))
    )


def _differ(one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON is of any type
    return bool(one and other and one != other)


def _is_moved(row: PersonRow, read: Sequence[Reading]) -> bool:
    """Whether somebody of the row's name was read with another id, but as added on the same day: the id has changed."""
    days = {json.loads(each.value).get("added_on") for each in read}
    return row.added_on is not None and days == {row.added_on.isoformat()}
