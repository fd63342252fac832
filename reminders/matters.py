"""What stands between the person and those who help them: thanks that are owed, and news to ask for.

Introductions and referrals come together: somebody can be owed thanks for both, or news of both can be due, on one
morning. Both rules go by these matters, so that on a morning one of them speaks of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.cadence import day_of
from crm.models import Contact
from crm.models.words import IntroductionState as Introduced
from crm.models.words import ReferralState as Referred
from crm.store import courtesy, due, introductions, referrals
from crm.store.dossier import Route
from crm.store.referrals import Ask

_UTC: Final = ZoneInfo("UTC")
_NEWS: Final = (Introduced.ASKED, Introduced.AGREED)
_WAITING: Final = (Referred.ASKED, Referred.AGREED)
_TOLD: Final = {Introduced.MADE.value: "thank", Introduced.MET.value: "report"}


class Need(StrEnum):
    """What a matter asks for."""

    ASK = "ask"
    NEWS = "news"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Introduction:
    """What an introduction asks for.

    Attributes:
        need: thanks include word of how a meeting went.
        day: the person's day on which it is to be said.
        key_day: the day that names the occurrence, which no zone changes.
        ordinal: which of several on that day.
        route: the introduction.
    """

    need: Need
    day: date
    key_day: date
    ordinal: str
    route: Route

    @property
    def contact(self) -> Contact:
        """Who helps."""
        return self.route.connector


@dataclass(frozen=True, slots=True)
class Referral:
    """What a referral asks for; attributes as of an introduction."""

    need: Need
    day: date
    key_day: date
    ask: Ask
    contact: Contact


def of_introductions(session: Session, tz: ZoneInfo, options: Mapping[str, Any]) -> list[Introduction]:
    """What introductions ask for; `options` are those of their rule."""
    states = (Introduced.PLANNED, *_NEWS, *map(Introduced, _TOLD))
    found = (_of_introduction(each, tz, options) for each in introductions.listed(session, states=states))
    return [each for each in found if each is not None]


def _of_introduction(route: Route, tz: ZoneInfo, options: Mapping[str, Any]) -> Introduction | None:
    it = route.introduction
    ordinal = _TOLD.get(it.state)
    if ordinal is None:
        need = Need.NEWS if it.state in _NEWS else Need.ASK
        return Introduction(need, it.due_on, it.due_on, "due", route) if it.due_on else None
    if it.moved_at is None:
        return None
    day = day_of(it.moved_at, tz) + timedelta(days=options[f"{ordinal}_days"])
    return Introduction(Need.THANKS, day, day_of(it.moved_at, _UTC), ordinal, route)


def of_referrals(session: Session, tz: ZoneInfo, options: Mapping[str, Any]) -> list[Referral]:
    """What referrals ask for: news of those that do not move, thanks for those handed in; `options` of their rule."""
    owed = {each.uid for found in courtesy.thanks_owed(session).values() for each in found}
    asks = referrals.listed(session, states=(*_WAITING, *courtesy.REFERRED, Referred.DECLINED))
    return [each for ask in asks for each in _of_referral(ask, ask.referral.uid in owed, tz, options)]


def _of_referral(ask: Ask, owed: bool, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Referral]:
    it, at = ask.referral, _since(ask)
    waits = it.state in _WAITING
    if ask.contact is None or at is None or not (waits or owed):
        return
    need, days = (Need.NEWS, options["stale_days"]) if waits else (Need.THANKS, options["thank_days"])
    yield Referral(need, day_of(at, tz) + timedelta(days=days), day_of(at, _UTC), ask, ask.contact)


def _since(ask: Ask) -> datetime | None:
    """When it came into its state."""
    return ask.referral.moved_at or ask.referral.asked_at


def promised(session: Session, found: list[Introduction] | list[Referral]) -> set[tuple[int, date]]:
    """By whom and by which day something else is promised; only looked up where news is waited for."""
    return due.promised(session) if any(each.need == Need.NEWS for each in found) else set()
