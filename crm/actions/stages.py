"""How a stage moves by itself: a pure rule over what passed between the person and a contact, and its use."""

from dataclasses import dataclass
from typing import Final

from crm.models import Contact, Interaction
from crm.models.words import TALKS, Direction, InteractionKind, InteractionState, Stage

LADDER: Final = (Stage.TO_CONTACT, Stage.CONTACTED, Stage.REPLIED, Stage.SCHEDULED, Stage.MET)
"""The stages that move by themselves, lowest first; the others are set by hand or by a rule."""

WRITTEN: Final = frozenset({InteractionKind.MESSAGE, InteractionKind.EMAIL, InteractionKind.LINKEDIN})
"""Kinds in which one side wrote."""


def next_stage(stage: str, kind: str, direction: str, state: str) -> Stage:
    """The stage after an interaction; never one further back, and never one that is set by hand."""
    before, reached = Stage(stage), _reached(kind, direction, state)
    if before not in LADDER or reached is None:
        return before
    return max(before, reached, key=LADDER.index)


def _reached(kind: str, direction: str, state: str) -> Stage | None:
    if state == InteractionState.PLANNED:
        return Stage.SCHEDULED
    if state != InteractionState.HAPPENED:
        return None
    if kind in TALKS:
        return Stage.MET
    # Of an `other` nothing is known but who reached out, so it moves as far as a message would and no further.
    return Stage.REPLIED if direction == Direction.IN else Stage.CONTACTED


@dataclass(frozen=True, slots=True)
class Move:
    """A contact whose stage moved."""

    contact: Contact
    before: Stage
    after: Stage


def move(contact: Contact, interaction: Interaction, by_hand: Stage | None = None) -> Move | None:
    """Move a contact's stage by the rule, or to where the person puts it; None where it stays."""
    before = Stage(contact.stage)
    after = by_hand or next_stage(before, interaction.kind, interaction.direction, interaction.state)
    if after == before:
        return None
    contact.stage = after.value
    return Move(contact, before, after)


def is_latest(contact: Contact, interaction: Interaction) -> bool:
    """Whether no contact later than the interaction is known; only the latest moves anything."""
    return contact.last_contact_at is None or interaction.starts_at >= contact.last_contact_at
