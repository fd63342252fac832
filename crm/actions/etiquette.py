"""Etiquette: which rules (crm.actions.manners) plans and asks have to keep to, unless the person says why not.

A rule refuses what lies ahead and only remarks on what happened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import wording
from crm.actions.checked import brief, required
from crm.actions.manners import Facts, Limits, Objection, Rule, judge, on_message
from crm.cadence import day_of, midnight, week_bounds
from crm.errors import RefusedError
from crm.escaping import shorten
from crm.models import Contact, Interaction, Introduction, Organization, Referral, Waiver
from crm.models.words import IntroductionState, ReferralState, Stage
from crm.settings import Settings
from crm.store import courtesy, introductions, reaching, records, referrals
from crm.store.courtesy import Unanswered
from crm.store.dossier import Route
from crm.store.referrals import OPEN, Ask

MOST_WARNED: Final = 5
LONGEST_REASON: Final = 200
_NO: Final = IntroductionState.DECLINED
_ASKED: Final = IntroductionState.ASKED


class Deed(StrEnum):
    """What somebody is about to do."""

    REFERRAL_ASK = "referral-ask"
    INTRODUCTION_ASK = "introduction-ask"
    REFERRAL_PLAN = "referral-plan"
    INTRODUCTION_PLAN = "introduction-plan"
    FOLLOW_UP_PLAN = "follow-up-plan"
    CHAT_PLAN = "chat-plan"


APPLIES: Final[Mapping[Deed, tuple[Rule, ...]]] = {
    Deed.REFERRAL_ASK: (
        Rule.DECLINED,
        Rule.ONE_ASK,
        Rule.THANKS_FIRST,
        Rule.TALK_FIRST,
        Rule.DORMANT,
        Rule.WAITING,
        Rule.WEEKLY_BUDGET,
    ),
    Deed.INTRODUCTION_ASK: (Rule.DECLINED, Rule.THANKS_FIRST, Rule.DORMANT, Rule.WAITING, Rule.WEEKLY_BUDGET),
    Deed.REFERRAL_PLAN: (Rule.DECLINED, Rule.ONE_ASK, Rule.THANKS_FIRST, Rule.DORMANT),
    Deed.INTRODUCTION_PLAN: (Rule.DECLINED, Rule.THANKS_FIRST, Rule.DORMANT),
    Deed.FOLLOW_UP_PLAN: (Rule.DECLINED, Rule.DORMANT, Rule.WAITING),
    Deed.CHAT_PLAN: (Rule.DECLINED,),
}
"""Which rules a deed has to keep to, the weightiest first."""

ASKS: Final = (Deed.REFERRAL_ASK, Deed.INTRODUCTION_ASK)
"""Deeds that are done now, by a message."""

REMARKS: Final[Mapping[Deed, tuple[Rule, ...]]] = {Deed.REFERRAL_PLAN: (Rule.TALK_FIRST,)}
"""Rules that only remark on a deed."""


def gather(
    session: Session,
    contacts: Sequence[Contact],
    *,
    organization: Organization | None = None,
    about: Sequence[Referral | Introduction] = (),
    on: date | None = None,
    now: datetime,
    tz: ZoneInfo,
    limits: Limits,
    handle: Callable[[Session, Contact], str] = reaching.handle,
) -> dict[int, Facts]:
    """The facts of each contact, by id; `handle` apart, the number of queries does not depend on how many they are.

    `about` are the records that the deed carries on; they never stand in its way, but say whether they were declined.
    """
    ids = [each.id for each in contacts]
    first, last = week_bounds(day_of(now, tz), first_weekday=limits.first_weekday)
    next_week_on = last + timedelta(days=1)
    since_at, until_at = (midnight(day, tz) for day in (first, next_week_on))
    written_to = courtesy.written_to(session, since_at=since_at, until_at=until_at)
    unanswered, owed = courtesy.unanswered(session, ids), _owed(session, ids, about)
    found = referrals.of(session, ids)
    talked, answering = courtesy.talked(session, ids), courtesy.wrote_last(session, ids)
    asks = {each: [ask for ask in found if ask.referral.contact_id == each] for each in ids}
    return {
        each.id: Facts(
            name=brief(each.name),
            handle=handle(session, each),
            stage=Stage(each.stage),
            limits=limits,
            talked=each.id in talked,
            unanswered=_dated(unanswered.get(each.id), tz),
            answering=each.id in answering,
            written=sum(written_to.values()),
            in_touch=each.id in written_to,
            counted=written_to.get(each.id, False),
            next_week_on=next_week_on,
            owed=owed.get(each.id, ()),
            running=_running(asks[each.id], organization, about),
            said_no=_said_no(session, asks[each.id], organization, about),
            on=on,
        )
        for each in contacts
    }


def _dated(unanswered: Unanswered | None, tz: ZoneInfo) -> tuple[int, date] | None:
    return (unanswered.count, day_of(unanswered.last_at, tz)) if unanswered else None


def _owed(
    session: Session, ids: Sequence[int], about: Sequence[Referral | Introduction]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """What is owed to each contact, with the command that settles it; what the deed carries on is left out."""
    owed = courtesy.thanks_owed(session, ids)
    things = [each for found in owed.values() for each in found]
    numbers = [each.id for each in things if isinstance(each, Introduction)]
    told = {each.introduction.ref: _of_introduction(each) for each in introductions.of(session, numbers)}
    told |= {each.referral.ref: _of_referral(each) for each in referrals.of(session, list(owed))}
    return {number: tuple(told[each.ref] for each in found if each not in about) for number, found in owed.items()}


def _of_introduction(route: Route) -> tuple[str, str]:
    it, connector = route.introduction, brief(route.connector.name)
    if it.state == IntroductionState.MET:
        said = f"{connector} has not heard from you how it went with {wording.target(route)} ({it.ref})"
    else:
        said = f"{connector} got you {wording.wanted(route)} ({it.ref}) and was not thanked"
    return said, f"crm intro thanked {it.ref}"


def _of_referral(ask: Ask) -> tuple[str, str]:
    ref = ask.referral.ref
    said = f"{wording.asked_of(ask)} gave you {wording.referral(ask)} ({ref}) and was not thanked"
    return said, f"crm referral thank {ref}"


def _running(
    asks: Sequence[Ask], organization: Organization | None, about: Sequence[Referral | Introduction]
) -> str | None:
    """The ask that is open at the organization; one that names none may be for any, and a planned one is carried on."""
    for each in asks:
        it = each.referral
        same = organization is None or it.organization_id in (None, organization.id)
        carried_on = it in about and it.state == ReferralState.PLANNED
        if it.state in OPEN and same and not carried_on:
            settled = f"go on with that one (crm referral show {it.ref}), or end it: crm referral declined {it.ref}"
            return (
                f"{it.ref} is open already: {wording.referral(each)} from {wording.asked_of(each)} ({it.state}); "
                + (settled if each.organization else f"name its company: crm referral edit {it.ref} --company NAME")
            )
    return None


def _said_no(
    session: Session,
    asks: Sequence[Ask],
    organization: Organization | None,
    about: Sequence[Referral | Introduction],
) -> str | None:
    """The same that they declined before; an application that was turned down is not their no."""
    for declined in about:
        if isinstance(declined, Introduction) and declined.state == _NO:
            return _no_to_introduction(introductions.route(session, declined))
    for each in asks:
        it = each.referral
        same = organization is not None and it.organization_id == organization.id
        if it.state == ReferralState.DECLINED and it.outcome is None and (same or it in about):
            return f"{wording.asked_of(each)} said no to {wording.referral(each)} ({it.ref})"
    return None


def _no_to_introduction(route: Route) -> str:
    return f"{brief(route.connector.name)} said no to {wording.wanted(route)} ({route.introduction.ref})"


def by_ref(_session: Session, contact: Contact) -> str:
    """The short id, which needs no look-up: what to type for one of many."""
    return contact.ref


def objections(
    session: Session,
    deed: Deed,
    contact: Contact,
    *,
    organization: Organization | None = None,
    about: Sequence[Referral | Introduction] = (),
    on: date | None = None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> list[Objection]:
    """What stands against a deed; `about` are the records it carries on, `on` the day it is planned for."""
    limits = Limits.of(settings)
    facts = gather(session, [contact], organization=organization, about=about, on=on, now=now, tz=tz, limits=limits)
    return judge(_of_deed(facts[contact.id], deed, about, day_of(now, tz), tz), APPLIES[deed])


def permit(
    session: Session,
    deed: Deed,
    contact: Contact,
    *,
    organization: Organization | None = None,
    about: Sequence[Referral | Introduction] = (),
    on: date | None = None,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> list[str]:
    """Let a deed pass, and give remarks; with a reason (`anyway`) each rule it breaks is set aside on record.

    Raises:
        RefusedError: a rule stands against it, and no reason was given.
        BadValueError: the reason is blank.
    """
    reason = None if anyway is None else required(anyway, what="The reason")
    limits = Limits.of(settings)
    gathered = gather(session, [contact], organization=organization, about=about, on=on, now=now, tz=tz, limits=limits)
    facts = _of_deed(gathered[contact.id], deed, about, day_of(now, tz), tz)
    found, remarks = judge(facts, APPLIES[deed]), judge(facts, REMARKS.get(deed, ()))
    for each in found:
        if reason is None:
            said = "; ".join(map(str, found))
            if deed in ASKS:
                said += ". If you have asked already, say when: --at today"
            raise RefusedError(f'{said}. If you have a reason to do it all the same: --anyway "REASON"')
        records.add(session, Waiver(contact_id=contact.id, rule=each.rule.value, reason=reason))
    set_aside = [f"{each.rule} set aside for {facts.name}: {reason}" for each in found]
    if reason is not None and not found:
        set_aside = [f"no rule stood against it for {facts.name}; the reason was not needed and is not kept"]
    return set_aside + [each.text for each in remarks]


def _of_deed(facts: Facts, deed: Deed, about: Sequence[Referral | Introduction], today: date, tz: ZoneInfo) -> Facts:
    """The facts as they stand to a deed: an ask is for today, and the message sent today may well be the ask itself."""
    if deed not in ASKS:
        return facts
    asked = [day_of(each.asked_at, tz) for each in about if each.asked_at and each.state == _ASKED]
    earlier = [each for each in asked if each < today]
    sent_today = facts.unanswered is not None and facts.unanswered[1] >= today
    return replace(facts, on=None if sent_today else today, asked_on=max(earlier, default=None))


def on_writing(
    session: Session,
    contacts: Sequence[Contact],
    interaction: Interaction,
    before: Mapping[int, Unanswered],
    *,
    follow_up_on: date | None,
    tz: ZoneInfo,
    limits: Limits,
) -> list[str]:
    """What to say of a message that was sent, and of a follow-up to it; both are on record and stay so.

    `before` is what was unanswered before it.
    """
    at = interaction.starts_at
    facts = gather(session, contacts, on=follow_up_on, now=at, tz=tz, limits=limits, handle=by_ref)
    found = [said for each in contacts if (said := on_message(facts[each.id], before.get(each.id), at, tz))]
    if follow_up_on is not None:
        rules = (Rule.DORMANT, Rule.WAITING)
        found += [f"the follow-up: {one.text}" for each in contacts for one in judge(facts[each.id], rules)[:1]]
    rest = len(found) - MOST_WARNED
    found[MOST_WARNED:] = [f"and so for {rest} more"] if rest > 0 else []
    told = next(iter(facts.values()), None)
    if told is not None and told.written > limits.budget and any(each.counted for each in facts.values()):
        found.append(
            f"that makes {told.written} people you wrote to of your own accord in that week; "
            f"outreach.weekly_budget is {limits.budget}"
        )
    return found


def because(anyway: str | None, remarks: Sequence[str]) -> str:
    """What the journal adds to a deed for which rules were set aside."""
    return f" ({shorten('; '.join(remarks), LONGEST_REASON)})" if anyway is not None and remarks else ""
