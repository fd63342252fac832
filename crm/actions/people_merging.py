"""What a row says of somebody who is here already: added where it is new, kept where the person edited it.

It is a merge of three: what the file says now, what it said last time, and what stands in the database. Text that
differs in nothing but blanks and control characters, which not every format can hold, is the same.
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
from crm.vcards import flat

REASON = "a reason to write"


@dataclass(slots=True)
class There:
    """A contact and what hangs on them, to be changed in place; `employers` are the names of organizations by id."""

    contact: Contact
    positions: list[Position]
    methods: list[ContactMethod]
    tag_ids: set[int]
    employers: dict[int, str]


@dataclass(slots=True)
class Merge:
    """One row going into one contact. `before` is what the row said last time, as JSON has it.

    Attributes:
        places: the ids of those organizations that the row and `before` name and that are there.
        tags: the ids of the tags that the row names.
        make: makes an organization that is not there, and gives its id.
        details: what changed, and what was kept.
        news: whether it gives a reason to write to them.
    """

    session: Session
    there: There
    row: PersonRow
    before: dict[str, Any] | None
    places: dict[str, int]
    tags: dict[str, int]
    make: Callable[[str], int]
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
        if name == then or flat(name) == flat(contact.name):
            return
        if then == contact.name:
            self.details.append(f"was called {said(then)}")
            contacts.rename(contact, name)
            self._aliases((then,), told=False)
        elif fold(name) != contact.name_key:
            self._aliases((name,))

    def _aliases(self, aliases: Sequence[str], *, told: bool = True) -> None:
        contact = self.there.contact
        taken = set(map(flat, (contact.name, *contact.aliases, *(self._said("aliases") or ()))))
        fresh = [each for each in aliases if flat(each) not in taken]
        if fresh:
            contact.aliases = [*contact.aliases, *fresh]
            if told:
                self.details.append(f"also called {said(tuple(fresh))}")

    def _columns(self) -> None:
        row, contact, now = self.row, self.there.contact, self.now
        for name in ("place", "birthday", "notes"):
            self._scalar(name, getattr(row, name), self._said(name), getattr(contact, name), self._put(name))
        stands = _span(contact.cadence_min_days, contact.cadence_max_days)
        then = _span(self._said("cadence_min_days"), self._said("cadence_days"))
        self._scalar("cadence", _span(row.cadence_min_days, row.cadence_days), then, stands, self._put_cadence)
        last = row.last_contact_at
        if last and last <= now and (contact.last_contact_at is None or last > contact.last_contact_at):
            contact.last_contact_at = last
            self.details.append(f"last in touch {last.date()}")

    def _put(self, name: str) -> Callable[[str], None]:
        return lambda value: setattr(self.there.contact, name, value)

    def _put_cadence(self, _span: str) -> None:
        contact, row = self.there.contact, self.row
        contact.cadence_min_days, contact.cadence_max_days = row.cadence_min_days or row.cadence_days, row.cadence_days

    def _scalar(
        self, name: str, value: str | None, then: str | None, stands: str | None, put: Callable[[str], None]
    ) -> None:
        if value is None:
            return
        verdict = judge(value, None if then is None else encoded(then), stands)
        if verdict is Verdict.TAKE:
            put(value)
            self.details.append(f"{name}: {said(value)}")
        elif verdict is Verdict.KEEP and flat(value) != flat(stands):
            self.details.append(f"kept your {name} {said(stands)}; the file says {said(value)}")

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
        if gone and not self._is_known():
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

    def _is_known(self) -> bool:
        """Whether the row says of the present what stands here already."""
        here = [each for each in self.there.positions if each.current]
        jobs = [job for job in self.row.jobs if job.current]
        return all(self._is_any(each, jobs) for each in here) and all(
            any(self._is_any(each, (job,)) for each in here) for job in jobs
        )

    def _is_any(self, position: Position, jobs: Sequence[Job]) -> bool:
        return any(self._is_at(position, job) and flat(position.title) == flat(job.title) for job in jobs)

    def _is_at(self, position: Position, job: Job) -> bool:
        """Whether a position is at the organization of a job, by any of its names."""
        here = position.organization_id
        if here is None or not job.organization:
            return here is None and not job.organization
        return here == self.places.get(job.organization) or flat(self.there.employers.get(here)) == flat(
            job.organization
        )

    def _fill(self, ours: Sequence[Position], now: Sequence[Job]) -> None:
        """Where the person has said what somebody does, a file only fills in what they left open."""
        for job in now:
            open_ = next((each for each in ours if self._is_at(each, job) and not each.title), None)
            if open_ is not None and job.title:
                open_.title = job.title
                self.details.append(f"title: {said(job.title)}")
            elif not any(self._is_any(each, (job,)) for each in ours):
                self.details.append(f"kept your position; the file says {say_job(job)}")

    def _hold(self, job: Job) -> None:
        there = next((each for each in self.there.positions if self._is_any(each, (job,))), None)
        if there is not None:
            there.current = job.current
            return
        if job.organization and job.organization not in self.places:
            self.places[job.organization] = self.make(job.organization)
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


def _span(shortest: int | None, longest: int | None) -> str | None:
    """`28..42`, or `42`."""
    return "..".join(str(each) for each in dict.fromkeys((shortest, longest)) if each) or None


def _way(kind: str, value: str) -> tuple[str, str]:
    """A way to reach somebody, as two are compared."""
    if kind == LINKEDIN:
        return kind, profile_slug(value) or value
    if kind == "phone":
        return kind, "".join(each for each in value if each.isdigit()) or value
    return flat(kind), flat(value).casefold().removesuffix("/")
