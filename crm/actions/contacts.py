"""Contacts: adding, editing, putting away and removing people, and what is said of them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, SQLModel

from crm.actions.birthdays import parse_birthday
from crm.actions.checked import brief, counted, optional, required, whom
from crm.actions.positions import set_position
from crm.actions.tags import tag_name
from crm.errors import BadValueError, RefusedError
from crm.escaping import quote
from crm.models import Contact, InteractionContact, QuestionAudience, Relationship
from crm.models.words import ContactKind, Stage, Tier
from crm.store import contacts, dossier, journal, names, references
from crm.store.records import SHORT_ID

COLUMNS: Final = {
    "context": "context",
    "place": "place",
    "how_to_reach": "how_to_reach",
    "status": "status_text",
    "note": "notes",
    "private_note": "private_notes",
}
PLACEHOLDERS: Final = ("URL", "NAME", "ADDRESS", "NUMBER", "TEXT", "@TAG", "WHO")
"""What the program's hints write where something of the person's own is to stand."""

METHODS: Final = ("email", "phone", "linkedin", "instagram", "url")
NOUNS: Final[dict[type[SQLModel], str]] = {InteractionContact: "interaction", QuestionAudience: "question"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the person says of a contact. None leaves a field as it is; an empty text clears it.

    Methods (email to url) are set as given, the first as the primary one. Tags and aliases are added to those there;
    an empty one first takes all away.
    """

    name: str | None = None
    kind: ContactKind | None = None
    stage: Stage | None = None
    organization: str | None = None
    title: str | None = None
    email: Sequence[str] | None = None
    phone: Sequence[str] | None = None
    linkedin: Sequence[str] | None = None
    instagram: Sequence[str] | None = None
    url: Sequence[str] | None = None
    how_to_reach: str | None = None
    context: str | None = None
    place: str | None = None
    status: str | None = None
    tag: Sequence[str] | None = None
    alias: Sequence[str] | None = None
    birthday: str | None = None
    note: str | None = None
    private_note: str | None = None

    def given(self) -> Iterator[tuple[str, str | Sequence[str]]]:
        """Each field that was said, with its value; a list that was not given is empty."""
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and value not in ((), []):
                yield each.name, value


def add(
    session: Session, name: str, said: Said, *, same_name: bool, now: datetime, tz: ZoneInfo
) -> tuple[Contact, list[str]]:
    """Add a contact; with it come remarks that the person may want to know, such as another of nearly that name.

    Raises:
        RefusedError: somebody has that name or alias already, and `same_name` does not allow for two.
        BadValueError: the name is blank, or a value cannot be read or stored.
    """
    _meant(name)
    there = names.called(session, name)
    if there and not same_name:
        raise RefusedError(
            f"{names.label(there[0])} is there already; to change them: crm contact edit {there[0].ref}; "
            "if this is another person of that name: --same-name"
        )
    made = contacts.add_contact(session, name, tier=_first_tier(said).value)
    remarks = apply(session, made, said, now=now, tz=tz)
    journal.summarize(session, f"Added {brief(name)} ({made.ref})")
    return made, remarks + _alike(session, made)


def _meant(name: str) -> str:
    """A name that the person means: not blank, and neither an id nor a tag, for which it would be taken.

    Raises:
        BadValueError: it is one of those.
    """
    required(name, what="The name")
    if SHORT_ID.fullmatch(name.strip().lower()) or name.strip().startswith("@"):
        kind = "a tag" if name.strip().startswith("@") else "an id"
        raise BadValueError(f"{quote(name)} would be taken for {kind}; write the name in another way")
    return name


def _alike(session: Session, contact: Contact) -> list[str]:
    return [f"not to be confused with {names.label(each)}" for each in names.similar(session, contact)]


def _first_tier(said: Said) -> Tier:
    """A source is studied from afar, so nobody is nagged about it."""
    return Tier.NONE if said.kind is ContactKind.SOURCE else Tier.ACTIVE


def edit(session: Session, contact: Contact, said: Said, *, now: datetime, tz: ZoneInfo) -> list[str]:
    """Change what was said of a contact; gives remarks as `add`.

    Raises:
        BadValueError: the name would be blank, or a value cannot be read or stored.
    """
    if said.name is not None:
        contacts.rename(contact, _meant(said.name))
    remarks = apply(session, contact, said, now=now, tz=tz)
    what = ", ".join(name.replace("_", " ") for name, _value in said.given())
    journal.summarize(session, f"Changed {brief(contact.name)} ({contact.ref}): {what}")
    return remarks + (_alike(session, contact) if said.name is not None else [])


def apply(session: Session, contact: Contact, said: Said, *, now: datetime, tz: ZoneInfo) -> list[str]:
    """Write everything but the name; gives remarks."""
    if said.kind is not None:
        contact.kind = said.kind.value
    if said.stage is not None:
        contact.stage = said.stage.value
    if said.birthday is not None:
        contact.birthday = parse_birthday(said.birthday, now=now, tz=tz) if said.birthday else None
    for field, column in COLUMNS.items():
        value = getattr(said, field)
        if value is not None:
            setattr(contact, column, optional(value, what=f"The {field.replace('_', ' ')}"))
    _put_methods(session, contact, said)
    _put_aliases(contact, said.alias or ())
    _put_tags(session, contact, said.tag or ())
    return set_position(session, contact, said.organization, said.title)


def _usable(kind: str, value: str) -> str:
    """The value, if one could write to it or call it: a placeholder typed as it stands is neither."""
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise BadValueError(f"{quote(value)} is no e-mail address; write one like jane@example.org")
    if kind == "phone" and not any(each.isdigit() for each in value):
        raise BadValueError(f"{quote(value)} is no phone number; write one like '+1 555 0100'")
    if value in PLACEHOLDERS:
        raise BadValueError(f"{quote(value)} stands for what you know; put their own {kind} in its place")
    return value


def _put_methods(session: Session, contact: Contact, said: Said) -> None:
    for kind in METHODS:
        values = getattr(said, kind)
        if values:
            kept = [_usable(kind, required(value, what=f"The {kind}")) for value in values if value]
            contacts.set_methods(session, contact, kind, list(dict.fromkeys(kept)))


def _put_aliases(contact: Contact, aliases: Sequence[str]) -> None:
    kept = [] if "" in aliases else contact.aliases
    new = [required(each, what="The alias") for each in aliases if each]
    contact.aliases = list(dict.fromkeys([*kept, *new]))


def _put_tags(session: Session, contact: Contact, tags: Sequence[str]) -> None:
    if "" in tags:
        for tag in contacts.tags_of(session, contact):
            contacts.take_out_of_tag(session, contact, tag)
    for each in filter(None, tags):
        contacts.put_in_tag(session, contact, contacts.tag_named(session, tag_name(each)))


def parse_tier(text: str) -> Tier:
    """The tier of that name.

    Raises:
        BadValueError: there is none.
    """
    if text.casefold() not in list(Tier):
        raise BadValueError(f"{quote(text)} is no tier; the last word is one of {', '.join(Tier)}.")
    return Tier(text.casefold())


def set_tier(session: Session, people: Sequence[Contact], tier: Tier) -> list[Contact]:
    """Say how closely these people are tended; gives those who were tended otherwise before."""
    changed = [each for each in people if each.tier != tier]
    for each in changed:
        each.tier = tier.value
    journal.summarize(session, f"Set {whom(people)} to tier {tier}")
    return changed


def archive(session: Session, contact: Contact, *, back: bool, now: datetime) -> bool:
    """Put somebody away, or take them back; False where that changes nothing."""
    if (contact.archived_at is not None) is not back:
        return False
    contact.archived_at = None if back else now
    journal.summarize(session, f"{'Took back' if back else 'Archived'} {whom([contact])}")
    return True


def history(session: Session, contact: Contact) -> Counter[str]:
    """How much refers to a contact, by kind, relationships aside."""
    rows = (row for row in references.to(session, contact) if not isinstance(row, Relationship))
    return Counter(NOUNS.get(type(row)) or str(row.__tablename__).replace("_", " ") for row in rows)


def remove(session: Session, contact: Contact, *, with_history: bool = False) -> None:
    """Remove a contact with methods, tags, positions and relationships; with all that refers to them if one says so.

    Raises:
        RefusedError: something refers to them, and is not to go with them.
    """
    kept = history(session, contact)
    if kept and not with_history:
        raise RefusedError(
            f"{brief(contact.name)} has {counted(kept)}; put them away with: crm contact archive {contact.ref}, "
            "or remove all of it: --with-history"
        )
    journal.summarize(session, f"Removed {brief(contact.name)} ({contact.ref})")
    dossier.remove(session, contact)
