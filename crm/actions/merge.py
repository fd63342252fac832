"""Making one contact of several: what is blank is filled, what differs is said, and nothing is lost."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from crm.actions.checked import brief, whom
from crm.cadence import say_cadence
from crm.errors import BadValueError, RefusedError
from crm.folding import fold
from crm.models import Contact
from crm.models.words import Stage, Tier
from crm.store import journal
from crm.store import merge as store
from crm.store.merge import joined

TEXTS: Final = {
    "context": "context",
    "place": "place",
    "how_to_reach": "how to reach",
    "status_text": "status",
    "birthday": "birthday",
}
NOTES: Final = {"notes": "notes", "private_notes": "private notes"}
STAGES: Final = (
    Stage.TO_CONTACT,
    Stage.CONTACTED,
    Stage.DORMANT,
    Stage.REPLIED,
    Stage.SCHEDULED,
    Stage.MET,
    Stage.KEEPING_IN_TOUCH,
    Stage.DECLINED,
)
"""Nearest first. Who answered under one name is not dormant; who declined under one declined."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field in which the two differ: what stands now, and what the other said, which is kept in the notes."""

    field: str
    kept: str
    other: str


@dataclass
class Merged:
    """What became of the merged contacts, in plain values: telling it outlives the transaction.

    Attributes:
        keep: who stays, as (short id, name).
        gone: who went, likewise.
        moved: how much was taken over, by kind.
        once: how much stood with both and stands once now, by kind.
        filled: fields that were blank, or moved (stage, tier), with their value now.
        conflicts: fields in which the two differ.
        remarks: what else to know.
    """

    keep: tuple[str, str]
    gone: list[tuple[str, str]] = field(default_factory=list)
    moved: Counter[str] = field(default_factory=Counter)
    once: Counter[str] = field(default_factory=Counter)
    filled: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def merge(session: Session, people: Sequence[Contact]) -> Merged:
    """Join everybody to the first of `people`: their rows, fields and names; the others are removed.

    Raises:
        BadValueError: there are not two.
        RefusedError: a source and a person cannot be one.
    """
    keep, others = people[0], people[1:]
    _refuse(keep, others)
    told = Merged((keep.ref, keep.name), [(each.ref, each.name) for each in others])
    journal.summarize(session, f"Merged {whom(others)} into {brief(keep.name)} ({keep.ref})")
    flag_modified(keep, "updated_at")  # the one that stays changed, even where the other had nothing of its own
    for other in others:
        _join_fields(keep, other, told)
        moves = store.move(session, keep, other)
        told.moved += moves.moved
        told.once += moves.once
        told.remarks += moves.remarks
    return told


def _refuse(keep: Contact, others: Sequence[Contact]) -> None:
    if not others:
        raise BadValueError(
            f"{brief(keep.name)} ({keep.ref}) is one person already; name two: crm contact merge KEEP OTHER"
        )
    for other in others:
        if other.kind != keep.kind:
            raise RefusedError(
                f"{brief(keep.name)} ({keep.ref}) is a {keep.kind} and {brief(other.name)} ({other.ref}) a "
                f"{other.kind}; if they are one: crm contact edit {other.ref} --kind {keep.kind}"
            )


def _join_fields(keep: Contact, other: Contact, told: Merged) -> None:
    """Fill the columns of `keep` from `other`'s; in what differs, the one that stays is right."""
    _join_names(keep, other)
    said = [*_join_texts(keep, other, told), *_join_cadences(keep, other, told), *_join_ids(keep, other, told)]
    told.conflicts += said
    lines = [f"{each.field} of {other.name} ({other.ref}): {each.other}" for each in said]
    for column in NOTES:
        extra = "\n".join(lines) if column == "notes" else None
        mine, theirs = getattr(keep, column), getattr(other, column)
        setattr(keep, column, joined(mine, theirs, extra))
        if theirs and theirs != mine:
            told.filled.append((NOTES[column], "joined" if mine else "taken over"))
    _join_progress(keep, other, told)
    if keep.source_file is None:
        keep.source_file, keep.source_line = other.source_file, other.source_line
        keep.source_inferred = other.source_inferred


def _join_names(keep: Contact, other: Contact) -> None:
    called = dict.fromkeys([*keep.aliases, other.name, *other.aliases])
    keep.aliases = [each for each in called if each != keep.name]


def _join_texts(keep: Contact, other: Contact, told: Merged) -> Iterator[Conflict]:
    for column, label in TEXTS.items():
        mine, theirs = getattr(keep, column), getattr(other, column)
        if not theirs or fold(mine or "") == fold(theirs):
            continue
        if not mine or (column == "birthday" and _is_fuller(theirs, mine)):
            setattr(keep, column, theirs)
            told.filled.append((label, theirs))
        elif column != "birthday" or not _is_fuller(mine, theirs):
            yield Conflict(label, mine, theirs)


def _is_fuller(one: str, other: str) -> bool:
    """Whether one birthday is the other with the year: 1990-04-12 and --04-12."""
    return other.startswith("--") and not one.startswith("--") and one.endswith(other[1:])


def _join_cadences(keep: Contact, other: Contact, told: Merged) -> Iterator[Conflict]:
    mine, theirs = (_say_cadence(each) for each in (keep, other))
    if theirs is None or mine == theirs:
        return
    if mine is None:
        keep.cadence_min_days, keep.cadence_max_days = other.cadence_min_days, other.cadence_max_days
        told.filled.append(("keep in touch", theirs))
    else:
        yield Conflict("keep in touch", mine, theirs)


def _say_cadence(contact: Contact) -> str | None:
    if contact.cadence_min_days is None or contact.cadence_max_days is None:
        return None
    return say_cadence(contact.cadence_min_days, contact.cadence_max_days)


def _join_ids(keep: Contact, other: Contact, told: Merged) -> Iterator[Conflict]:
    """The ids under which other programs know them."""
    fresh = {name: value for name, value in other.external_ids.items() if name not in keep.external_ids}
    for name, value in other.external_ids.items():
        if keep.external_ids.get(name, value) != value:
            yield Conflict(f"id of {name}", keep.external_ids[name], value)
    if fresh:
        keep.external_ids = keep.external_ids | fresh
        told.filled += [(f"id of {name}", value) for name, value in fresh.items()]


def _join_progress(keep: Contact, other: Contact, told: Merged) -> None:
    """The furthest stage, the closest tier, the latest contact, the earliest day; put away only if both were."""
    stage = max(Stage(keep.stage), Stage(other.stage), key=STAGES.index)
    tier = min(Tier(keep.tier), Tier(other.tier), key=list(Tier).index)
    for column, value in (("stage", stage), ("tier", tier)):
        if getattr(keep, column) != value:
            setattr(keep, column, value.value)
            told.filled.append((column, value.value))
    keep.last_contact_at = _latest(keep.last_contact_at, other.last_contact_at)
    keep.added_at = min(keep.added_at, other.added_at)
    if keep.archived_at is not None and other.archived_at is None:
        keep.archived_at = None
        told.remarks.append(f"{brief(keep.name)} was put away and is back, for {brief(other.name)} was not")


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each is not None), default=None)
