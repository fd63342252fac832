"""Staying in touch: on the first morning of a week, whom to write to since their cadence's window is used up.

One reminder names them all, in the order of `crm next` and no more of them than the week's budget has room for; the
key holds the week's first day. One for each person would be thirty at once after a summer, of which nobody writes
more than a few in a week; and what is said once for a window would be forgotten after the first morning it is not
acted on. So it comes once a week, for as long as somebody waits, and names those whose turn it is then. The week's
reminder takes the place of the one before, and is settled when each person in it is: contact was logged, a chat or a
follow-up is planned, or the week's budget is used up. Whoever is let wait too long later in the week is named in the
next one; `crm next` has them at once.

It is silent about tier none, sources, archived, declined and dormant people; about whom a chat or a dated follow-up
is planned with, which has a reminder of its own; about whom an answer is still expected from; about whoever left the
last message unanswered, for whom the rule no_reply speaks; and about whom one owes thanks first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions import next_
from crm.actions.cadences import Pulse
from crm.actions.next_ import Known
from crm.actions.ranking import Case, Place, Rules, Turn, cases
from crm.cadence import day_of, local_instant, week_bounds
from crm.date_words import WEEKDAYS
from crm.dates import say_day
from crm.models import Contact
from crm.models.words import Tier
from crm.store import contacts
from reminders import whom
from reminders.lines import offers
from reminders.naming import name, names
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "week_starts_on": "monday",
    "weekly_budget": 5,
    "follow_up_days": 14,
    "dormant_after": 2,
    "cadences": {Tier.INNER: (14, 28), Tier.ACTIVE: (28, 42), Tier.OCCASIONAL: (56, 91)},
}
_MOST_LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Somebody to write to: their place in the order of `crm next`, and since when one has not heard of them."""

    place: Place
    case: Case

    def told_of(self, person: Contact) -> str:
        since = say_day(self.case.since)
        known = "on your list since" if self.case.at.real_at is None else "last in touch"
        return f"- {name(person)} ({person.ref}): {known} {since}"


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for the week whose first morning came last, and one for each to come, as far as somebody waits then."""
    known = whom.known(session)
    of, week_starts_on = options["weekly_budget"], options["week_starts_on"]
    left = next_.week_budget(session, of=of, week_starts_on=week_starts_on, now=now, tz=tz).left
    for day in _first_days(now, tz, options):
        room = left if day <= day_of(now, tz) else of
        people = _within(room, _waiting(known, day, tz, options))
        if people:
            yield _reminder(
                people, contacts.by_id(session, [each.place.contact_id for each in people]), day, tz, options
            )


def _first_days(now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[date]:
    """The first day of each week whose morning is before long, from the last that has come on."""
    day, _ = week_bounds(day_of(now, tz), first_weekday=WEEKDAYS.index(options["week_starts_on"]))
    if local_instant(day, options["at"], tz) > now:
        day -= timedelta(days=7)
    while local_instant(day, options["at"], tz) <= now + options["ahead"]:
        yield day
        day += timedelta(days=7)


def _waiting(known: Known, day: date, tz: ZoneInfo, options: Mapping[str, Any]) -> list[_Waiting]:
    """Whose window is used up by that day, whose turn it is, and for whom no other rule speaks."""
    settled = Rules(options["follow_up_days"], options["dormant_after"], options["cadences"])
    found = []
    for case in cases(known.people(day), today=day, tz=tz, settled=settled):
        others_speak = case.decided or case.person.thanks or (case.person.unanswered and case.unheard)
        if case.pulse is Pulse.OVERDUE and not others_speak and (place := case.place()):
            found.append(_Waiting(place, case))
    return sorted(found, key=lambda each: each.place)


def _within(room: int, waiting: Sequence[_Waiting]) -> list[_Waiting]:
    """Everybody whom one owes an answer or a new time, and of the others as many as there is room for."""
    owed = [each for each in waiting if each.place.turn is not Turn.OUTREACH]
    return owed + [each for each in waiting if each.place.turn is Turn.OUTREACH][:room]


def _reminder(
    waiting: Sequence[_Waiting], known: Mapping[int, Contact], day: date, tz: ZoneInfo, options: Mapping[str, Any]
) -> Reminder:
    people = [known[each.place.contact_id] for each in waiting]
    listed = [each.told_of(person) for each, person in zip(waiting, people, strict=True)][:_MOST_LISTED]
    count = "" if len(people) == 1 else f"{len(people)} people to write to: "
    return Reminder(
        key=occurrence_key("stay_in_touch", "", day),
        rule="stay_in_touch",
        title=f"{count or 'Write to '}{names(people)}",
        body="\n".join([*listed, offers(How_and_what_to_ask="crm next")]),
        local_on=day,
        due_at=local_instant(day, options["at"], tz),
    )
