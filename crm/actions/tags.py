"""Tags: groups of people, such as @experts."""

from collections.abc import Sequence

from sqlmodel import Session

from crm.actions.checked import brief, counted, optional, required, whom
from crm.errors import BadValueError, RefusedError
from crm.models import Contact, ContactTag, Question, QuestionAudience, Referral, Tag, TagCadence
from crm.store import contacts, journal, names, records, references


def tag_name(text: str) -> str:
    """The name of a tag as typed, with or without `@`.

    Raises:
        BadValueError: it is blank.
    """
    return required(text.removeprefix("@"), what="The tag")


def put_in_tag(session: Session, people: Sequence[Contact], tag: str) -> tuple[Tag, list[Contact]]:
    """See to it that these people are in a tag, which is made if there is none; with it, who was not in it before."""
    chosen = contacts.tag_named(session, tag_name(tag))
    changed = [each for each in people if contacts.put_in_tag(session, each, chosen)]
    journal.summarize(session, f"Put {whom(changed)} in @{brief(chosen.name)}")
    return chosen, changed


def take_out_of_tag(session: Session, people: Sequence[Contact], tag: str) -> tuple[Tag, list[Contact]]:
    """See to it that these people are not in a tag; with it, who was in it before.

    Raises:
        NotFoundError: there is no such tag.
    """
    chosen = names.tag(session, tag)
    changed = [each for each in people if contacts.take_out_of_tag(session, each, chosen)]
    journal.summarize(session, f"Took {whom(changed)} out of @{brief(chosen.name)}")
    return chosen, changed


def add(session: Session, name: str, *, description: str | None) -> Tag:
    """A new tag with nobody in it.

    Raises:
        RefusedError: there is one of that name.
        BadValueError: the name is blank.
    """
    name = _new_name(session, name)
    made = records.add(session, Tag(name=name, description=optional(description or "", what="The description")))
    journal.summarize(session, f"Added tag @{brief(name)}")
    return made


def _new_name(session: Session, text: str, tag: Tag | None = None) -> str:
    name = tag_name(text)
    there = names.find_tag(session, name)
    if there is not None and there is not tag:
        raise RefusedError(f"there is a tag @{brief(there.name)} already; who is in it: crm tag show {there.ref}")
    return name


def edit(session: Session, tag: Tag, *, name: str | None, description: str | None) -> Tag:
    """Rename a tag, or say what it is for; an empty description clears it.

    Raises:
        RefusedError: there is another of that name.
        BadValueError: the name is blank, or there is nothing to change.
    """
    if name is None and description is None:
        raise BadValueError("nothing to change; give --name NAME or --description TEXT")
    if name is not None:
        tag.name = _new_name(session, name, tag)
    if description is not None:
        tag.description = optional(description, what="The description")
    journal.summarize(session, f"Changed tag @{brief(tag.name)}")
    return tag


def remove(session: Session, tag: Tag) -> None:
    """Remove a tag: nobody is in it any more.

    Raises:
        RefusedError: a question or a referral is for everybody in it.
    """
    referrals = references.of_kind(session, tag, Referral)
    asked = [session.get_one(Question, each.question_id) for each in references.of_kind(session, tag, QuestionAudience)]
    if referrals or asked:
        kept = {"question": len(asked), "referral": len(referrals)}
        raise RefusedError(
            f"{counted(kept)} for everybody in @{brief(tag.name)}; rename it with: "
            f"crm tag edit {tag.ref} --name NAME; or first give the questions others: crm question edit ID --for WHO"
        )
    journal.summarize(session, f"Removed tag @{brief(tag.name)}")
    for link in references.of_kind(session, tag, ContactTag):
        session.delete(link)
    session.flush()
    for cadence in references.of_kind(session, tag, TagCadence):
        records.remove(session, cadence)
    records.remove(session, tag)
