"""How close one is to somebody: the one measure by which `crm who` and `crm path` order people."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from crm.models.words import ContactKind, Stage, Tier

RECENT: Final = timedelta(days=365)
"""Who was met longer ago than this is no longer somebody one is in touch with."""

_SPOKE: Final = frozenset({Stage.REPLIED, Stage.SCHEDULED, Stage.MET, Stage.KEEPING_IN_TOUCH})


class Warmth(StrEnum):
    """In touch, in touch once or trying to be, or merely known of."""

    WARM = "warm"
    LUKEWARM = "lukewarm"
    COLD = "cold"


class Standing(Protocol):
    """What of a contact says how close one is."""

    @property
    def kind(self) -> str:
        """A person, or a source studied from afar."""

    @property
    def stage(self) -> str:
        """Where the outreach stands."""

    @property
    def tier(self) -> str:
        """How closely they are tended."""

    @property
    def last_contact_at(self) -> datetime | None:
        """When the two were last in touch (aware UTC)."""


def warmth(each: Standing, *, now: datetime) -> Warmth:
    """How close one is: warm after they spoke or wrote, until a year has passed; cold where nothing ever passed."""
    if each.kind == ContactKind.SOURCE:
        return Warmth.COLD
    known = each.stage in {Stage.MET, Stage.KEEPING_IN_TOUCH} or each.last_contact_at is not None
    if each.stage in _SPOKE and (each.last_contact_at is None or now - each.last_contact_at <= RECENT):
        return Warmth.WARM
    return Warmth.LUKEWARM if known or each.tier == Tier.INNER else Warmth.COLD


def closeness(each: Standing, *, now: datetime) -> tuple[int, int, float]:
    """What to order people by, the closest first: how warm, which tier, and how long ago the last contact was."""
    at = each.last_contact_at
    return (
        list(Warmth).index(warmth(each, now=now)),
        list(Tier).index(Tier(each.tier)),
        (now - at).total_seconds() if at else float("inf"),
    )
