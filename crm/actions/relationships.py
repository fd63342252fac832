"""Who knows, manages or taught whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from crm.actions.checked import brief, optional, required
from crm.errors import BadValueError, NotFoundError, RefusedError
from crm.escaping import quote
from crm.folding import fold
from crm.models import Contact, Relationship
from crm.store import journal, names, records, relationships

TYPES: Final = ("knows", "manages", "taught", "mentors", "works-with", "introduced", "friend-of")
EXAMPLE: Final = "write for example: crm relate jane knows ben"


@dataclass(frozen=True, slots=True)
class Sentence:
    """`A knows B`, taken apart."""

    subject: tuple[str, ...]
    type: str
    object: tuple[str, ...]


def take_apart(words: Sequence[str]) -> Sentence:
    """Find the verb between two names: a known one (`works with` in two words too), or the middle word of three.

    Raises:
        BadValueError: there is no verb, or it could be either of two.
    """
    found = [each for each in _splits(words) if each.type in TYPES]
    if not found and len(words) == 3:
        found = [Sentence((words[0],), _type(words[1]), (words[2],))]
    if len(found) != 1:
        problem = "could be read in two ways; quote the names" if found else "needs a verb between two names"
        raise BadValueError(f"{quote(' '.join(words))} {problem}; {EXAMPLE} (verbs: {', '.join(TYPES)})")
    return found[0]


def _splits(words: Sequence[str]) -> list[Sentence]:
    return [
        Sentence(tuple(words[:start]), "-".join(words[start:stop]).casefold(), tuple(words[stop:]))
        for length in (1, 2)
        for start in range(1, len(words) - length)
        for stop in [start + length]
    ]


def _type(word: str) -> str:
    """A verb of the person's own; one that looks like a known one is a slip of the pen."""
    name = required(word, what="The verb").casefold()
    near = names.nearest(name, TYPES)
    if near:
        raise BadValueError(f"{quote(word)} is no verb known here; did you mean {near[0]}? (verbs: {', '.join(TYPES)})")
    return name


def relate(
    session: Session, subject: Contact, verb: str, other: Contact, *, note: str | None
) -> tuple[Relationship, bool]:
    """Note that `subject` knows (or manages ...) `other`; with it, whether that is new or has a new note.

    Raises:
        RefusedError: they are the same person.
        BadValueError: the verb is a part of one of the names.
    """
    if subject is other:
        raise RefusedError(f"{brief(subject.name)} cannot be related to themselves; name two people: {EXAMPLE}")
    if verb not in TYPES and verb in fold(f"{subject.name} {other.name}").split():
        raise BadValueError(f"{quote(verb)} is part of a name here, and a verb is missing: {EXAMPLE}")
    journal.summarize(session, sentence(subject, verb, other))
    there = relationships.find(session, subject, verb, other)
    if there is None:
        made = Relationship(from_contact_id=subject.id, to_contact_id=other.id, type=verb)
        made.note = optional(note or "", what="The note")
        return records.add(session, made), True
    if note is None or there.note == (note or None):
        return there, False
    there.note = optional(note, what="The note")
    return there, True


def find(session: Session, subject: Contact, verb: str, other: Contact) -> Relationship:
    """The relationship of that kind from one contact to the other.

    Raises:
        NotFoundError: there is none; what there is stands among the candidates.
    """
    there = relationships.find(session, subject, verb, other)
    if there is None:
        others = [sentence(subject, each, other) for each in relationships.between(session, subject, other)]
        raise NotFoundError(f"nothing says that {sentence(subject, verb, other)}", candidates=others)
    return there


def unrelate(session: Session, relationship: Relationship, subject: Contact, other: Contact) -> None:
    """Take a relationship away."""
    journal.summarize(session, f"No more: {sentence(subject, relationship.type, other)}")
    records.remove(session, relationship)


def sentence(subject: Contact, verb: str, other: Contact) -> str:
    """`Jane Roe knows Ben`."""
    return f"{brief(subject.name)} {verb.replace('-', ' ')} {brief(other.name)}"
