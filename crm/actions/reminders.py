"""What a person says to a reminder: done, or later."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from crm.actions.checked import brief
from crm.dates import say_instant
from crm.errors import BadValueError, RefusedError
from crm.models import Reminder
from crm.models.words import ReminderState
from crm.store import journal


def finish(reminder: Reminder) -> bool:
    """Mark a reminder as done; False when it asks for nothing any more."""
    if reminder.state != ReminderState.OPEN:
        return False
    reminder.state = ReminderState.DONE.value
    return True


def snooze(session: Session, reminder: Reminder, until_at: datetime, *, now: datetime, tz: ZoneInfo) -> Reminder:
    """Put a reminder off until a later instant (aware UTC); until then it neither comes nor expires.

    Raises:
        BadValueError: the instant is not after `now`.
        RefusedError: the reminder is done or cancelled.
    """
    if reminder.state != ReminderState.OPEN:
        raise RefusedError(f"{reminder.ref} is {reminder.state} already; what still asks for something: crm today")
    when = say_instant(until_at, tz=tz)
    if until_at <= now:
        raise BadValueError(f"{when} is not later than now; name a later time, such as tomorrow or fri 14:30.")
    reminder.snoozed_until_at = until_at
    journal.summarize(session, f"Put off {reminder.ref} until {when}: {brief(reminder.title)}")
    return reminder
