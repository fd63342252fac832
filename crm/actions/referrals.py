"""Referrals: planned, asked, agreed, submitted, interviewing, offered or declined, and thanked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import etiquette, wording
from crm.actions.checked import added, brief, optional, required
from crm.actions.etiquette import Deed
from crm.errors import AmbiguousError, BadValueError, NotFoundError, RefusedError
from crm.models import Contact, Organization, Referral, Tag
from crm.models.words import ReferralState as State
from crm.settings import Settings
from crm.store import courtesy, journal, reaching, records, referrals
from crm.store.referrals import OPEN, Ask

TALKING_POINT: Final = (
    "Many companies pay their people for a referral that leads to a hire: asking is offering them something, too."
)

LADDER: Final = (
    State.PROPOSED,
    State.PLANNED,
    State.ASKED,
    State.AGREED,
    State.SUBMITTED,
    State.INTERVIEWING,
    State.OFFER,
)
"""The states in their order; `declined` and `thanked` can come from any."""

EARLY: Final = (State.PROPOSED, State.PLANNED)
"""The states in which nobody was asked yet."""

_HANDED_IN: Final = courtesy.REFERRED
_AFTER_THANKS: Final = (State.AGREED, *_HANDED_IN)


MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for; None where the person said nothing."""

    organization: Organization | None = None
    role: str | None = None
    note: str | None = None

    def facts(self) -> dict[str, Any]:
        """The columns that were said."""
        values = {
            "organization_id": self.organization and self.organization.id,
            "role": None if self.role is None else required(self.role, what="The role"),
            "note": optional(self.note, what="The note") if self.note else None,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The referrals that were written, and what the person should know of them."""

    referrals: Sequence[Referral]
    warnings: Sequence[str] = ()


def begin(session: Session, contact: Contact, wish: Wish, states: Sequence[State] = EARLY) -> Referral:
    """The referral of a contact that is meant: the one on record in one of these states, else a new one.

    One without a company takes the company that is named now.

    Raises:
        AmbiguousError: no company is named, and there are several.
        BadValueError: a text is blank.
    """
    early = [each for each in referrals.of(session, [contact.id]) if each.referral.state in states]
    found = _meant(early, wish.organization)
    return change(session, found or Referral(contact_id=contact.id), wish.facts())


def _meant(asks: Sequence[Ask], organization: Organization | None) -> Referral | None:
    if organization is None:
        if len(asks) > 1:
            raise _several(asks)
        return asks[0].referral if asks else None
    there = [each for each in asks if each.organization and each.organization.id == organization.id]
    unnamed = [each for each in asks if each.organization is None]
    return next((each.referral for each in [*there, *unnamed]), None)


def propose(session: Session, tag: Tag, wish: Wish) -> Referral:
    """Everybody in a tag is a candidate, for a company or for any; whom of them to ask is decided one by one."""
    there = [each.referral for each in referrals.of_tag(session, tag) if each.referral.state == State.PROPOSED]
    same = (each for each in there if each.organization_id == (wish.organization and wish.organization.id))
    made = change(session, next(same, None) or Referral(tag_id=tag.id), wish.facts())
    _summarize(session, "Noted as candidates:", [made])
    return made


def change(session: Session, referral: Referral, values: dict[str, Any]) -> Referral:
    """Set columns of a referral, which may be a new one."""
    for name, value in values.items():
        setattr(referral, name, value)
    return records.add(session, referral)


def plan(
    session: Session,
    found: Sequence[Referral],
    *,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Outcome:
    """Plan to ask for these referrals.

    Raises:
        RefusedError: a rule of etiquette stands against it, or one is further along already.
        BadValueError: the reason is blank, or it is asked of a whole tag.
    """
    remarks: list[str] = []
    for each in found:
        contact, organization = _asked_of(session, each)
        moment: dict[str, Any] = {"organization": organization, "now": now, "tz": tz, "settings": settings}
        remarks += etiquette.permit(session, Deed.REFERRAL_PLAN, contact, about=[each], anyway=anyway, **moment)
        _move(each, State.PLANNED, now)
    _summarize(session, "Planned to ask for", found, etiquette.because(anyway, remarks))
    return Outcome(found, remarks)


def ask(
    session: Session,
    found: Sequence[Referral],
    *,
    at: datetime | None,
    anyway: str | None,
    now: datetime,
    tz: ZoneInfo,
    settings: Settings,
) -> Outcome:
    """Ask for these referrals: now, or at a time that has passed, on which etiquette only remarks.

    Each ask counts at once: of many, those beyond the week's budget are refused, and with them all.

    Raises:
        RefusedError: a rule of etiquette stands against asking now, or one is further along already.
        BadValueError: the reason is blank, or it is asked of a whole tag.
    """
    remarks: list[str] = []
    for each in found:
        contact, organization = _asked_of(session, each)
        known: dict[str, Any] = {"about": [each], "organization": organization, "tz": tz, "settings": settings}
        if at is None or anyway is not None:
            remarks += etiquette.permit(session, Deed.REFERRAL_ASK, contact, anyway=anyway, now=at or now, **known)
        else:
            remarks += map(str, etiquette.objections(session, Deed.REFERRAL_ASK, contact, now=at, **known))
        _move(each, State.ASKED, at or now)
        each.asked_at = at or now
        session.flush()
    _summarize(session, "Asked for", found, etiquette.because(anyway, remarks))
    return Outcome(found, remarks)


def _asked_of(session: Session, referral: Referral) -> tuple[Contact, Organization | None]:
    """Whom to ask, and about which company.

    Raises:
        BadValueError: it stands for everybody in a tag.
    """
    it = referrals.ask(session, referral)
    if it.contact is None:
        name = wording.asked_of(it)
        raise BadValueError(
            f"{referral.ref} stands for everybody in {name}; ask one by one (crm referral candidates), "
            f"or all at once: crm referral ask {name}"
        )
    return it.contact, it.organization


def move(
    session: Session, found: Sequence[Referral], state: State, *, at: datetime, note: str | None = None
) -> Outcome:
    """Record what became of referrals, at that time; steps may be left out, and a no can come at any time.

    How it ended is kept: an offer, or that the company declined. That the contact said no is no such end. A note is
    added to what was noted before.

    Raises:
        RefusedError: one is further along already.
        BadValueError: it is asked of a whole tag, or the note cannot be stored.
    """
    remarks = [
        f"an offer was on record for {each.ref}; it is declined now (a mistake? crm undo)"
        for each in found
        if state == State.DECLINED and State.OFFER in {each.state, each.outcome}
    ]
    for each in found:
        _asked_of(session, each)
        each.note = added(each.note, note)
        if state == State.OFFER or (state == State.DECLINED and (each.state in _HANDED_IN or each.thanked_at)):
            each.outcome = state.value
        _move(each, state, at)
    _summarize(session, f"{state.capitalize()}:", found)
    return Outcome(found, remarks)


def thank(session: Session, found: Sequence[Referral], *, at: datetime, note: str | None = None) -> Outcome:
    """Record that one thanked for these referrals; how they ended, if they did, is kept as the outcome.

    Raises:
        BadValueError: it is asked of a whole tag.
    """
    for each in found:
        _asked_of(session, each)
        each.note = added(each.note, note)
        if each.state in {State.OFFER, State.DECLINED}:
            each.outcome = each.state
        each.state, each.moved_at, each.thanked_at = State.THANKED.value, at, at
    _summarize(session, "Thanked for", found)
    return Outcome(found)


def _move(referral: Referral, state: State, at: datetime) -> None:
    before = State(referral.state)
    late = before == State.THANKED and state in _AFTER_THANKS
    free = late or State.DECLINED in {state, before}
    if not free and (before == State.THANKED or LADDER.index(state) < LADDER.index(before)):
        raise RefusedError(
            f"{referral.ref} is {before} already; to set it back: crm referral edit {referral.ref} --state {state}"
        )
    referral.state, referral.moved_at = state.value, at


def find(session: Session, contact: Contact, state: State) -> Referral:
    """The referral of a contact that a move to this state means.

    Thanks are for one that they are owed for; else it is the open one, one not asked for yet, or one that is over.

    Raises:
        NotFoundError: there is none.
        AmbiguousError: there are several of the same standing.
    """
    asks = referrals.of(session, [contact.id])
    owed = courtesy.thanks_owed(session, [contact.id]).get(contact.id, []) if state == State.THANKED else []
    tiers = (
        [each for each in asks if each.referral in owed],
        [each for each in asks if each.referral.state in OPEN],
        [each for each in asks if each.referral.state == State.PROPOSED],
        asks,
    )
    found = next(filter(None, tiers), None)
    if found is None:
        raise NotFoundError(
            f"no referral of {brief(contact.name)} is on record; crm referral ask {contact.ref} --company NAME"
        )
    if len(found) > 1:
        raise _several(found)
    return found[0].referral


def _several(asks: Sequence[Ask]) -> AmbiguousError:
    return AmbiguousError(
        f"{wording.asked_of(asks[0])} stands in {len(asks)} referrals; say which by id, such as {asks[0].referral.ref}",
        candidates=[f"{each.referral.ref} {wording.referral(each)} ({each.referral.state})" for each in asks[:10]],
    )


def edit(session: Session, referral: Referral, changes: dict[str, Any], *, now: datetime) -> Referral:
    """Change columns of a referral, the state too, forward or back.

    Raises:
        BadValueError: there is nothing to change, or a text cannot be stored.
    """
    if not changes:
        raise BadValueError("nothing to change; give for example --company NAME, --role R or --state asked; see --help")
    for name, what in (("role", "The role"), ("note", "The note")):
        if name in changes:
            changes = changes | {name: optional(changes[name], what=what)}
    if "state" in changes:
        _asked_of(session, referral)
        changes = _settled(referral, State(changes["state"]), now) | changes
    change(session, referral, changes)
    _summarize(session, "Changed", [referral])
    return referral


def _settled(referral: Referral, state: State, now: datetime) -> dict[str, Any]:
    """What goes with a state that is set by hand: what is taken back did not happen."""
    settled: dict[str, Any] = {"moved_at": now}
    if state in EARLY:
        settled |= {"asked_at": None, "thanked_at": None, "outcome": None}
    elif state == State.THANKED:
        settled["thanked_at"] = referral.thanked_at or now
    elif state == State.OFFER:
        settled["outcome"] = State.OFFER.value
    elif state != State.DECLINED:
        settled["outcome"] = None
    if state == State.ASKED:
        settled |= {"asked_at": referral.asked_at or now, "thanked_at": None}
    return settled


def remove(session: Session, referral: Referral) -> Ask:
    """Remove a referral."""
    gone = referrals.ask(session, referral)
    _summarize(session, "Removed", [referral])
    records.remove(session, referral)
    return gone


def handles(session: Session, asks: Sequence[Ask]) -> dict[int, str]:
    """What to type for each of the people asked, by id."""
    return {each.contact.id: reaching.handle(session, each.contact) for each in asks[:MOST_TOLD] if each.contact}


def _summarize(session: Session, verb: str, found: Sequence[Referral], because: str = "") -> None:
    session.flush()
    asks = [referrals.ask(session, each) for each in found[:MOST_TOLD]]
    what = brief(", ".join(f"{wording.referral(each)} ({each.referral.ref})" for each in asks))
    whom = brief(", ".join(dict.fromkeys(wording.asked_of(each) for each in asks)))
    journal.summarize(session, f"{verb} {what} of {whom}{because}")
