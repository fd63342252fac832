"""How often to be in touch: whose word counts, where somebody stands in the window, and setting it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.checked import brief, whom
from crm.cadence import day_of, parse_cadence, say_cadence
from crm.models import Contact, Tag
from crm.models.words import Stage, Tier
from crm.settings import Settings
from crm.store import agenda, cadences, courtesy, journal
from crm.store.agenda import Standing

Cadence = tuple[int, int]
"""Be in touch every (least, most) days."""

CLEARING: Final = frozenset({"off", "none"})


class Says(StrEnum):
    """Whose word on how often to be in touch it is; the first of these that says anything counts."""

    PERSON = "person"
    TAG = "tag"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class Rule:
    """How often to be in touch, and who says so: `name` is the tag or tier."""

    says: Says
    days: Cadence
    name: str = ""

    @property
    def speaker(self) -> str:
        """`@experts`, `tier active`, or for a person's own cadence nothing."""
        return {Says.TAG: f"@{self.name}", Says.TIER: f"tier {self.name}"}.get(self.says, "")


class Pulse(StrEnum):
    """Where somebody stands: before the window, within it, or past it."""

    IN_TIME = "in-time"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which to be in touch again, counted from `since`: from `opens_on` to `closes_on`, both included."""

    since: date
    opens_on: date
    closes_on: date

    @property
    def overdue_on(self) -> date:
        """The first day past it."""
        return self.closes_on + timedelta(days=1)

    def pulse(self, today: date) -> Pulse:
        """Where one stands on a day."""
        if today < self.opens_on:
            return Pulse.IN_TIME
        return Pulse.DUE if today <= self.closes_on else Pulse.OVERDUE


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One person's cadence: the rule that counts, those it overrules, and where they stand.

    `rules` is empty for tier none with no cadence; then there is no window. `wrote_on` is when one last wrote and had
    no answer yet.
    """

    contact: Contact
    rules: tuple[Rule, ...]
    window: Window | None
    pulse: Pulse | None
    ever: bool
    wrote_on: date | None = None


def tier_cadences(settings: Settings) -> dict[Tier, Cadence]:
    """How often the settings want one to be in touch, by tier; nothing for tier none."""
    return {
        Tier.INNER: parse_cadence(settings["outreach.cadence_inner"]),
        Tier.ACTIVE: parse_cadence(settings["outreach.cadence"]),
        Tier.OCCASIONAL: parse_cadence(settings["outreach.cadence_occasional"]),
    }


def rules(standing: Standing, tiers: Mapping[Tier, Cadence]) -> tuple[Rule, ...]:
    """What is said of how often to be in touch; the first counts: the person's own, their tags', their tier's."""
    found = []
    if standing.own is not None:
        found.append(Rule(Says.PERSON, standing.own))
    if standing.tag is not None:
        found.append(Rule(Says.TAG, standing.tag.days, standing.tag.name))
    if standing.tier in tiers:
        found.append(Rule(Says.TIER, tiers[standing.tier], standing.tier.value))
    return tuple(found)


def window(since: date, days: Cadence) -> Window:
    """The window that a cadence opens after a day."""
    least, most = days
    return Window(since, since + timedelta(days=least), since + timedelta(days=most))


def say_every(days: Cadence) -> str:
    """The cadence as one says it: `every 4 to 6 weeks`, `every 30 days`, `every week`."""
    unit, length = ("day", 1) if days[0] % 7 or days[1] % 7 else ("week", 7)
    least, most = (each // length for each in days)
    if most == 1:
        return f"every {unit}"
    return f"every {most} {unit}s" if least == most else f"every {least} to {most} {unit}s"


def rhythms(
    session: Session, people: Sequence[Contact], *, now: datetime, tz: ZoneInfo, settings: Settings
) -> list[Rhythm]:
    """The cadence of each of these people and where they stand today, in their order."""
    ids = [each.id for each in people]
    parts = [ids[start : start + agenda.MOST] for start in range(0, len(ids), agenda.MOST)]
    there = {each.contact_id: each for part in parts for each in agenda.standings(session, part)}
    waiting = {number: each for part in parts for number, each in courtesy.unanswered(session, part).items()}
    wrote_on = {number: day_of(each.last_at, tz) for number, each in waiting.items()}
    tiers, today = tier_cadences(settings), day_of(now, tz)
    return [
        replace(_rhythm(each, there[each.id], rules(there[each.id], tiers), today, tz), wrote_on=wrote_on.get(each.id))
        for each in people
    ]


def _rhythm(contact: Contact, standing: Standing, said: tuple[Rule, ...], today: date, tz: ZoneInfo) -> Rhythm:
    since = day_of(standing.real_at or standing.added_at, tz)
    opened = window(since, said[0].days) if said else None
    if opened and standing.stage == Stage.TO_CONTACT and standing.last_at is None:
        opened = replace(opened, opens_on=since)  # whom one has not reached yet one need not wait with
    return Rhythm(contact, said, opened, opened.pulse(today) if opened else None, standing.real_at is not None)


def parse(text: str) -> Cadence | None:
    """The cadence that was typed; None for `off` or `none`, which clears it.

    Raises:
        BadValueError: it is neither.
    """
    return None if text.casefold() in CLEARING else parse_cadence(text)


def keep(session: Session, people: Sequence[Contact], tags: Sequence[Tag], days: Cadence | None) -> None:
    """Say how often to be in touch with these people, and with everybody in these tags; None leaves it to the rest."""
    for contact in people:
        contact.cadence_min_days, contact.cadence_max_days = days or (None, None)
    for tag in tags:
        cadences.keep_tag(session, tag, days)
    named = ", ".join([*(f"@{brief(each.name)}" for each in tags), *([whom(people)] if people else [])])
    journal.summarize(
        session, f"Set cadence {say_cadence(*days)} for {named}" if days else f"Cleared cadence of {named}"
    )


def remarks(people: Sequence[Contact]) -> list[str]:
    """What to say of those whom no cadence brings up."""
    return [
        f"{brief(each.name)} is of tier none and never suggested; to change that: crm contact tier {each.ref} active"
        for each in people
        if each.tier == Tier.NONE
    ]
