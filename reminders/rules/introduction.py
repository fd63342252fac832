"""Introductions: on the day by which one is wanted, a day after it was made (thanks), and three days after the meeting.

Thanks and word of how it went are asked for until they are said. The key holds the day by which it is wanted, or the
day in UTC on which it came into its state, which moving to another time zone does not change.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import wording
from crm.actions.checked import brief
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models.words import IntroductionState as State
from crm.store import introductions
from crm.store.dossier import Route
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {"ahead": timedelta(hours=48), "at": time(8), "thank_days": 1, "report_days": 3}

_TO_COME: Final = (State.PLANNED, State.ASKED, State.AGREED)
_UTC: Final = ZoneInfo("UTC")


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """What is to be said of each introduction that runs."""
    for route in introductions.listed(session, states=(*_TO_COME, State.MADE, State.MET)):
        reminder = _reminder(route, tz, options)
        if reminder is not None and reminder.due_at <= now + options["ahead"]:
            yield reminder


def _reminder(route: Route, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder | None:
    it, connector = route.introduction, brief(route.connector.name)
    if it.state in _TO_COME:
        return _wanted(route, it.due_on, tz, options) if it.due_on else None
    if it.moved_at is None:
        return None
    days = options["thank_days" if it.state == State.MADE else "report_days"]
    said = {
        State.MADE.value: ("thank", f"Thank {connector} for {wording.wanted(route)}"),
        State.MET.value: ("report", f"Tell {connector} how it went with {wording.target(route)}"),
    }
    ordinal, title = said[it.state]
    body = f"{it.state.capitalize()} {say_day(day_of(it.moved_at, tz))}.\nOnce you have: crm intro thanked {it.ref}"
    day = day_of(it.moved_at, tz) + timedelta(days=days)
    return _said(route, day, day_of(it.moved_at, _UTC), ordinal, title, body, tz, options)


def _wanted(route: Route, due_on: date, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder:
    """By its day: ask, or see what became of it."""
    it, connector, wanted = route.introduction, brief(route.connector.name), wording.wanted(route)
    if it.state == State.PLANNED:
        title, todo = f"Ask {connector} for {wanted}", f"Once you have: crm intro ask {it.ref}"
    else:
        title, todo = f"Any news from {connector} about {wanted}?", f"If it is done: crm intro made {it.ref}"
    body = f"By {say_day(due_on)}.\n{todo}. Later: crm intro edit {it.ref} --by 'in 3 days'."
    return _said(route, due_on, due_on, "due", title, body, tz, options)


def _said(
    route: Route,
    day: date,
    key_day: date,
    ordinal: str,
    title: str,
    body: str,
    tz: ZoneInfo,
    options: Mapping[str, Any],
) -> Reminder:
    uid = route.introduction.uid
    return Reminder(
        key=occurrence_key("introduction", uid, key_day, ordinal),
        rule="introduction",
        title=title,
        body=body,
        subject_table="introduction",
        subject_uid=uid,
        local_on=day,
        due_at=local_instant(day, options["at"], tz),
    )
