"""Who could refer: people asked already, in a group of candidates, or at the company; and what comes before asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette
from crm.actions.etiquette import APPLIES, Deed
from crm.actions.manners import Limits, Objection, Rule, judge
from crm.models import Organization
from crm.settings import Settings
from crm.store import referrals
from crm.store.referrals import Lead

_READY: Final = (
    Rule.WEEKLY_BUDGET,
    Rule.THANKS_FIRST,
    Rule.TALK_FIRST,
    Rule.ONE_ASK,
    Rule.DORMANT,
    Rule.DECLINED,
)
"""How near somebody is to being asked, by what stands against it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could refer.

    Attributes:
        lead: who it is, and by which asks, tags and positions.
        first: what comes before asking them; nothing where they can be asked now.
    """

    lead: Lead
    first: Sequence[Objection]


def candidates(
    session: Session, organization: Organization | None, *, now: datetime, tz: ZoneInfo, settings: Settings
) -> list[Candidate]:
    """Who could refer (to the organization): who can be asked now first, then by what comes first."""
    leads = referrals.leads(session, organization)
    people = [each.contact for each in leads]
    facts = etiquette.gather(
        session,
        people,
        organization=organization,
        about=[ask.referral for each in leads for ask in each.asks],
        now=now,
        tz=tz,
        limits=Limits.of(settings),
        handle=etiquette.by_ref,
    )
    found = [Candidate(each, judge(facts[each.contact.id], APPLIES[Deed.REFERRAL_ASK])) for each in leads]
    return sorted(found, key=_readiness)


def _readiness(candidate: Candidate) -> tuple[int, bool, float, int]:
    """What stands against asking, whether one is there oneself and not by a group, the last contact, who came first."""
    lead = candidate.lead
    contact, grouped = lead.contact, not (lead.asks or lead.positions)
    first = _READY.index(candidate.first[0].rule) + 1 if candidate.first else 0
    return first, grouped, -contact.last_contact_at.timestamp() if contact.last_contact_at else 0.0, contact.id
