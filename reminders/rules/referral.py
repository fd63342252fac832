"""Referrals: news of one that does not move after two weeks, and thanks a day after one was handed in.

Both are asked for once for each state that the referral comes into; thanks are owed until they are said, however it
ended. While the company interviews, there is no news to ask for. The key holds the day in UTC on which it came into
its state. What an introduction, or what they promised, brings up with the same person on the same morning comes first.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import wording
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models.words import ReferralState as State
from reminders import matters
from reminders.lines import LONGEST_TITLE, line, offers
from reminders.matters import Need, Referral
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "stale_days": 14,
    "thank_days": 1,
    "introduction.enabled": True,
    "introduction.thank_days": 1,
    "introduction.report_days": 3,
    "promise.enabled": True,
}


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is to be said of each referral that runs, or that thanks are owed for."""
    found = matters.of_referrals(session, tz, options)
    told = _told(session, found, tz, options)
    for each in found:
        due_at = local_instant(each.day, options["at"], tz)
        if due_at <= now + options["ahead"] and (each.contact.id, each.need, each.day) not in told:
            yield _reminder(each, due_at, tz)


def _told(session: Session, found: list[Referral], tz: ZoneInfo, options: Mapping[str, Any]) -> set[Any]:
    """With whom other rules bring up thanks or news, and on which day."""
    told = set[Any]()
    if found and options["introduction.enabled"]:
        own = {name: options[f"introduction.{name}"] for name in ("thank_days", "report_days")}
        told |= {(each.contact.id, each.need, each.day) for each in matters.of_introductions(session, tz, own)}
    if options["promise.enabled"]:
        told |= {(number, Need.NEWS, day) for number, day in matters.promised(session, found)}
    return told


def _reminder(each: Referral, due_at: datetime, tz: ZoneInfo) -> Reminder:
    it, who, what = each.ask.referral, wording.asked_of(each.ask), wording.referral(each.ask)
    news = each.need == Need.NEWS
    since = it.moved_at or it.asked_at
    told = [f"{it.state.capitalize()} {say_day(day_of(since, tz))}."] if since else []
    return Reminder(
        key=occurrence_key("referral", it.uid, each.key_day, each.need.value),
        rule="referral",
        title=line(f"Any news from {who} about {what}?" if news else f"Thank {who} for {what}", LONGEST_TITLE),
        body="\n".join([*told, offers(**_ways(each))]),
        subject_table="referral",
        subject_uid=it.uid,
        local_on=each.day,
        due_at=due_at,
    )


def _ways(each: Referral) -> dict[str, str]:
    it = each.ask.referral
    if each.need == Need.THANKS:
        return {"Once you have": f"crm referral thank {it.ref}"}
    no = {"They said no": f"crm referral declined {it.ref}"}
    if it.state == State.ASKED:
        return {"They said yes": f"crm referral agreed {it.ref}", **no}
    return {"They handed it in": f"crm referral submitted {it.ref}", **no}
