"""Letting one contact take over everything that hangs on another, who goes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlmodel import Session, select

from crm.folding import fold
from crm.models import (
    Answer,
    Contact,
    ContactMethod,
    ContactTag,
    InteractionContact,
    Introduction,
    Organization,
    Part,
    Position,
    QuestionAudience,
    Record,
    Referral,
    Relationship,
    ReviewLink,
    Task,
    Waiver,
    WorksheetBaseline,
)
from crm.models.words import IntroductionState, ReferralState
from crm.store import duplicates, records, references

R = TypeVar("R", bound=Record)
Ask = TypeVar("Ask", Introduction, Referral)

_ENDED: Final = {"declined", "thanked"}
_FILLED: Final = ("role", "asked_at", "due_on")


@dataclass
class Moves:
    """What was taken over: how much moved, by kind; how much stood with both and stands once; and what else to say."""

    moved: Counter[str] = field(default_factory=Counter)
    once: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)


def move(session: Session, keep: Contact, other: Contact) -> Moves:
    """Let `keep` take over all rows that hang on `other`, and remove `other`; the columns of both are left alone."""
    moves = Moves()
    for step in (_methods, _positions, _parts, _answers, _relationships, _introductions, _referrals, _rest):
        step(session, keep, other, moves)
        session.flush()
    _read_as(session, other, keep)
    duplicates.pass_on(session, other, keep)
    session.flush()
    records.remove(session, other)
    return moves


def _methods(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    """Ways to reach them; the primary ones of the contact that stays go on being that."""
    mine = records.parts(session, ContactMethod, keep)
    there = {duplicates.same_way(each.kind, each.value): each for each in mine}
    for method in records.parts(session, ContactMethod, other):
        twin = there.get(duplicates.same_way(method.kind, method.value))
        if twin is not None:
            twin.label = twin.label or method.label
            session.delete(method)
            moves.once["contact detail"] += 1
            continue
        method.primary = method.primary and all(each.kind != method.kind for each in mine)
        method.contact_id = keep.id
        moves.moved["contact detail"] += 1


def _positions(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    mine = records.parts(session, Position, keep)
    holds = any(each.current for each in mine)
    for position in records.parts(session, Position, other):
        twin = next((each for each in mine if _same_position(each, position)), None)
        if twin is not None:
            twin.title = twin.title or position.title
            session.delete(position)
            moves.once["position"] += 1
            continue
        position.contact_id = keep.id
        moves.moved["position"] += 1
        if position.current and holds:
            position.current = False
            moves.remarks.append(f"{_say_position(session, position)} is kept as an earlier position")


def _same_position(one: Position, other: Position) -> bool:
    same_title = None in (one.title, other.title) or fold(one.title or "") == fold(other.title or "")
    return one.organization_id == other.organization_id and one.current == other.current and same_title


def _say_position(session: Session, position: Position) -> str:
    at = session.get(Organization, position.organization_id) if position.organization_id else None
    return " at ".join(filter(None, (position.title, at.name if at else None)))


def _parts(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    """Tags, talks and questions: where both stand, one is enough."""
    links: tuple[tuple[type[Part], str, str], ...] = (
        (ContactTag, "tag_id", "tag"),
        (InteractionContact, "interaction_id", "interaction"),
        (QuestionAudience, "question_id", "question"),
    )
    for model, of, noun in links:
        there = {getattr(each, of) for each in _of(session, keep, model)}
        for part in _of(session, other, model):
            if getattr(part, of) in there:
                session.delete(part)
                moves.once[noun] += 1
            else:
                part.contact_id = keep.id
                moves.moved[noun] += 1
        session.flush()


def _of(session: Session, contact: Contact, model: type[Any]) -> Sequence[Any]:
    """The rows of one table that name the contact, whether they are parts of theirs or of something else."""
    if issubclass(model, Part) and model.OWNER == "contact_id":
        return records.parts(session, model, contact)
    return references.of_kind(session, contact, model)


def _answers(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    there = {(each.question_id, each.text) for each in _of(session, keep, Answer)}
    for answer in _of(session, other, Answer):
        if (answer.question_id, answer.text) in there:
            records.remove(session, answer)
            moves.once["answer"] += 1
        else:
            answer.contact_id = keep.id
            moves.moved["answer"] += 1


def _relationships(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    there = {_ends(each): each for each in _of(session, keep, Relationship)}
    for tie in _of(session, other, Relationship):
        tie.from_contact_id = keep.id if tie.from_contact_id == other.id else tie.from_contact_id
        tie.to_contact_id = keep.id if tie.to_contact_id == other.id else tie.to_contact_id
        twin = there.get(_ends(tie))
        if tie.from_contact_id == tie.to_contact_id:
            records.remove(session, tie)
            moves.remarks.append("that the two know each other is dropped, for they are one")
        elif twin is not None:
            _absorb(session, twin, tie)
            moves.once["relationship"] += 1
        else:
            moves.moved["relationship"] += 1


def _ends(tie: Relationship) -> tuple[int, int, str]:
    return tie.from_contact_id, tie.to_contact_id, tie.type


def _introductions(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    mine: list[Introduction] = list(_of(session, keep, Introduction))
    for intro in _of(session, other, Introduction):
        intro.connector_id = keep.id if intro.connector_id == other.id else intro.connector_id
        intro.contact_id = keep.id if intro.contact_id == other.id else intro.contact_id
        if intro.connector_id == intro.contact_id:
            records.remove(session, intro)
            moves.remarks.append(f"introduction {intro.ref} is dropped: it led from one of the two to the other")
            continue
        moves.moved["introduction"] += 1
        _join_asks(session, mine, intro, _leads_to, list(IntroductionState), moves)


def _leads_to(intro: Introduction) -> object:
    placeholder = fold(intro.placeholder or "")
    return intro.connector_id, intro.contact_id, intro.organization_id, placeholder, fold(intro.want)


def _referrals(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    mine: list[Referral] = list(_of(session, keep, Referral))
    for referral in _of(session, other, Referral):
        referral.contact_id = keep.id
        moves.moved["referral"] += 1
        _join_asks(session, mine, referral, lambda each: each.organization_id, list(ReferralState), moves)


def _join_asks(
    session: Session,
    mine: list[Ask],
    theirs: Ask,
    key: Callable[[Ask], object],
    order: Sequence[str],
    moves: Moves,
) -> None:
    """Of two asks for the same, the one that came further stays; one that ended is history and stands by itself."""
    twin = next((each for each in mine if key(each) == key(theirs) and _are_one(each.state, theirs.state)), None)
    if twin is None:
        mine.append(theirs)
        return
    further, nearer = sorted((twin, theirs), key=lambda each: -order.index(each.state))
    said = f"{further.ref} stays {further.state}; {nearer.ref}, {nearer.state}, for the same, is joined to it"
    moves.remarks.append(f"{type(further).__name__.lower()} {said}")
    mine[:] = [further if each is twin else each for each in mine]
    _absorb(session, further, nearer)


def _are_one(one: str, other: str) -> bool:
    """Whether two asks are one: both are open, or one of them was never decided on."""
    return "proposed" in (one, other) or not {one, other} & _ENDED


def _absorb(session: Session, stays: R, goes: R) -> None:
    """Fill what is blank in the one record with the other's, join their notes, and remove the other."""
    for name in _FILLED:
        if hasattr(stays, name) and getattr(stays, name) is None:
            setattr(stays, name, getattr(goes, name))
    role = getattr(goes, "role", None)
    other_role = f"also as {role}" if role and role != getattr(stays, "role", None) else None
    stays.note = joined(stays.note, goes.note, other_role)  # type: ignore[attr-defined]
    _read_as(session, goes, stays)
    session.flush()
    records.remove(session, goes)


def joined(*texts: str | None) -> str | None:
    """Texts one under the other, each once; None if there is none."""
    return "\n\n".join(dict.fromkeys(each for each in texts if each)) or None


def _rest(session: Session, keep: Contact, other: Contact, moves: Moves) -> None:
    """Tasks, rules set aside, and what is to have happened by a review."""
    by_review = {each.review_id for each in _of(session, keep, ReviewLink)}
    for link in _of(session, other, ReviewLink):
        if link.review_id in by_review:
            records.remove(session, link)
            moves.once["review"] += 1
        else:
            link.contact_id = keep.id
            moves.moved["review"] += 1
    for model, noun in ((Task, "task"), (Waiver, "exception")):
        for row in _of(session, other, model):
            row.contact_id = keep.id
            moves.moved[noun] += 1


def _read_as(session: Session, gone: Record, stays: Record) -> None:
    """What was read of one record was read of the other: the file, read again, finds it there."""
    for read in session.exec(select(WorksheetBaseline).where(WorksheetBaseline.record_uid == gone.uid)):
        read.record_uid = stays.uid
