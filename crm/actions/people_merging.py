"""What a row says of somebody who is here already: added where it is new, kept where the person edited it.

It is a merge of three: what the file says now, what it said last time, and what stands in the database.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from crm.actions.merging import Verdict, encoded, judge, said
from crm.actions.people_adding import external_id, method, position
from crm.folding import fold
from crm.models import Contact, ContactMethod, ContactTag, Position
from crm.person_rows import Job, PersonRow, profile_slug
from crm.store import contacts
from crm.store.people_index import LINKEDIN

REASON = "a reason to write"


@dataclass(slots=True)
class There:
    """A contact and what hangs on them, to be changed in place."""

    contact: Contact
    positions: list[Position]
    methods: list[ContactMethod]
    tag_ids: set[int]


@dataclass(slots=True)
class Merge:
    """One row going into one contact. `before` is what the row said last time, as JSON has it.

    Attributes:
        places: the ids of the organizations that the row and `before` name.
        tags: the ids of the tags that the row names.
        details: what changed, and what was kept.
        news: whether it gives a reason to write to them.
    """

    session: Session
    there: There
    row: PersonRow
    before: dict[str, Any] | None
    places: dict[str, int]
    tags: dict[str, int]
    now: datetime
    details: list[str] = field(default_factory=list)
    news: bool = False

    def run(self) -> None:
        """Merge everything."""
        self._name()
        self._columns()
        self._aliases(self.row.aliases)
        self._methods()
        self._tags()
        self._jobs()
        self._ids()

    def _said(self, name: str) -> Any:  # noqa: ANN401 - JSON is of any type
        return (self.before or {}).get(name)

    def _name(self) -> None:
        contact, name = self.there.contact, self.row.who.name
        then = (self._said("who") or {}).get("name")
        if name in (contact.name, then):
            return
        if then == contact.name:
            self.details.append(f"was called {said(then)}")
            contacts.rename(contact, name)
            self._aliases((then,), told=False)
        elif fold(name) != contact.name_key:
            self._aliases((name,))

    def _aliases(self, aliases: Sequence[str], *, told: bool = True) -> None:
        contact = self.there.contact
        taken = {contact.name, *contact.aliases, *(self._said("aliases") or ())}
        fresh = [each for each in aliases if each not in taken]
        if fresh:
            contact.aliases = [*contact.aliases, *fresh]
            if told:
                self.details.append(f"also called {said(tuple(fresh))}")

    def _columns(self) -> None:
        row, contact, now = self.row, self.there.contact, self.now
        for name in ("place", "birthday", "notes"):
            self._scalar(name, getattr(row, name), getattr(contact, name), self._put(name))
        self._scalar("cadence_days", row.cadence_days, contact.cadence_max_days, self._put_cadence)
        last = row.last_contact_at
        if last and last <= now and (contact.last_contact_at is None or last > contact.last_contact_at):
            contact.last_contact_at = last
            self.details.append(f"last in touch {last.date()}")

    def _put(self, name: str) -> Callable[[object], None]:
        return lambda value: setattr(self.there.contact, name, value)

    def _put_cadence(self, value: Any) -> None:  # noqa: ANN401 - of the row's own type
        self.there.contact.cadence_min_days = self.there.contact.cadence_max_days = value

    def _scalar(self, name: str, value: object, stands: object, put: Callable[[object], None]) -> None:
        if value is None:
            return
        label = name.removesuffix("_days")
        then = self._said(name)
        verdict = judge(value, None if then is None else encoded(then), stands)
        if verdict is Verdict.TAKE:
            put(value)
            self.details.append(f"{label}: {said(value)}")
        elif verdict is Verdict.KEEP:
            self.details.append(f"kept your {label} {said(stands)}; the file says {said(value)}")

    def _methods(self) -> None:
        there = self.there
        taken = {_way(each.kind, each.value) for each in there.methods}
        taken |= {_way(each["kind"], each["value"]) for each in self._said("methods") or ()}
        for each in self.row.methods:
            if _way(each.kind, each.value) in taken:
                continue
            has_primary = any(other.primary and other.kind == each.kind for other in there.methods)
            columns = method(there.contact.id, each) | {"primary": each.primary and not has_primary}
            there.methods.append(ContactMethod(**columns))
            self.session.add(there.methods[-1])
            self.details.append(f"{each.kind}: {said(each)}")

    def _tags(self) -> None:
        then = {fold(each) for each in self._said("tags") or ()}
        for name in self.row.tags:
            number = self.tags[name]
            if number not in self.there.tag_ids and fold(name) not in then:
                self.there.tag_ids.add(number)
                self.session.add(ContactTag(contact_id=self.there.contact.id, tag_id=number))
                self.details.append(f"@{said(name)}")

    def _ids(self) -> None:
        contact = self.there.contact
        ids = {source: number for source, number in external_id(self.row).items() if number != contact.uid}
        if any(contact.external_ids.get(source) != number for source, number in ids.items()):
            contact.external_ids = contact.external_ids | ids

    def _jobs(self) -> None:
        then = [Job(**each) for each in self._said("jobs") or ()]
        fresh = [job for job in self.row.jobs if job not in then]
        gone = [job for job in then if job not in self.row.jobs]
        now = [job for job in fresh if job.current]
        if gone:
            self.details.append(f"{say_job(gone[0])} -> {say_job(now[0]) if now else 'not said'} ({REASON})")
            self.news = True
        ours = [each for each in self.there.positions if each.current and not self._is_any(each, (*then, *fresh))]
        left = [each for each in self.there.positions if each.current and self._is_any(each, gone)]
        if now and ours and not left:
            self._fill(ours, now)
            return
        for each in left:
            each.current = False
        for job in fresh:
            self._hold(job)

    def _is_any(self, position: Position, jobs: Sequence[Job]) -> bool:
        return any((position.organization_id, position.title) == (self._place(job), job.title) for job in jobs)

    def _place(self, job: Job) -> int | None:
        return self.places[job.organization] if job.organization else None

    def _fill(self, ours: Sequence[Position], now: Sequence[Job]) -> None:
        """Where the person has said what somebody does, a file only fills in what they left open."""
        for job in now:
            open_ = next((each for each in ours if each.organization_id == self._place(job) and not each.title), None)
            if open_ is not None and job.title:
                open_.title = job.title
                self.details.append(f"title: {said(job.title)}")
            elif all(each.organization_id != self._place(job) or each.title != job.title for each in ours):
                self.details.append(f"kept your position; the file says {say_job(job)}")

    def _hold(self, job: Job) -> None:
        there = next((each for each in self.there.positions if self._is_any(each, (job,))), None)
        if there is not None:
            there.current = job.current
            return
        made = Position(**position(self.there.contact.id, job, self.places))
        self.there.positions.append(made)
        self.session.add(made)
        if not self.news:
            self.details.append(say_job(job))


def say_job(job: Job) -> str:
    """`Acme VP`."""
    return " ".join(said(each) for each in (job.organization, job.title) if each)


def old_jobs(before: dict[str, Any] | None) -> Iterator[str]:
    """The organizations that a row named last time."""
    for job in (before or {}).get("jobs", ()):
        if job["organization"]:
            yield job["organization"]


def _way(kind: str, value: str) -> tuple[str, str]:
    """A way to reach somebody, as two are compared."""
    if kind == LINKEDIN:
        return kind, profile_slug(value) or value
    if kind == "phone":
        return kind, "".join(each for each in value if each.isdigit()) or value
    return kind, value.casefold().removesuffix("/")
