"""Where each kind of row goes: the record it means and the fields it fills."""

from dataclasses import replace
from typing import Any

from sqlmodel import Session

from crm import models as m
from crm import rows as r
from crm.actions.merging import Access, Moment, Target, column
from crm.errors import AmbiguousError
from crm.models.words import ContactKind, Stage, Tier
from crm.store import contacts, matching, names, records


def source(row: r.Row) -> dict[str, Any]:
    """The columns that keep where a row was read."""
    return {
        "source_file": row.source.file,
        "source_line": row.source.line,
        "source_inferred": row.source.inferred,
    }


def the_contact(session: Session, name: str) -> m.Contact:
    """The contact a row names; rows come after the contacts they name.

    Raises:
        AmbiguousError: several people have exactly that name.
    """
    found = _contact(session, name)
    return found or contacts.add_contact(session, name)


def _contact(session: Session, name: str) -> m.Contact | None:
    found = names.called(session, name)
    if len(found) > 1:
        labels = [f"{each.ref} {each.name}" for each in found]
        raise AmbiguousError(f"{len(found)} people are called {name!r}; rename one of them first", candidates=labels)
    return found[0] if found else None


def _make_contact(session: Session, row: r.ContactRow) -> m.Contact:
    tier = Tier.NONE if row.kind == ContactKind.SOURCE else Tier.ACTIVE
    return contacts.add_contact(session, row.name, kind=row.kind, tier=tier, **source(row))


def _tags(session: Session, contact: m.Contact) -> tuple[str, ...]:
    return tuple(session.get_one(m.Tag, part.tag_id).name for part in records.parts(session, m.ContactTag, contact))


def _put_tags(session: Session, contact: m.Contact, tags: tuple[str, ...], _moment: Moment) -> None:
    for name in tags:
        contacts.put_in_tag(session, contact, contacts.tag_named(session, name))


def _methods(session: Session, contact: m.Contact) -> tuple[r.Method, ...]:
    parts = records.parts(session, m.ContactMethod, contact)
    return tuple(r.Method(each.kind, each.value, each.label, each.primary) for each in parts)


def _put_methods(session: Session, contact: m.Contact, methods: tuple[r.Method, ...], _moment: Moment) -> None:
    for each in methods:
        contacts.add_method(session, contact, each.kind, each.value, label=each.label, primary=each.primary)


def _position(session: Session, contact: m.Contact) -> m.Position | None:
    """The position that a row speaks of: the present one or, if there is none, the last that was added."""
    there = contacts.positions(session, contact)
    return next((each for each in there if each.current), there[-1] if there else None)


def _a_position(session: Session, contact: m.Contact) -> m.Position:
    return _position(session, contact) or records.add(session, m.Position(contact_id=contact.id))


def _employer(session: Session, contact: m.Contact) -> str | None:
    position = _position(session, contact)
    if position is None or position.organization_id is None:
        return None
    return session.get_one(m.Organization, position.organization_id).name


def _is_employer(session: Session, contact: m.Contact, name: str) -> str | None:
    """The name, if it is that of the organization that is noted, spelt otherwise or an alias."""
    position, organization = _position(session, contact), names.organization(session, name)
    is_noted = position is not None and organization is not None and position.organization_id == organization.id
    return name if is_noted else None


def _put_employer(session: Session, contact: m.Contact, name: str, _moment: Moment) -> None:
    organization = contacts.organization_named(
        session, name, source_file=contact.source_file, source_line=contact.source_line
    )
    _a_position(session, contact).organization_id = organization.id


def _title(session: Session, contact: m.Contact) -> str | None:
    position = _position(session, contact)
    return position.title if position else None


def _put_title(session: Session, contact: m.Contact, title: str, _moment: Moment) -> None:
    _a_position(session, contact).title = title


def _holds(session: Session, contact: m.Contact) -> bool:
    position = _position(session, contact)
    return position is None or position.current


def _put_holds(session: Session, contact: m.Contact, current: bool, _moment: Moment) -> None:
    position = _position(session, contact)
    if position is not None:
        position.current = current


def _aliases(_session: Session, record: m.Contact | m.Organization) -> tuple[str, ...]:
    return tuple(record.aliases)


def _put_aliases(
    _session: Session, record: m.Contact | m.Organization, aliases: tuple[str, ...], _moment: Moment
) -> None:
    record.aliases = [each for each in dict.fromkeys([*record.aliases, *aliases]) if each != record.name]


def _put_other_name(session: Session, organization: m.Organization, name: str, moment: Moment) -> None:
    """An organization found by an alias keeps its name; the name the file gives is one more alias."""
    _put_aliases(session, organization, (name,), moment)


def _make_organization(session: Session, row: r.OrganizationRow) -> m.Organization:
    return contacts.organization_named(session, row.name, **source(row))


def _find_organization(session: Session, row: r.OrganizationRow) -> m.Organization | None:
    found = (names.organization(session, name) for name in (row.name, *row.aliases))
    return next((each for each in found if each is not None), None)


def _pair(session: Session, row: r.RelationshipRow) -> dict[str, Any]:
    ends = (the_contact(session, row.from_name), the_contact(session, row.to_name))
    return {"from_contact_id": ends[0].id, "to_contact_id": ends[1].id, "type": row.type}


def _introduction(session: Session, row: r.IntroductionRow) -> dict[str, Any]:
    return {
        "connector_id": the_contact(session, row.connector).id,
        "contact_id": the_contact(session, row.contact).id if row.contact else None,
        "placeholder": row.placeholder,
        "want": row.want,
    }


def _organization_id(session: Session, name: str | None, row: r.Row) -> int | None:
    return contacts.organization_named(session, name, **source(row)).id if name else None


def _whom(session: Session, row: r.ReferralRow | r.QuestionRow) -> dict[str, Any]:
    return {
        "contact_id": the_contact(session, row.contact).id if row.contact else None,
        "tag_id": contacts.tag_named(session, row.tag).id if row.tag else None,
    }


def _make_referral(session: Session, row: r.ReferralRow) -> m.Referral:
    organization_id = _organization_id(session, row.organization, row)
    return records.add(
        session, m.Referral(**_whom(session, row), organization_id=organization_id, note=row.note, **source(row))
    )


def _make_introduction(session: Session, row: r.IntroductionRow) -> m.Introduction:
    organization_id = _organization_id(session, row.organization, row)
    return records.add(
        session, m.Introduction(**_introduction(session, row), organization_id=organization_id, **source(row))
    )


def _make_question(session: Session, row: r.QuestionRow) -> m.Question:
    made = records.add(session, m.Question(text=row.text, **source(row)))
    if row.contact or row.tag:
        records.add(session, m.QuestionAudience(question_id=made.id, **_whom(session, row)))
    return made


def _says_stage(_session: Session, contact: m.Contact, text: str) -> str | None:
    """The contact's stage, if a status is its word, or the word of one that the contact is past."""
    stages = list(Stage)
    passed = stages[1 : stages.index(Stage(contact.stage)) + 1]
    return contact.stage if contact.status_text is None and text in passed else None


CONTACT = Target(
    find=lambda session, row: _contact(session, row.name),
    make=_make_contact,
    fields={
        "kind": column("kind"),
        "context": column("context"),
        "place": column("place"),
        "how_to_reach": column("how_to_reach"),
        "status_text": replace(column("status_text"), implied=_says_stage),
        "aliases": Access(_aliases, _put_aliases, additive=True),
        "tags": Access(_tags, _put_tags, additive=True),
        "methods": Access(_methods, _put_methods, additive=True),
        "organization": Access(_employer, _put_employer, implied=_is_employer),
        "title": Access(_title, _put_title),
        "current": Access(_holds, _put_holds),
    },
)
TAG = Target(
    find=lambda session, row: matching.one(session, m.Tag, name=row.name),
    make=lambda session, row: contacts.tag_named(session, row.name, **source(row)),
    fields={"description": column("description")},
)
ORGANIZATION = Target(
    find=_find_organization,
    make=_make_organization,
    fields={
        "name": Access(
            lambda _session, organization: (organization.name, *organization.aliases),
            _put_other_name,
            additive=True,
            label="also called",
        ),
        "target": column("target"),
        "aliases": Access(_aliases, _put_aliases, additive=True),
    },
)
RELATIONSHIP = Target(
    find=lambda session, row: matching.one(session, m.Relationship, **_pair(session, row)),
    make=lambda session, row: records.add(session, m.Relationship(**_pair(session, row), **source(row))),
    fields={"note": column("note")},
)
INTRODUCTION = Target(
    find=lambda session, row: matching.one(session, m.Introduction, **_introduction(session, row)),
    make=_make_introduction,
    fields={"note": column("note")},
)
REFERRAL = Target(
    find=lambda session, row: matching.one(session, m.Referral, **_whom(session, row)),
    make=_make_referral,
    fields={"note": column("note")},
)
QUESTION = Target(
    find=lambda session, row: matching.question(session, row.text, **_whom(session, row)),
    make=_make_question,
    fields={},
)
