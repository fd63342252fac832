"""Introductions: on the day by which one is wanted, a day after it was made (thanks), and three days after the meeting.

Thanks and word of how it went are asked for until they are said. The key holds the day by which it is wanted, or the
day in UTC on which it came into its state, which moving to another time zone does not change. Thanks that somebody is
owed for a referral on the same morning are said with these; for news of somebody whose promise is open for the same
day, that promise is spoken of first.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import wording
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models.words import IntroductionState as State
from reminders import matters
from reminders.days_off import EVERY_DAY, worked_on
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.matters import Introduction, Need, Referral
from reminders.naming import name as name_of
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "thank_days": 1,
    "report_days": 3,
    "promise.enabled": True,
    "referral.enabled": True,
    "referral.stale_days": 14,
    "referral.thank_days": 1,
    "working_days": EVERY_DAY,
}


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is to be said of each introduction that runs."""
    found = matters.of_introductions(session, tz, options)
    promised = matters.promised(session, found) if options["promise.enabled"] else set()
    thanks = _thanks_for_referrals(session, found, tz, options)
    for each in found:
        told_already = each.need == Need.NEWS and (each.contact.id, each.day) in promised
        due_at = local_instant(_said_on(each, options), options["at"], tz)
        too = thanks.get((each.contact.id, each.day), []) if each.need == Need.THANKS else []
        if due_at <= now + options["ahead"] and not told_already:
            yield _reminder(each, due_at, tz, too)


def _said_on(each: Introduction, options: Mapping[str, Any]) -> date:
    """What is wanted by a day is spoken of on a working day; thanks are not due any earlier."""
    return each.day if each.need == Need.THANKS else worked_on(each.day, options["working_days"])


def _thanks_for_referrals(
    session: Session, found: Sequence[Introduction], tz: ZoneInfo, options: Mapping[str, Any]
) -> dict[tuple[int, date], list[str]]:
    """What is owed to whom, and from which day on, for referrals, where thanks for introductions are owed as well."""
    told = defaultdict[tuple[int, date], list[str]](list)
    if options["referral.enabled"] and any(each.need == Need.THANKS for each in found):
        own = {name: options[f"referral.{name}"] for name in ("stale_days", "thank_days")}
        for each in matters.of_referrals(session, tz, own):
            if each.need == Need.THANKS:
                told[each.contact.id, each.day].append(_too(each))
    return told


def _reminder(each: Introduction, due_at: datetime, tz: ZoneInfo, too: Sequence[str]) -> Reminder:
    uid = each.route.introduction.uid
    return Reminder(
        key=occurrence_key("introduction", uid, each.key_day, each.ordinal),
        rule="introduction",
        title=line(_title(each), LONGEST_TITLE),
        body="\n".join([_since(each, tz), *too, offers(**_ways(each))]),
        subject_table="introduction",
        subject_uid=uid,
        local_on=each.day,
        due_at=due_at,
    )


def _title(each: Introduction) -> str:
    connector, wanted = name_of(each.contact), wording.wanted(each.route)
    if each.need == Need.ASK:
        return f"Ask {connector} for {wanted}"
    if each.need == Need.NEWS:
        return f"Any news from {connector} about {wanted}?"
    if each.route.introduction.state == State.MET:
        return f"Tell {connector} how it went with {wording.target(each.route)}"
    return f"Thank {connector} for {wanted}"


def _since(each: Introduction, tz: ZoneInfo) -> str:
    it = each.route.introduction
    if each.need == Need.THANKS and it.moved_at:
        return f"{it.state.capitalize()} {say_day(day_of(it.moved_at, tz))}."
    return f"By {say_day(each.day)}."


def _too(referral: Referral) -> str:
    return f"And thank them for {wording.referral(referral.ask)}: crm referral thank {referral.ask.referral.ref}"


def _ways(each: Introduction) -> dict[str, str]:
    ref = each.route.introduction.ref
    later = f"crm intro edit {ref} --by 'in 3 days'"
    if each.need == Need.ASK:
        return {"Once you have": f"crm intro ask {ref}", "Later": later}
    if each.need == Need.NEWS:
        return {"Once it is done": f"crm intro made {ref}", "They said no": f"crm intro declined {ref}", "Later": later}
    return {"Once you have": f"crm intro thanked {ref}"}
