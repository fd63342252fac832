"""What is typed of an introduction that is wanted, read and chosen before anything is written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from crm.actions import companies, introductions, phrases
from crm.actions.introductions import Wish
from crm.commands.base import App
from crm.commands.choose import choose_contact, choose_people
from crm.commands.common import distinct
from crm.errors import BadValueError, NotFoundError
from crm.escaping import quote
from crm.models import Contact, Introduction
from crm.store import introductions as store
from crm.store import names, records

_REF: Final = re.compile(r"n\d{1,18}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom somebody wants to know: a contact by short id, or a description of somebody unnamed."""

    ref: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed: introductions on record by id, or else a connector and targets; and what is said of them."""

    ids: Sequence[str]
    connector: str | None
    targets: Sequence[Target]
    company: str | None
    want: str | None
    due_on: date | None
    note: str | None
    remarks: Sequence[str]

    def begin(self, session: Session) -> tuple[list[Introduction], list[str]]:
        """The introductions meant, with what was said of them, and remarks; of a writing session."""
        organization, remarks = companies.named(session, self.company) if self.company else (None, [])
        people = [records.by_ref(session, Contact, each.ref) if each.ref else each.text for each in self.targets]
        wish = Wish(targets=people, organization=organization, want=self.want, due_on=self.due_on, note=self.note)
        remarks = [*self.remarks, *remarks]
        if self.connector is not None:
            connector = records.by_ref(session, Contact, self.connector)
            return distinct(introductions.begin(session, connector, wish)), remarks
        found = distinct(records.by_ref(session, Introduction, each) for each in self.ids)
        return [introductions.change(session, each, wish.facts()) for each in found], remarks


def read(
    crm: App,
    whom: Sequence[str],
    targets: Sequence[str],
    *,
    company: str | None,
    want: str | None,
    by: str | None,
    note: str | None,
) -> Asked:
    """Read what was typed, and choose who is meant; somebody unknown with a company is somebody unnamed.

    Raises:
        BadValueError: nobody is said to be wanted, or the day is none to come.
        NotFoundError, AmbiguousError: as for people.
    """
    on_record = all(_REF.fullmatch(each) for each in whom) and not targets
    if not on_record and not targets:
        who = " ".join(whom)
        raise BadValueError(f"say whom {quote(who)} is to bring you to, for example: crm intro ask {who:.40} --for ben")
    with crm.reading() as session:
        connector = None if on_record else choose_contact(crm, session, whom)
        chosen = [each for typed in targets for each in _targets(_Search(crm, session, connector, company), typed)]
        return Asked(
            ids=whom if on_record else (),
            connector=connector.ref if connector else None,
            targets=chosen,
            company=company,
            want=want,
            due_on=phrases.due_day(by, now=crm.now, tz=crm.tz) if by is not None else None,
            note=note,
            remarks=[said for each in chosen for said in _near(session, each)],
        )


@dataclass(frozen=True, slots=True)
class _Search:
    """Where targets are looked for."""

    crm: App
    session: Session
    connector: Contact | None
    company: str | None

    def people(self, typed: str) -> list[Contact]:
        """Whom the text means, if anybody."""
        try:
            return choose_people(self.crm, self.session, [typed])
        except NotFoundError:
            return []

    def may_be_unnamed(self, typed: str) -> bool:
        """Whether the text can describe somebody unnamed: not an id or tag, and it is known where they work."""
        if self.connector is None or names.REF.fullmatch(typed.strip().lower()) or typed.startswith("@"):
            return False
        return self.company is not None or bool(store.toward(self.session, self.connector, typed, None))


def _targets(search: _Search, typed: str) -> Iterator[Target]:
    """`ben,ana` names two people; `a data engineer, remote` is one description."""
    parts = [part.strip() for part in typed.split(",") if part.strip()]
    if len(parts) > 1 and any(map(search.people, parts)):
        for part in parts:
            yield from _targets(search, part)
        return
    try:
        yield from (Target(each.ref, each.name) for each in choose_people(search.crm, search.session, [typed]))
    except NotFoundError as error:
        if search.may_be_unnamed(typed):
            yield Target(None, typed)
            return
        hint = "" if search.company else "; for somebody you can't name yet, say where: --at COMPANY"
        raise NotFoundError(f"{error.message}{hint}", candidates=error.candidates) from error


def _near(session: Session, target: Target) -> list[str]:
    """What to say of a description that could be a name misspelt."""
    if target.ref is not None:
        return []
    near = names.nearest(target.text, [each.name for each in records.every(session, Contact)])
    return [f"{quote(target.text)} stands for somebody unnamed; if you mean {near[0]}: crm undo"] if near else []
