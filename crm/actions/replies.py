"""Whose answer it is when several people were there."""

from collections.abc import Sequence

from sqlmodel import Session

from crm.models import Contact, Question
from crm.store import names, questions


def asked_of(session: Session, question: Question, contacts: Sequence[Contact]) -> list[Contact]:
    """Those among the contacts whom a question is for: by name, else by tag; all where it is for none of them alone."""
    (asked,) = questions.asked(session, [question])
    named = {each.id for each in asked.contacts}
    tagged = {each.id for tag in asked.tags for each in names.members(session, tag)}
    for ids in (named, tagged):
        if found := [each for each in contacts if each.id in ids]:
            return found
    return list(contacts)
