"""No answer: so many days after a message without one. A second try, or leave it?

After as many unanswered messages as `outreach.dormant_after` says, it asks to leave them alone instead. It stands
until it is settled: they wrote, the two talked, one wrote again (which is asked about anew), or stage `dormant` or
`declined` says that it is left. The key holds the contact and the day in UTC of the last message.

It is silent about tier none, sources, archived, declined and dormant people; while a chat with them or a dated
follow-up is planned (whether `crm log-contact --follow-up` planned it or the person did): that has a reminder of its
own; while something that was asked since, of them or of whoever is to introduce them, is younger than those days;
about whom one owes thanks first; and about a message that came within those days after a talk, as thanks and links
do: such ones need no answer.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.ranking import Case, Rules, cases
from crm.cadence import day_of, local_instant
from crm.dates import say_day
from crm.models import Contact
from crm.store import contacts
from crm.store.courtesy import Unanswered
from reminders import whom
from reminders.lines import offers
from reminders.naming import name
from reminders.reminder import Reminder, occurrence_key

DEFAULTS: Mapping[str, Any] = {
    "ahead": timedelta(hours=48),
    "at": time(8),
    "follow_up_days": 14,
    "dormant_after": 2,
}
_LOG: Final = "crm log-contact {} --kind message"
_UTC: Final = ZoneInfo("UTC")


def plan(session: Session, *, now: datetime, tz: ZoneInfo, options: Mapping[str, Any]) -> Iterator[Reminder]:
    """One for each person who left a message unanswered for so many days."""
    until = now + options["ahead"]
    settled = Rules(options["follow_up_days"], options["dormant_after"], tiers={})
    seen = cases(whom.known(session).people(day_of(until, tz)), today=day_of(until, tz), tz=tz, settled=settled)
    silent = [each for each in seen if each.unheard and not each.decided and not each.person.thanks]
    people = contacts.by_id(session, [each.at.contact_id for each in silent])
    for case in silent:
        reminder = _reminder(case, people[case.at.contact_id], tz, options)
        if reminder is not None and reminder.due_at <= until:
            yield reminder


def _reminder(case: Case, person: Contact, tz: ZoneInfo, options: Mapping[str, Any]) -> Reminder | None:
    sent, day = case.person.unanswered, case.waited_on
    if sent is None or day is None:
        return None
    leave = sent.count >= options["dormant_after"]
    title, body = _leave_alone(person, sent, tz) if leave else _try_again(person, sent, tz)
    return Reminder(
        key=occurrence_key("no_reply", person.uid, day_of(sent.last_at, _UTC)),
        rule="no_reply",
        title=title,
        body=body,
        subject_table="contact",
        subject_uid=person.uid,
        local_on=day,
        due_at=local_instant(day, options["at"], tz),
    )


def _try_again(person: Contact, sent: Unanswered, tz: ZoneInfo) -> tuple[str, str]:
    title = f"No answer from {name(person)} since {say_day(day_of(sent.last_at, tz))}: a second try, or leave it?"
    again = offers(Once_you_have_written_again=f'{_LOG.format(person.ref)} --note "..."')
    return title, f"{again}\n{_ways(person)}"


def _leave_alone(person: Contact, sent: Unanswered, tz: ZoneInfo) -> tuple[str, str]:
    messages = f" to {sent.count} messages" if sent.count > 1 else ""
    since = say_day(day_of(sent.last_at, tz))
    return f"No answer from {name(person)}{messages} since {since}: leave them alone", _ways(person)


def _ways(person: Contact) -> str:
    return offers(
        To_leave_it=f"crm contact edit {person.ref} --stage dormant",
        If_they_answered=f"{_LOG.format(person.ref)} --direction in",
    )
